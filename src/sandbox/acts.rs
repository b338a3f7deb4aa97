//! What members do in their WeCom, and what customers do: each act becomes the callback that
//! WeCom would post (pages 90239, 90240, 92130).

use super::delivery::Delivery;
use super::handle::Sandbox;
use super::inbox::{Author, Shown};
use super::press::selected_items;
use super::reply::About;
use crate::model::AgentId;
use crate::wecom::crypto::KeyError;
use crate::wecom::xml::{Value as Xml, build};

/// Why the member's client would not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// Not in the directory.
    #[error("the company has no member `{0}`")]
    NoSuchMember(String),
    /// No such application or bot, or it has no callback.
    #[error("`{0}` has no callback")]
    NoCallback(String),
    /// The member has no such card.
    #[error("`{0}` has no such card")]
    NoCard(String),
    /// The buttons are grey.
    #[error("the card was updated, its button says `{0}`")]
    Greyed(String),
    /// The callback's EncodingAESKey is malformed.
    #[error("the callback's key can't be used")]
    BadKey(#[from] KeyError),
    /// The card has no such button now.
    #[error("the card has no button `{0}`")]
    NoButton(String),
    /// The button opens this page and posts nothing.
    #[error("the button opens `{0}`")]
    OpensPage(String),
}

impl Sandbox {
    /// The member types a text to the application.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or no callback.
    pub async fn rep_says(&self, userid: &str, app: AgentId, said: &str) -> Result<Delivery, ActError> {
        let plaintext = self.plaintext(app, userid, "text", |sandbox| {
            vec![("Content", said.into()), ("MsgId", sandbox.message_number())]
        })?;
        self.show_own(userid, Author::App(app), said);
        self.post_to_app(app, About::of(userid), plaintext).await
    }

    /// The member presses a button, the submit button or a menu entry of a card: of the message
    /// `msgid`, or of the card that came last. The response_code is fresh each time.
    ///
    /// # Errors
    /// [`ActError`], for example when an update has greyed the card.
    pub async fn rep_clicks_card(
        &self,
        userid: &str,
        msgid: Option<&str>,
        key: &str,
    ) -> Result<Delivery, ActError> {
        let press = self.press(userid, msgid, key, |author| matches!(author, Author::App(_)))?;
        let Author::App(app) = press.from else { return Err(ActError::NoCard(userid.to_owned())) };
        let code = self.world(|world| world.card_code(app, &press.msgid));
        let mut fields = vec![
            ("Event", press.event().into()),
            ("EventKey", key.into()),
            ("TaskId", press.task_id.as_str().into()),
            ("CardType", press.card_type.as_str().into()),
            ("ResponseCode", code.as_str().into()),
        ];
        if !press.choices.is_empty() {
            fields.push(("SelectedItems", selected_items(&press.choices)));
        }
        let plaintext = self.plaintext(app, userid, "event", |_| fields)?;
        self.post_to_app(app, press.about(userid), plaintext).await
    }

    /// The member presses a button of the application's menu.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or no callback.
    pub async fn menu_click(&self, userid: &str, app: AgentId, key: &str) -> Result<Delivery, ActError> {
        self.event(userid, app, "click", key).await
    }

    /// The member follows a link of the application's menu.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or no callback.
    pub async fn menu_view(&self, userid: &str, app: AgentId, url: &str) -> Result<Delivery, ActError> {
        self.event(userid, app, "view", url).await
    }

    /// The member opens the application.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or no callback.
    pub async fn enter_agent(&self, userid: &str, app: AgentId) -> Result<Delivery, ActError> {
        self.event(userid, app, "enter_agent", "").await
    }

    async fn event(&self, userid: &str, app: AgentId, event: &str, key: &str) -> Result<Delivery, ActError> {
        let fields = vec![("Event", event.into()), ("EventKey", key.into())];
        let plaintext = self.plaintext(app, userid, "event", |_| fields)?;
        self.post_to_app(app, About::of(userid), plaintext).await
    }

    /// A `change_external_contact` event, for example `edit_external_contact`. A `del_…` change
    /// also takes the follow user off the customer. `more` are the change's further fields.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn contact_changed(
        &self,
        app: AgentId,
        change_type: &str,
        userid: &str,
        external_userid: &str,
        more: &[(&str, &str)],
    ) -> Result<Delivery, ActError> {
        let mut fields: Vec<(&str, Xml)> = vec![
            ("Event", "change_external_contact".into()),
            ("ChangeType", change_type.into()),
            ("UserID", userid.into()),
            ("ExternalUserID", external_userid.into()),
        ];
        fields.extend(more.iter().map(|(name, value)| (*name, Xml::from(*value))));
        if change_type.starts_with("del_") {
            self.world(|world| world.company.unfollow(userid, external_userid));
        }
        let plaintext = self.system_event(app, fields)?;
        self.post_to_app(app, About::system(), plaintext).await
    }

    pub(crate) fn member(&self, userid: &str) -> Result<(), ActError> {
        let known = self.world(|world| world.company.member(userid).is_some());
        if known { Ok(()) } else { Err(ActError::NoSuchMember(userid.to_owned())) }
    }

    pub(crate) fn show_own(&self, userid: &str, with: Author, said: &str) {
        self.world(|world| {
            let (msgid, at) = (world.fresh("OWN-"), world.now());
            let (author, kind, text) = (Author::Member, "text".to_owned(), said.to_owned());
            world.show(userid, Shown { msgid, author, with, at, kind, text, card: None, recalled: false });
        });
    }

    fn message_number(&self) -> Xml {
        Xml::from(i64::try_from(self.world(|world| world.fresh_msg_id())).unwrap_or_default())
    }

    /// A member's message or event: the common fields around the given ones.
    fn plaintext<'a>(
        &self,
        app: AgentId,
        userid: &str,
        kind: &str,
        fields: impl FnOnce(&Self) -> Vec<(&'a str, Xml)>,
    ) -> Result<String, ActError> {
        self.member(userid)?;
        let mut all = self.head(app, userid, kind)?;
        all.extend(fields(self));
        all.push(("AgentID", i64::try_from(app.0).unwrap_or_default().into()));
        Ok(build(&all))
    }

    /// An event from `sys`, which has no AgentID.
    fn system_event(&self, app: AgentId, fields: Vec<(&str, Xml)>) -> Result<String, ActError> {
        let mut all = self.head(app, "sys", "event")?;
        all.extend(fields);
        Ok(build(&all))
    }

    fn head<'a>(&self, app: AgentId, from: &str, kind: &str) -> Result<Vec<(&'a str, Xml)>, ActError> {
        let found = self.world(|world| world.app(app).map(|found| (found.corp.to_string(), world.now())));
        let (corp, now) = found.ok_or_else(|| ActError::NoCallback(app.to_string()))?;
        Ok(vec![
            ("ToUserName", corp.as_str().into()),
            ("FromUserName", from.into()),
            ("CreateTime", now.as_second().into()),
            ("MsgType", kind.into()),
        ])
    }
}

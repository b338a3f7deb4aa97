//! Messages of the application to members: `message/send` and `message/update_template_card`.
//!
//! Facts: pages 90236 and 94888. To a customer nothing here can write.

use super::call::Call;
use super::card::{Card, CardFault};
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use super::markup::{Markdown, cut_bytes, cut_chars, tagless};
use super::retry::Effect;
use crate::model::{AgentId, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const SEND: &str = "message/send";
const UPDATE: &str = "message/update_template_card";

/// The most members one message may go to.
const MAX_USERS: usize = 1000;

/// One message to members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom, 1–1000 members.
    pub to: Vec<UserId>,
    /// What.
    pub body: Body,
    /// For how long WeCom drops the same message to the same members: repeats are safe within it.
    /// At most 4 h; zero turns it off, and then a message without an answer is never repeated.
    pub duplicate_window: Duration,
}

impl Message {
    /// A message to one member; WeCom drops the same one for 60 s.
    pub fn to(user: UserId, body: Body) -> Self {
        Self { to: vec![user], body, duplicate_window: Duration::from_secs(60) }
    }
}

/// What a message says. Foreign text can't bring links or tags of its own into any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Plain text: cut at 2048 bytes.
    Text(String),
    /// Our markup with foreign texts in it: those are cut so that all has 2048 bytes.
    Markdown(Markdown),
    /// A title, a text and a page to open.
    TextCard {
        /// Cut at 128 bytes.
        title: String,
        /// Cut at 512 bytes.
        description: String,
        /// The page's address.
        url: String,
        /// The link's text, cut at 4 characters.
        button: String,
    },
    /// A card to read or to decide.
    Card(Card),
}

/// How WeCom took a message. Empty lists mean that it went to everyone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendOutcome {
    /// For taking the message back, within 24 h.
    pub msgid: String,
    /// For changing the card once, within 72 h; only for cards with buttons.
    pub response_code: Option<String>,
    /// Members it did not go to: unknown, or outside the application's range.
    pub invalid_users: Vec<UserId>,
    /// Members it did not go to for want of a licence.
    pub unlicensed_users: Vec<UserId>,
}

/// What a card becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardUpdate {
    /// The buttons turn grey and show this text.
    Grey(String),
    /// Another card.
    Replace(Box<Card>),
}

#[derive(Serialize)]
struct SendRequest {
    touser: String,
    agentid: AgentId,
    msgtype: &'static str,
    #[serde(flatten)]
    content: Content,
    /// Foreign text may hold `$userName=…$`: nothing is translated.
    enable_id_trans: u8,
    enable_duplicate_check: u8,
    duplicate_check_interval: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text {
        content: String,
    },
    Markdown {
        content: String,
    },
    TextCard {
        title: String,
        description: String,
        url: String,
        btntxt: String,
    },
    #[serde(rename = "template_card")]
    Card(Card),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SendAnswer {
    msgid: String,
    response_code: String,
    invaliduser: String,
    unlicenseduser: String,
}

#[derive(Serialize)]
struct UpdateRequest<'a> {
    userids: &'a [UserId],
    agentid: AgentId,
    response_code: &'a str,
    enable_id_trans: u8,
    #[serde(flatten)]
    change: Change,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Button { replace_name: String },
    TemplateCard(Box<Card>),
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct UpdateAnswer {
    invaliduser: Vec<UserId>,
}

impl Client {
    /// Sends a message to members. Look at the outcome's lists: a message that reached only some
    /// is no error.
    ///
    /// # Errors
    /// [`WecomError::MemberFull`] before anything is sent, when one of them has had too many;
    /// [`WecomError::UnknownOutcome`] when it may have been delivered; the others as they say.
    pub async fn send(&self, app: &AppAuth, message: &Message) -> Result<SendOutcome, WecomError> {
        let effect = if message.duplicate_window.is_zero() { Effect::Once } else { Effect::Repeatable };
        let call = Call::post(SEND, &SendRequest::new(app.agent, message)?, effect)?;
        let now = self.clock().now();
        self.members.take(app, &message.to, now)?;
        let result: Result<SendAnswer, WecomError> = self.call(app, &call).await;
        if result.as_ref().is_err_and(|error| !matches!(error, WecomError::UnknownOutcome { .. })) {
            self.members.give_back(app, &message.to, now);
        }
        Ok(result?.outcome(&message.to))
    }

    /// Changes a card that was sent, for these members. `response_code` is spent by it.
    ///
    /// Gives the members whose card did not change.
    ///
    /// # Errors
    /// [`WecomError::UnknownOutcome`] when it may have been changed: the code may be spent.
    pub async fn update_template_card(
        &self,
        app: &AppAuth,
        users: &[UserId],
        response_code: &str,
        update: CardUpdate,
    ) -> Result<Vec<UserId>, WecomError> {
        addressable(UPDATE, users)?;
        let change = match update {
            CardUpdate::Grey(text) => Change::Button { replace_name: cut_chars(&text, 10) },
            CardUpdate::Replace(card) => Change::TemplateCard(Box::new(fit(UPDATE, *card)?)),
        };
        let request =
            UpdateRequest { userids: users, agentid: app.agent, response_code, enable_id_trans: 0, change };
        let call = Call::post(UPDATE, &request, Effect::Once)?;
        let answer: UpdateAnswer = self.call(app, &call).await?;
        Ok(answer.invaliduser)
    }
}

impl SendRequest {
    fn new(agentid: AgentId, message: &Message) -> Result<Self, WecomError> {
        let content = Content::new(&message.body)?;
        let window = message.duplicate_window.as_secs().clamp(1, 4 * 3600);
        Ok(Self {
            touser: addressable(SEND, &message.to)?,
            agentid,
            msgtype: content.msgtype(),
            content,
            enable_id_trans: 0,
            enable_duplicate_check: u8::from(!message.duplicate_window.is_zero()),
            duplicate_check_interval: window,
        })
    }
}

impl Content {
    fn new(body: &Body) -> Result<Self, WecomError> {
        Ok(match body {
            Body::Text(text) => Self::Text { content: cut_bytes(&tagless(text), 2048) },
            Body::Markdown(markdown) => {
                let content = markdown.fit(2048).ok_or_else(|| bug(SEND, "the markdown is too long"))?;
                Self::Markdown { content }
            }
            Body::TextCard { title, description, url, button } => Self::TextCard {
                title: cut_bytes(&tagless(title), 128),
                description: cut_bytes(&tagless(description), 512),
                url: url.clone(),
                btntxt: cut_chars(&tagless(button), 4),
            },
            Body::Card(card) => Self::Card(fit(SEND, card.clone())?),
        })
    }

    fn msgtype(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Markdown { .. } => "markdown",
            Self::TextCard { .. } => "textcard",
            Self::Card(_) => "template_card",
        }
    }
}

impl SendAnswer {
    fn outcome(self, to: &[UserId]) -> SendOutcome {
        SendOutcome {
            msgid: self.msgid,
            response_code: Some(self.response_code).filter(|code| !code.is_empty()),
            invalid_users: named(&self.invaliduser, to),
            unlicensed_users: named(&self.unlicenseduser, to),
        }
    }
}

/// The members in a list of WeCom's, which writes them all in lower case.
fn named(list: &str, to: &[UserId]) -> Vec<UserId> {
    let ids = list.split('|').filter(|id| !id.is_empty());
    let own = |id: &str| to.iter().find(|user| user.as_str().eq_ignore_ascii_case(id)).cloned();
    ids.map(|id| own(id).unwrap_or_else(|| UserId::from(id))).collect()
}

/// The members joined as WeCom wants them. An id that means everyone, or several, is refused.
fn addressable(api: &'static str, users: &[UserId]) -> Result<String, WecomError> {
    if users.is_empty() || users.len() > MAX_USERS {
        return Err(bug(api, "a message goes to 1-1000 members"));
    }
    let bad = |user: &UserId| user.as_str().is_empty() || user.as_str().contains(['|', ',']);
    if users.iter().any(|user| bad(user) || user.as_str().eq_ignore_ascii_case("@all")) {
        return Err(bug(api, "a member's id is empty, `@all` or has a separator"));
    }
    Ok(users.iter().map(UserId::as_str).collect::<Vec<_>>().join("|"))
}

fn fit(api: &'static str, card: Card) -> Result<Card, WecomError> {
    card.fit().map_err(|fault: CardFault| bug(api, &fault.to_string()))
}

fn bug(api: &'static str, detail: &str) -> WecomError {
    WecomError::Bug { api, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: Body) -> serde_json::Value {
        let request = SendRequest::new(AgentId(1_000_002), &Message::to("lisi".into(), body)).unwrap();
        serde_json::to_value(request).unwrap()
    }

    #[test]
    fn a_text_is_written_as_wecom_reads_it() {
        let expected = serde_json::json!({
            "touser": "lisi",
            "agentid": 1_000_002,
            "msgtype": "text",
            "text": {"content": "可以发送"},
            "enable_id_trans": 0,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 60,
        });
        assert_eq!(written(Body::Text("可以发送".into())), expected);
    }

    #[test]
    fn a_long_text_is_cut_on_a_character_border_at_2048_bytes() {
        let sent = written(Body::Text("保底".repeat(600)));
        let content = sent["text"]["content"].as_str().unwrap();
        assert_eq!(content.len(), 2046);
        assert!(content.ends_with("保…") || content.ends_with("底…"));
    }

    #[test]
    fn a_text_card_keeps_its_byte_limits_and_brings_no_tags() {
        let sent = written(Body::TextCard {
            title: "险".repeat(50),
            description: format!("<a href=\"http://evil.example\">领奖</a>{}", "险".repeat(200)),
            url: "https://guard.example.com".into(),
            button: "查看详情吧".into(),
        });
        let card = &sent["textcard"];
        assert!(card["title"].as_str().unwrap().len() <= 128);
        assert!(card["description"].as_str().unwrap().len() <= 512);
        assert!(!card["description"].as_str().unwrap().contains("<a"));
        assert_eq!(card["btntxt"], "查看详…");
    }

    #[test]
    fn nobody_can_address_everyone() {
        for id in ["@all", "@ALL", "lisi|wangwu", ""] {
            let message = Message::to(id.into(), Body::Text("可以发送".into()));
            assert!(SendRequest::new(AgentId(1), &message).is_err(), "{id}");
        }
    }

    #[test]
    fn members_come_back_in_the_case_we_sent() {
        let to = [UserId::from("LiSi"), UserId::from("wangwu")];
        assert_eq!(named("lisi|zhaoliu", &to), [UserId::from("LiSi"), UserId::from("zhaoliu")]);
        assert_eq!(named("", &to), []);
    }
}

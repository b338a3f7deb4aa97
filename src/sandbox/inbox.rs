//! What each member's WeCom shows.

use super::call::{list, text};
use crate::model::AgentId;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Who wrote a line of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The member.
    Member,
    /// An application.
    App(AgentId),
    /// A bot, by its name.
    Bot(String),
}

/// Whether a card's buttons can be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    /// They can.
    Live,
    /// An update greyed them; this is the text on them now.
    Greyed(String),
}

/// A template card as the member sees it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// `template_card` as it was sent, or as the last update replaced it.
    pub body: Value,
    /// Of its buttons.
    pub state: CardState,
    /// How often it was updated.
    pub updates: u32,
}

/// One line of the conversation between a member and an application or bot.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The msgid of the message; the same for all its recipients.
    pub msgid: String,
    /// Who wrote it.
    pub author: Author,
    /// With whom: the application or bot, even where the member is the author.
    pub with: Author,
    /// When it arrived.
    #[serde(serialize_with = "seconds")]
    pub at: Timestamp,
    /// WeCom's msgtype.
    pub kind: String,
    /// What can be read, for the types that have text; as WeCom cut it.
    pub text: String,
    /// The card, if it is one.
    pub card: Option<Card>,
    /// Taken back by the application: the member no longer sees the text.
    pub recalled: bool,
}

fn seconds<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_second())
}

impl Card {
    /// A card as it arrives.
    pub(crate) fn new(body: Value) -> Self {
        Self { state: state_of(&body), body, updates: 0 }
    }

    /// A whole new card in the place of this one.
    pub(crate) fn replace(&mut self, mut body: Value) {
        let task_id = text(&self.body, "task_id").to_owned();
        if let Some(fields) = body.as_object_mut() {
            // An update can't give a card another task.
            fields.insert("task_id".to_owned(), Value::String(task_id));
        }
        *self = Self { updates: self.updates + 1, ..Self::new(body) };
    }

    /// The buttons stay, grey, with this text.
    pub(crate) fn grey(&mut self, replace_name: &str) {
        self.state = CardState::Greyed(replace_name.to_owned());
        self.updates += 1;
    }

    /// The button, submit button or menu entry with this key.
    pub(crate) fn button(&self, key: &str) -> Option<Button<'_>> {
        let menu = self.body.get("action_menu").unwrap_or(&Value::Null);
        let submit = self.body.get("submit_button").into_iter();
        let buttons = list(&self.body, "button_list").iter().chain(submit).map(|body| (body, false));
        let entries = list(menu, "action_list").iter().map(|body| (body, true));
        let (body, in_menu) = buttons.chain(entries).find(|(body, _)| text(body, "key") == key)?;
        Some(Button { body, in_menu })
    }
}

/// Something on a card that can be pressed.
pub(crate) struct Button<'a> {
    /// As it was sent.
    pub(crate) body: &'a Value,
    /// In the menu at the card's upper right.
    pub(crate) in_menu: bool,
}

fn state_of(body: &Value) -> CardState {
    match text(body, "replace_text") {
        "" => CardState::Live,
        replaced => CardState::Greyed(replaced.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_update_keeps_the_task_and_may_grey_the_buttons() {
        let mut card = Card::new(json!({"task_id": "draft-1", "button_list": [{"key": "ok"}]}));
        assert_eq!(card.state, CardState::Live);
        card.replace(json!({"task_id": "other", "replace_text": "已确认"}));
        assert_eq!(card.state, CardState::Greyed("已确认".into()));
        assert_eq!((text(&card.body, "task_id"), card.updates), ("draft-1", 1));
    }
}

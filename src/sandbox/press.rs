//! Pressing a button of a card, as the member's client allows it.

use super::acts::ActError;
use super::call::{list, text};
use super::handle::Sandbox;
use super::inbox::{Author, Button, CardState, Shown};
use super::reply::{About, Takes};
use crate::wecom::xml::Value as Xml;
use serde_json::Value;

impl Sandbox {
    /// Finds what is pressed, as the member's client shows it now.
    pub(crate) fn press(
        &self,
        userid: &str,
        msgid: Option<&str>,
        key: &str,
        from: impl Fn(&Author) -> bool,
    ) -> Result<Press, ActError> {
        self.member(userid)?;
        self.world(|world| {
            let wanted = |shown: &&Shown| {
                shown.card.is_some() && from(&shown.author) && msgid.is_none_or(|msgid| msgid == shown.msgid)
            };
            let shown = world.shown_to(userid).iter().rev().find(wanted);
            Press::on(shown.ok_or_else(|| ActError::NoCard(userid.to_owned()))?, key)
        })
    }
}

/// A button of a card that is about to be pressed.
pub(crate) struct Press {
    pub(crate) from: Author,
    pub(crate) msgid: String,
    pub(crate) task_id: String,
    pub(crate) card_type: String,
    pub(crate) in_menu: bool,
    /// Question and option: what the card has chosen beforehand.
    pub(crate) choices: Vec<(String, String)>,
}

impl Press {
    fn on(shown: &Shown, key: &str) -> Result<Self, ActError> {
        let card = shown.card.as_ref().ok_or_else(|| ActError::NoCard(key.to_owned()))?;
        let Button { body, in_menu } = card.button(key).ok_or_else(|| ActError::NoButton(key.to_owned()))?;
        if let (CardState::Greyed(said), false) = (&card.state, in_menu) {
            return Err(ActError::Greyed(said.clone()));
        }
        if body.get("type").and_then(Value::as_i64) == Some(1) {
            return Err(ActError::OpensPage(text(body, "url").to_owned()));
        }
        Ok(Self {
            from: shown.author.clone(),
            msgid: shown.msgid.clone(),
            task_id: text(&card.body, "task_id").to_owned(),
            card_type: text(&card.body, "card_type").to_owned(),
            in_menu,
            choices: choices(&card.body),
        })
    }

    /// The event that a press becomes.
    pub(crate) fn event(&self) -> &'static str {
        if self.in_menu { "template_card_menu_event" } else { "template_card_event" }
    }

    pub(crate) fn about(&self, userid: &str) -> About {
        let clicked = Some(self.msgid.clone());
        let takes = if self.in_menu { Takes::Message } else { Takes::Update };
        About { user: userid.to_owned(), clicked, takes }
    }
}

/// What stands chosen on a card that nobody has touched: selected_id, or the first option.
fn choices(card: &Value) -> Vec<(String, String)> {
    let single = ["button_selection", "checkbox"].into_iter().filter_map(|name| card.get(name));
    let questions = single.chain(list(card, "select_list"));
    let chosen = |question: &Value| {
        let first = list(question, "option_list").first().map(|option| text(option, "id"));
        let selected = Some(text(question, "selected_id")).filter(|id| !id.is_empty());
        (text(question, "question_key").to_owned(), selected.or(first).unwrap_or_default().to_owned())
    };
    questions.map(chosen).collect()
}

/// `SelectedItems` of the event.
pub(crate) fn selected_items(choices: &[(String, String)]) -> Xml {
    let item = |(question, option): &(String, String)| {
        let options = Xml::from([("OptionId", option.as_str().into())]);
        let item = Xml::from([("QuestionKey", question.as_str().into()), ("OptionIds", options)]);
        ("SelectedItem".to_owned(), item)
    };
    Xml::Fields(choices.iter().map(item).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_untouched_card_sends_what_stands_chosen_on_it() {
        let options = json!([{"id": "a"}, {"id": "b"}]);
        let card = json!({
            "button_selection": {"question_key": "why", "selected_id": "b", "option_list": options},
            "select_list": [{"question_key": "who", "option_list": options}],
        });
        let chosen = [("why".to_owned(), "b".to_owned()), ("who".to_owned(), "a".to_owned())];
        assert_eq!(choices(&card), chosen);
    }
}

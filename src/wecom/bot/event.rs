//! What a member does with the bot's answers: clicks on a card, judges a text.

use super::text;
use crate::wecom::event::{CardClick, Selected};
use serde_json::Value;

/// What a member thinks of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// The answer, by the id we gave it.
    pub id: String,
    /// 1 right, 2 not right, 3 taken back.
    pub verdict: i64,
    /// The member's words.
    pub content: Option<String>,
    /// 1 off the point, 2 incomplete, 3 wrong, 4 wrongly reckoned.
    pub reasons: Vec<i64>,
}

impl Feedback {
    pub(super) fn read(body: &Value) -> Option<Self> {
        let reasons = body.get("inaccurate_reason_list").and_then(Value::as_array);
        Some(Self {
            id: text(body, "/id")?,
            verdict: body.get("type")?.as_i64()?,
            content: text(body, "/content"),
            reasons: reasons.into_iter().flatten().filter_map(Value::as_i64).collect(),
        })
    }
}

pub(super) fn card_click(body: &Value) -> Option<CardClick> {
    let items = field(body, "selected_items").and_then(|list| field(list, "selected_item")?.as_array());
    Some(CardClick {
        key: word(body, "event_key")?,
        task_id: word(body, "task_id")?,
        card_type: word(body, "card_type")?,
        selected: items.into_iter().flatten().filter_map(selected).collect(),
    })
}

fn selected(item: &Value) -> Option<Selected> {
    let options = field(item, "option_ids").and_then(|list| field(list, "option_id")?.as_array());
    let ids = options.into_iter().flatten().filter_map(Value::as_str);
    Some(Selected { question: word(item, "question_key")?, options: ids.map(str::to_owned).collect() })
}

/// A card's field in either spelling: the page's table leaves the `_` out, its sample does not.
fn field<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).or_else(|| body.get(name.replace('_', "")))
}

fn word(body: &Value, name: &str) -> Option<String> {
    field(body, name)?.as_str().map(str::to_owned)
}

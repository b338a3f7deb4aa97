//! What WeCom demands of a template card (page 90236, the template_card part).
//!
//! Figures in characters are advice and not enforced; figures in bytes and counts are.

use super::call::{list, text};
use super::errcode::*;
use serde_json::Value;
use std::collections::HashSet;

type Checked = Result<(), Refusal>;

/// Longest key or question key, in bytes.
const KEY_BYTES: usize = 1024;
/// Longest task or option id, in bytes.
const ID_BYTES: usize = 128;

/// Whether WeCom would take this card.
///
/// # Errors
/// The errcode of the first thing it would complain about.
pub(crate) fn check(card: &Value) -> Checked {
    check_update(card)?;
    if calls_back(card) { task_id(card) } else { Ok(()) }
}

/// The same for a card that takes another's place: it keeps that one's task.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_update(card: &Value) -> Checked {
    match text(card, "card_type") {
        "text_notice" => text_notice(card),
        "news_notice" => news_notice(card),
        "button_interaction" => button_interaction(card),
        "vote_interaction" => vote_interaction(card),
        "multiple_interaction" => multiple_interaction(card),
        _ => Err(CARD_TYPE),
    }?;
    blocks(card)
}

/// Whether a press on it is posted to the application.
pub(crate) fn calls_back(card: &Value) -> bool {
    text(card, "card_type").ends_with("_interaction") || card.get("action_menu").is_some()
}

fn ensure(holds: bool, refusal: Refusal) -> Checked {
    if holds { Ok(()) } else { Err(refusal) }
}

fn part<'a>(card: &'a Value, name: &str) -> &'a Value {
    card.get(name).unwrap_or(&Value::Null)
}

fn main_title(card: &Value) -> &str {
    text(part(card, "main_title"), "title")
}

fn text_notice(card: &Value) -> Checked {
    ensure(!main_title(card).is_empty() || !text(card, "sub_title_text").is_empty(), CARD_TITLE)?;
    card_action(card)
}

fn news_notice(card: &Value) -> Checked {
    ensure(!main_title(card).is_empty(), CARD_TITLE)?;
    let pictured = !text(part(card, "card_image"), "url").is_empty();
    ensure(pictured || card.get("image_text_area").is_some(), CARD_IMAGE)?;
    card_action(card)
}

fn button_interaction(card: &Value) -> Checked {
    ensure(!main_title(card).is_empty(), CARD_TITLE)?;
    let buttons = list(card, "button_list");
    ensure((1..=6).contains(&buttons.len()), INVALID_PARAMETER)?;
    let mut keys = HashSet::new();
    for button in buttons {
        ensure(!text(button, "text").is_empty(), CARD_BUTTON_TEXT)?;
        let opens_page = button.get("type").and_then(Value::as_i64) == Some(1);
        let key = text(button, if opens_page { "url" } else { "key" });
        ensure(!key.is_empty() && key.len() <= KEY_BYTES, CARD_BUTTON_KEY)?;
        ensure(opens_page || keys.insert(key), CARD_BUTTON_KEY_CLASH)?;
    }
    match card.get("button_selection") {
        Some(selection) => question(selection, 10),
        None => Ok(()),
    }
}

fn vote_interaction(card: &Value) -> Checked {
    ensure(!main_title(card).is_empty(), CARD_TITLE)?;
    question(part(card, "checkbox"), 20)?;
    submit_button(card)
}

fn multiple_interaction(card: &Value) -> Checked {
    ensure(!main_title(card).is_empty(), CARD_TITLE)?;
    let questions = list(card, "select_list");
    ensure((1..=3).contains(&questions.len()), CARD_SELECT_SIZE)?;
    questions.iter().try_for_each(|one| question(one, 10))?;
    submit_button(card)
}

fn question(question: &Value, most: usize) -> Checked {
    let key = text(question, "question_key");
    ensure(!key.is_empty() && key.len() <= KEY_BYTES, CARD_QUESTION_KEY)?;
    let options = list(question, "option_list");
    ensure((1..=most).contains(&options.len()), CARD_OPTION_SIZE)?;
    for option in options {
        let id = text(option, "id");
        ensure(!id.is_empty() && id.len() <= ID_BYTES, CARD_OPTION_ID)?;
        ensure(!text(option, "text").is_empty(), CARD_OPTION_TEXT)?;
    }
    Ok(())
}

fn submit_button(card: &Value) -> Checked {
    let button = part(card, "submit_button");
    ensure(!text(button, "text").is_empty(), CARD_SUBMIT_TEXT)?;
    let key = text(button, "key");
    ensure(!key.is_empty() && key.len() <= KEY_BYTES, CARD_SUBMIT_KEY)
}

fn card_action(card: &Value) -> Checked {
    let action = part(card, "card_action");
    let target = match action.get("type").and_then(Value::as_i64) {
        Some(1) => text(action, "url"),
        Some(2) => text(action, "appid"),
        _ => "",
    };
    ensure(!target.is_empty(), CARD_ACTION)
}

/// The blocks that any card may have.
fn blocks(card: &Value) -> Checked {
    ensure(list(card, "horizontal_content_list").len() <= 6, CARD_HORIZONTAL_SIZE)?;
    let named = |row: &Value| !text(row, "keyname").is_empty();
    ensure(list(card, "horizontal_content_list").iter().all(named), CARD_KEYNAME)?;
    ensure(list(card, "vertical_content_list").len() <= 4, CARD_VERTICAL_SIZE)?;
    ensure(list(card, "jump_list").len() <= 3, CARD_JUMP_SIZE)?;
    action_menu(card)
}

fn action_menu(card: &Value) -> Checked {
    let Some(menu) = card.get("action_menu") else { return Ok(()) };
    let entries = list(menu, "action_list");
    ensure((1..=3).contains(&entries.len()), INVALID_PARAMETER)?;
    let keys: HashSet<&str> = entries.iter().map(|entry| text(entry, "key")).collect();
    ensure(keys.len() == entries.len(), CARD_MENU_KEY_CLASH)
}

fn task_id(card: &Value) -> Checked {
    let id = text(card, "task_id");
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte);
    ensure(!id.is_empty() && id.len() <= ID_BYTES && id.bytes().all(fits), CARD_TASK_ID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good() -> Value {
        json!({
            "card_type": "button_interaction",
            "main_title": {"title": "发现合规风险"},
            "task_id": "draft-01J",
            "button_list": [{"text": "返回修改", "key": "edit"}, {"text": "确认发送", "key": "confirm"}],
        })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut card = good();
        card[field] = value;
        card
    }

    #[test]
    fn a_complete_button_card_is_taken() {
        assert_eq!(check(&good()), Ok(()));
    }

    #[test]
    fn each_fault_of_a_button_card_has_its_own_code() {
        let key = |key: &str| json!([{"text": "好", "key": key}]);
        let row = json!({"keyname": "规则", "value": "FIN-003"});
        for (field, value, code) in [
            ("card_type", json!("button"), 42031),
            ("main_title", json!({}), 42033),
            ("task_id", json!("草稿"), 42014),
            ("task_id", json!("x".repeat(129)), 42014),
            ("button_list", json!([]), 40058),
            ("button_list", json!([{"key": "ok"}]), 42038),
            ("button_list", key(""), 42039),
            ("button_list", key(&"k".repeat(1025)), 42039),
            ("button_list", json!([{"text": "好", "key": "a"}, {"text": "行", "key": "a"}]), 42018),
            ("horizontal_content_list", json!(vec![row; 7]), 42035),
            ("horizontal_content_list", json!([{"value": "FIN-003"}]), 42027),
            ("jump_list", json!([{}, {}, {}, {}]), 42042),
            ("button_selection", json!({"option_list": []}), 42043),
            ("action_menu", json!({"action_list": [{"key": "a"}, {"key": "a"}]}), 42051),
        ] {
            assert_eq!(check(&with(field, value.clone())), Err(Refusal(code)), "{field} = {value}");
        }
    }

    #[test]
    fn each_other_type_asks_for_its_own_parts() {
        for (kind, code) in [
            ("text_notice", 42045),
            ("news_notice", 42044),
            ("vote_interaction", 42043),
            ("multiple_interaction", 42047),
        ] {
            assert_eq!(check(&with("card_type", json!(kind))), Err(Refusal(code)), "{kind}");
        }
    }

    #[test]
    fn a_notice_calls_back_only_with_a_menu() {
        let notice = json!({"card_type": "text_notice", "action_menu": {"action_list": [{"key": "a"}]}});
        assert!(calls_back(&notice));
        assert!(!calls_back(&json!({"card_type": "text_notice"})));
    }
}

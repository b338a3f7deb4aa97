//! Template cards (模板卡片): a notice to read, and one with buttons that call back.
//!
//! Field names and figures: page 90236, section `template_card`. The JSON written here goes into
//! `message/send`; the answer to a callback writes the same fields as XML.

use super::markup::cut_chars;
use super::markup::visible;
use serde::Serialize;
use std::collections::HashSet;

/// A card. Build its fields freely; [`Card::fit`] brings them within WeCom's limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "card_type", rename_all = "snake_case")]
pub enum Card {
    /// Something to read, and to open.
    TextNotice(TextNotice),
    /// Something to decide. Only an application with a callback address may send it.
    ButtonInteraction(ButtonInteraction),
}

/// The fields of a card to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TextNotice {
    /// Who speaks, in small type above the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Title and line below it.
    pub main_title: MainTitle,
    /// A text that is quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_area: Option<QuoteArea>,
    /// A paragraph, ≤ 160 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_title_text: Option<String>,
    /// Rows of name and value, ≤ 6.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub horizontal_content_list: Vec<Row>,
    /// What a tap on the card opens.
    pub card_action: CardAction,
}

/// The fields of a card to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ButtonInteraction {
    /// Who speaks, in small type above the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Title and line below it.
    pub main_title: MainTitle,
    /// A text that is quoted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_area: Option<QuoteArea>,
    /// A paragraph, ≤ 160 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_title_text: Option<String>,
    /// Rows of name and value, ≤ 6.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub horizontal_content_list: Vec<Row>,
    /// Names the card in the callback: unique in the application, 1–128 of `A-Z a-z 0-9 _ - @`.
    pub task_id: String,
    /// The buttons, 1–6.
    pub button_list: Vec<Button>,
    /// The text on the buttons of a card that replaces another; only in updates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_text: Option<String>,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The name, ≤ 20 characters.
    pub desc: String,
    /// 0 grey, 1 black, 2 red, 3 green.
    pub desc_color: u8,
}

/// Title and line below it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MainTitle {
    /// ≤ 36 characters.
    pub title: String,
    /// ≤ 44 characters, may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub desc: String,
}

/// A text that is quoted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct QuoteArea {
    /// The heading of the quotation.
    pub title: String,
    /// The text. WeCom gives no figure; ours is 256 characters.
    pub quote_text: String,
}

/// A row of name and value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    /// ≤ 5 characters.
    pub keyname: String,
    /// ≤ 30 characters.
    pub value: String,
}

/// A button that calls back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// ≤ 10 characters.
    pub text: String,
    /// The look, 1–4; 1 is WeCom's own.
    pub style: u8,
    /// Comes back in the callback: 1–1024 bytes, unique in the card.
    pub key: String,
}

/// What a tap on the card opens: a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardAction {
    /// 1: a page.
    #[serde(rename = "type")]
    pub kind: u8,
    /// The page's address.
    pub url: String,
}

impl CardAction {
    /// Opens a page.
    pub fn url(url: impl Into<String>) -> Self {
        Self { kind: 1, url: url.into() }
    }
}

impl Default for CardAction {
    fn default() -> Self {
        Self::url("")
    }
}

/// Why a card can't be sent: cutting would not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CardFault {
    /// A field that must be there is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A list or a key is too long.
    #[error("`{field}` has {found}, more than {most}")]
    TooMany {
        /// The field.
        field: &'static str,
        /// What it has, in entries or bytes.
        found: usize,
        /// What it may have.
        most: usize,
    },
    /// `task_id` has a character that WeCom refuses.
    #[error("`task_id` may have letters, digits, `_`, `-` and `@` only")]
    TaskId,
    /// A number that stands for a look or a colour is unknown.
    #[error("`{0}` has no such value")]
    Number(&'static str),
    /// Two buttons call back with the same key.
    #[error("two buttons share a key")]
    SharedKey,
}

impl Card {
    /// The card within WeCom's limits: long texts are cut with `…`, control characters go.
    ///
    /// # Errors
    /// [`CardFault`] for what can't be put right by cutting.
    pub fn fit(mut self) -> Result<Self, CardFault> {
        match &mut self {
            Card::TextNotice(card) => card.fit()?,
            Card::ButtonInteraction(card) => card.fit()?,
        }
        Ok(self)
    }
}

impl TextNotice {
    fn fit(&mut self) -> Result<(), CardFault> {
        filled("card_action.url", &self.card_action.url)?;
        if self.sub_title_text.is_none() {
            filled("main_title.title", &self.main_title.title)?;
        }
        fit_source(&mut self.source)?;
        fit_texts(&mut self.main_title, &mut self.quote_area, &mut self.sub_title_text);
        fit_rows(&mut self.horizontal_content_list)
    }
}

impl ButtonInteraction {
    fn fit(&mut self) -> Result<(), CardFault> {
        filled("main_title.title", &self.main_title.title)?;
        fit_task(&self.task_id)?;
        fit_source(&mut self.source)?;
        fit_texts(&mut self.main_title, &mut self.quote_area, &mut self.sub_title_text);
        fit_rows(&mut self.horizontal_content_list)?;
        fit_buttons(&mut self.button_list)
    }
}

fn filled(field: &'static str, text: &str) -> Result<(), CardFault> {
    if text.trim().is_empty() { Err(CardFault::Empty(field)) } else { Ok(()) }
}

fn at_most(field: &'static str, found: usize, most: usize) -> Result<(), CardFault> {
    if found > most { Err(CardFault::TooMany { field, found, most }) } else { Ok(()) }
}

fn one_of(field: &'static str, number: u8, known: std::ops::RangeInclusive<u8>) -> Result<(), CardFault> {
    if known.contains(&number) { Ok(()) } else { Err(CardFault::Number(field)) }
}

fn fit_text(text: &mut String, most: usize) {
    *text = cut_chars(&visible(text), most);
}

fn fit_task(task_id: &str) -> Result<(), CardFault> {
    filled("task_id", task_id)?;
    at_most("task_id", task_id.len(), 128)?;
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_-@".contains(&b);
    if task_id.bytes().all(good) { Ok(()) } else { Err(CardFault::TaskId) }
}

fn fit_source(source: &mut Option<Source>) -> Result<(), CardFault> {
    let Some(source) = source else { return Ok(()) };
    fit_text(&mut source.desc, 20);
    one_of("source.desc_color", source.desc_color, 0..=3)
}

fn fit_texts(title: &mut MainTitle, quote: &mut Option<QuoteArea>, paragraph: &mut Option<String>) {
    fit_text(&mut title.title, 36);
    fit_text(&mut title.desc, 44);
    if let Some(quote) = quote {
        fit_text(&mut quote.title, 36);
        fit_text(&mut quote.quote_text, 256);
    }
    if let Some(paragraph) = paragraph {
        fit_text(paragraph, 160);
    }
}

fn fit_rows(rows: &mut [Row]) -> Result<(), CardFault> {
    at_most("horizontal_content_list", rows.len(), 6)?;
    for row in rows {
        filled("keyname", &row.keyname)?;
        fit_text(&mut row.keyname, 5);
        fit_text(&mut row.value, 30);
    }
    Ok(())
}

fn fit_buttons(buttons: &mut [Button]) -> Result<(), CardFault> {
    if buttons.is_empty() {
        return Err(CardFault::Empty("button_list"));
    }
    at_most("button_list", buttons.len(), 6)?;
    let mut keys = HashSet::new();
    for button in buttons {
        filled("button.text", &button.text)?;
        filled("button.key", &button.key)?;
        at_most("button.key", button.key.len(), 1024)?;
        one_of("button.style", button.style, 1..=4)?;
        fit_text(&mut button.text, 10);
        if !keys.insert(button.key.clone()) {
            return Err(CardFault::SharedKey);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> ButtonInteraction {
        ButtonInteraction {
            source: Some(Source { desc: "合规助手".into(), desc_color: 2 }),
            main_title: MainTitle {
                title: "发现合规风险".into(), desc: "2 处敏感词,需确认".into()
            },
            quote_area: Some(QuoteArea {
                title: "待发送内容".into(),
                quote_text: "这款产品保底收益8%".into(),
            }),
            horizontal_content_list: vec![Row {
                keyname: "规则".into(), value: "FIN-003 保底收益".into()
            }],
            task_id: "draft-01J".into(),
            button_list: vec![
                Button { text: "返回修改".into(), style: 1, key: "edit".into() },
                Button { text: "确认发送".into(), style: 3, key: "confirm_send".into() },
            ],
            ..ButtonInteraction::default()
        }
    }

    fn fitted(change: impl FnOnce(&mut ButtonInteraction)) -> Result<ButtonInteraction, CardFault> {
        let mut card = card();
        change(&mut card);
        match Card::ButtonInteraction(card).fit()? {
            Card::ButtonInteraction(card) => Ok(card),
            Card::TextNotice(_) => unreachable!("the kind stays"),
        }
    }

    #[test]
    fn a_card_with_buttons_is_written_as_wecom_reads_it() {
        let written = serde_json::to_value(Card::ButtonInteraction(card()).fit().unwrap()).unwrap();
        let expected = serde_json::json!({
            "card_type": "button_interaction",
            "source": {"desc": "合规助手", "desc_color": 2},
            "main_title": {"title": "发现合规风险", "desc": "2 处敏感词,需确认"},
            "quote_area": {"title": "待发送内容", "quote_text": "这款产品保底收益8%"},
            "horizontal_content_list": [{"keyname": "规则", "value": "FIN-003 保底收益"}],
            "task_id": "draft-01J",
            "button_list": [
                {"text": "返回修改", "style": 1, "key": "edit"},
                {"text": "确认发送", "style": 3, "key": "confirm_send"},
            ],
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn a_notice_is_written_as_wecom_reads_it() {
        let notice = TextNotice {
            main_title: MainTitle { title: "已确认".into(), desc: String::new() },
            card_action: CardAction::url("https://guard.example.com/console"),
            ..TextNotice::default()
        };
        let expected = serde_json::json!({
            "card_type": "text_notice",
            "main_title": {"title": "已确认"},
            "card_action": {"type": 1, "url": "https://guard.example.com/console"},
        });
        assert_eq!(serde_json::to_value(Card::TextNotice(notice).fit().unwrap()).unwrap(), expected);
    }

    #[test]
    fn long_texts_are_cut_to_the_figures_of_the_page() {
        let card = fitted(|card| {
            card.main_title.title = "险".repeat(37);
            card.main_title.desc = "险".repeat(45);
            card.sub_title_text = Some("险".repeat(161));
            card.button_list[0].text = "改".repeat(11);
        })
        .unwrap();
        let chars = |text: &str| text.chars().count();
        assert_eq!(chars(&card.main_title.title), 36);
        assert_eq!(chars(&card.main_title.desc), 44);
        assert_eq!(card.sub_title_text.as_deref().map(chars), Some(160));
        assert_eq!(chars(&card.button_list[0].text), 10);
        assert!(card.main_title.title.ends_with('…'));
    }

    #[test]
    fn a_seventh_button_is_refused() {
        let fault = fitted(|card| {
            card.button_list =
                (0..7).map(|n| Button { text: "改".into(), style: 1, key: format!("k{n}") }).collect();
        });
        assert_eq!(fault, Err(CardFault::TooMany { field: "button_list", found: 7, most: 6 }));
    }

    #[test]
    fn a_task_id_has_no_colon_and_at_most_128_bytes() {
        assert_eq!(fitted(|card| card.task_id = "chk:1".into()), Err(CardFault::TaskId));
        assert_eq!(fitted(|card| card.task_id.clear()), Err(CardFault::Empty("task_id")));
        assert!(fitted(|card| card.task_id = "a".repeat(129)).is_err());
        assert!(fitted(|card| card.task_id = "chk_01J-@".into()).is_ok());
    }

    #[test]
    fn two_buttons_may_not_share_a_key() {
        assert_eq!(fitted(|card| card.button_list[1].key = "edit".into()), Err(CardFault::SharedKey));
        assert_eq!(fitted(|card| card.button_list[1].style = 5), Err(CardFault::Number("button.style")));
    }
}

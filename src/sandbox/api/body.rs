//! What `message/send` demands of each msgtype, and what the member then reads.

use crate::sandbox::call::{Call, list, text};
use crate::sandbox::card;
use crate::sandbox::errcode::*;
use crate::sandbox::world::World;
use serde_json::Value;

/// Longest text and markdown, in bytes.
const TEXT_BYTES: usize = 2048;
const TITLE_BYTES: usize = 128;
const DESCRIPTION_BYTES: usize = 512;
const MOST_ARTICLES: usize = 8;

/// A message that WeCom takes.
pub(super) struct Content {
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) card: Option<Value>,
}

/// Checks the message of a `message/send`.
///
/// # Errors
/// The errcode of the first thing WeCom would complain about.
pub(super) fn content(world: &World, call: &Call) -> Result<Content, Refusal> {
    let kind = call.text("msgtype");
    let body = call.body.get(kind).unwrap_or(&Value::Null);
    let text = match kind {
        "text" => cut(needed(body, "content", EMPTY_CONTENT)?, TEXT_BYTES),
        "markdown" => markdown(body)?,
        "textcard" => text_card(body)?,
        "news" => articles(body, "url")?,
        "mpnews" => articles(body, "content")?,
        "image" | "voice" | "video" | "file" => media(world, body, kind)?,
        "miniprogram_notice" => needed(body, "appid", EMPTY_PARAMETER).and(title(body))?,
        "template_card" => card::check(body).map(|()| String::new())?,
        _ => return Err(INVALID_MSGTYPE),
    };
    let card = (kind == "template_card").then(|| body.clone());
    Ok(Content { kind: kind.to_owned(), text, card })
}

fn needed<'a>(body: &'a Value, field: &str, refusal: Refusal) -> Result<&'a str, Refusal> {
    match text(body, field) {
        "" => Err(refusal),
        found => Ok(found),
    }
}

/// WeCom cuts what is too long without a word; we do it between characters.
fn cut(text: &str, bytes: usize) -> String {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default().to_owned()
}

fn markdown(body: &Value) -> Result<String, Refusal> {
    let content = needed(body, "content", EMPTY_CONTENT)?;
    if content.len() > TEXT_BYTES { Err(CONTENT_TOO_LARGE) } else { Ok(content.to_owned()) }
}

fn title(body: &Value) -> Result<String, Refusal> {
    Ok(cut(needed(body, "title", TITLE_MISSING)?, TITLE_BYTES))
}

fn text_card(body: &Value) -> Result<String, Refusal> {
    let title = title(body)?;
    let description = cut(needed(body, "description", EMPTY_PARAMETER)?, DESCRIPTION_BYTES);
    needed(body, "url", EMPTY_PARAMETER)?;
    Ok(format!("{title}\n{description}"))
}

fn articles(body: &Value, required: &str) -> Result<String, Refusal> {
    let articles = list(body, "articles");
    if articles.is_empty() {
        return Err(EMPTY_PARAMETER);
    }
    if articles.len() > MOST_ARTICLES {
        return Err(TOO_MANY_ARTICLES);
    }
    let titles: Result<Vec<String>, Refusal> = articles
        .iter()
        .map(|article| needed(article, required, EMPTY_PARAMETER).and(title(article)))
        .collect();
    Ok(titles?.join("\n"))
}

fn media(world: &World, body: &Value, kind: &str) -> Result<String, Refusal> {
    let media_id = needed(body, "media_id", MEDIA_ID_MISSING)?;
    let upload = world.upload(media_id).filter(|upload| upload.kind == kind).ok_or(INVALID_MEDIA_ID)?;
    Ok(upload.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut(&"保".repeat(700), TEXT_BYTES).chars().count(), 682);
        assert_eq!(cut("保底收益", 5), "保");
        assert_eq!(cut("保底", 6), "保底");
    }
}

//! `response_url` of an AI bot's message (page 101138): one late answer, within an hour.

use crate::sandbox::call::{Answer, Call, Reply, text};
use crate::sandbox::card;
use crate::sandbox::errcode::*;
use crate::sandbox::inbox::{Author, Card, Shown};
use crate::sandbox::world::World;
use serde_json::{Value, json};

/// Longest markdown of a bot, in bytes.
const MARKDOWN_BYTES: usize = 20_480;

pub(super) fn response(world: &mut World, call: &Call) -> Answer {
    let kind = call.text("msgtype").to_owned();
    let body = call.body.get(&kind).unwrap_or(&Value::Null);
    let (text, card) = match kind.as_str() {
        "markdown" => (markdown(body)?, None),
        "template_card" => card::check(body).map(|()| (String::new(), Some(Card::new(body.clone()))))?,
        // Plain text too is refused.
        _ => return Err(INVALID_MSGTYPE),
    };
    let code = call.query("response_code").ok_or(INVALID_RESPONSE_CODE)?;
    let (bot, user) = world.spend_bot_code(code)?;
    let author = Author::Bot(bot);
    let (msgid, at) = (world.fresh("MSG-"), world.now());
    world.show(&user, Shown { msgid, with: author.clone(), author, at, kind, text, card, recalled: false });
    Ok(Reply::Json(json!({})))
}

fn markdown(body: &Value) -> Result<String, Refusal> {
    match text(body, "content") {
        "" => Err(EMPTY_CONTENT),
        content if content.len() > MARKDOWN_BYTES => Err(CONTENT_TOO_LARGE),
        content => Ok(content.to_owned()),
    }
}

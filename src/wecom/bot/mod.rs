//! The AI bot (智能机器人) in callback mode: JSON in, JSON out (pages 100719, 101027, 101031).
//!
//! The bot talks to members only; nothing here can reach a customer.

mod answer;
mod content;
mod event;

pub use answer::{BotReply, Stream};
pub use content::BotContent;
pub use event::Feedback;

use super::callback::CallbackError;
use super::event::CardClick;
use crate::model::{CorpId, Endpoint, Secret, UserId};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

/// One thing that WeCom told the bot.
#[derive(Clone, PartialEq)]
pub struct BotCallback {
    /// The same for every delivery of it.
    pub id: String,
    /// The bot, as WeCom names it.
    pub bot: String,
    /// The internal group it happened in; absent when the member is alone with the bot.
    pub chat: Option<String>,
    /// The member.
    pub from: UserId,
    /// Their company; absent for a bot of one company.
    pub corp: Option<CorpId>,
    /// When it happened; told for events only.
    pub created_at: Option<Timestamp>,
    /// Takes one later answer within an hour. A credential.
    pub response_url: Option<Secret>,
    /// What happened.
    pub kind: BotInbound,
    /// The decrypted document. Never logged.
    pub raw: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum BotInbound {
    /// The member wrote to the bot.
    Message {
        /// What they wrote.
        content: BotContent,
        /// What they quoted.
        quote: Option<BotContent>,
    },
    /// WeCom asks for the next state of an unfinished stream of ours.
    StreamRefresh {
        /// The stream, ours.
        id: String,
    },
    /// The member opened the chat for the first time today.
    EnterChat,
    /// A click on a card. Sent once; without an answer in five seconds it is lost.
    CardClicked(CardClick),
    /// The member judged an answer.
    Feedback(Feedback),
    /// Something else: kept, counted, answered with 200.
    Unknown {
        /// `eventtype`, else `msgtype`, as sent.
        event: String,
    },
}

/// Reads one decrypted document.
///
/// # Errors
/// [`CallbackError::BadRequest`] when it is not JSON, or names no message or no member.
pub fn parse_json(plaintext: &str) -> Result<BotCallback, CallbackError> {
    let doc: Value =
        serde_json::from_str(plaintext).map_err(|_| CallbackError::BadRequest("the message is not JSON"))?;
    BotCallback::read(&doc, plaintext).ok_or(CallbackError::BadRequest("no msgid or no from.userid"))
}

impl BotCallback {
    fn read(doc: &Value, raw: &str) -> Option<Self> {
        let corp = doc.pointer("/from/corpid").and_then(Value::as_str);
        let seconds = doc.get("create_time").and_then(Value::as_i64);
        Some(Self {
            id: text(doc, "/msgid")?,
            bot: text(doc, "/aibotid").unwrap_or_default(),
            chat: text(doc, "/chatid"),
            from: UserId::new(text(doc, "/from/userid")?),
            corp: corp.map(CorpId::from),
            created_at: seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()),
            response_url: text(doc, "/response_url").map(Secret::new),
            kind: BotInbound::read(doc),
            raw: raw.to_owned(),
        })
    }

    /// The same for every delivery to `endpoint`, different for anything else: 64 hex digits.
    pub fn dedup_key(&self, endpoint: &Endpoint) -> String {
        let id_length = self.id.len().to_be_bytes();
        let hash =
            Sha256::new().chain_update(id_length).chain_update(&self.id).chain_update(endpoint.as_str());
        hex::encode(hash.finalize())
    }
}

impl fmt::Debug for BotCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotCallback").field("id", &self.id).field("from", &self.from).finish_non_exhaustive()
    }
}

impl BotInbound {
    fn read(doc: &Value) -> Self {
        Self::known(doc).unwrap_or_else(|| BotInbound::Unknown {
            event: text(doc, "/event/eventtype").or_else(|| text(doc, "/msgtype")).unwrap_or_default(),
        })
    }

    fn known(doc: &Value) -> Option<Self> {
        match doc.get("msgtype")?.as_str()? {
            "event" => Self::event(doc.get("event")?),
            "stream" => Some(BotInbound::StreamRefresh { id: text(doc, "/stream/id")? }),
            _ => {
                let in_group = doc.get("chattype").and_then(Value::as_str) == Some("group");
                let content = BotContent::read(doc)?;
                let content = if in_group { content.without_mention() } else { content };
                Some(BotInbound::Message { content, quote: doc.get("quote").and_then(BotContent::read) })
            }
        }
    }

    fn event(body: &Value) -> Option<Self> {
        let kind = body.get("eventtype")?.as_str()?;
        match kind {
            "enter_chat" => Some(BotInbound::EnterChat),
            "template_card_event" => Some(BotInbound::CardClicked(event::card_click(body.get(kind)?)?)),
            "feedback_event" => Some(BotInbound::Feedback(Feedback::read(body.get(kind)?)?)),
            _ => None,
        }
    }
}

fn text(doc: &Value, path: &str) -> Option<String> {
    doc.pointer(path)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;

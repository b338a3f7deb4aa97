//! The AI bot (智能机器人) in callback mode: JSON in, JSON out (pages 100719, 101027, 101031).
//!
//! The bot talks to members only; nothing here can reach a customer.

use super::callback::CallbackError;
use super::event::{CardClick, Selected};
use super::reply::cut_bytes;
use crate::model::{CorpId, Endpoint, Secret, UserId};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;

const MAX_STREAM_BYTES: usize = 20_480;
const MAX_TEXT_BYTES: usize = 2_048;

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

/// What a message says. Files lie behind their address for five minutes, encrypted with the
/// bot's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BotContent {
    /// Words, without the mention of the bot.
    Text(String),
    /// A picture, by its address.
    Image(String),
    /// Words and pictures in the order they were written.
    Mixed(Vec<BotContent>),
    /// Speech, already turned into words.
    Voice(String),
    /// A file, by its address.
    File(String),
    /// A video, by its address.
    Video(String),
}

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

    fn event(event: &Value) -> Option<Self> {
        let kind = event.get("eventtype")?.as_str()?;
        match kind {
            "enter_chat" => Some(BotInbound::EnterChat),
            "template_card_event" => Some(BotInbound::CardClicked(card_click(event.get(kind)?)?)),
            "feedback_event" => Some(BotInbound::Feedback(Feedback::read(event.get(kind)?)?)),
            _ => None,
        }
    }
}

impl BotContent {
    fn read(message: &Value) -> Option<Self> {
        let inside = |path| text(message, path);
        Some(match message.get("msgtype")?.as_str()? {
            "text" => BotContent::Text(inside("/text/content")?),
            "image" => BotContent::Image(inside("/image/url")?),
            "voice" => BotContent::Voice(inside("/voice/content")?),
            "file" => BotContent::File(inside("/file/url")?),
            "video" => BotContent::Video(inside("/video/url")?),
            "mixed" => {
                let items = message.pointer("/mixed/msg_item")?.as_array()?;
                BotContent::Mixed(items.iter().filter_map(BotContent::read).collect())
            }
            _ => return None,
        })
    }

    /// In a group every message to the bot opens with its mention.
    fn without_mention(self) -> Self {
        match self {
            BotContent::Text(words) => BotContent::Text(strip_mention(&words).to_owned()),
            BotContent::Mixed(mut parts) => {
                if let Some(BotContent::Text(words)) = parts.first_mut() {
                    *words = strip_mention(words).to_owned();
                }
                BotContent::Mixed(parts)
            }
            other => other,
        }
    }
}

/// Takes `@name` and the blanks behind it off the start. A mention without a blank behind it
/// can't be told from the words, so it stays.
fn strip_mention(words: &str) -> &str {
    let mention = words.trim_start().strip_prefix('@').and_then(|rest| rest.split_once(char::is_whitespace));
    mention.map_or(words, |(_name, rest)| rest.trim_start())
}

impl Feedback {
    fn read(body: &Value) -> Option<Self> {
        let reasons = body.get("inaccurate_reason_list").and_then(Value::as_array);
        Some(Self {
            id: text(body, "/id")?,
            verdict: body.get("type")?.as_i64()?,
            content: text(body, "/content"),
            reasons: reasons.into_iter().flatten().filter_map(Value::as_i64).collect(),
        })
    }
}

fn card_click(body: &Value) -> Option<CardClick> {
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

fn text(doc: &Value, path: &str) -> Option<String> {
    doc.pointer(path)?.as_str().map(str::to_owned)
}

/// What the bot answers in the same request; nothing to say is an empty body.
#[derive(Debug, Clone, PartialEq)]
pub enum BotReply {
    /// Words, as the answer to [`BotInbound::EnterChat`] alone; cut at 2048 bytes.
    Welcome(String),
    /// Markdown, as the answer to a message: a stream that is finished at once.
    Message(Stream),
    /// A card: the JSON object of `message/send`.
    Card(Value),
    /// Markdown and a card.
    MessageWithCard(Stream, Value),
    /// The clicked card becomes this one, which must have the same task id.
    UpdateCard {
        /// For whom; everyone when empty.
        users: Vec<UserId>,
        /// The new card.
        card: Value,
    },
}

/// A finished stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Our id for it, unique.
    pub id: String,
    /// Markdown, cut at 20480 bytes.
    pub content: String,
}

impl BotReply {
    /// The plaintext.
    pub fn json(&self) -> String {
        let body = match self {
            BotReply::Welcome(text) => {
                json!({"msgtype": "text", "text": {"content": cut_bytes(text, MAX_TEXT_BYTES)}})
            }
            BotReply::Message(stream) => json!({"msgtype": "stream", "stream": stream.finished()}),
            BotReply::Card(card) => json!({"msgtype": "template_card", "template_card": card}),
            BotReply::MessageWithCard(stream, card) => {
                json!({"msgtype": "stream_with_template_card", "stream": stream.finished(), "template_card": card})
            }
            BotReply::UpdateCard { users, card } if users.is_empty() => {
                json!({"response_type": "update_template_card", "template_card": card})
            }
            BotReply::UpdateCard { users, card } => {
                json!({"response_type": "update_template_card", "userids": users, "template_card": card})
            }
        };
        body.to_string()
    }
}

impl Stream {
    fn finished(&self) -> Value {
        json!({"id": self.id, "finish": true, "content": cut_bytes(&self.content, MAX_STREAM_BYTES)})
    }
}

#[cfg(test)]
mod tests;

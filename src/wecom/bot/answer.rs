//! What the bot answers in the same request (page 101031).

use crate::model::UserId;
use crate::wecom::reply::cut_bytes;
use serde_json::{Value, json};

const MAX_STREAM_BYTES: usize = 20_480;
const MAX_TEXT_BYTES: usize = 2_048;

/// What the bot answers in the same request; nothing to say is an empty body.
#[derive(Debug, Clone, PartialEq)]
pub enum BotReply {
    /// Words, as the answer to [`BotInbound::EnterChat`](super::BotInbound::EnterChat) alone; cut at 2048 bytes.
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

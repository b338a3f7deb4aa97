//! What became of one callback.

use jiff::Timestamp;
use serde::Serialize;

/// What the receiver put into its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PassiveReply {
    /// No answer with status 200 came.
    Missing,
    /// 200 with nothing in it: received, nothing to say.
    Empty,
    /// The decrypted reply.
    Plain(String),
    /// WeCom would drop it without a word; this is why.
    Dropped(String),
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// By the sandbox's clock; the callback's own timestamp.
    #[serde(serialize_with = "seconds")]
    pub sent_at: Timestamp,
    /// The whole address with signature, timestamp and nonce.
    pub url: String,
    /// The encrypted body; empty for the check of an address.
    pub body: String,
    /// The status of the answer; `None` when none came in time.
    pub status: Option<u16>,
    /// Why no answer came.
    pub fault: Option<String>,
    /// What the answer said.
    pub reply: PassiveReply,
}

fn seconds<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_second())
}

impl Attempt {
    /// Only status 200 counts as received.
    pub fn is_accepted(&self) -> bool {
        self.status == Some(200)
    }
}

/// One callback with all its tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// What was encrypted, the same in every try.
    pub plaintext: String,
    /// In order; none while callbacks are held back.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// Whether the receiver took it in one of the tries.
    pub fn is_accepted(&self) -> bool {
        self.attempts.iter().any(Attempt::is_accepted)
    }

    /// The answer that counts: that of the first accepted try.
    pub fn reply(&self) -> &PassiveReply {
        self.attempts.iter().find(|one| one.is_accepted()).map_or(&PassiveReply::Missing, |one| &one.reply)
    }

    /// The decrypted reply, if there is one.
    pub fn reply_text(&self) -> Option<&str> {
        match self.reply() {
            PassiveReply::Plain(text) => Some(text),
            PassiveReply::Missing | PassiveReply::Empty | PassiveReply::Dropped(_) => None,
        }
    }
}

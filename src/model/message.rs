//! The outgoing text, where it goes and by which way it came to us.

use super::{ExternalChatId, ExternalUserId, OpenKfId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// The longest text that is judged, in characters.
pub const MAX_TEXT_CHARS: usize = 20_000;

/// Why a text can't be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing but blanks.
    #[error("the text is empty")]
    Empty,
    /// More than [`MAX_TEXT_CHARS`] characters.
    #[error("the text has {0} characters, more than {MAX_TEXT_CHARS}")]
    TooLong(usize),
}

/// A text as the rep wrote it: not empty, at most [`MAX_TEXT_CHARS`] characters. Never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageText(String);

impl MessageText {
    /// Takes the text unchanged.
    ///
    /// # Errors
    /// [`TextFault`] when it is blank or too long.
    pub fn new(text: impl Into<String>) -> Result<Self, TextFault> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(TextFault::Empty);
        }
        let chars = text.chars().count();
        if chars > MAX_TEXT_CHARS {
            return Err(TextFault::TooLong(chars));
        }
        Ok(Self(text))
    }

    /// The text, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 over its UTF-8 bytes: what a release is bound to.
    pub fn hash(&self) -> TextHash {
        TextHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for MessageText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for MessageText {
    type Error = TextFault;

    fn try_from(text: String) -> Result<Self, TextFault> {
        Self::new(text)
    }
}

impl From<MessageText> for String {
    fn from(text: MessageText) -> Self {
        text.0
    }
}

/// SHA-256 of a text, written as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TextHash(pub [u8; 32]);

impl TextHash {
    /// Reads 64 hex digits, in either case.
    pub fn parse(hex_digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hex_digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for TextHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TextHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not 64 hex digits"))
    }
}

/// The way a text came to us. The ways are of unequal strength: see `channels`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The page in the chat's toolbar (侧边栏).
    Sidebar,
    /// A chat with the application or the AI bot (机器人).
    Bot,
    /// A company's own program (接口).
    Api,
    /// 微信客服.
    Kf,
    /// Mass-send, welcome and transfer texts (群发).
    Template,
    /// Found afterwards in the message archive (存档).
    Archive,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 6] =
        [Channel::Sidebar, Channel::Bot, Channel::Api, Channel::Kf, Channel::Template, Channel::Archive];

    /// The name used in JSON and rule files.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Sidebar => "sidebar",
            Channel::Bot => "bot",
            Channel::Api => "api",
            Channel::Kf => "kf",
            Channel::Template => "template",
            Channel::Archive => "archive",
        }
    }
}

/// Who is to receive a text. Written as an object; a bare string is read as a contact.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recipient {
    /// One customer.
    Contact {
        /// The customer.
        id: ExternalUserId,
    },
    /// A group with customers.
    Group {
        /// The group.
        id: ExternalChatId,
    },
    /// A customer in a 微信客服 session.
    Kf {
        /// The customer.
        id: ExternalUserId,
        /// The service account.
        open_kfid: OpenKfId,
    },
}

impl Recipient {
    /// The customer or group as text.
    pub fn id(&self) -> &str {
        match self {
            Recipient::Contact { id } | Recipient::Kf { id, .. } => id.as_str(),
            Recipient::Group { id } => id.as_str(),
        }
    }

    /// `contact`, `group` or `kf`.
    pub fn kind(&self) -> &'static str {
        match self {
            Recipient::Contact { .. } => "contact",
            Recipient::Group { .. } => "group",
            Recipient::Kf { .. } => "kf",
        }
    }
}

impl<'de> Deserialize<'de> for Recipient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
        enum Tagged {
            Contact { id: ExternalUserId },
            Group { id: ExternalChatId },
            Kf { id: ExternalUserId, open_kfid: OpenKfId },
        }
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a contact's id, or {\"kind\":\"contact|group|kf\",\"id\":…}")]
        enum Wire {
            Bare(ExternalUserId),
            Tagged(Tagged),
        }
        Ok(match Wire::deserialize(deserializer)? {
            Wire::Bare(id) | Wire::Tagged(Tagged::Contact { id }) => Recipient::Contact { id },
            Wire::Tagged(Tagged::Group { id }) => Recipient::Group { id },
            Wire::Tagged(Tagged::Kf { id, open_kfid }) => Recipient::Kf { id, open_kfid },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_string_is_a_contact_and_answers_give_the_object() {
        let bare: Recipient = serde_json::from_str(r#""wm1""#).unwrap();
        assert_eq!(serde_json::to_string(&bare).unwrap(), r#"{"kind":"contact","id":"wm1"}"#);
        let kf: Recipient = serde_json::from_str(r#"{"kind":"kf","id":"wm1","open_kfid":"wk1"}"#).unwrap();
        assert_eq!(kf.kind(), "kf");
        assert!(serde_json::from_str::<Recipient>(r#"{"kind":"kf","id":"wm1"}"#).is_err());
    }

    #[test]
    fn a_text_is_neither_blank_nor_endless() {
        assert_eq!(MessageText::new(" \n　"), Err(TextFault::Empty));
        assert_eq!(MessageText::new("保".repeat(20_001)), Err(TextFault::TooLong(20_001)));
        assert!(MessageText::new("保".repeat(20_000)).is_ok());
    }
}

//! Identifiers as types of their own, so that a customer can't be passed where a rep is meant.
//!
//! Foreign ids are not checked for shape: WeCom documents none that holds for every tenant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as the outside gave it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    )*};
}

text_ids! {
    /// A company in WeCom (企业), for example `ww0123456789abcdef`.
    CorpId
    /// A member of the company (成员): the rep, the supervisor, the officer.
    UserId
    /// A customer (外部联系人): `wm…` on WeChat, `wo…` on WeCom.
    ExternalUserId
    /// A group with customers in it (客户群).
    ExternalChatId
    /// An account of 微信客服: `wk…`.
    OpenKfId
    /// The name of an `[[app]]` or `[[bot]]` in the settings: it stands in the callback's path.
    Endpoint
    /// A rule's id as the rule file gives it, for example `FIN-001`. Never reused, never renamed.
    RuleId
    /// One deed towards the outside that waits in the outbox, for example a card to send.
    OutboxId
    /// One check's id, `chk_` and 26 characters that sort by time.
    CheckId
    /// One appointment's id, `apt_` and 26 characters that sort by time.
    AppointmentId
}

/// The name of one compiled set of rules: `r`, a number, `-` and the start of its content hash. Every
/// judgement carries it, so a copy shares the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Revision(Arc<str>);

impl Revision {
    /// Takes the name as it was given.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Revision {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for Revision {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<Revision> for String {
    fn from(id: Revision) -> Self {
        (*id.0).to_owned()
    }
}

/// The number of a self-built application inside its company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(pub u64);

impl fmt::Display for AgentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Crockford's base 32: no I, L, O, U, so that an id read aloud stays right.
const BASE32: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten characters of milliseconds, sixteen of chance: sorts by time, never guessed.
fn sortable(at: jiff::Timestamp, chance: [u8; 10]) -> String {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    let mut chance_bits = 0_u128;
    for byte in chance {
        chance_bits = (chance_bits << 8) | u128::from(byte);
    }
    let bits = (u128::from(millis) << 80) | chance_bits;
    (0..26)
        .rev()
        .map(|place| {
            let five = usize::try_from((bits >> (place * 5)) & 31).unwrap_or(0);
            char::from(*BASE32.get(five).unwrap_or(&b'0'))
        })
        .collect()
}

impl CheckId {
    /// A fresh id for a check made at `at`.
    pub fn fresh(at: jiff::Timestamp, chance: [u8; 10]) -> Self {
        Self(format!("chk_{}", sortable(at, chance)))
    }

    /// Reads an id of the form [`CheckId::fresh`] gives; `None` when it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let unique = text.strip_prefix("chk_")?;
        let known = unique.len() == 26 && unique.bytes().all(|byte| BASE32.contains(&byte));
        known.then(|| Self(text.to_owned()))
    }
}

impl OutboxId {
    /// A fresh id for a deed queued at `at`.
    pub fn fresh(at: jiff::Timestamp, chance: [u8; 10]) -> Self {
        Self(format!("out_{}", sortable(at, chance)))
    }
}

impl AppointmentId {
    /// A fresh id for an appointment made at `at`.
    pub fn fresh(at: jiff::Timestamp, chance: [u8; 10]) -> Self {
        Self(format!("apt_{}", sortable(at, chance)))
    }
}

/// The four digits a rep types to confirm: unique among the rep's open checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShortNo(u16);

impl ShortNo {
    /// `None` when `number` has more than four digits.
    pub fn new(number: u16) -> Option<Self> {
        (number < 10_000).then_some(Self(number))
    }

    /// Reads exactly four ASCII digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().and_then(Self::new)
    }
}

impl fmt::Display for ShortNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl TryFrom<String> for ShortNo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not four digits"))
    }
}

impl From<ShortNo> for String {
    fn from(short: ShortNo) -> Self {
        short.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_ids_sort_by_time() {
        let early = CheckId::fresh(jiff::Timestamp::from_millisecond(1_790_000_000_000).unwrap(), [255; 10]);
        let late = CheckId::fresh(jiff::Timestamp::from_millisecond(1_790_000_000_001).unwrap(), [0; 10]);
        assert!(early < late, "{early} {late}");
        assert_eq!(CheckId::parse(early.as_str()), Some(early));
        assert_eq!(CheckId::parse("chk_"), None);
        assert_eq!(CheckId::parse("chk_保底收益保底收益保底"), None);
    }

    #[test]
    fn a_short_number_is_exactly_four_digits() {
        assert_eq!(ShortNo::parse("0042").map(|s| s.to_string()).as_deref(), Some("0042"));
        assert_eq!(ShortNo::parse("42"), None);
        assert_eq!(ShortNo::parse("４２４２"), None);
        assert_eq!(ShortNo::parse("+042"), None);
    }
}

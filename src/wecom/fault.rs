//! What can go wrong between us and WeCom, told apart by what the caller can do about it.
//!
//! No error here holds an address, a token, a secret or a body: they may all be logged.

use super::errcode;
use super::errcode::Advice;
use crate::model::UserId;
use jiff::Timestamp;
use std::fmt;

/// Why a call to WeCom did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WecomError {
    /// The client could not be made from its options.
    #[error("the WeCom client cannot start: {0}")]
    Setup(String),
    /// An admin must act; it is remembered for `/readyz` until a call succeeds.
    #[error("WeCom needs an admin: {0}")]
    Config(Refusal),
    /// Permanent for this item: record it and go on.
    #[error("WeCom refused: {0}")]
    Refused(Refusal),
    /// The person must start again, for example sign in.
    #[error("the person must start again: {0}")]
    StartAgain(Refusal),
    /// Our request was wrong, or WeCom's answer did not have the shape we know.
    #[error("`{api}`: {detail}")]
    Bug {
        /// The path below `/cgi-bin/`.
        api: &'static str,
        /// What was wrong, without values.
        detail: String,
    },
    /// WeCom counts too many calls: keep the queue and leave this API alone until then.
    #[error("`{api}` is stopped until {until}: too many calls")]
    Stopped {
        /// The path below `/cgi-bin/`.
        api: &'static str,
        /// When it may be tried again.
        until: Timestamp,
    },
    /// The member has had as many messages as WeCom delivers; more would vanish without an error.
    #[error("member `{user}` can take no message before {until}")]
    MemberFull {
        /// The member.
        user: UserId,
        /// When the next place becomes free.
        until: Timestamp,
    },
    /// Nothing was done; the same call may be made later.
    #[error("`{api}` is away: {cause}")]
    Unavailable {
        /// The path below `/cgi-bin/`.
        api: &'static str,
        /// What happened last.
        cause: Cause,
    },
    /// It may or may not have been done: don't repeat blindly, read back first.
    #[error("`{api}` may or may not have been done: {cause}")]
    UnknownOutcome {
        /// The path below `/cgi-bin/`.
        api: &'static str,
        /// What happened last.
        cause: Cause,
    },
}

impl WecomError {
    /// WeCom's error code, where it gave one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Config(refusal) | Self::Refused(refusal) | Self::StartAgain(refusal) => Some(refusal.code),
            Self::Unavailable { cause: Cause::Code(code), .. } => Some(*code),
            Self::UnknownOutcome { cause: Cause::Code(code), .. } => Some(*code),
            _ => None,
        }
    }
}

/// An answer of WeCom that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The path below `/cgi-bin/`.
    pub api: &'static str,
    /// WeCom's `errcode`.
    pub code: i64,
    /// WeCom's `errmsg`, for people only: at most 300 characters, without control characters and
    /// without the secret of the call.
    pub message: String,
}

impl Refusal {
    /// What an admin is told about it, where an admin can help.
    pub fn advice(&self) -> Option<Advice> {
        errcode::advice(self.code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` answered {} ({})", self.api, self.code, self.message)
    }
}

/// Why one try brought no answer, or none that settles the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No connection could be made: the request was not sent.
    #[error("no connection")]
    NoConnection,
    /// The time ran out after the request may have been sent.
    #[error("timed out")]
    TimedOut,
    /// The connection broke after the request may have been sent.
    #[error("the connection broke")]
    Broken,
    /// An HTTP status other than 200: a gateway answered, since WeCom puts its errors into a 200.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The answer is not a JSON object with an `errcode`, for example a gateway's page.
    #[error("the answer is not WeCom's")]
    Foreign,
    /// The answer is longer than the limit.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// A repeat was not allowed any more: WeCom counts too many calls.
    #[error("too many calls")]
    Stopped,
    /// WeCom said that it is busy, every time.
    #[error("code {0}")]
    Code(i64),
}

/// The message as people may see it: `secret` removed, control characters blanked, 300 characters.
pub(super) fn harmless(message: &str, secret: &str) -> String {
    let message = if secret.is_empty() { message.to_owned() } else { message.replace(secret, "(secret)") };
    message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

//! Every callback: opened, acted upon, written down once with its answer, answered within five
//! seconds. What needs WeCom's API is only decided here; the outbox does it.
//!
//! This room must never know status codes. Read [`Inbox::take`] first.

mod accept;
mod answer;
mod bot_mail;
mod dispatch;
mod turns;

pub use accept::{Answer, Inbox, InboxError, InboxParts, MailCounts, Mailbox, MailboxKind};

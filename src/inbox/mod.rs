//! Every callback: opened, written down once, answered within five seconds, then acted upon.
//!
//! This room must never know status codes. Read [`Inbox::take`] first.

mod accept;
mod answer;
mod bot_mail;
mod dispatch;
mod turns;

pub use accept::{Answer, Inbox, InboxError, InboxParts, MailCounts, Mailbox, MailboxKind};

//! The spine from a rep's side: a draft in, a durable verdict and an answer out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

mod bot;
mod confirm;
mod contact;
mod draft;
mod going_live;
mod helpers;
mod jobs;
mod outbox;
mod recipients;
mod second;
mod senders;
mod todos;

//! WeCom's wire and nothing else: crypto, envelope, events, token, API calls, cards.
//!
//! This room must never know rules, checks, stores or our own web server. Read
//! [`event::Callback`] first: what WeCom tells us, typed.

pub mod bot;
pub mod callback;
pub mod crypto;
pub mod event;
pub mod reply;
pub mod xml;

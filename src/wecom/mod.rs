//! WeCom's wire and nothing else: crypto, envelope, events, token, API calls, cards.
//!
//! This room must never know rules, checks, stores or our own web server. Read
//! [`event::Callback`] first: what WeCom tells us, typed; and [`client::Client`]: what we ask it.

pub mod bot;
mod call;
pub mod callback;
pub mod card;
pub mod client;
pub mod contacts;
pub mod crypto;
pub mod errcode;
pub mod event;
pub mod fault;
pub(crate) mod http;
pub mod identity;
pub mod jssdk;
pub mod limit;
pub mod markup;
pub mod members;
pub mod reply;
pub mod retry;
pub mod send;
pub mod tags;
mod token;
pub mod xml;

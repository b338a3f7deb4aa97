//! WeCom's wire and nothing else: crypto, envelope, events, token, API calls, cards.

mod call;
pub mod card;
pub mod client;
pub mod contacts;
pub mod errcode;
pub mod fault;
pub(crate) mod http;
pub mod limit;
pub mod markup;
pub mod members;
pub mod retry;
pub mod send;
mod token;

//! The ways a message reaches us, one file each; each turns its own form into a draft and the
//! outcome back. They are of unequal strength, and no page may promise more than this table:
//!
//! | way | what we can promise |
//! |---|---|
//! | [`api`] | as strong as the program that calls it: it must not send without a release |
//! | [`bot`] | the rep checks a draft; the text goes back to the rep, the bot can't write to the customer |
//!
//! This room must never know status codes or XML.

pub mod api;
pub mod bot;
pub mod second;
mod telling;

pub use telling::{of_parting, state_name};

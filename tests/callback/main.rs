//! The callbacks from where WeCom stands: real HTTP, real encryption, good and bad senders.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

mod events;
mod library;
mod mutated;
mod refused;
mod repeated;
mod replies;
mod sender;
mod vectors;
mod window;
mod wire;

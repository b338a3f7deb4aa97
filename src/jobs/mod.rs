//! Everything a clock starts, one file each; each is safe to run twice.
//!
//! This room must never know HTTP. Read [`outbox::Worker`] first.

pub mod close_stale;
pub mod forget;
pub mod outbox;
pub mod watch_rules;

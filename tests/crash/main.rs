//! The real server under load, killed, stopped and short of space: what it acknowledged stays.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/binary.rs"]
mod binary;
mod disk;
mod kill;
mod load;
mod stop;

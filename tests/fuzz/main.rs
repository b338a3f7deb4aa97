//! What strangers write, thrown at whatever reads it: a committed corpus, and seeded mutations of it.
//!
//! Each target is a plain function over bytes that panics on what may never be. A failing input is
//! printed as bytes with the command that runs it alone; put it into `fixtures/fuzz/TARGET` once it
//! is mended. `FUZZ_ROUNDS` and `FUZZ_SEED` look further than a usual run does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

mod callback;
mod harness;
mod rules;
mod text;

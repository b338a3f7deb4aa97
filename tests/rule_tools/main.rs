//! The tools of whoever writes rule files.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

mod diff;
mod format;
mod import;

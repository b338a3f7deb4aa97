//! The block / confirm workflow: check → confirm → release → sent.
//!
//! This room must never know HTTP, callbacks or WeCom. Two promises are kept by its types:
//! nothing is released before its record is durable ([`Recorded`]), and no way leads from a
//! blocked check to a [`Release`] ([`state::Cleared`]). Read [`Gate`] first.

mod draft;
mod error;
mod gate;
mod look;
mod release;
mod review;
mod settle;
pub mod state;

pub use draft::{Draft, Judged, Recorded};
pub use error::GateError;
pub use gate::{Attachment, Gate, GateParts, Outcome};
pub use look::{Circumstances, Look};
pub use release::{Release, ReleaseKey};
pub use review::{Ruling, Word};
pub use settle::{ConfirmOrder, Report, Settled};

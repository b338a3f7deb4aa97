//! A contact's page: who the customer is, where they stand, what is open.
//!
//! This room must never know HTTP answers or callbacks. Read [`Followup`] first. A customer is
//! only ever shown to somebody who follows them.

mod page;
mod service;
pub mod source_http;

pub use page::{ContactPage, OpenAction};
pub use service::{Followup, FollowupError, FollowupParts, Found, Viewer};

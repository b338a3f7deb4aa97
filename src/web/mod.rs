//! Routes, pages, JSON, sessions. The only room that knows status codes.
//!
//! Handlers are short: read the wire form into types that can't be wrong, call one thing, put the
//! answer into its wire form. Who may call stands in a handler's argument ([`access::Access`]).
//! Read [`routes`] first: every path is in its table.

pub mod access;
mod api;
mod assets;
mod body;
mod callback;
mod contact;
mod error;
mod frame;
mod headers;
mod login;
mod metrics;
mod pages;
mod refusal;
pub mod routes;
mod session;
mod sidebar;
mod sign_in;
mod site;

pub use error::WebError;
pub use login::LinkKey;
pub use site::{Site, SiteParts, TokenHolder};

//! wecom-guard: stops a non-compliant message before it leaves, tells the rep why, offers a
//! compliant wording, and keeps a record that stands before a regulator.
//!
//! The rooms, lowest floor first; a room imports only rooms below it (`tests/architecture.rs`).
#![warn(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic
    )
)]

pub mod app;
pub mod channels;
pub mod cli;
pub mod config;
pub mod directory;
pub mod followup;
pub mod inbox;
pub mod intercept;
pub mod jobs;
pub mod ledger;
pub mod model;
pub mod publish;
pub mod rules;
pub mod sandbox;
pub mod scan;
pub mod store;
pub mod suggest;
pub mod text;
pub mod web;
pub mod wecom;
pub mod wording;

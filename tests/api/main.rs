//! The HTTP interface as programs and browsers see it. Every answer in this suite is also held
//! against `openapi.json`: an undocumented status, code or key fails the test that met it.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod agenda;
mod checks;
mod compose;
mod confirm;
mod contacts;
mod described;
mod edits;
mod files;
mod following;
mod health;
mod helpers;
mod history;
mod listing;
mod login;
mod race;
mod repeats;
mod reviews;
mod rules;
mod sign_in;
mod spec;
mod timeline;
mod wrong_input;

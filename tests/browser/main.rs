//! The pages as people see them: in a real browser, with a stand-in for the half of WeCom's client
//! that a page can reach. Chromium and chromedriver must be installed.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

mod contact;
mod driver;
mod looks;
mod sending;
mod writing;

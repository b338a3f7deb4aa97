//! The JSON API, version 1.

pub mod checks;
pub mod contacts;
pub mod health;
pub mod rules;

use serde::Serialize;

/// Every list has this form.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What `cursor` takes for the next page, or null.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A list that has no second page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

//! The JSON API, version 1.

pub mod checks;
pub mod contacts;
pub mod drafts;
pub mod health;
pub mod history;
pub mod jssdk;
pub mod notice;
pub mod reviews;
pub mod rules;

use super::error::WebError;
use actix_web::{HttpRequest, web};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The query of an address, read as `T`.
fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, WebError> {
    web::Query::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|error| WebError::invalid("query", &error, &error))
}

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

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
pub mod todos;

use super::access::Caller;
use super::error::WebError;
use crate::channels::api::RequestKey;
use actix_web::{HttpRequest, web};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest `Idempotency-Key`, in bytes.
const MAX_KEY_BYTES: usize = 200;
/// The largest page.
const MAX_LIMIT: usize = 200;
/// A page whose size is not named.
const DEFAULT_LIMIT: usize = 50;

/// The query of an address, read as `T`.
pub(super) fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, WebError> {
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

/// The caller's own key, scoped so that no two callers meet.
pub(super) fn request_key(
    caller: &Caller,
    request: &HttpRequest,
    fingerprint: &str,
) -> Result<Option<RequestKey>, WebError> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    match key.to_str() {
        Ok(key) if (1..=MAX_KEY_BYTES).contains(&key.len()) => {
            let key = format!("{}/{}/{key}", caller.corp(), caller.actor());
            Ok(Some(RequestKey { key, fingerprint: fingerprint.to_owned() }))
        }
        _ => Err(WebError::invalid(
            "Idempotency-Key",
            "要 1–200 个可见字符",
            "must have 1–200 visible characters",
        )),
    }
}

/// How many rows a page has.
fn page_size(limit: Option<usize>) -> Result<usize, WebError> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(WebError::invalid("limit", format!("要在 1–{MAX_LIMIT} 之间"), format!("must be 1–{MAX_LIMIT}")))
}

/// An instant of a query.
fn instant(name: &str, value: Option<&str>) -> Result<Option<Timestamp>, WebError> {
    let wrong =
        |_| WebError::invalid(name, "要写成 2026-11-23T09:00:00Z", "write it as 2026-11-23T09:00:00Z");
    value.map(|text| text.parse().map_err(wrong)).transpose()
}

//! `/v1/drafts/{to}`: what a rep has begun to write to somebody, kept for a day.

use crate::model::{MAX_TEXT_CHARS, TextFault};
use crate::store::{DRAFT_TTL, DraftPlace, KeptDraft};
use crate::web::access::{Access, MayCompose};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

/// The longest name of a customer or group, in bytes.
const MAX_TO_BYTES: usize = 128;

fn place(access: &Access<MayCompose>, to: String) -> Result<DraftPlace, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?.clone();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if to.len() > MAX_TO_BYTES || !to.bytes().all(is_name) {
        return Err(WebError::not_found());
    }
    Ok(DraftPlace { corp: access.caller.corp().clone(), user, to })
}

/// `GET /v1/drafts/{to}`
pub async fn get(
    access: Access<MayCompose>,
    site: web::Data<Site>,
    to: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let kept = site.store().draft(&place(&access, to.into_inner())?).await?;
    let now = site.parts.gate.clock().now();
    let young = kept.filter(|draft| now.duration_since(draft.at) < DRAFT_TTL);
    let text = young.map(|draft| draft.text).unwrap_or_default();
    Ok(HttpResponse::Ok().json(json!({ "text": text })))
}

/// What `PUT /v1/drafts/{to}` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRequest {
    text: String,
}

/// `PUT /v1/drafts/{to}`: an empty text forgets it.
pub async fn put(
    access: Access<MayCompose>,
    site: web::Data<Site>,
    to: web::Path<String>,
    body: Json<DraftRequest>,
) -> Result<HttpResponse, WebError> {
    let place = place(&access, to.into_inner())?;
    let DraftRequest { text } = body.value;
    let chars = text.chars().count();
    if chars > MAX_TEXT_CHARS {
        return Err(TextFault::TooLong(chars).into());
    }
    let at = site.parts.gate.clock().now();
    let draft = (!text.is_empty()).then_some(KeptDraft { text, at });
    site.store().keep_draft(&place, draft).await?;
    Ok(HttpResponse::NoContent().finish())
}

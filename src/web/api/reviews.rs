//! `/v1/checks/{id}/…`: what people besides the rep say. An appeal, a second person's word, an
//! officer's finding.

use super::List;
use super::checks::CheckAnswer;
use crate::intercept::{Ruling, Word};
use crate::model::{CheckId, Finding};
use crate::web::access::{Access, MayCompose, MayRule};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

/// The longest appeal or note, in characters.
const MAX_WORDS: usize = 500;

/// What `POST /v1/checks/{id}/appeal` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealRequest {
    text: String,
}

fn bounded(name: &str, text: String) -> Result<String, WebError> {
    let text = text.trim().to_owned();
    if (1..=MAX_WORDS).contains(&text.chars().count()) {
        return Ok(text);
    }
    let (zh, en) = (format!("要 1–{MAX_WORDS} 个字"), format!("must have 1–{MAX_WORDS} characters"));
    Err(WebError::invalid(name, zh, en))
}

/// `POST /v1/checks/{id}/appeal`
pub async fn appeal(
    access: Access<MayCompose>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<AppealRequest>,
) -> Result<HttpResponse, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?;
    let text = bounded("text", body.value.text)?;
    let (corp, id) = (access.caller.corp(), CheckId::new(id.into_inner()));
    // Somebody else's check is not told apart from none.
    let check = site.parts.gate.read(corp, &id).await?;
    if check.check().sender != *user {
        return Err(WebError::not_found());
    }
    let review = site.parts.gate.appeal(corp, &id, user, &text).await?;
    Ok(HttpResponse::Ok().json(review))
}

/// `GET /v1/approvals`: the checks that wait for the caller's word, newest first.
pub async fn waiting(access: Access<MayCompose>, site: web::Data<Site>) -> Result<HttpResponse, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?;
    let waiting = site.store().approvals(access.caller.corp(), user).await?;
    let items = waiting.iter().map(|check| CheckAnswer::of(check, None)).collect();
    Ok(HttpResponse::Ok().json(List::whole(items)))
}

/// What `POST /v1/checks/{id}/reject` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectRequest {
    #[serde(default)]
    note: Option<String>,
}

/// `POST /v1/checks/{id}/approve`: by one of those who were asked, never the sender. The release is
/// the rep's alone.
pub async fn approve(
    access: Access<MayCompose>,
    site: web::Data<Site>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    decide(&access, &site, id.into_inner(), Word::Approve).await
}

/// `POST /v1/checks/{id}/reject`
pub async fn reject(
    access: Access<MayCompose>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<RejectRequest>,
) -> Result<HttpResponse, WebError> {
    let note = body.value.note.map(|note| bounded("note", note)).transpose()?;
    decide(&access, &site, id.into_inner(), Word::Reject { note }).await
}

async fn decide(
    access: &Access<MayCompose>,
    site: &Site,
    id: String,
    word: Word,
) -> Result<HttpResponse, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?;
    let done = site.parts.gate.decide(access.caller.corp(), &CheckId::new(id), user, word).await?;
    Ok(HttpResponse::Ok().json(CheckAnswer::of(done.recorded.check(), None)))
}

/// What `POST /v1/checks/{id}/disposition` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispositionRequest {
    outcome: Finding,
    #[serde(default)]
    note: Option<String>,
}

/// `POST /v1/checks/{id}/disposition`: the first officer's counts.
pub async fn disposition(
    access: Access<MayRule>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<DispositionRequest>,
) -> Result<HttpResponse, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?;
    let note = body.value.note.map(|note| bounded("note", note)).transpose()?;
    let ruling = Ruling { outcome: body.value.outcome, note };
    let id = CheckId::new(id.into_inner());
    let review = site.parts.gate.dispose(access.caller.corp(), &id, user, ruling).await?;
    Ok(HttpResponse::Ok().json(review))
}

//! What is written on a customer's page: required actions, exemption, stage, tags, notes.

use super::timeline::ItemAnswer;
use super::{led, viewer};
use crate::followup::{Actions, Edit, FollowingShown, Once, Viewer, Written};
use crate::model::{ExternalUserId, Stage, Suggestion, TagSlot, TouchWay, UserId};
use crate::scan::Context;
use crate::suggest::{Query, suggest};
use crate::web::access::{Access, Caller, MayCheck, MaySupervise};
use crate::web::api::request_key;
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What every change answers.
#[derive(Debug, Serialize)]
struct WrittenAnswer {
    following: FollowingShown,
    items: Vec<ItemAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestions: Option<Vec<Suggestion>>,
}

/// 201 for what is new, 200 for what was on record or changed nothing.
pub(in crate::web) fn answered(written: Written, suggestions: Option<Vec<Suggestion>>) -> HttpResponse {
    let is_new = !written.repeated && !written.items.is_empty();
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let items = written.items.into_iter().map(ItemAnswer::of).collect();
    HttpResponse::build(status).json(WrittenAnswer { following: written.following, items, suggestions })
}

/// A change as the room takes it. The page's path stands in the key: the same key under another path is
/// another request.
pub(in crate::web) fn edit(
    caller: &Caller,
    request: &HttpRequest,
    fingerprint: &str,
    viewer: Viewer,
    contact: String,
    revision: Option<u64>,
) -> Result<Edit, WebError> {
    let fingerprint = crate::store::fingerprint(&[request.path(), fingerprint]);
    let key = request_key(caller, request, &fingerprint)?;
    let once = key.map(|key| Once { key: format!("request/{}", key.key), fingerprint: key.fingerprint });
    let contact = ExternalUserId::new(contact);
    Ok(Edit { viewer, actor: caller.actor(), contact, revision, once })
}

/// What `POST /v1/contacts/{id}/actions` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionsRequest {
    revision: u64,
    #[serde(default)]
    first_touch: Option<TouchWay>,
    #[serde(default)]
    first_touch_at: Option<Timestamp>,
    #[serde(default)]
    core_need: Option<Vec<String>>,
    #[serde(default)]
    next_follow_up: Option<Timestamp>,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/actions`: fills in required actions. A need that was chosen brings scripts.
pub async fn actions(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<ActionsRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let viewer = viewer(&access.caller, value.user)?;
    let revision = Some(value.revision);
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), revision)?;
    let actions = Actions {
        first_touch: value.first_touch,
        first_touch_at: value.first_touch_at,
        core_need: value.core_need,
        next_follow_up: value.next_follow_up,
    };
    let written = site.parts.followup.act(&edit, &actions).await?;
    let scripts = actions.core_need.as_deref().map(|needs| scripts(&site, needs));
    Ok(answered(written, scripts))
}

/// At most three scripts for the need that was named last.
pub(in crate::web) fn scripts(site: &Site, needs: &[String]) -> Vec<Suggestion> {
    let gate = &site.parts.gate;
    let day = gate.zone().business_day(gate.clock().now());
    let keyword = needs.last().map(String::as_str);
    let query = Query { keyword, context: Context { day, ..Context::default() }, ..Query::default() };
    suggest(&gate.rules().current(), &query)
}

/// What `POST /v1/contacts/{id}/exemption` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptionRequest {
    user: UserId,
    reason: String,
}

/// `POST /v1/contacts/{id}/exemption`: a supervisor lets a rep off the required actions.
pub async fn exempt(
    access: Access<MaySupervise>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<ExemptionRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let viewer = led(&site, &access.caller, value.user).await?;
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), None)?;
    Ok(answered(site.parts.followup.exempt(&edit, &value.reason).await?, None))
}

/// What `POST /v1/contacts/{id}/stage` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRequest {
    revision: u64,
    to: Stage,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/stage`
pub async fn stage(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<StageRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let viewer = viewer(&access.caller, value.user)?;
    let revision = Some(value.revision);
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), revision)?;
    let written = site.parts.followup.move_stage(&edit, value.to, value.reason.as_deref()).await?;
    Ok(answered(written, None))
}

/// What `POST /v1/contacts/{id}/tags` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsRequest {
    revision: u64,
    tags: Vec<TagSlot>,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/tags`: replaces the rep's own tags.
pub async fn tags(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<TagsRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let viewer = viewer(&access.caller, value.user)?;
    let revision = Some(value.revision);
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), revision)?;
    Ok(answered(site.parts.followup.retag(&edit, value.tags).await?, None))
}

/// What `POST /v1/contacts/{id}/notes` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteRequest {
    text: String,
    #[serde(default)]
    script: Option<String>,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/notes`
pub async fn note(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<NoteRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let viewer = viewer(&access.caller, value.user)?;
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), None)?;
    Ok(answered(site.parts.followup.note(&edit, &value.text, value.script).await?, None))
}

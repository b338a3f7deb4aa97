//! `/v1/rules/history` and `/v1/rules/rollback`: what was in force, and bringing it back.

use super::rules::refused;
use super::{List, page_size, query};
use crate::model::Revision;
use crate::publish::{MAX_REASON_CHARS, RollBack, RollBackError, files_of, find, history, roll_back};
use crate::store::RulesLive;
use crate::web::access::{Access, MayEditRules};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// What `GET /v1/rules/history` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PageQuery {
    cursor: Option<u64>,
    limit: Option<usize>,
}

fn answer(past: &RulesLive, files: Value, live: &Revision) -> Value {
    json!({
        "revision": past.revision,
        "live": past.revision == *live,
        "at": past.at,
        "by": past.by.as_ref().map(ToString::to_string),
        "reason": past.reason,
        "restores": past.restores,
        "rules_total": past.rules,
        "phrases_total": past.phrases,
        "files": files,
    })
}

/// `GET /v1/rules/history`, newest first.
pub async fn list(
    _access: Access<MayEditRules>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let page: PageQuery = query(&request)?;
    let limit = page_size(page.limit)?;
    let mut past = history(site.store().as_ref(), page.cursor, limit + 1).await?;
    let more = past.len() > limit;
    past.truncate(limit);
    let live = site.parts.gate.rules().current().revision.clone();
    let items = past.iter().map(|(_, past)| answer(past, json!(past.files), &live)).collect();
    let next = past.last().filter(|_| more).map(|(number, _)| number.to_string());
    Ok(HttpResponse::Ok().json(List { items, next }))
}

/// `GET /v1/rules/history/{revision}`: with the text of every file.
pub async fn get(
    _access: Access<MayEditRules>,
    site: web::Data<Site>,
    revision: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let revision = Revision::new(revision.into_inner());
    let past = find(site.store().as_ref(), &revision).await?.ok_or_else(WebError::not_found)?;
    let folder = files_of(site.store().as_ref(), &past).await?.ok_or_else(|| not_kept(&revision))?;
    let texts = folder.files.iter().zip(&past.files).map(|(file, kept)| {
        let text = String::from_utf8_lossy(&file.bytes);
        json!({ "name": kept.name, "sha256": kept.sha256, "text": text })
    });
    let live = &site.parts.gate.rules().current().revision;
    Ok(HttpResponse::Ok().json(answer(&past, texts.collect(), live)))
}

/// What `POST /v1/rules/rollback` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollBackRequest {
    revision: Revision,
    #[serde(default)]
    reason: String,
}

/// `POST /v1/rules/rollback`: the old files become a new revision, at once.
pub async fn restore(
    access: Access<MayEditRules>,
    site: web::Data<Site>,
    body: Json<RollBackRequest>,
) -> Result<HttpResponse, WebError> {
    let RollBackRequest { revision, reason } = body.value;
    let gate = &site.parts.gate;
    let wish = RollBack { to: revision.clone(), reason, actor: access.caller.actor() };
    let live = roll_back(gate.rules(), gate.store().as_ref(), gate.clock(), wish).await?;
    Ok(HttpResponse::Ok().json(json!({ "revision": live.revision, "restores": revision })))
}

fn not_kept(revision: &Revision) -> WebError {
    WebError::new(
        StatusCode::CONFLICT,
        "revision_not_kept",
        format!("版本 {revision} 的规则文件没有留存。"),
        format!("The files of revision {revision} were not kept."),
    )
}

impl From<RollBackError> for WebError {
    fn from(error: RollBackError) -> Self {
        match error {
            RollBackError::NoReason => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "reason_required",
                format!("退回规则要写明原因,最多 {MAX_REASON_CHARS} 个字。"),
                format!("A roll back needs a `reason` of at most {MAX_REASON_CHARS} characters."),
            ),
            RollBackError::Unknown(_) => Self::not_found(),
            RollBackError::NotKept(revision) => not_kept(&revision),
            RollBackError::Rules(error) => refused(&error),
            RollBackError::Store(error) => error.into(),
        }
    }
}

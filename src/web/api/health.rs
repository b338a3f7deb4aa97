//! Whether we live, whether we are ready, and what the API is.

use crate::web::error::WebError;
use crate::web::site::Site;
use crate::wecom::client::AppAuth;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// How long readiness waits for WeCom.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "alive": true }))
}

/// One thing that must be right.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    ok: bool,
    detail: Option<Value>,
}

/// `GET /readyz`: the record can be written, rules are loaded, WeCom takes our secrets. A WeCom
/// that is merely away does not make us unready: callbacks are answered without it.
pub async fn ready(site: web::Data<Site>) -> HttpResponse {
    let mut parts = vec![record(&site), rules(&site)];
    for app in &site.parts.apps {
        parts.push(token(&site, app).await);
    }
    let ready = parts.iter().all(|part| part.ok);
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(json!({ "ready": ready, "parts": parts }))
}

fn record(site: &Site) -> Part {
    let health = site.store().health();
    let detail = json!({ "why": health.why, "head": health.head });
    Part { name: "record".to_owned(), ok: health.writable, detail: Some(detail) }
}

/// Refused files are told, and the old rules keep judging: that is ready, not well.
fn rules(site: &Site) -> Part {
    let live = site.parts.gate.rules();
    let refusal = live.last_refusal().map(|refusal| {
        json!({
            "file": refusal.file, "line": refusal.line,
            "zh": refusal.reason.zh, "en": refusal.reason.en, "at": refusal.at,
        })
    });
    let detail = json!({ "revision": live.current().revision, "refused": refusal });
    Part { name: "rules".to_owned(), ok: true, detail: Some(detail) }
}

async fn token(site: &Site, app: &AppAuth) -> Part {
    let asked = tokio::time::timeout(PATIENCE, site.parts.wecom.check_token(app)).await;
    let faults = site.parts.wecom.faults(app);
    let detail = match (faults.first(), asked) {
        (Some(fault), _) => {
            let advice = fault.advice().map(|advice| json!({ "zh": advice.zh, "en": advice.en }));
            Some(json!({ "fault": fault.to_string(), "advice": advice }))
        }
        (None, Ok(Ok(()))) => None,
        (None, Ok(Err(error))) => Some(json!({ "away": error.to_string() })),
        (None, Err(_)) => Some(json!({ "away": "no answer in time" })),
    };
    Part { name: format!("token:{}", app.name), ok: faults.is_empty(), detail }
}

/// `GET /openapi.json`
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(include_str!("../assets/openapi.json"))
}

/// `GET /WW_verify_….txt`: WeCom's proof that the domain is ours.
pub async fn domain_proof(site: web::Data<Site>, code: web::Path<String>) -> Result<HttpResponse, WebError> {
    let proof = site.parts.domain_proofs.get(&format!("WW_verify_{code}.txt"));
    let proof = proof.ok_or_else(WebError::not_found)?;
    Ok(HttpResponse::Ok().content_type("text/plain").body(proof.clone()))
}

//! WeCom's doors. A refusal has an empty body and never says which check failed.

use super::site::Site;
use crate::inbox::{Answer, InboxError, MailboxKind};
use crate::wecom::callback::MAX_BODY_BYTES;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use std::time::Duration;

/// How long a callback's body may take to arrive: WeCom itself waits five seconds in all.
const PATIENCE: Duration = Duration::from_secs(4);

fn answered(outcome: Result<Answer, InboxError>) -> HttpResponse {
    match outcome {
        Ok(answer) => HttpResponse::Ok().content_type(answer.content_type).body(answer.body),
        Err(error) => refused(&error),
    }
}

fn refused(error: &InboxError) -> HttpResponse {
    let status = match error {
        InboxError::NoMailbox => StatusCode::NOT_FOUND,
        InboxError::BadRequest(_) => StatusCode::BAD_REQUEST,
        InboxError::Forbidden(_) => StatusCode::FORBIDDEN,
        InboxError::NotRecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    match error {
        InboxError::NotRecorded(_) => {
            tracing::error!(%error, "a callback could not be recorded; WeCom will send it again")
        }
        _ => tracing::info!(%error, "a callback was not taken"),
    }
    HttpResponse::new(status)
}

fn verify(site: &Site, name: &str, kind: MailboxKind, request: &HttpRequest) -> HttpResponse {
    answered(site.parts.inbox.verify_url(name, kind, request.query_string()))
}

async fn take(
    site: &Site,
    name: &str,
    kind: MailboxKind,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let body = match tokio::time::timeout(PATIENCE, read(payload)).await {
        Err(_) => return HttpResponse::new(StatusCode::REQUEST_TIMEOUT),
        Ok(Err(status)) => return HttpResponse::new(status),
        Ok(Ok(body)) => body,
    };
    answered(site.parts.inbox.take(name, kind, request.query_string(), &body).await)
}

/// Reads no further than the limit.
async fn read(mut payload: web::Payload) -> Result<Vec<u8>, StatusCode> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `GET /callback/{app}`
pub async fn verify_app(
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    verify(&site, &name, MailboxKind::App, &request)
}

/// `POST /callback/{app}`
pub async fn take_app(
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    take(&site, &name, MailboxKind::App, &request, payload).await
}

/// `GET /bot/{bot}`
pub async fn verify_bot(
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    verify(&site, &name, MailboxKind::Bot, &request)
}

/// `POST /bot/{bot}`
pub async fn take_bot(
    site: web::Data<Site>,
    name: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    take(&site, &name, MailboxKind::Bot, &request, payload).await
}

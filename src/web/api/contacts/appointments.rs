//! Appointments of a rep with a customer.

use super::edits::{answered, edit};
use super::viewer;
use crate::followup::Appointing;
use crate::model::{AppointmentId, UserId};
use crate::web::access::{Access, MayCheck};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::Deserialize;

/// What `POST /v1/contacts/{id}/appointments` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppointmentRequest {
    title: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/appointments`
pub async fn make(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    body: Json<AppointmentRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let AppointmentRequest { title, starts_at, ends_at, user } = value;
    let viewer = viewer(&access.caller, user)?;
    let edit = edit(&access.caller, &request, &fingerprint, viewer, id.into_inner(), None)?;
    let wanted = Appointing { title, starts_at, ends_at };
    Ok(answered(site.parts.followup.appoint(&edit, &wanted).await?, None))
}

/// What `POST /v1/contacts/{id}/appointments/{appointment}/cancel` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/appointments/{appointment}/cancel`
pub async fn cancel(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: Json<CancelRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let (contact, appointment) = path.into_inner();
    let viewer = viewer(&access.caller, value.user)?;
    let edit = edit(&access.caller, &request, &fingerprint, viewer, contact, None)?;
    Ok(answered(site.parts.followup.cancel(&edit, &AppointmentId::new(appointment)).await?, None))
}

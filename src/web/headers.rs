//! What every answer carries, and the id that names one request in the log and to the caller.

use super::site::Site;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

/// A fresh request id.
pub fn request_id() -> String {
    format!("req_{}", hex::encode(crate::model::chance::<8>()))
}

/// The policy of every page: nothing but our own files, no inline script or style.
fn policy(frame_ancestors: &[String]) -> String {
    let ancestors = if frame_ancestors.is_empty() { "'none'".to_owned() } else { frame_ancestors.join(" ") };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
}

/// The policy of what somebody uploaded: nothing in it may run or load, wherever it is opened.
const FOREIGN: &str = "default-src 'none'; sandbox";
/// Where uploads are handed out.
const UPLOADS: &str = "/v1/contacts/{id}/files/{sha256}";

/// Adds the security headers and counts the request.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let site = request.app_data::<web::Data<Site>>().cloned();
    let mut response = next.call(request).await?;
    let path = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status().as_u16();
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    // Files that are named by their content say themselves how long they may be kept.
    if status != 200 || !path.starts_with("/assets/") {
        set("cache-control", "no-store");
    }
    if let Some(site) = site {
        let own = policy(&site.parts.frame_ancestors);
        set("content-security-policy", if path == UPLOADS { FOREIGN } else { &own });
        site.requests.count(&path, status);
    }
    Ok(response)
}

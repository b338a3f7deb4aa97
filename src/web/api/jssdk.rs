//! `/v1/jssdk/signature`: lets a page of ours call WeCom's client.

use crate::web::access::{Access, MayCheck};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use crate::wecom::fault::WecomError;
use crate::wecom::jssdk::{Identity, sign};
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

/// What `POST /v1/jssdk/signature` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureRequest {
    url: String,
    kind: Identity,
}

/// `POST /v1/jssdk/signature`: for our own pages alone, or we would vouch for strangers' pages.
pub async fn signature(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    body: Json<SignatureRequest>,
) -> Result<HttpResponse, WebError> {
    let SignatureRequest { url, kind } = body.value;
    let url = url.split('#').next().unwrap_or_default();
    if !site.is_own(url) {
        return Err(WebError::invalid("url", "不是本服务的地址", "is no address of this server"));
    }
    let app = site.app_of(access.caller.corp()).ok_or_else(WebError::not_found)?;
    let ticket = site.parts.wecom.ticket(app, kind).await.map_err(away)?;
    let timestamp = site.parts.gate.clock().now().as_second();
    let nonce = hex::encode(crate::model::chance::<8>());
    let signature = sign(ticket.expose(), &nonce, timestamp, url);
    Ok(HttpResponse::Ok().json(json!({
        "timestamp": timestamp, "nonceStr": nonce, "signature": signature,
    })))
}

fn away(error: WecomError) -> WebError {
    WebError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "wecom_away",
        "企业微信暂时没有回应。",
        "WeCom does not answer right now.",
    )
    .caused_by(error)
}

//! `/v1/todos`: what a rep has to do.

use super::contacts::reader;
use super::{List, query};
use crate::model::UserId;
use crate::web::access::{Access, MayCheck};
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TodoQuery {
    user: Option<UserId>,
}

/// `GET /v1/todos`
pub async fn list(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let TodoQuery { user } = query(&request)?;
    let viewer = reader(&site, &access.caller, user).await?;
    Ok(HttpResponse::Ok().json(List::whole(site.parts.followup.todos(&viewer).await?)))
}

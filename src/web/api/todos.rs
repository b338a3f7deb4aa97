//! `/v1/todos`: what a rep has to do.

use super::contacts::reader;
use super::{List, query};
use crate::followup::Viewer;
use crate::model::UserId;
use crate::web::access::{Access, MayCheck};
use crate::web::error::WebError;
use crate::web::site::Site;
use crate::wording::Lang;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TodoQuery {
    user: Option<UserId>,
    lang: Option<String>,
}

/// `GET /v1/todos`
pub async fn list(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let TodoQuery { user, lang } = query(&request)?;
    let lang = lang.as_deref().and_then(Lang::parse).unwrap_or_default();
    let viewer = Viewer { lang, ..reader(&site, &access.caller, user).await? };
    Ok(HttpResponse::Ok().json(List::whole(site.parts.followup.todos(&viewer).await?)))
}

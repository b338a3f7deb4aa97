//! `/v1/notice`: a member has read what the compose page tells first. It is told once, and the
//! record shows that it was.

use crate::store::{Change, Entry, Unit};
use crate::web::access::{Access, MayCompose};
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpResponse, web};

/// `POST /v1/notice`
pub async fn read(access: Access<MayCompose>, site: web::Data<Site>) -> Result<HttpResponse, WebError> {
    let user = access.caller.user().ok_or_else(WebError::forbidden)?.clone();
    let corp = access.caller.corp().clone();
    if !site.store().is_notified(&corp, &user).await? {
        let change = Change::NoticeRead { corp, user, at: site.parts.gate.clock().now() };
        let entries = vec![Entry { actor: access.caller.actor(), change }];
        site.store().commit(Unit { entries, ..Unit::default() }).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

//! `/v1/contacts/{id}`: a customer's page as data, for who follows them and who leads those.

pub mod appointments;
pub mod edits;
pub mod files;
pub mod timeline;

use super::query;
use crate::followup::Viewer;
use crate::model::{ExternalUserId, UserId};
use crate::web::access::{Access, Caller, MayCheck, MaySupervise, Permit};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use crate::wording::Lang;
use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// The longest `entry`, in bytes. It is kept unencrypted, so it is a word, not a sentence.
const MAX_ENTRY_BYTES: usize = 64;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ContactQuery {
    user: Option<UserId>,
}

/// For whom the page is: the signed-in rep, or the rep a program names.
fn viewer(caller: &Caller, named: Option<UserId>) -> Result<Viewer, WebError> {
    let user = match (caller.user(), named) {
        (Some(own), None) => own.clone(),
        (Some(own), Some(named)) if *own == named => named,
        (Some(_), Some(_)) => return Err(WebError::forbidden()),
        (None, Some(named)) => named,
        (None, None) => return Err(WebError::invalid("user", "要写明是哪位成员", "name the member")),
    };
    Ok(Viewer { corp: caller.corp().clone(), user, lang: Lang::Zh })
}

/// As [`viewer`]; a supervisor also reads what a rep they lead would see.
pub(in crate::web) async fn reader(
    site: &Site,
    caller: &Caller,
    named: Option<UserId>,
) -> Result<Viewer, WebError> {
    match (caller.user(), named) {
        (Some(own), Some(rep)) if *own != rep && MaySupervise::admits(caller) => led(site, caller, rep).await,
        (_, named) => viewer(caller, named),
    }
}

/// A rep whom the caller leads.
async fn led(site: &Site, caller: &Caller, rep: UserId) -> Result<Viewer, WebError> {
    let leader = caller.user().ok_or_else(WebError::forbidden)?;
    match site.parts.followup.leads(caller.corp(), leader, &rep).await? {
        true => Ok(Viewer { corp: caller.corp().clone(), user: rep, lang: Lang::Zh }),
        false => Err(WebError::forbidden()),
    }
}

/// `GET /v1/contacts/{id}`
pub async fn get(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let ContactQuery { user } = query(&request)?;
    let viewer = reader(&site, &access.caller, user).await?;
    let page = site.parts.followup.page(&viewer, &ExternalUserId::new(id.into_inner())).await?;
    let tag = format!("\"{}\"", page.following.revision);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(page))
}

/// What `POST /v1/contacts/{id}/opened` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenedRequest {
    entry: String,
    #[serde(default)]
    user: Option<UserId>,
}

/// `POST /v1/contacts/{id}/opened`: the contact click. Recorded before the page is given.
pub async fn opened(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<OpenedRequest>,
) -> Result<HttpResponse, WebError> {
    let OpenedRequest { entry, user } = body.value;
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=MAX_ENTRY_BYTES).contains(&entry.len()) || !entry.bytes().all(is_word) {
        let zh = format!("要 1–{MAX_ENTRY_BYTES} 个小写字母、数字或下划线");
        let en = format!("must have 1–{MAX_ENTRY_BYTES} of a-z, 0-9 and _");
        return Err(WebError::invalid("entry", zh, en));
    }
    let viewer = viewer(&access.caller, user)?;
    let contact = ExternalUserId::new(id.into_inner());
    let page = site.parts.followup.open(&viewer, access.caller.actor(), &contact, &entry).await?;
    Ok(HttpResponse::Ok().json(page))
}

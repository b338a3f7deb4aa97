//! How a session begins, whichever way somebody signed in.

use super::access::{ABSOLUTE, COOKIE, IDLE, session_key};
use super::error::WebError;
use super::site::Site;
use crate::model::{Actor, CorpId, Role, UserId};
use crate::store::{Change, Committed, Entry, Idempotency, Session, Unit};
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};

/// Somebody who has proved who they are.
pub struct SignIn {
    /// Their company.
    pub corp: CorpId,
    /// They.
    pub user: UserId,
    /// Roles beside those the settings give.
    pub roles: Vec<Role>,
    /// What they proved it with: it counts once.
    pub once: String,
}

/// Opens a session and ends the one the browser had. `None` when the proof was used before.
pub async fn open(
    site: &Site,
    request: &HttpRequest,
    sign_in: SignIn,
) -> Result<Option<Cookie<'static>>, WebError> {
    let roles = roles(site, &sign_in);
    if !use_up(site, &sign_in, &roles).await? {
        return Ok(None);
    }
    if let Some(old) = request.cookie(COOKIE) {
        site.store().end_session(&session_key(old.value())).await?;
    }
    let now = site.parts.gate.clock().now();
    let until = |ttl| now.saturating_add(ttl).unwrap_or(now);
    let SignIn { corp, user, .. } = sign_in;
    let session = Session { corp, user, roles, expires_at: until(ABSOLUTE), idle_until: until(IDLE) };
    let id = hex::encode(crate::model::chance::<32>());
    site.store().keep_session(&session_key(&id), session).await?;
    Ok(Some(cookie(COOKIE, id)))
}

/// A cookie for this host alone, over TLS, out of reach of scripts and of other sites' forms.
pub fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish()
}

/// Records the sign-in; `false` when the proof was used before.
async fn use_up(site: &Site, sign_in: &SignIn, roles: &[Role]) -> Result<bool, WebError> {
    let (corp, user) = (sign_in.corp.clone(), sign_in.user.clone());
    let actor = Actor::User { corp: corp.clone(), user: user.clone() };
    let change = Change::SessionOpened { corp, user, roles: roles.to_vec() };
    let once =
        Idempotency { key: sign_in.once.clone(), fingerprint: sign_in.once.clone(), answer: String::new() };
    let unit = Unit { idempotency: Some(once), entries: vec![Entry { actor, change }], ..Unit::default() };
    Ok(site.store().commit(unit).await? == Committed::Done)
}

fn roles(site: &Site, sign_in: &SignIn) -> Vec<Role> {
    let who = (sign_in.corp.clone(), sign_in.user.clone());
    let mut roles = site.parts.people.get(&who).cloned().unwrap_or_default();
    roles.extend(&sign_in.roles);
    roles.sort_unstable();
    roles.dedup();
    roles
}

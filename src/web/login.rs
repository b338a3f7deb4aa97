//! One-use sign-in links from the command line: for the first admin, and where WeCom's own
//! sign-in is not set up. No passwords are kept.

use super::access::{ABSOLUTE, COOKIE, IDLE, session_key};
use super::error::WebError;
use super::pages;
use super::site::Site;
use crate::model::{Actor, CorpId, Role, UserId};
use crate::store::{Change, Committed, Entry, Idempotency, Session, Unit};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How long a link may be used.
pub const LINK_TTL: SignedDuration = SignedDuration::from_mins(10);

/// What links and CSRF tokens are signed with; derived from the store's master key.
#[derive(Clone)]
pub struct LinkKey([u8; 32]);

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Link {
    corp: CorpId,
    user: UserId,
    role: Role,
    until: i64,
    nonce: String,
}

impl LinkKey {
    /// Takes 32 secret bytes used for nothing else.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn sign(&self, purpose: &str, text: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    pub(super) fn csrf(&self, session: &str) -> String {
        self.sign("csrf", session)
    }

    /// The path of a link that signs `user` in as `role` once, within `LINK_TTL`.
    pub fn path(&self, corp: &CorpId, user: &UserId, role: Role, now: Timestamp) -> String {
        let link = Link {
            corp: corp.clone(),
            user: user.clone(),
            role,
            until: now.saturating_add(LINK_TTL).unwrap_or(now).as_second(),
            nonce: hex::encode(crate::model::chance::<16>()),
        };
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&link).unwrap_or_default());
        let signature = self.sign("link", &said);
        format!("/login/{said}.{signature}")
    }

    fn read(&self, token: &str, now: Timestamp) -> Option<Link> {
        let (said, signature) = token.split_once('.')?;
        let right: bool = self.sign("link", said).as_bytes().ct_eq(signature.as_bytes()).into();
        let link: Link = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        (right && now.as_second() < link.until).then_some(link)
    }
}

/// Shows who would be signed in. Opening is not using: chat programs open links to preview them.
pub async fn show(site: web::Data<Site>, token: web::Path<String>) -> Result<HttpResponse, WebError> {
    match site.parts.links.read(&token, site.parts.gate.clock().now()) {
        Some(link) => pages::sign_in(&link.user, &token),
        None => pages::link_spent(),
    }
}

/// Signs in, once.
pub async fn enter(site: web::Data<Site>, token: web::Path<String>) -> Result<HttpResponse, WebError> {
    let now = site.parts.gate.clock().now();
    let Some(link) = site.parts.links.read(&token, now) else { return pages::link_spent() };
    if !use_up(&site, &link).await? {
        return pages::link_spent();
    }
    let id = hex::encode(crate::model::chance::<32>());
    site.store().keep_session(&session_key(&id), session(&site, link, now)).await?;
    let cookie =
        Cookie::build(COOKIE, id).path("/").secure(true).http_only(true).same_site(SameSite::Lax).finish();
    Ok(HttpResponse::SeeOther().cookie(cookie).insert_header(("Location", "/contact")).finish())
}

/// Records the sign-in; `false` when the link was used before.
async fn use_up(site: &Site, link: &Link) -> Result<bool, WebError> {
    let roles = roles(site, link);
    let actor = Actor::User { corp: link.corp.clone(), user: link.user.clone() };
    let change = Change::SessionOpened { corp: link.corp.clone(), user: link.user.clone(), roles };
    let once = Idempotency {
        key: format!("link/{}", link.nonce),
        fingerprint: link.nonce.clone(),
        answer: String::new(),
    };
    let unit = Unit { idempotency: Some(once), entries: vec![Entry { actor, change }], ..Unit::default() };
    Ok(site.store().commit(unit).await? == Committed::Done)
}

fn session(site: &Site, link: Link, now: Timestamp) -> Session {
    let until = |ttl| now.saturating_add(ttl).unwrap_or(now);
    let roles = roles(site, &link);
    Session { corp: link.corp, user: link.user, roles, expires_at: until(ABSOLUTE), idle_until: until(IDLE) }
}

/// The link's role, and those the settings give.
fn roles(site: &Site, link: &Link) -> Vec<Role> {
    let mut roles =
        site.parts.people.get(&(link.corp.clone(), link.user.clone())).cloned().unwrap_or_default();
    if !roles.contains(&link.role) {
        roles.push(link.role);
    }
    roles
}

/// Ends the session on the server, not only in the browser.
pub async fn leave(
    site: web::Data<Site>,
    request: actix_web::HttpRequest,
    _known: super::access::Access<super::access::Known>,
) -> Result<HttpResponse, WebError> {
    if let Some(cookie) = request.cookie(COOKIE) {
        site.store().end_session(&session_key(cookie.value())).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

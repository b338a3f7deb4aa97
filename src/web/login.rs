//! One-use sign-in links from the command line: for the first admin, and where WeCom's own
//! sign-in is not set up. No passwords are kept.

use super::access::{COOKIE, session_key};
use super::error::WebError;
use super::pages;
use super::session::{SignIn, open};
use super::site::Site;
use crate::model::{CorpId, Role, UserId};
use actix_web::{HttpRequest, HttpResponse, web};
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

    pub(super) fn sign(&self, purpose: &str, text: &str) -> String {
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
pub async fn show(
    site: web::Data<Site>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    match site.parts.links.read(&token, site.parts.gate.clock().now()) {
        Some(link) => pages::sign_in(&request, &link.user, &token),
        None => pages::link_spent(&request),
    }
}

/// Signs in, once.
pub async fn enter(
    site: web::Data<Site>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let now = site.parts.gate.clock().now();
    let Some(link) = site.parts.links.read(&token, now) else { return pages::link_spent(&request) };
    let once = format!("link/{}", link.nonce);
    let sign_in = SignIn { corp: link.corp, user: link.user, roles: vec![link.role], once };
    match open(&site, &request, sign_in).await? {
        Some(cookie) => {
            Ok(HttpResponse::SeeOther().cookie(cookie).insert_header(("Location", "/contact")).finish())
        }
        None => pages::link_spent(&request),
    }
}

/// Ends the session on the server, not only in the browser.
pub async fn leave(
    site: web::Data<Site>,
    request: HttpRequest,
    _known: super::access::Access<super::access::Known>,
) -> Result<HttpResponse, WebError> {
    if let Some(cookie) = request.cookie(COOKIE) {
        site.store().end_session(&session_key(cookie.value())).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}

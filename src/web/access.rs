//! Who calls, and whether they may: the handler's argument type says it, no handler asks by hand.

use super::error::WebError;
use super::site::Site;
use crate::model::{Actor, CorpId, Role, Scope, UserId};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use subtle::ConstantTimeEq;

/// The session cookie. `__Host-` ties it to this host, over TLS, for every path.
pub const COOKIE: &str = "__Host-guard";
/// The header that proves a request came from a page of ours.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// A session ends when it was not used for so long.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// A session ends at the latest after so long.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);

/// Who calls.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A program.
    Token {
        /// Its name.
        name: String,
        /// For which company.
        corp: CorpId,
        /// What it may do.
        scopes: BTreeSet<Scope>,
    },
    /// A signed-in person.
    Person {
        /// Their company.
        corp: CorpId,
        /// They.
        user: UserId,
        /// Their roles.
        roles: Vec<Role>,
        /// What proves that a page of ours sent the request.
        csrf: String,
    },
}

impl Caller {
    /// Their company: nothing of another is ever shown.
    pub fn corp(&self) -> &CorpId {
        match self {
            Caller::Token { corp, .. } | Caller::Person { corp, .. } => corp,
        }
    }

    /// As the ledger names them.
    pub fn actor(&self) -> Actor {
        match self {
            Caller::Token { name, .. } => Actor::Token { name: name.clone() },
            Caller::Person { corp, user, .. } => Actor::User { corp: corp.clone(), user: user.clone() },
        }
    }

    /// The person, if one calls.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Caller::Token { .. } => None,
            Caller::Person { user, .. } => Some(user),
        }
    }

    fn has(&self, scope: Scope, wanted: &[Role]) -> bool {
        match self {
            Caller::Token { scopes, .. } => scopes.contains(&scope),
            Caller::Person { roles, .. } => roles.iter().any(|role| wanted.contains(role)),
        }
    }

    /// Reads every rep's checks: a program that reads the log, an officer, an auditor.
    pub fn reads_all(&self) -> bool {
        self.has(Scope::Read, &[Role::Officer, Role::Auditor])
    }
}

/// What a caller must be to pass.
pub trait Permit: 'static {
    /// Whether this caller passes.
    fn admits(caller: &Caller) -> bool;
    /// The permit's name, for the route table.
    const NAME: &'static str;
}

/// Whoever writes to customers: programs with `check`, and reps.
pub struct MayCheck;
/// Who writes to customers in person: what is theirs alone, no program has.
pub struct MayCompose;
/// Whoever reads checks: programs with `read` or `check`, reps (their own), officers, auditors.
pub struct MayRead;
/// Who decides whether a rule was right: an officer.
pub struct MayRule;
/// Whoever works on rules: programs with `rules`, and admins.
pub struct MayEditRules;
/// Whoever leads reps, in person.
pub struct MaySupervise;
/// Any known caller.
pub struct Known;

impl Permit for MayCheck {
    const NAME: &'static str = "check";

    fn admits(caller: &Caller) -> bool {
        caller.has(Scope::Check, &[Role::Rep, Role::Supervisor])
    }
}

impl Permit for MayCompose {
    const NAME: &'static str = "compose";

    fn admits(caller: &Caller) -> bool {
        caller.user().is_some() && MayCheck::admits(caller)
    }
}

impl Permit for MayRead {
    const NAME: &'static str = "read";

    fn admits(caller: &Caller) -> bool {
        caller.reads_all() || MayCheck::admits(caller)
    }
}

impl Permit for MayRule {
    const NAME: &'static str = "rule";

    fn admits(caller: &Caller) -> bool {
        matches!(caller, Caller::Person { roles, .. } if roles.contains(&Role::Officer))
    }
}

impl Permit for MayEditRules {
    const NAME: &'static str = "rules";

    fn admits(caller: &Caller) -> bool {
        caller.has(Scope::Rules, &[Role::Admin])
    }
}

impl Permit for MaySupervise {
    const NAME: &'static str = "supervise";

    fn admits(caller: &Caller) -> bool {
        matches!(caller, Caller::Person { roles, .. } if roles.contains(&Role::Supervisor))
    }
}

impl Permit for Known {
    const NAME: &'static str = "known";

    fn admits(_caller: &Caller) -> bool {
        true
    }
}

/// A caller who passed. Nobody gets past a handler's first line without one.
pub struct Access<P> {
    /// Who.
    pub caller: Caller,
    permit: PhantomData<P>,
}

impl<P: Permit> FromRequest for Access<P> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?;
            if !P::admits(&caller) {
                return Err(WebError::forbidden());
            }
            Ok(Self { caller, permit: PhantomData })
        })
    }
}

async fn caller(request: &HttpRequest) -> Result<Caller, WebError> {
    let site = request.app_data::<web::Data<Site>>().ok_or_else(WebError::unauthorized)?;
    if let Some(value) = request.headers().get(AUTHORIZATION) {
        return token(site, value.to_str().unwrap_or_default());
    }
    let caller = person(site, request).await?.ok_or_else(WebError::unauthorized)?;
    if request.method() != Method::GET && request.method() != Method::HEAD {
        own_page(site, request, &caller)?;
    }
    Ok(caller)
}

fn token(site: &Site, header: &str) -> Result<Caller, WebError> {
    let secret = header.strip_prefix("Bearer ").ok_or_else(WebError::unauthorized)?;
    let hash: [u8; 32] = Sha256::digest(secret.trim().as_bytes()).into();
    let holder = site.parts.tokens.get(&hash).ok_or_else(WebError::unauthorized)?;
    Ok(Caller::Token { name: holder.name.clone(), corp: holder.corp.clone(), scopes: holder.scopes.clone() })
}

/// The key a session is kept under: who reads the store can't take a session over.
pub(super) fn session_key(id: &str) -> String {
    hex::encode(Sha256::digest(id.as_bytes()))
}

async fn person(site: &Site, request: &HttpRequest) -> Result<Option<Caller>, WebError> {
    let Some(cookie) = request.cookie(COOKIE) else { return Ok(None) };
    let key = session_key(cookie.value());
    let now = site.parts.gate.clock().now();
    let Some(session) = site.store().session(&key).await? else { return Ok(None) };
    if session.expires_at <= now || session.idle_until <= now {
        site.store().end_session(&key).await?;
        return Ok(None);
    }
    let longer = now.saturating_add(IDLE).unwrap_or(now);
    if longer.duration_since(session.idle_until) > SignedDuration::from_mins(1) {
        site.store().renew_session(&key, longer).await?;
    }
    let csrf = site.parts.links.csrf(cookie.value());
    Ok(Some(Caller::Person { corp: session.corp, user: session.user, roles: session.roles, csrf }))
}

/// A changing request of a person must come from a page of ours: the header proves it, and where
/// a browser names the origin, it must be us.
fn own_page(site: &Site, request: &HttpRequest, caller: &Caller) -> Result<(), WebError> {
    let Caller::Person { csrf, .. } = caller else { return Ok(()) };
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let proven = header(CSRF_HEADER).is_some_and(|sent| sent.as_bytes().ct_eq(csrf.as_bytes()).into());
    let ours = header(ORIGIN.as_str()).is_none_or(|origin| origin == site.origin);
    if proven && ours {
        return Ok(());
    }
    Err(WebError::csrf())
}

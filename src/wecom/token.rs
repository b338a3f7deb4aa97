//! Access tokens: one for each application, fetched once however many wait for it. The slot that
//! does it serves other things that are fetched and run out, too.
//!
//! Facts: page 91039. A token lives 7200 s, `gettoken` is throttled, WeCom may end a token early.

use super::call::{Call, Caller, Outcome, read};
use super::client::AppAuth;
use super::fault::{Refusal, WecomError};
use super::retry::after;
use crate::model::{Clock, CorpId, Endpoint, Secret};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The API that gives tokens.
pub(super) const GETTOKEN: &str = "gettoken";

/// The first pause after a failed fetch that may pass, and after one that needs an admin.
const PASSING: Duration = Duration::from_secs(1);
const LASTING: Duration = Duration::from_secs(30);
/// No pause between fetches is longer.
const LONGEST: Duration = Duration::from_secs(300);

/// The tokens of all applications.
pub(super) type Tokens = Slots<(CorpId, Endpoint)>;

/// One slot for each thing that is fetched and runs out.
pub(super) struct Slots<K>(Mutex<HashMap<K, SharedSlot>>);

pub(super) type SharedSlot = Arc<tokio::sync::Mutex<Slot>>;

impl<K> Default for Slots<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Slots<K> {
    pub(super) fn slot(&self, of: K) -> SharedSlot {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(of).or_default().clone()
    }
}

/// What we know about one of them. Whoever holds its lock may fetch; the others wait.
#[derive(Default)]
pub(super) struct Slot {
    held: Option<Held>,
    refused: Option<(WecomError, Timestamp)>,
    failures: u32,
}

struct Held {
    secret: Secret,
    good_until: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

/// What was fetched.
pub(super) struct Fetched {
    pub(super) secret: Secret,
    /// In seconds.
    pub(super) expires_in: u64,
}

impl Tokens {
    /// The token to use now, fetched if there is none.
    pub(super) async fn get(&self, caller: &Caller, app: &AppAuth) -> Result<Secret, WecomError> {
        let slot = self.of(app);
        let mut slot = slot.lock().await;
        slot.get(&caller.clock, || fetch(caller, app)).await
    }

    /// Another token than `dead`: one that somebody fetched meanwhile, or a fresh one.
    pub(super) async fn renew(
        &self,
        caller: &Caller,
        app: &AppAuth,
        dead: &Secret,
    ) -> Result<Secret, WecomError> {
        let slot = self.of(app);
        let mut slot = slot.lock().await;
        slot.held.take_if(|held| held.secret == *dead);
        slot.get(&caller.clock, || fetch(caller, app)).await
    }

    /// A token fresh from WeCom was refused: ask no more for a while.
    pub(super) async fn refuse(&self, clock: &Clock, app: &AppAuth, refusal: Refusal) -> WecomError {
        let slot = self.of(app);
        let mut slot = slot.lock().await;
        slot.held = None;
        slot.fail(WecomError::Config(refusal), clock.now())
    }

    fn of(&self, app: &AppAuth) -> SharedSlot {
        self.slot((app.corp.clone(), app.name.clone()))
    }
}

impl Slot {
    /// What is held, or what `fetch` brings.
    pub(super) async fn get<F: Future<Output = Result<Fetched, WecomError>>>(
        &mut self,
        clock: &Clock,
        fetch: impl FnOnce() -> F,
    ) -> Result<Secret, WecomError> {
        let now = clock.now();
        if let Some(held) = self.held.as_ref().filter(|held| now < held.good_until) {
            return Ok(held.secret.clone());
        }
        if let Some((error, _)) = self.refused.as_ref().filter(|(_, until)| now < *until) {
            return Err(error.clone());
        }
        match fetch().await {
            Ok(fetched) => Ok(self.keep(fetched, now)),
            Err(error) => Err(self.fail(error, clock.now())),
        }
    }

    /// Keeps it for 23/24 of its life: 6900 of 7200 s, so that none dies on the way.
    fn keep(&mut self, fetched: Fetched, asked_at: Timestamp) -> Secret {
        let Fetched { secret, expires_in } = fetched;
        let life = Duration::from_secs(expires_in.saturating_mul(23) / 24);
        *self = Self {
            held: Some(Held { secret: secret.clone(), good_until: after(asked_at, life) }),
            ..Self::default()
        };
        secret
    }

    /// Remembers the failure, so that those who wait share it instead of asking again.
    fn fail(&mut self, error: WecomError, now: Timestamp) -> WecomError {
        let first = if matches!(error, WecomError::Config(_)) { LASTING } else { PASSING };
        let pause = first.saturating_mul(1 << self.failures.min(9)).min(LONGEST);
        self.failures += 1;
        self.refused = Some((error.clone(), after(now, pause)));
        error
    }
}

async fn fetch(caller: &Caller, app: &AppAuth) -> Result<Fetched, WecomError> {
    let query = [("corpid", app.corp.as_str())];
    let call = Call::read(GETTOKEN, &query);
    match caller.run(&app.corp, &call, ("corpsecret", &app.secret)).await? {
        Outcome::TokenDead(refusal) => Err(WecomError::Config(refusal)),
        Outcome::Done(body) => {
            let Answer { access_token, expires_in } = read(GETTOKEN, &body)?;
            Ok(Fetched { secret: Secret::new(access_token), expires_in })
        }
    }
}

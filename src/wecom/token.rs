//! Access tokens: one for each application, fetched once however many wait for it.
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
#[derive(Default)]
pub(super) struct Tokens(Mutex<HashMap<(CorpId, Endpoint), SharedSlot>>);

type SharedSlot = Arc<tokio::sync::Mutex<Slot>>;

/// What we know about one application's token. Whoever holds its lock may fetch; the others wait.
#[derive(Default)]
struct Slot {
    held: Option<Held>,
    refused: Option<(WecomError, Timestamp)>,
    failures: u32,
}

struct Held {
    token: Secret,
    good_until: Timestamp,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl Tokens {
    /// The token to use now, fetched if there is none.
    pub(super) async fn get(&self, caller: &Caller, app: &AppAuth) -> Result<Secret, WecomError> {
        let slot = self.slot(app);
        let mut slot = slot.lock().await;
        slot.get(caller, app).await
    }

    /// Another token than `dead`: one that somebody fetched meanwhile, or a fresh one.
    pub(super) async fn renew(
        &self,
        caller: &Caller,
        app: &AppAuth,
        dead: &Secret,
    ) -> Result<Secret, WecomError> {
        let slot = self.slot(app);
        let mut slot = slot.lock().await;
        slot.held.take_if(|held| held.token == *dead);
        slot.get(caller, app).await
    }

    /// A token fresh from WeCom was refused: ask no more for a while.
    pub(super) async fn refuse(&self, clock: &Clock, app: &AppAuth, refusal: Refusal) -> WecomError {
        let slot = self.slot(app);
        let mut slot = slot.lock().await;
        slot.held = None;
        slot.fail(WecomError::Config(refusal), clock.now())
    }

    fn slot(&self, app: &AppAuth) -> SharedSlot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry((app.corp.clone(), app.name.clone())).or_default().clone()
    }
}

impl Slot {
    async fn get(&mut self, caller: &Caller, app: &AppAuth) -> Result<Secret, WecomError> {
        let now = caller.clock.now();
        if let Some(held) = self.held.as_ref().filter(|held| now < held.good_until) {
            return Ok(held.token.clone());
        }
        if let Some((error, _)) = self.refused.as_ref().filter(|(_, until)| now < *until) {
            return Err(error.clone());
        }
        match fetch(caller, app).await {
            Ok(answer) => Ok(self.keep(answer, now)),
            Err(error) => Err(self.fail(error, caller.clock.now())),
        }
    }

    /// Keeps the token for 23/24 of its life: 6900 of 7200 s, so that none dies on the way.
    fn keep(&mut self, answer: Answer, asked_at: Timestamp) -> Secret {
        let token = Secret::new(answer.access_token);
        let life = Duration::from_secs(answer.expires_in.saturating_mul(23) / 24);
        *self = Self {
            held: Some(Held { token: token.clone(), good_until: after(asked_at, life) }),
            ..Self::default()
        };
        token
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

async fn fetch(caller: &Caller, app: &AppAuth) -> Result<Answer, WecomError> {
    let query = [("corpid", app.corp.as_str())];
    let call = Call::read(GETTOKEN, &query);
    match caller.run(&app.corp, &call, ("corpsecret", &app.secret)).await? {
        Outcome::TokenDead(refusal) => Err(WecomError::Config(refusal)),
        Outcome::Done(body) => read(GETTOKEN, &body),
    }
}

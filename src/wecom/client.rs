//! The client of WeCom's API: one for the whole process, shared by every application.

use super::call::{Call, Caller, Outcome, read};
use super::fault::{Refusal, WecomError};
use super::http;
use super::jssdk::Tickets;
use super::limit::{MemberLimit, MemberLimitOptions};
use super::retry::{RetryPolicy, Sleeper, Stops};
use super::token::{GETTOKEN, Tokens};
use crate::model::{AgentId, Clock, CorpId, Endpoint, Secret};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The host of WeCom itself.
pub const API_BASE: &str = "https://qyapi.weixin.qq.com";

/// How the client behaves. The defaults are the figures of WeCom's documentation.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Scheme and host, and a path before `/cgi-bin/` if there is one. Default [`API_BASE`].
    pub api_base: String,
    /// How long one try may take, from connecting to the last byte. Default 5 s.
    pub timeout: Duration,
    /// The longest answer we read, in bytes. Default 8 MiB.
    pub max_answer: usize,
    /// Pauses and tries.
    pub retry: RetryPolicy,
    /// How many messages one member may get.
    pub members: MemberLimitOptions,
    /// How pauses are waited for.
    pub sleeper: Sleeper,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            api_base: API_BASE.to_owned(),
            timeout: Duration::from_secs(5),
            max_answer: 8 << 20,
            retry: RetryPolicy::default(),
            members: MemberLimitOptions::default(),
            sleeper: Sleeper::timer(),
        }
    }
}

/// In whose name a call is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppAuth {
    /// The company.
    pub corp: CorpId,
    /// The application's number.
    pub agent: AgentId,
    /// The application's secret.
    pub secret: Secret,
    /// The application's name in the settings.
    pub name: Endpoint,
}

/// Talks to WeCom: tokens, tries, limits and errors are its business, not its callers'.
pub struct Client {
    caller: Caller,
    tokens: Tokens,
    pub(super) tickets: Tickets,
    faults: Mutex<HashMap<(CorpId, Endpoint, &'static str), Refusal>>,
    pub(super) members: MemberLimit,
}

impl Client {
    /// Makes the client; nothing is sent yet.
    ///
    /// # Errors
    /// [`WecomError::Setup`] when `api_base` is no http address or TLS can't be set up.
    pub fn new(options: ClientOptions, clock: Clock) -> Result<Self, WecomError> {
        let caller = Caller {
            http: http::client(options.timeout).map_err(WecomError::Setup)?,
            base: base(&options.api_base)?,
            most: options.max_answer,
            policy: options.retry,
            sleeper: options.sleeper,
            stops: Stops::default(),
            clock,
        };
        let (tokens, tickets, faults) = Default::default();
        Ok(Self { caller, tokens, tickets, faults, members: MemberLimit::new(options.members) })
    }

    /// Makes sure that the application has a token: asks WeCom only when there is none.
    ///
    /// # Errors
    /// Why there is none; [`WecomError::Config`] when an admin must act.
    pub async fn check_token(&self, app: &AppAuth) -> Result<(), WecomError> {
        self.token(app).await.map(drop)
    }

    /// What an admin must put right for this application, sorted by API. A fault is forgotten when
    /// its API next succeeds.
    pub fn faults(&self, app: &AppAuth) -> Vec<Refusal> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let own = faults.iter().filter(|((corp, name, _), _)| *corp == app.corp && *name == app.name);
        let mut own: Vec<_> = own.map(|(_, refusal)| refusal.clone()).collect();
        own.sort_by_key(|refusal| refusal.api);
        own
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.caller.clock
    }

    /// Makes a call with the application's token and reads the answer as `T`.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        app: &AppAuth,
        call: &Call<'_>,
    ) -> Result<T, WecomError> {
        let token = self.token(app).await?;
        let result = self.call_with(app, call, token).await;
        self.note(app, call.api, &result);
        read(call.api, &result?)
    }

    /// Repeats once with another token when the first is dead. A second death is no accident.
    async fn call_with(&self, app: &AppAuth, call: &Call<'_>, token: Secret) -> Result<Vec<u8>, WecomError> {
        if let Outcome::Done(body) = self.run(app, call, &token).await? {
            return Ok(body);
        }
        let token = self.tokens.renew(&self.caller, app, &token).await?;
        match self.run(app, call, &token).await? {
            Outcome::Done(body) => Ok(body),
            Outcome::TokenDead(refusal) => Err(self.tokens.refuse(self.clock(), app, refusal).await),
        }
    }

    async fn run(&self, app: &AppAuth, call: &Call<'_>, token: &Secret) -> Result<Outcome, WecomError> {
        self.caller.run(&app.corp, call, ("access_token", token)).await
    }

    async fn token(&self, app: &AppAuth) -> Result<Secret, WecomError> {
        let result = self.tokens.get(&self.caller, app).await;
        self.note(app, GETTOKEN, &result);
        result
    }

    /// Remembers what an admin must put right, and forgets it when the API works again.
    fn note<T>(&self, app: &AppAuth, api: &'static str, result: &Result<T, WecomError>) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let place = |api| (app.corp.clone(), app.name.clone(), api);
        match result {
            Ok(_) => drop(faults.remove(&place(api))),
            Err(WecomError::Config(refusal)) => drop(faults.insert(place(refusal.api), refusal.clone())),
            Err(_) => {}
        }
    }
}

fn base(text: &str) -> Result<String, WecomError> {
    let fault = || WecomError::Setup("api_base is not an http or https address".to_owned());
    let url = url::Url::parse(text).map_err(|_| fault())?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || !url.username().is_empty() {
        return Err(fault());
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

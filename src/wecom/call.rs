//! One call to WeCom's API, with its tries: judged by `errcode` alone, never by status or `errmsg`.

use super::errcode::{Class, classify};
use super::fault::{Cause, Refusal, WecomError, harmless};
use super::http;
use super::retry::{Effect, RetryPolicy, Sleeper, Stops, Tries};
use crate::model::{Clock, CorpId, Secret};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is asked. GET without a body, POST with one.
pub(super) struct Call<'a> {
    /// The path below `/cgi-bin/`.
    pub(super) api: &'static str,
    /// The query, without secrets.
    pub(super) query: &'a [(&'static str, &'a str)],
    /// The JSON body: the same bytes on every try, by which WeCom recognises a repeat.
    pub(super) body: Option<String>,
    /// What a repeat would do.
    pub(super) effect: Effect,
}

impl<'a> Call<'a> {
    /// A call that only reads.
    pub(super) fn read(api: &'static str, query: &'a [(&'static str, &'a str)]) -> Self {
        Self { api, query, body: None, effect: Effect::Read }
    }

    /// A call with a body.
    pub(super) fn post(api: &'static str, body: &impl Serialize, effect: Effect) -> Result<Self, WecomError> {
        let body = serde_json::to_string(body)
            .map_err(|error| WecomError::Bug { api, detail: format!("unwritable request: {error}") })?;
        Ok(Self { api, query: &[], body: Some(body), effect })
    }
}

/// The secret a call carries: its name in the query, and its value.
pub(super) type Key<'a> = (&'static str, &'a Secret);

/// How a call ended, errors apart.
pub(super) enum Outcome {
    /// `errcode` 0; the whole body.
    Done(Vec<u8>),
    /// The access token is dead.
    TokenDead(Refusal),
}

#[derive(Deserialize)]
struct Head {
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

/// Makes calls and repeats them.
pub(super) struct Caller {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    pub(super) most: usize,
    pub(super) policy: RetryPolicy,
    pub(super) sleeper: Sleeper,
    pub(super) stops: Stops,
    pub(super) clock: Clock,
}

impl Caller {
    /// Makes the call until it is settled.
    pub(super) async fn run(
        &self,
        corp: &CorpId,
        call: &Call<'_>,
        key: Key<'_>,
    ) -> Result<Outcome, WecomError> {
        let mut tries = Tries::new(&self.policy, call.api, call.effect);
        loop {
            self.stops.check(corp, call.api, self.clock.now()).map_err(|stopped| tries.stopped(stopped))?;
            let pause = match self.exchange(call, key).await {
                Err(cause) => tries.lost(cause)?,
                Ok((head, body)) => match self.judge(corp, call, head, key, &mut tries)? {
                    Next::Pause(pause) => pause,
                    Next::Done => return Ok(Outcome::Done(body)),
                    Next::TokenDead(refusal) => return Ok(Outcome::TokenDead(refusal)),
                },
            };
            self.sleeper.pause(pause).await;
        }
    }

    /// One request and its answer.
    async fn exchange(&self, call: &Call<'_>, key: Key<'_>) -> Result<(Head, Vec<u8>), Cause> {
        let address = format!("{}/cgi-bin/{}", self.base, call.api);
        let request = match &call.body {
            None => self.http.get(address),
            Some(body) => {
                self.http.post(address).header("content-type", "application/json").body(body.clone())
            }
        };
        let request = request.query(call.query).query(&[(key.0, key.1.expose())]);
        let answer = request.send().await.map_err(|error| http::cause(&error))?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(Cause::Status(answer.status().as_u16()));
        }
        let body = http::body(answer, self.most).await?;
        Ok((head(&body)?, body))
    }

    fn judge(
        &self,
        corp: &CorpId,
        call: &Call<'_>,
        head: Head,
        key: Key<'_>,
        tries: &mut Tries<'_>,
    ) -> Result<Next, WecomError> {
        let class = classify(head.errcode, call.effect != Effect::Read);
        let refusal =
            || Refusal { api: call.api, code: head.errcode, message: harmless(&head.errmsg, key.1.expose()) };
        match class {
            Class::Ok => Ok(Next::Done),
            Class::Token => Ok(Next::TokenDead(refusal())),
            Class::Retry | Class::RetryOnce | Class::Parallel => {
                tries.busy(class, head.errcode).map(Next::Pause)
            }
            Class::Frequency => {
                let stopped = self.stops.stop(&self.policy, corp, call.api, self.clock.now());
                Err(tries.stopped(stopped))
            }
            Class::Config => Err(WecomError::Config(refusal())),
            Class::Data => Err(WecomError::Refused(refusal())),
            Class::User => Err(WecomError::StartAgain(refusal())),
            Class::Bug => Err(WecomError::Bug { api: call.api, detail: refusal().to_string() }),
        }
    }
}

/// The part of every answer that says how it went.
fn head(body: &[u8]) -> Result<Head, Cause> {
    // serde would take a list for an object's fields in order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Cause::Foreign);
    }
    serde_json::from_slice(body).map_err(|_| Cause::Foreign)
}

enum Next {
    Pause(Duration),
    Done,
    TokenDead(Refusal),
}

/// The answer as `T`. What does not fit is told by its place, never by its value.
pub(super) fn read<T: DeserializeOwned>(api: &'static str, body: &[u8]) -> Result<T, WecomError> {
    serde_json::from_slice(body).map_err(|error| WecomError::Bug {
        api,
        detail: format!("the answer does not fit at line {} column {}", error.line(), error.column()),
    })
}

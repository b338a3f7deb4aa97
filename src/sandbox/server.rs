//! The HTTP side: finds the API of a path, applies faults, checks the token, logs, answers.

use super::api::{self, Api};
use super::call::{Answer, Call, Reply};
use super::control;
use super::errcode::{CALL_LIMIT, Refusal, TOKEN_MISSING, TOO_MANY_PARALLEL};
use super::faults::{Failure, FaultSet, Sentence};
use super::handle::Sandbox;
use super::sign_in;
use super::world::{Logged, World};
use crate::model::AgentId;
use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures_util::stream;
use serde_json::{Map, Value, json};
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// An upload has at most 20 MiB; leave room for its envelope.
const BODY_LIMIT: usize = 24 * 1024 * 1024;
/// Longer than any caller waits.
const HANG: Duration = Duration::from_secs(60);

/// Answers on `listener` until it is stopped.
pub(crate) fn serve(sandbox: Sandbox, listener: TcpListener) -> io::Result<Server> {
    let data = Data::new(sandbox);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(PayloadConfig::new(BODY_LIMIT))
            .configure(control::routes)
            .configure(sign_in::routes)
            .default_service(web::to(answer))
    });
    Ok(server.workers(2).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

/// What goes out, before it is HTTP.
enum Outcome {
    Json(Option<i64>, Value),
    File { name: String, bytes: Bytes },
    Status(u16),
    Cut,
}

async fn answer(sandbox: Data<Sandbox>, request: HttpRequest, raw: Bytes) -> HttpResponse {
    let Some(api) = api::find(request.path()) else { return unknown(request.path()) };
    let sentence = sandbox.faults.enter(api.path);
    let _leave = Leave { faults: &sandbox.faults, path: api.path };
    tokio::time::sleep(sentence.delay).await;
    let incoming = Incoming::read(&request, raw);
    let (agent, outcome) = outcome(&sandbox, api, &sentence, &incoming);
    sandbox.world(|world| world.note(logged(api.path, agent, incoming.body, &outcome)));
    if sentence.failure == Some(Failure::HangAfterWrite) {
        tokio::time::sleep(HANG).await;
    }
    respond(outcome)
}

/// Ends the count of a running call, also when the caller hangs up.
struct Leave<'a> {
    faults: &'a FaultSet,
    path: &'static str,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.faults.leave(self.path);
    }
}

/// A request as far as the API reads it. Unknown fields stay in the body and are not looked at.
struct Incoming {
    query: Vec<(String, String)>,
    body: Value,
    wrong_json: bool,
    raw: Bytes,
    content_type: String,
    ip: String,
}

impl Incoming {
    fn read(request: &HttpRequest, raw: Bytes) -> Self {
        let content_type = request.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = serde_json::from_slice(&raw).ok().filter(Value::is_object);
        let wrong_json = body.is_none() && !raw.is_empty() && !content_type.starts_with("multipart/");
        let query = url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
        let ip = request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default();
        Self { query, body: body.unwrap_or_else(|| json!({})), wrong_json, raw, content_type, ip }
    }

    fn token(&self) -> Result<&str, Refusal> {
        let found = self.query.iter().find(|(name, value)| name == "access_token" && !value.is_empty());
        found.map(|(_, value)| value.as_str()).ok_or(TOKEN_MISSING)
    }

    fn refuse(&self, world: &mut World, refusal: Refusal) -> Outcome {
        let hint = world.fresh("");
        let message = refusal.message(&hint, &self.ip, self.wrong_json);
        Outcome::Json(Some(refusal.0), json!({"errcode": refusal.0, "errmsg": message}))
    }

    fn call(&self, agent: AgentId) -> Call {
        let (query, body) = (self.query.clone(), self.body.clone());
        Call { agent, query, body, raw: self.raw.clone(), content_type: self.content_type.clone() }
    }
}

fn outcome(
    sandbox: &Sandbox,
    api: &Api,
    sentence: &Sentence,
    incoming: &Incoming,
) -> (Option<AgentId>, Outcome) {
    sandbox.world(|world| match sentence.failure {
        _ if sentence.too_many_parallel => (None, incoming.refuse(world, TOO_MANY_PARALLEL)),
        Some(Failure::Code(code)) => (None, incoming.refuse(world, Refusal(code))),
        Some(Failure::Status(status)) => (None, Outcome::Status(status)),
        Some(Failure::Cut) => (None, Outcome::Cut),
        Some(Failure::CutAfterWrite | Failure::HangAfterWrite) => {
            let (agent, _) = carry_out(world, api, incoming);
            (agent, Outcome::Cut)
        }
        None => carry_out(world, api, incoming),
    })
}

fn carry_out(world: &mut World, api: &Api, incoming: &Incoming) -> (Option<AgentId>, Outcome) {
    let (agent, answer) = match admitted(world, api, incoming) {
        Ok(agent) => (Some(agent), (api.run)(world, &incoming.call(agent))),
        Err(refusal) => (None, Err(refusal)),
    };
    let outcome = finish(world, incoming, answer);
    (agent.filter(|_| !api.open), outcome)
}

/// The token's owner, if the call may be made at all.
fn admitted(world: &mut World, api: &Api, incoming: &Incoming) -> Result<AgentId, Refusal> {
    let owner = match api.open {
        true => AgentId(0),
        false => world.owner_of(incoming.token()?)?,
    };
    let now = world.now();
    let counted = api.path != api::SEND || world.meter.is_blocked(api.path, now);
    if counted && !world.meter.admit_call(api.path, now) {
        return Err(CALL_LIMIT);
    }
    Ok(owner)
}

fn finish(world: &mut World, incoming: &Incoming, answer: Answer) -> Outcome {
    match answer {
        Ok(Reply::File { name, bytes }) => Outcome::File { name, bytes },
        Ok(Reply::Json(own)) => {
            let mut fields = Map::from_iter([("errcode".into(), json!(0)), ("errmsg".into(), json!("ok"))]);
            if let Value::Object(own) = own {
                fields.extend(own);
            }
            Outcome::Json(Some(0), Value::Object(fields))
        }
        Err(refusal) => incoming.refuse(world, refusal),
    }
}

fn logged(path: &str, agent: Option<AgentId>, body: Value, outcome: &Outcome) -> Logged {
    let (status, errcode) = match outcome {
        Outcome::Json(errcode, _) => (Some(200), *errcode),
        Outcome::File { .. } => (Some(200), None),
        Outcome::Status(status) => (Some(*status), None),
        Outcome::Cut => (None, None),
    };
    Logged { path: path.to_owned(), agent, body, status, errcode }
}

fn respond(outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Json(_, body) => HttpResponse::Ok().json(body),
        Outcome::File { name, bytes } => {
            let disposition = format!("attachment; filename=\"{}\"", name.replace(['"', '\r', '\n'], "_"));
            let mut response = HttpResponse::Ok();
            response
                .insert_header(("content-disposition", disposition))
                .content_type("application/octet-stream");
            response.body(bytes)
        }
        Outcome::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            HttpResponse::build(status)
                .content_type("text/html")
                .body(format!("<html><h1>{status}</h1></html>"))
        }
        // A body that fails before its first byte takes the whole answer with it.
        Outcome::Cut => HttpResponse::Ok().streaming(stream::once(async {
            Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset))
        })),
    }
}

fn unknown(path: &str) -> HttpResponse {
    HttpResponse::NotFound().json(json!({"errcode": 404, "errmsg": format!("the sandbox has no `{path}`")}))
}

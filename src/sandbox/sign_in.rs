//! Signing in: WeCom's own pages that send a browser back with a code (pages 96441, 98152), and the
//! code told as a member (page 96442).

use super::call::{Answer, Call, Reply};
use super::errcode::{INVALID_CODE, Refusal};
use super::handle::Sandbox;
use super::world::World;
use crate::model::AgentId;
use actix_web::web::{Data, Query, ServiceConfig, get};
use actix_web::{HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

/// How long a code may be used.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// The redirect leads to a host that the application does not trust.
const FOREIGN_REDIRECT: i64 = 50_001;

/// A sign-in that somebody has made.
pub(crate) struct Code {
    agent: AgentId,
    userid: String,
    until: Timestamp,
}

/// Adds the pages to the server.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/connect/oauth2/authorize", get().to(authorize))
        .route("/wwlogin/sso/login", get().to(authorize));
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    appid: String,
    agentid: String,
    redirect_uri: String,
    state: String,
    /// The sandbox's own: who signs in, where nobody was chosen before.
    #[serde(rename = "as")]
    by: Option<String>,
}

impl Sandbox {
    /// Who WeCom's client belongs to: from now on that member signs in without a question. `None`
    /// shows a page to choose on. A name that is no member's signs in as an outsider.
    pub fn signs_in(&self, userid: Option<&str>) {
        self.world(|world| world.signed_in = userid.map(str::to_owned));
    }
}

async fn authorize(sandbox: Data<Sandbox>, wanted: Query<Wanted>, request: HttpRequest) -> HttpResponse {
    sandbox.world(|world| match admitted(world, &wanted) {
        Err(code) => page(&format!("<h1>errcode {code}</h1>")),
        Ok(agent) => match wanted.by.clone().or_else(|| world.signed_in.clone()) {
            Some(userid) => back(world, agent, userid, &wanted),
            None => choice(world, request.query_string()),
        },
    })
}

/// The application asked for, if it may have people sent back to this address.
fn admitted(world: &World, wanted: &Wanted) -> Result<AgentId, i64> {
    let is_meant = |agent: AgentId| agent.to_string() == wanted.agentid;
    let app = world.apps.iter().find(|app| app.corp.as_str() == wanted.appid && is_meant(app.agent));
    let app = app.ok_or(40_013)?;
    let host = |address: &str| {
        url::Url::parse(address).ok().map(|url| (url.host_str().map(str::to_owned), url.port()))
    };
    let trusted = app.callback.as_ref().and_then(|target| host(&target.url));
    let is_state = wanted.state.len() <= 128 && wanted.state.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match trusted.is_some() && trusted == host(&wanted.redirect_uri) && is_state {
        true => Ok(app.agent),
        false => Err(FOREIGN_REDIRECT),
    }
}

fn back(world: &mut World, agent: AgentId, userid: String, wanted: &Wanted) -> HttpResponse {
    let name = world.fresh("CODE");
    let until = world.now().checked_add(CODE_LIFE).unwrap_or(Timestamp::MAX);
    world.codes.insert(name.clone(), Code { agent, userid, until });
    let mark = if wanted.redirect_uri.contains('?') { '&' } else { '?' };
    let place = format!("{}{mark}code={name}&state={}", wanted.redirect_uri, wanted.state);
    HttpResponse::Found().insert_header(("location", place)).finish()
}

/// The members as links: a click signs in.
fn choice(world: &World, query: &str) -> HttpResponse {
    let query = query.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let link = |member: &super::company::Member| {
        format!(
            "<li><a href=\"?{query}&amp;as={}\">{} ({})</a></li>",
            member.userid, member.name, member.userid
        )
    };
    let links: String = world.company.members.iter().map(link).collect();
    page(&format!("<h1>登录为 / sign in as</h1><ul>{links}</ul>"))
}

fn page(content: &str) -> HttpResponse {
    let head = "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><link rel=icon href=\"data:,\">";
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(format!("{head}<title>WeCom</title>{content}"))
}

/// `auth/getuserinfo`: a code is good once. Who is no member comes with an `openid` alone.
pub(crate) fn getuserinfo(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let code = call.query("code").ok_or(INVALID_CODE)?;
    let code = world.codes.remove(code).ok_or(INVALID_CODE)?;
    if now >= code.until || code.agent != call.agent {
        return Err(INVALID_CODE);
    }
    Ok(Reply::Json(match world.company.member(&code.userid) {
        Some(member) => json!({"userid": member.userid}),
        None => json!({"openid": format!("OPENID-{}", code.userid)}),
    }))
}

/// A ticket of one kind, the same inside its validity.
pub(crate) struct Ticket {
    name: String,
    until: Timestamp,
}

/// `get_jsapi_ticket` (page 96909).
pub(crate) fn corp_ticket(world: &mut World, call: &Call) -> Answer {
    ticket(world, call.agent, "corp")
}

/// `ticket/get`, for the application (page 96909).
pub(crate) fn agent_ticket(world: &mut World, call: &Call) -> Answer {
    match call.query("type") {
        Some("agent_config") => ticket(world, call.agent, "agent"),
        _ => Err(Refusal(40_058)),
    }
}

fn ticket(world: &mut World, agent: AgentId, kind: &'static str) -> Answer {
    let now = world.now();
    if let Some(ticket) = world.tickets.get(&(agent, kind)).filter(|ticket| now < ticket.until) {
        return Ok(Reply::Json(
            json!({"ticket": ticket.name, "expires_in": super::world::TOKEN_LIFE.as_secs()}),
        ));
    }
    let name = world.fresh(&format!("ticket-of-{kind}-"));
    let until = now.checked_add(super::world::TOKEN_LIFE).unwrap_or(Timestamp::MAX);
    let answer = json!({"ticket": name, "expires_in": super::world::TOKEN_LIFE.as_secs()});
    world.tickets.insert((agent, kind), Ticket { name, until });
    Ok(Reply::Json(answer))
}

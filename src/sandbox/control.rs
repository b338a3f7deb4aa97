//! The sandbox's own HTTP surface under `/sandbox/control/`, for people who run it alone
//! (`docs/sandbox.md`). It answers plain JSON and has nothing to do with WeCom.

use super::acts::ActError;
use super::faults::Failure;
use super::handle::Sandbox;
use super::options::CallbackTarget;
use super::post::PostMode;
use crate::model::AgentId;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use actix_web::{HttpResponse, ResponseError};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Adds the surface to the server.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sandbox/control/company", get().to(company))
        .route("/sandbox/control/messages/{userid}", get().to(messages))
        .route("/sandbox/control/log", get().to(log))
        .route("/sandbox/control/callback", post().to(callback))
        .route("/sandbox/control/act", post().to(act))
        .route("/sandbox/control/fault", post().to(fault))
        .route("/sandbox/control/sign-in", post().to(sign_in))
        .route("/sandbox/control/mode", post().to(mode));
}

/// Where the callbacks of an application or a bot go from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    app: Option<AgentId>,
    bot: Option<String>,
    url: String,
    token: String,
    aes_key: String,
}

/// One thing a member, a customer or WeCom does.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Say { user: String, app: AgentId, text: String },
    Click { user: String, msgid: Option<String>, key: String },
    Menu { user: String, app: AgentId, key: String },
    View { user: String, app: AgentId, url: String },
    Enter { user: String, app: AgentId },
    Contact { app: AgentId, change: String, user: String, external_userid: String },
    Post { app: AgentId, plaintext: String },
    Verify { app: AgentId },
    BotSay { user: String, bot: String, text: String },
    BotClick { user: String, bot: String, msgid: Option<String>, key: String },
    BotEnter { user: String, bot: String },
    BotRefresh { user: String, bot: String, stream: String },
    BotVerify { bot: String },
    Release,
}

/// One thing that goes wrong; `api` as after `/cgi-bin/`.
#[derive(Debug, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
enum Fault {
    Slow { api: String, ms: u64 },
    Code { api: String, times: usize, errcode: i64 },
    Status { api: String, times: usize, status: u16 },
    Cut { api: String, times: usize },
    CutAfterWrite { api: String, times: usize },
    HangAfterWrite { api: String, times: usize },
    Block { api: String, seconds: i64 },
    MaxParallel { api: String, most: usize },
    ExpireTokens,
    ForgetTokens,
    Clear,
}

impl ResponseError for ActError {
    fn status_code(&self) -> StatusCode {
        match self {
            ActError::NoSuchMember(_) | ActError::NoCallback(_) | ActError::NoCard(_) => {
                StatusCode::NOT_FOUND
            }
            ActError::BadKey(_) => StatusCode::BAD_REQUEST,
            ActError::Greyed(_) | ActError::NoButton(_) | ActError::OpensPage(_) => StatusCode::CONFLICT,
        }
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status_code()).json(json!({"error": self.to_string()}))
    }
}

async fn company(sandbox: Data<Sandbox>) -> HttpResponse {
    let shown = sandbox.world(|world| {
        let company = &world.company;
        // Serialised members leave the role out, as the API does; here it is wanted.
        let members =
            company.members.iter().map(|m| json!({"userid": m.userid, "name": m.name, "role": m.role}));
        json!({
            "corp_id": company.corp_id,
            "name": company.name,
            "apps": world.apps.iter().map(|app| app.agent).collect::<Vec<_>>(),
            "bots": world.bots.iter().map(|bot| &bot.name).collect::<Vec<_>>(),
            "departments": company.departments,
            "members": members.collect::<Vec<_>>(),
            "customers": company.customers,
            "groups": company.groups,
            "kf_accounts": company.kf_accounts,
        })
    });
    HttpResponse::Ok().json(shown)
}

async fn messages(sandbox: Data<Sandbox>, user: Path<String>) -> Result<HttpResponse, ActError> {
    sandbox.member(&user)?;
    Ok(HttpResponse::Ok().json(sandbox.messages_of(&user)))
}

async fn log(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.log())
}

async fn mode(sandbox: Data<Sandbox>, mode: Json<PostMode>) -> HttpResponse {
    sandbox.set_post_mode(*mode);
    HttpResponse::Ok().json(json!({}))
}

/// Whose client it is; null asks each time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    user: Option<String>,
}

async fn sign_in(sandbox: Data<Sandbox>, wanted: Json<SignIn>) -> HttpResponse {
    sandbox.signs_in(wanted.user.as_deref());
    HttpResponse::Ok().json(json!({}))
}

async fn callback(sandbox: Data<Sandbox>, wanted: Json<Callback>) -> Result<HttpResponse, ActError> {
    let Callback { app, bot, url, token, aes_key } = wanted.into_inner();
    let target = CallbackTarget { url, token, aes_key };
    if let Some(agent) = app {
        sandbox.set_callback(agent, target.clone())?;
    }
    if let Some(name) = bot {
        sandbox.set_bot_callback(&name, target)?;
    }
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn act(sandbox: Data<Sandbox>, act: Json<Act>) -> Result<HttpResponse, ActError> {
    let done = perform(&sandbox, act.into_inner()).await?;
    Ok(HttpResponse::Ok().json(done))
}

async fn perform(sandbox: &Sandbox, act: Act) -> Result<Value, ActError> {
    match act {
        Act::Say { user, app, text } => sandbox.rep_says(&user, app, &text).await.map(shown),
        Act::Click { user, msgid, key } => {
            sandbox.rep_clicks_card(&user, msgid.as_deref(), &key).await.map(shown)
        }
        Act::Menu { user, app, key } => sandbox.menu_click(&user, app, &key).await.map(shown),
        Act::View { user, app, url } => sandbox.menu_view(&user, app, &url).await.map(shown),
        Act::Enter { user, app } => sandbox.enter_agent(&user, app).await.map(shown),
        Act::Contact { app, change, user, external_userid } => {
            sandbox.contact_changed(app, &change, &user, &external_userid, &[]).await.map(shown)
        }
        Act::Post { app, plaintext } => sandbox.post_callback(app, &plaintext).await.map(shown),
        Act::Verify { app } => sandbox.verify_url(app).await.map(shown),
        Act::BotSay { user, bot, text } => sandbox.bot_says(&user, &bot, &text).await.map(shown),
        Act::BotClick { user, bot, msgid, key } => {
            sandbox.bot_clicks_card(&user, &bot, msgid.as_deref(), &key).await.map(shown)
        }
        Act::BotEnter { user, bot } => sandbox.bot_entered(&user, &bot).await.map(shown),
        Act::BotRefresh { user, bot, stream } => sandbox.bot_refreshes(&user, &bot, &stream).await.map(shown),
        Act::BotVerify { bot } => sandbox.verify_bot_url(&bot).await.map(shown),
        Act::Release => sandbox.release_held().await.map(shown),
    }
}

fn shown(done: impl Serialize) -> Value {
    json!(done)
}

async fn fault(sandbox: Data<Sandbox>, fault: Json<Fault>) -> HttpResponse {
    let faults = sandbox.faults();
    match fault.into_inner() {
        Fault::Slow { api, ms } => faults.slow(&api, Duration::from_millis(ms)),
        Fault::Code { api, times, errcode } => faults.fail(&api, times, Failure::Code(errcode)),
        Fault::Status { api, times, status } => faults.fail(&api, times, Failure::Status(status)),
        Fault::Cut { api, times } => faults.fail(&api, times, Failure::Cut),
        Fault::CutAfterWrite { api, times } => faults.fail(&api, times, Failure::CutAfterWrite),
        Fault::HangAfterWrite { api, times } => faults.fail(&api, times, Failure::HangAfterWrite),
        Fault::Block { api, seconds } => faults.block(&api, SignedDuration::from_secs(seconds)),
        Fault::MaxParallel { api, most } => faults.max_parallel(&api, most),
        Fault::ExpireTokens => faults.expire_tokens(),
        Fault::ForgetTokens => faults.forget_tokens(),
        Fault::Clear => faults.clear(),
    }
    HttpResponse::Ok().json(json!({}))
}

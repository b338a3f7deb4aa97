//! A sandbox to talk to, and a receiver for its callbacks.

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wecom_guard::model::{AgentId, Clock, ManualClock};
use wecom_guard::sandbox::{
    CallbackTarget, Company, Options, RunningSandbox, Sandbox, SandboxApp, SandboxBot,
};
use wecom_guard::wecom::crypto::CallbackKey;
use wecom_guard::wecom::xml::Element;

pub const CORP: &str = "ww0123456789abcdef";
pub const APP: AgentId = AgentId(1000002);
pub const OTHER_APP: AgentId = AgentId(1000003);
pub const BOT: &str = "helper";
pub const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
pub const TOKEN: &str = "QDG6eK";

/// A sandbox with two applications, one of another corp's too, and a clock to move.
pub struct World {
    pub sandbox: RunningSandbox,
    pub clock: ManualClock,
    pub http: reqwest::Client,
}

pub fn target(url: &str) -> CallbackTarget {
    CallbackTarget { url: url.to_owned(), token: TOKEN.to_owned(), aes_key: AES_KEY.to_owned() }
}

fn app(corp: &str, agent: AgentId, secret: &str, callback: Option<CallbackTarget>) -> SandboxApp {
    SandboxApp { corp: corp.into(), agent, secret: secret.to_owned(), callback }
}

pub fn options() -> (Options, ManualClock) {
    let (clock, hand) = Clock::manual("2026-11-23T02:00:00Z".parse().unwrap());
    let nowhere = target("http://127.0.0.1:9/callback/guard");
    let apps = vec![
        app(CORP, APP, "secret-of-guard", Some(nowhere.clone())),
        app(CORP, OTHER_APP, "secret-of-mute", None),
        app("ww1111111111111111", AgentId(7), "secret-of-another-corp", None),
    ];
    let bots = vec![SandboxBot { name: BOT.to_owned(), id: "AIB1".to_owned(), callback: Some(nowhere) }];
    // A busy machine must not look like a silent receiver.
    let callback_timeout = Duration::from_secs(30);
    (Options { clock, apps, bots, callback_timeout, ..Options::new(Company::sample().unwrap()) }, hand)
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let (mut options, clock) = options();
        change(&mut options);
        let sandbox = Sandbox::start(options).await.unwrap();
        Self { sandbox, clock, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// A started sandbox whose callbacks reach the receiver.
    pub async fn with_receiver() -> (Self, Receiver) {
        let (world, receiver) = (Self::start().await, Receiver::start().await);
        world.sandbox.set_callback(APP, target(&receiver.url)).unwrap();
        world.sandbox.set_bot_callback(BOT, target(&receiver.bot_url)).unwrap();
        (world, receiver)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).send().await.unwrap().json().await.unwrap()
    }

    pub async fn token(&self) -> String {
        self.token_of("secret-of-guard").await
    }

    pub async fn token_of(&self, secret: &str) -> String {
        let answer = self.get(&format!("/cgi-bin/gettoken?corpid={CORP}&corpsecret={secret}")).await;
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// A GET of the API with a good token.
    pub async fn ask(&self, api: &str) -> Value {
        let join = if api.contains('?') { '&' } else { '?' };
        self.get(&format!("/cgi-bin/{api}{join}access_token={}", self.token().await)).await
    }

    /// A POST of the API with a good token.
    pub async fn call(&self, api: &str, body: Value) -> Value {
        let token = self.token().await;
        self.call_as(&token, api, body).await
    }

    pub async fn call_as(&self, token: &str, api: &str, body: Value) -> Value {
        let request = self.http.post(self.url(&format!("/cgi-bin/{api}?access_token={token}")));
        request.json(&body).send().await.unwrap().json().await.unwrap()
    }
}

pub fn code(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap()
}

pub fn text_to(user: &str, content: &str) -> Value {
    json!({"touser": user, "msgtype": "text", "agentid": APP.0, "text": {"content": content}})
}

pub fn card_to(user: &str, task_id: &str) -> Value {
    json!({"touser": user, "msgtype": "template_card", "agentid": APP.0, "template_card": {
        "card_type": "button_interaction",
        "main_title": {"title": "发现合规风险", "desc": "1 处敏感词,需确认"},
        "task_id": task_id,
        "button_list": [
            {"text": "返回修改", "style": 1, "key": "edit"},
            {"text": "确认可发", "style": 3, "key": "confirm"},
            {"text": "看规则", "type": 1, "url": "https://guard.example.com/rules"},
        ],
    }})
}

/// How the receiver answers one callback.
pub enum Answer {
    /// 200 and nothing.
    Empty,
    /// This status.
    Status(u16),
    /// Never.
    Silence,
    /// The encrypted passive reply.
    Reply(String),
    /// 200 and this, as it stands.
    Raw(String),
    /// The encrypted reply under a signature that does not fit.
    Forged(String),
    /// For a bot: the encrypted reply under another nonce than the callback's.
    OtherNonce(String),
}

struct Script {
    answers: Mutex<VecDeque<Answer>>,
    got: Mutex<Vec<String>>,
    queries: Mutex<Vec<String>>,
}

/// A product in miniature: opens callbacks, writes them down, answers by script, then with nothing.
pub struct Receiver {
    pub url: String,
    pub bot_url: String,
    script: Arc<Script>,
    handle: ServerHandle,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let script = Script { answers: Mutex::default(), got: Mutex::default(), queries: Mutex::default() };
        let script = Arc::new(script);
        let data = Data::from(script.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/app", web::get().to(echo))
                .route("/app", web::post().to(on_app))
                .route("/bot", web::get().to(echo))
                .route("/bot", web::post().to(on_bot))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url: format!("{base}/app"), bot_url: format!("{base}/bot"), script, handle }
    }

    /// The next answers, in order.
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.script.answers.lock().unwrap().extend(answers);
    }

    /// The plaintexts that arrived, in order.
    pub fn got(&self) -> Vec<String> {
        self.script.got.lock().unwrap().clone()
    }

    /// One element of the last XML that arrived.
    pub fn last(&self, element: &str) -> String {
        let got = self.got();
        Element::parse(got.last().unwrap()).unwrap().word(element).unwrap_or_default()
    }

    pub fn queries(&self) -> Vec<String> {
        self.script.queries.lock().unwrap().clone()
    }
}

fn key(bot: bool) -> CallbackKey {
    CallbackKey::new(TOKEN, AES_KEY, if bot { "" } else { CORP }).unwrap()
}

fn parameter(request: &HttpRequest, name: &str) -> String {
    let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    pairs.into_owned().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

async fn echo(request: HttpRequest) -> HttpResponse {
    let bot = request.path() == "/bot";
    HttpResponse::Ok().body(key(bot).decrypt(&parameter(&request, "echostr")).unwrap())
}

async fn on_app(script: Data<Script>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let envelope = Element::parse(std::str::from_utf8(&body).unwrap()).unwrap();
    let encrypt: String = envelope.word("Encrypt").unwrap();
    receive(&script, &request, &encrypt, false).await
}

async fn on_bot(script: Data<Script>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    receive(&script, &request, envelope["encrypt"].as_str().unwrap(), true).await
}

async fn receive(script: &Script, request: &HttpRequest, encrypt: &str, bot: bool) -> HttpResponse {
    let [signature, timestamp, nonce] =
        ["msg_signature", "timestamp", "nonce"].map(|name| parameter(request, name));
    let key = key(bot);
    if !key.verify(&signature, &timestamp, &nonce, encrypt) {
        return HttpResponse::Forbidden().finish();
    }
    let Ok(plain) = key.decrypt(encrypt) else { return HttpResponse::Forbidden().finish() };
    script.got.lock().unwrap().push(plain);
    script.queries.lock().unwrap().push(request.query_string().to_owned());
    let answer = script.answers.lock().unwrap().pop_front().unwrap_or(Answer::Empty);
    let encrypted = |plain: &str, nonce: &str| {
        let encrypt = key.encrypt(plain.as_bytes(), [7; 16]);
        let signature = key.sign("1790000000", nonce, &encrypt);
        if bot {
            let body = json!({"encrypt": encrypt, "msgsignature": signature, "timestamp": 1790000000, "nonce": nonce});
            return body.to_string();
        }
        format!(
            "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><MsgSignature>{signature}</MsgSignature>\
             <TimeStamp>1790000000</TimeStamp><Nonce>{nonce}</Nonce></xml>"
        )
    };
    match answer {
        Answer::Empty => HttpResponse::Ok().finish(),
        Answer::Status(status) => HttpResponse::build(status.try_into().unwrap()).finish(),
        Answer::Silence => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            HttpResponse::Ok().finish()
        }
        Answer::Reply(plain) => HttpResponse::Ok().body(encrypted(&plain, &nonce)),
        Answer::Raw(body) => HttpResponse::Ok().body(body),
        Answer::Forged(plain) => {
            let signed = encrypted(&plain, &nonce);
            let signature = key.sign("1790000000", &nonce, &key.encrypt(plain.as_bytes(), [7; 16]));
            HttpResponse::Ok().body(signed.replace(&signature, &"0".repeat(40)))
        }
        Answer::OtherNonce(plain) => HttpResponse::Ok().body(encrypted(&plain, "another")),
    }
}

/// Waits until it holds; half a minute is more than any machine needs.
pub async fn until(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it never came to hold");
}

/// A passive reply to `user`.
pub fn reply_to(user: &str, inside: &str) -> Answer {
    Answer::Reply(format!(
        "<xml><ToUserName>{user}</ToUserName><FromUserName>{CORP}</FromUserName>\
         <CreateTime>1790000006</CreateTime>{inside}</xml>"
    ))
}

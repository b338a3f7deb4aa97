//! Callers of the API, and what they get.

use crate::spec::spec;
use crate::support::{AES_KEY, CHECK_TOKEN, READ_TOKEN, RULES, RULES_TOKEN, SECRET, Setup, TestApp};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;
use wecom_guard::ledger::{Entry, Keys, MasterKey, Replay};
use wecom_guard::model::Role;

/// A second program that judges texts.
pub const OTHER_TOKEN: &str = "token-other";
/// A text of each verdict under the suite's rules.
pub const PASS: &str = "您好,产品说明书已发您邮箱";
pub const CONFIRM: &str = "这门课100%通过";
pub const BLOCK: &str = "这款产品保底收益5%";

/// A server that also knows [`OTHER_TOKEN`].
pub async fn with_other() -> TestApp {
    let hash = sha256(OTHER_TOKEN);
    let extra = format!("[[api_token]]\nname = \"other\"\nsha256 = \"{hash}\"\nscopes = [\"check\"]\n");
    TestApp::with(Setup { extra, ..Setup::default() }).await
}

pub fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// A draft of zhangsan's to his customer.
pub fn draft(text: &str) -> Value {
    json!({"sender":"zhangsan","recipient":"wmGuard0001","channel":"api","text":text})
}

/// The same object with one more member.
pub fn and(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}

/// Who calls, and with which headers.
#[derive(Clone)]
pub struct Caller<'a> {
    app: &'a TestApp,
    headers: Vec<(String, String)>,
}

pub fn nobody(app: &TestApp) -> Caller<'_> {
    Caller { app, headers: Vec::new() }
}

pub fn token<'a>(app: &'a TestApp, token: &str) -> Caller<'a> {
    nobody(app).with("authorization", &format!("Bearer {token}"))
}

/// The program whose token judges texts.
pub fn plugin(app: &TestApp) -> Caller<'_> {
    token(app, CHECK_TOKEN)
}

/// Somebody signed in by a link, with the CSRF token of the page they landed on.
pub async fn session<'a>(app: &'a TestApp, user: &str, role: Role) -> Caller<'a> {
    let link = app.login_path(user, role);
    let answer = nobody(app).send(Method::POST, &link, "").await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let signed_in = nobody(app).with("cookie", &cookie);
    let page = signed_in.get("/contact").await.text;
    let csrf = page.split("name=\"csrf-token\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    signed_in.with("x-csrf-token", csrf)
}

impl Caller<'_> {
    /// The same caller with this header instead of what it had.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.without(name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// What it sends under this name.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    pub fn without(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(own, _)| own != name);
        other
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let answer = self.send(Method::POST, path, body.to_string()).await;
        if answer.status < 300 {
            let faults = spec().request_faults("post", path, body);
            assert!(faults.is_empty(), "{path} took {body}: {faults:#?}");
        }
        answer
    }

    /// Checks a draft that must be taken in.
    pub async fn check(&self, draft: &Value) -> Value {
        self.post("/v1/checks", draft).await.is(201)
    }

    /// Sends anything at all.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let mut request = self.app.http.request(method.clone(), format!("{}{path}", self.app.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = Answer::read(request.body(body).send().await.unwrap()).await;
        answer.keeps_to_the_description(method.as_str(), path);
        answer
    }

    /// The check once a job has brought it into this state.
    pub async fn until(&self, id: &str, state: &str) -> Value {
        for _ in 0..1_000 {
            let check = self.get(&format!("/v1/checks/{id}")).await.is(200);
            if check["state"] == state {
                return check;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{id} did not become {state}");
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    async fn read(answer: reqwest::Response) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    fn keeps_to_the_description(&self, method: &str, path: &str) {
        let path = path.split('?').next().unwrap();
        let kind = self.headers.get(CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
        let kind = kind.split(';').next().unwrap();
        let faults = spec().answer_faults(method, path, self.status, kind, &self.json);
        assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{}", self.text);
        for secret in [SECRET, AES_KEY, CHECK_TOKEN, READ_TOKEN, RULES_TOKEN, OTHER_TOKEN] {
            assert!(!self.text.contains(secret), "{method} {path} tells `{secret}`");
        }
    }

    /// The body, if the status is this.
    pub fn is(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// Status and code of a refusal: `422 text_empty`.
    pub fn refusal(&self) -> String {
        format!("{} {}", self.status, self.json["code"].as_str().unwrap_or_default())
    }
}

/// The members of an object, one a line, with what changes from run to run left out.
pub fn shown(object: &Value) -> String {
    let row = |(key, value): (&String, &Value)| format!("{key}: {}", steady(key, value));
    object.as_object().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
}

fn steady(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("id" | "check" | "release" | "request_id" | "by", Value::String(text)) => {
            match text.split_once('_') {
                Some((kind @ ("chk" | "rel" | "req"), _)) => json!(format!("{kind}_…")),
                _ => value.clone(),
            }
        }
        ("short", Value::String(_)) => json!("0000"),
        ("revision", Value::String(text)) => json!(format!("{}-…", text.split('-').next().unwrap())),
        ("link", Value::String(text)) => {
            json!(format!("…/{}", text.splitn(4, '/').last().unwrap()))
        }
        (_, Value::Object(members)) => {
            members.iter().map(|(key, value)| (key.clone(), steady(key, value))).collect()
        }
        (_, Value::Array(items)) => items.iter().map(|item| steady("", item)).collect(),
        _ => value.clone(),
    }
}

/// A few members of an object, in the order asked for.
pub fn pick(object: &Value, keys: &[&str]) -> String {
    keys.iter().map(|key| format!("{key}={}", steady(key, &object[*key]))).collect::<Vec<_>>().join(" ")
}

/// Writes the suite's rules with one change, and has them read.
pub async fn edit_rules(app: &TestApp, from: &str, to: &str) -> Answer {
    assert!(RULES.contains(from), "`{from}` is not in the rules");
    std::fs::write(app.rules.join("rules.toml"), RULES.replacen(from, to, 1)).unwrap();
    reload(app).await
}

pub async fn reload(app: &TestApp) -> Answer {
    token(app, RULES_TOKEN).post("/v1/rules/reload", &json!({})).await
}

/// What stands in the ledger of a server that was stopped.
pub fn ledger(data: &Path) -> Vec<Entry> {
    let master = MasterKey::load_or_create(&data.join("master.key")).unwrap().key;
    let keys = Keys::load(data, master).unwrap();
    Replay::new(data, keys, None).unwrap().collect::<Result<_, _>>().unwrap()
}

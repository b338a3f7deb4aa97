//! A whole server for a test: the simulated WeCom, ours, a clock whose hand the test holds, and a
//! program's token. Both servers are real and talk over loopback.
#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use wecom_guard::app::{self, Running};
use wecom_guard::config::Config;
use wecom_guard::model::{AgentId, Clock, CorpId, ManualClock, Role, UserId};
use wecom_guard::sandbox::{
    CallbackTarget, Company, Options, RunningSandbox, Sandbox, SandboxApp, SandboxBot,
};

pub const CORP: &str = "ww0123456789abcdef";
pub const AGENT: AgentId = AgentId(1_000_002);
pub const SECRET: &str = "app-secret-of-the-test";
pub const TOKEN: &str = "QDG6eK";
pub const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
/// Tokens of programs, by what they may do.
pub const CHECK_TOKEN: &str = "token-check";
pub const READ_TOKEN: &str = "token-read";
pub const RULES_TOKEN: &str = "token-rules";

/// Rules small enough to read beside a test.
pub const RULES: &str = r#"
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "拦截"
phrases = ["保底收益", "稳赚不赔"]
allow = ["不承诺保底收益"]
basis = ["ad-25"]
why = "可能被理解为承诺保本保收益"
fix = "说明收益会波动,不要承诺结果"
replies = ["R-FIN-01"]

[[rule]]
id = "EDU-003"
name = "保证结果"
action = "确认"
phrases = ["100%通过"]
basis = ["ad-24"]
why = "可能被理解为保证结果"
fix = "说明通过与否由考试机构决定"
"#;
pub const REPLIES: &str = r#"
[[reply]]
id = "R-FIN-01"
industries = ["金融"]
keywords = ["收益"]
scripts = ["收益会随市场波动,过往业绩不代表未来表现", "我先把产品说明书发您,风险等级在第二页", "这类产品有风险,您方便时我给您讲讲"]
"#;
pub const BASIS: &str = r#"
[[basis]]
id = "ad-25"
title = "《广告法》第二十五条"
[[basis]]
id = "ad-24"
title = "《广告法》第二十四条"
"#;

/// How a test wants its server.
pub struct Setup {
    /// Further settings, after the usual ones.
    pub extra: String,
    /// Lines of the `[server]` and other tables that replace the usual ones, by their text.
    pub replace: Vec<(String, String)>,
    /// The data folder; a fresh one if absent.
    pub data: Option<PathBuf>,
    /// Where both clocks start.
    pub now: &'static str,
    /// The company that is played.
    pub company: Company,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            extra: String::new(),
            replace: Vec::new(),
            data: None,
            now: "2026-11-23T01:00:00Z",
            company: Company::sample().unwrap(),
        }
    }
}

/// Both servers, while a test runs.
pub struct TestApp {
    pub wecom: RunningSandbox,
    pub running: Running,
    pub base: String,
    pub hand: ManualClock,
    pub clock: Clock,
    pub http: reqwest::Client,
    pub rules: PathBuf,
    pub data: PathBuf,
    _dir: TempDir,
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text.as_bytes()))
}

pub fn write_rules(dir: &Path) {
    std::fs::create_dir_all(dir.join("replies")).unwrap();
    std::fs::write(dir.join("rules.toml"), RULES).unwrap();
    std::fs::write(dir.join("replies/replies.toml"), REPLIES).unwrap();
    std::fs::write(dir.join("basis.toml"), BASIS).unwrap();
}

/// The settings of a test's server.
pub fn settings(base: &str, api_base: &str, data: &Path, rules: &Path) -> String {
    format!(
        r#"
[server]
public_url = "{base}"
domain_proofs = {{ "WW_verify_abc123.txt" = "abc123" }}
[store]
url = "sled:{data}"
[rules]
dir = "{rules}"
publish = "approve"
[wecom]
api_base = "{api_base}"
oauth_base = "{api_base}"
login_base = "{api_base}"
[[app]]
name = "guard"
corp_id = "{CORP}"
agent_id = {AGENT}
secret = "{SECRET}"
token = "{TOKEN}"
encoding_aes_key = "{AES_KEY}"
[[bot]]
name = "helper"
corp_id = "{CORP}"
token = "{TOKEN}"
encoding_aes_key = "{AES_KEY}"
[[api_token]]
name = "plugin"
sha256 = "{}"
scopes = ["check"]
[[api_token]]
name = "reader"
sha256 = "{}"
scopes = ["read"]
[[api_token]]
name = "rules"
sha256 = "{}"
scopes = ["rules"]
"#,
        sha256(CHECK_TOKEN),
        sha256(READ_TOKEN),
        sha256(RULES_TOKEN),
        data = data.display(),
        rules = rules.display(),
    )
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(setup.now.parse().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let target = |path: &str| CallbackTarget {
            url: format!("{base}{path}"),
            token: TOKEN.to_owned(),
            aes_key: AES_KEY.to_owned(),
        };
        let app = SandboxApp {
            corp: CorpId::new(CORP),
            agent: AGENT,
            secret: SECRET.to_owned(),
            callback: Some(target("/callback/guard")),
        };
        let bot = SandboxBot {
            name: "helper".to_owned(),
            id: "aib1".to_owned(),
            callback: Some(target("/bot/helper")),
        };
        let wecom = Sandbox::start(Options {
            clock: clock.clone(),
            apps: vec![app],
            bots: vec![bot],
            ..Options::new(setup.company)
        })
        .await
        .unwrap();
        let data = setup.data.unwrap_or_else(|| dir.path().join("data"));
        let rules = dir.path().join("rules");
        write_rules(&rules);
        let mut text = settings(&base, wecom.base_url(), &data, &rules) + &setup.extra;
        for (from, to) in &setup.replace {
            assert!(text.contains(from), "`{from}` is not in the settings");
            text = text.replace(from, to);
        }
        let config = Config::parse(&text, "test.toml".as_ref(), &|_| None)
            .unwrap_or_else(|faults| panic!("{faults:#?}"));
        let running = app::start(config, clock.clone(), Some(listener)).await.unwrap();
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { wecom, running, base, hand, clock, http, rules, data, _dir: dir }
    }

    /// Status and JSON of a `GET` with a token.
    pub async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        let answer = self.http.get(format!("{}{path}", self.base)).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// Status and JSON of a `POST` with a token.
    pub async fn post(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(token).json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    /// The text of the passive reply to what a rep says to the application.
    pub async fn says(&self, user: &str, text: &str) -> String {
        let delivery = self.wecom.rep_says(user, AGENT, text).await.unwrap();
        delivery.reply_text().unwrap_or_default().to_owned()
    }

    /// A one-use sign-in link's path.
    pub fn login_path(&self, user: &str, role: Role) -> String {
        self.running.login_path(&self.clock, &CorpId::new(CORP), &UserId::new(user), role)
    }

    /// Waits for something that another task does; fails the test when it does not come.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        for _ in 0..1_000 {
            if let Some(found) = look(self) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what} did not come");
    }

    /// Stops both servers in order and gives the folder that holds the data.
    pub async fn stop(self) -> TempDir {
        self.running.stop().await;
        self.wecom.stop().await;
        self._dir
    }
}

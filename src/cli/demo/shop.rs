//! The demo's company: the simulated WeCom, our server, and a program that calls our API.

use crate::app;
use crate::app::{Running, StartError};
use crate::config::Config;
use crate::model::chance;
use crate::model::{AgentId, Clock, CorpId, Role, UserId};
use crate::sandbox::{CallbackTarget, Company, Options, RunningSandbox, Sandbox, SandboxApp, SandboxBot};
use anyhow::{Context, anyhow};
use rust_embed::RustEmbed;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The application's number in the sample company.
pub const AGENT: AgentId = AgentId(1_000_002);
/// The bot's name.
pub const BOT: &str = "helper";

#[derive(RustEmbed)]
#[folder = "rules"]
struct ShippedRules;

/// Everything the story needs.
pub struct Shop {
    /// The simulated WeCom.
    pub wecom: RunningSandbox,
    /// Its company.
    pub corp: CorpId,
    /// Our data folder.
    pub data: PathBuf,
    running: Running,
    base: String,
    token: String,
    client: crate::wecom::http::HttpClient,
    clock: Clock,
}

fn word<const N: usize>() -> String {
    hex::encode(chance::<N>())
}

/// 43 characters of the alphabet WeCom takes.
fn aes_key() -> String {
    word::<22>().chars().take(43).collect()
}

impl Shop {
    /// Opens the shop: the two servers know each other by address alone, as in production.
    pub async fn open(data: PathBuf, port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let listener = TcpListener::bind(address)
            .map_err(|source| StartError::Listen { address, source })
            .context("换一个 --port / try another --port")?;
        let base = format!("http://{}", listener.local_addr()?);
        let company = Company::sample()?;
        let corp = CorpId::new(company.corp_id.clone());
        let (secret, token) = (word::<16>(), word::<24>());
        let callback = |path: &str| CallbackTarget {
            url: format!("{base}{path}"),
            token: word::<16>(),
            aes_key: aes_key(),
        };
        let (app_callback, bot_callback) = (callback("/callback/guard"), callback("/bot/helper"));
        let settings = settings(&base, &data, &corp, &secret, &token, &app_callback, &bot_callback);
        let wecom = Sandbox::start(Options {
            apps: vec![SandboxApp { corp: corp.clone(), agent: AGENT, secret, callback: Some(app_callback) }],
            bots: vec![SandboxBot {
                name: BOT.to_owned(),
                id: "aib-demo".to_owned(),
                callback: Some(bot_callback),
            }],
            ..Options::new(company)
        })
        .await?;
        unpack_rules(&data.join("rules"))?;
        let settings = settings.replace("{api_base}", wecom.base_url());
        let config = Config::parse(&settings, Path::new("demo.toml"), &|_| None)
            .map_err(|faults| anyhow!("{}", StartError::Settings(faults)))?;
        let clock = Clock::system();
        let running = app::start(config, clock.clone(), Some(listener)).await?;
        let client = crate::wecom::http::client(Duration::from_secs(5)).map_err(|why| anyhow!(why))?;
        Ok(Self { wecom, corp, data, running, base, token, client, clock })
    }

    /// `GET` as the company's program: status and JSON.
    pub async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        let answer = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// `POST` as the company's program: status and JSON.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
        let url = format!("{}{path}", self.base);
        let answer = self.client.post(url).bearer_auth(&self.token).json(body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// Tells where everything is.
    pub fn say_links(&self) {
        let login = self.running.login_path(&self.clock, &self.corp, &UserId::new("zhangsan"), Role::Rep);
        println!();
        println!("演示留着给你看,Ctrl-C 退出 / it stays up, Ctrl-C ends it");
        println!("  登录为张善(一次) / sign in as Zhang Shan (once): {}{login}", self.base);
        println!("  写消息 / write:             {}/sidebar", self.base);
        println!("  客户页 / a customer:        {}/contact/wmGuard0001", self.base);
        println!("  接口说明 / API:             {}/openapi.json", self.base);
        println!("  接口令牌 / API token:       {}", self.token);
        println!("  就绪与指标 / health:        {}/readyz  {}/metrics", self.base, self.base);
        println!("  模拟企业微信 / sandbox:     {}/sandbox/control/company", self.wecom.base_url());
        println!("  数据目录 / data:            {}", self.data.display());
    }

    /// Stops both servers in order.
    pub async fn close(self) {
        self.running.stop().await;
        self.wecom.stop().await;
    }
}

fn settings(
    base: &str,
    data: &Path,
    corp: &CorpId,
    secret: &str,
    token: &str,
    app: &CallbackTarget,
    bot: &CallbackTarget,
) -> String {
    let rules = data.join("rules");
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    format!(
        r#"
[server]
public_url = "{base}"
[store]
url = "sled:{data}"
[rules]
dir = "{rules}"
[wecom]
api_base = "{{api_base}}"
oauth_base = "{{api_base}}"
login_base = "{{api_base}}"
[[app]]
name = "guard"
corp_id = "{corp}"
agent_id = {AGENT}
secret = "{secret}"
token = "{}"
encoding_aes_key = "{}"
[[bot]]
name = "{BOT}"
corp_id = "{corp}"
token = "{}"
encoding_aes_key = "{}"
[[person]]
user = "heguan"
corp_id = "{corp}"
roles = ["officer"]
[[api_token]]
name = "demo"
sha256 = "{hash}"
scopes = ["check", "read", "rules"]
corp_id = "{corp}"
"#,
        app.token,
        app.aes_key,
        bot.token,
        bot.aes_key,
        data = data.display(),
        rules = rules.display(),
    )
}

/// Puts the shipped rules where the server reads them.
fn unpack_rules(dir: &Path) -> anyhow::Result<()> {
    for name in ShippedRules::iter() {
        let Some(file) = ShippedRules::get(&name) else { continue };
        let path = dir.join(name.as_ref());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, file.data)?;
    }
    Ok(())
}

//! What a sandbox is started with.

use super::company::{Company, CompanyError};
use super::meter::Limits;
use crate::model::{AgentId, Clock, CorpId};
use crate::wecom::crypto::KeyError;
use std::time::Duration;

/// Where an application's or bot's callbacks go, and their secrets.
#[derive(Debug, Clone)]
pub struct CallbackTarget {
    /// The whole address, for example `http://127.0.0.1:8080/callback/guard`.
    pub url: String,
    /// Enters the signature.
    pub token: String,
    /// 43 characters.
    pub aes_key: String,
}

/// A self-built application (自建应用).
#[derive(Debug, Clone)]
pub struct SandboxApp {
    /// Its corp; usually the company's.
    pub corp: CorpId,
    /// Its number; two applications of one sandbox have different ones.
    pub agent: AgentId,
    /// What `gettoken` asks for.
    pub secret: String,
    /// Without one, WeCom refuses interactive cards (43012).
    pub callback: Option<CallbackTarget>,
}

/// An AI bot (智能机器人) in callback mode.
#[derive(Debug, Clone)]
pub struct SandboxBot {
    /// How the sandbox's calls name it.
    pub name: String,
    /// `aibotid`.
    pub id: String,
    /// Without one, members can't talk to it.
    pub callback: Option<CallbackTarget>,
}

/// How a sandbox is set up; see [`Options::new`] for what is left unsaid.
#[derive(Debug, Clone)]
pub struct Options {
    /// On 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Decides expiry, windows and callback timestamps. Delays and time-outs take real time.
    pub clock: Clock,
    /// The corp that is played.
    pub company: Company,
    /// Its applications.
    pub apps: Vec<SandboxApp>,
    /// Its bots.
    pub bots: Vec<SandboxBot>,
    /// WeCom's own figures unless a test wants to reach them sooner.
    pub limits: Limits,
    /// How long a callback may take before it is cut and sent again; WeCom waits 5 s.
    pub callback_timeout: Duration,
}

impl Options {
    /// Any free port, the machine's clock, no application, no bot, WeCom's limits.
    pub fn new(company: Company) -> Self {
        Self {
            port: 0,
            clock: Clock::system(),
            company,
            apps: Vec::new(),
            bots: Vec::new(),
            limits: Limits::default(),
            callback_timeout: Duration::from_secs(5),
        }
    }

    /// What `wecom-guard sandbox` plays: the sample company with one application and one bot,
    /// whose callbacks are set over HTTP (`docs/sandbox.md`).
    ///
    /// # Errors
    /// As [`Company::sample`].
    pub fn alone(port: u16) -> Result<Self, CompanyError> {
        let company = Company::sample()?;
        let corp = CorpId::new(company.corp_id.clone());
        let secret = "sandbox-secret".to_owned();
        let app = SandboxApp { corp, agent: AgentId(1_000_002), secret, callback: None };
        let bot = SandboxBot { name: "helper".to_owned(), id: "AIBsandbox".to_owned(), callback: None };
        Ok(Self { port, apps: vec![app], bots: vec![bot], ..Self::new(company) })
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken or forbidden.
    #[error("port {port} can't be opened")]
    Bind {
        /// The one asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// Two applications share a number.
    #[error("agent `{0}` stands twice")]
    AgentTwice(AgentId),
    /// An EncodingAESKey is malformed.
    #[error("the callback of `{endpoint}` has a bad key")]
    Key {
        /// The agent's number or the bot's name.
        endpoint: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The HTTP client that posts callbacks can't be built.
    #[error("the HTTP client can't be built")]
    Client(#[source] reqwest::Error),
}

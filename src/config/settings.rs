//! The settings as types that can't be wrong.

use super::reader::Setting;
use crate::model::{AgentId, CorpId, Endpoint, Role, Scope, Secret, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// All settings of one server.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[store]`
    pub store: Store,
    /// `[rules]`
    pub rules: Rules,
    /// `[wecom]`
    pub wecom: Wecom,
    /// `[followup]`
    pub followup: Followup,
    /// `[callback]`
    pub callback: Callback,
    /// `[[app]]`: the companies' own applications (自建应用).
    pub apps: Vec<App>,
    /// `[[bot]]`: the companies' AI bots (智能机器人). No name is shared with an app.
    pub bots: Vec<Bot>,
    /// `[[api_token]]`
    pub api_tokens: Vec<ApiToken>,
    /// `[[person]]`
    pub people: Vec<Person>,
    /// Every key as it was read, with its origin: what `doctor` prints.
    pub settings: Vec<Setting>,
}

/// Where we listen and how we are reached.
#[derive(Debug, Clone)]
pub struct Server {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How browsers and WeCom reach us: the base of every link we give out.
    pub public_url: BaseUrl,
    /// WeCom's proofs of domain ownership: `WW_verify_….txt` to its content.
    pub domain_proofs: BTreeMap<String, String>,
    /// The sources of the `frame-ancestors` directive on our pages.
    pub frame_ancestors: Vec<String>,
}

/// What is kept, and with which key.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where.
    pub url: StoreUrl,
    /// 64 hex digits, the key that wraps the data keys; absent = the key file beside the data.
    pub master_key: Option<Secret>,
}

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// `sled:DIR`: ledger segments and sled in this folder.
    Local(PathBuf),
    /// `memory:`: gone when the process ends.
    Memory,
}

/// Where the rules stand and how a change goes live.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The folder of rule files.
    pub dir: PathBuf,
    /// How a change goes live.
    pub publish: Publish,
}

/// How a change of the rule files goes live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publish {
    /// A valid edit on disk goes live at once and is ledgered.
    Watch,
    /// An officer approves first.
    Approve,
}

/// Where WeCom's servers stand; other values point at a simulator.
#[derive(Debug, Clone)]
pub struct Wecom {
    /// The server API.
    pub api_base: BaseUrl,
    /// Sign-in inside WeCom.
    pub oauth_base: BaseUrl,
    /// Sign-in by QR code.
    pub login_base: BaseUrl,
    /// The AI bots' long connection.
    pub bot_ws: BaseUrl,
    /// The longest wait for one answer, 1 s to 1 min.
    pub timeout: Duration,
}

/// Where the customer page's data comes from.
#[derive(Debug, Clone)]
pub enum Followup {
    /// Our own records.
    Own,
    /// The company's own CRM.
    Http(HttpFollowup),
}

/// How to ask the company's own CRM.
#[derive(Debug, Clone)]
pub struct HttpFollowup {
    /// The address; `{external_userid}` stands in it, `{user}` and `{corp_id}` may.
    pub url: String,
    /// Headers to send, by name.
    pub headers: BTreeMap<String, Secret>,
    /// The longest wait for an answer, 100 ms to 30 s.
    pub timeout: Duration,
    /// Our field's name to the JSON pointer (RFC 6901) of its value in the answer.
    pub map: BTreeMap<String, String>,
}

/// How callbacks are taken.
#[derive(Debug, Clone)]
pub struct Callback {
    /// How far a callback's time may be from ours, 30 s to 24 h; absent = any.
    pub replay_window: Option<Duration>,
}

/// One application; its callbacks come to `/callback/NAME`.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name here.
    pub name: Endpoint,
    /// Its company.
    pub corp_id: CorpId,
    /// Its number in the company.
    pub agent_id: AgentId,
    /// What `gettoken` asks for.
    pub secret: Secret,
    /// Signs its callbacks.
    pub token: Secret,
    /// Encrypts its callbacks: 43 characters.
    pub encoding_aes_key: Secret,
}

/// One AI bot.
#[derive(Debug, Clone)]
pub struct Bot {
    /// Its name here.
    pub name: Endpoint,
    /// Its company.
    pub corp_id: CorpId,
    /// How its messages reach us.
    pub transport: Transport,
}

/// How an AI bot's messages reach us.
#[derive(Debug, Clone)]
pub enum Transport {
    /// WeCom posts to `/bot/NAME`.
    Callback {
        /// Signs its callbacks.
        token: Secret,
        /// Encrypts its callbacks: 43 characters.
        encoding_aes_key: Secret,
    },
    /// We hold a connection to WeCom (长连接).
    Long {
        /// The bot's id.
        bot_id: String,
        /// The long connection's own secret.
        secret: Secret,
    },
}

/// A program that may call the API. Only the hash of its token is known.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Its name in the ledger.
    pub name: String,
    /// SHA-256 of the token's bytes.
    pub sha256: [u8; 32],
    /// What it may do; never empty.
    pub scopes: BTreeSet<Scope>,
    /// For which company.
    pub corp_id: CorpId,
}

/// A member with roles beside the rep's.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their company.
    pub corp_id: CorpId,
    /// What they are; never empty.
    pub roles: BTreeSet<Role>,
    /// The departments their roles reach; empty = all.
    pub departments: BTreeSet<u64>,
}

/// An absolute address without query, fragment or credentials: the start of other addresses.
#[derive(Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// `None` when `url` has a query, a fragment or credentials, or no host.
    pub fn new(url: Url) -> Option<Self> {
        let bare = url.query().is_none() && url.fragment().is_none();
        let open = url.username().is_empty() && url.password().is_none();
        (bare && open && url.has_host()).then_some(Self(url))
    }

    /// The address without a closing slash, ready for a path to follow.
    ///
    /// ```
    /// # use wecom_guard::config::BaseUrl;
    /// let base = BaseUrl::new("https://guard.example.com/".parse().unwrap()).unwrap();
    /// assert_eq!(format!("{base}/callback/guard"), "https://guard.example.com/callback/guard");
    /// ```
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address taken apart.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BaseUrl({self})")
    }
}

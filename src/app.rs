//! Wiring: the only file that knows every room; builds, starts, stops in order.

use crate::channels::bot::Bot;
use crate::config::{
    BaseUrl, Config, ConfigFault, Followup as FollowupSettings, Publish, StoreUrl, Transport,
};
use crate::directory::{Directory, DirectoryParts};
use crate::followup::source_http::{CrmField, CrmSettings, CrmSource};
use crate::followup::{Followup, FollowupParts};
use crate::inbox::{Inbox, InboxParts, Mailbox, MailboxKind};
use crate::intercept::{Gate, GateParts, ReleaseKey};
use crate::jobs::outbox::{Officer, Worker};
use crate::jobs::{close_stale, forget, watch_rules};
use crate::ledger::{LedgerError, MasterKey, Options};
use crate::model::chance;
use crate::model::{Actor, Clock, CompanyZone, CorpId, Endpoint, Role, UserId};
use crate::publish::{Why, record};
use crate::rules::restore::settle;
use crate::rules::{Live, RulesError};
use crate::store::{
    Change, Entry, FileShelf, LocalOptions, LocalStore, MemoryStore, Store, StoreError, Unit,
};
use crate::web::{LinkKey, Site, SiteParts, TokenHolder, routes};
use crate::wecom::client::{AppAuth, Client, ClientOptions};
use crate::wecom::crypto::CallbackKey;
use actix_web::dev::ServerHandle;
use actix_web::{App as ActixApp, HttpServer, middleware, web};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often the outbox is looked at.
const OUTBOX_EVERY: Duration = Duration::from_millis(200);
/// How often checks whose time has run out are ended.
const STALE_EVERY: Duration = Duration::from_secs(1);
/// How often old answers are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(3600);
/// How often it is looked whether what is known of senders is old.
const DIRECTORY_EVERY: Duration = Duration::from_secs(300);
/// How often the rule files are looked at.
const RULES_EVERY: Duration = Duration::from_secs(2);
/// How long a request's head may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(5);
/// How long a stop waits for requests under way, in seconds.
const STOP_PATIENCE_S: u64 = 8;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings have faults: all of them.
    #[error("{}", joined(.0))]
    Settings(Vec<ConfigFault>),
    /// The rules can't be used.
    #[error("规则不能用 / the rules can't be used ({}): {source}", dir.display())]
    Rules {
        /// The folder.
        dir: PathBuf,
        /// Why.
        source: RulesError,
    },
    /// Another server works on the data folder.
    #[error("数据目录正在被另一个进程使用,请先停掉它 / another server uses the data folder, stop it first: {}", .0.display())]
    DataInUse(PathBuf),
    /// The ledger was changed from outside: nothing is written to it any more.
    #[error(
        "留痕数据被改动或损坏,已拒绝启动以免覆盖证据;请从备份恢复,或把该目录留作证据后换新目录 / the ledger is damaged, refusing to write to it; restore a copy, or keep the folder as evidence and begin a new one: {0}"
    )]
    LedgerDamaged(String),
    /// The data folder can't be used.
    #[error("数据目录不能用,请检查权限和空间 / the data folder can't be used, check rights and room: {0}")]
    Data(String),
    /// The address can't be listened on.
    #[error(
        "不能监听 {address},端口可能被占用 / can't listen on {address}, the port may be in use: {source}"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The WeCom client, the CRM or a callback key can't be set up.
    #[error("设置不能用 / these settings don't work: {0}")]
    Setup(String),
}

fn joined(faults: &[ConfigFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl StartError {
    /// The process's exit code: 1 what is kept is damaged, 2 the settings are wrong, 3 something
    /// that is needed is taken.
    pub fn exit_code(&self) -> u8 {
        match self {
            StartError::LedgerDamaged(_) => 1,
            StartError::Settings(_)
            | StartError::Rules { .. }
            | StartError::Data(_)
            | StartError::Setup(_) => 2,
            StartError::DataInUse(_) | StartError::Listen { .. } => 3,
        }
    }
}

impl From<LedgerError> for StartError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::InUse { path } => StartError::DataInUse(path),
            LedgerError::Damaged(fault) => StartError::LedgerDamaged(fault.to_string()),
            other => StartError::Data(with_causes(&other)),
        }
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        StartError::Data(error.to_string())
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// A server that runs.
pub struct Running {
    address: SocketAddr,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    store: Arc<dyn Store>,
    gate: Gate,
    links: LinkKey,
    stop: watch::Sender<bool>,
    jobs: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of a one-use sign-in link.
    pub fn login_path(&self, clock: &Clock, corp: &CorpId, user: &UserId, role: Role) -> String {
        self.links.path(corp, user, role, clock.now())
    }

    /// The record it works on.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Looks at the rule files now. What is wrong with them is logged.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn reload_rules(&self) -> Result<bool, StoreError> {
        watch_rules::run(&self.gate).await
    }

    /// Stops in order: no new requests, those under way end, jobs end, the record is closed.
    pub async fn stop(self) {
        self.server.stop(true).await;
        let _ = self.serving.await;
        let _ = self.stop.send(true);
        for job in self.jobs {
            let _ = job.await;
        }
        self.store.close().await;
    }
}

/// The master key: from the settings, or the data folder's own key file.
///
/// # Errors
/// [`StartError::Settings`]-like faults are found before; here only the key file can fail.
pub fn master_key(config: &Config) -> Result<MasterKey, StartError> {
    if let Some(key) = &config.store.master_key {
        let mut bytes = [0; 32];
        hex::decode_to_slice(key.expose(), &mut bytes)
            .map_err(|_| StartError::Setup("store.master_key".to_owned()))?;
        return Ok(MasterKey::new(bytes));
    }
    match &config.store.url {
        StoreUrl::Memory => Ok(MasterKey::new(chance())),
        StoreUrl::Local(dir) => {
            std::fs::create_dir_all(dir)
                .map_err(|error| StartError::Data(format!("{}: {error}", dir.display())))?;
            let file = MasterKey::load_or_create(&dir.join("master.key"))?;
            if file.created {
                tracing::warn!(file = %dir.join("master.key").display(), "a master key was made beside the data: keep a copy elsewhere, without it no message can be read again");
            }
            if file.exposed {
                tracing::warn!(file = %dir.join("master.key").display(), "others can read the master key: chmod 600 it");
            }
            Ok(file.key)
        }
    }
}

/// What sign-in links are signed with.
pub fn link_key(master: &MasterKey) -> LinkKey {
    LinkKey::new(master.derive("login-link"))
}

/// The store that the settings name.
///
/// # Errors
/// [`StartError`] when another server has it, or it is damaged or can't be used.
pub fn open_store(config: &Config, master: MasterKey, clock: &Clock) -> Result<Arc<dyn Store>, StartError> {
    Ok(match &config.store.url {
        StoreUrl::Memory => Arc::new(MemoryStore::new(clock.clone())),
        StoreUrl::Local(dir) => {
            let (dir, clock, ledger) = (dir.clone(), clock.clone(), Options::default());
            Arc::new(LocalStore::open(LocalOptions { dir, master, clock, ledger })?)
        }
    })
}

/// Loads the rules. The same files as last time keep their name; others get the next number.
async fn open_rules(dir: &Path, store: &dyn Store, clock: &Clock) -> Result<Arc<Live>, StartError> {
    let load = |number| {
        Live::start(dir.to_owned(), number, clock.now())
            .map_err(|source| StartError::Rules { dir: dir.to_owned(), source })
    };
    let (count, last) = store.revisions().await?;
    settle(dir, last.as_ref())
        .map_err(|error| StartError::Rules { dir: dir.to_owned(), source: error.into() })?;
    let same = load(count)?;
    if count > 0 && last.as_ref() == Some(&same.current().revision) {
        return Ok(Arc::new(same));
    }
    let live = Arc::new(load(count + 1)?);
    record(store, &live.current(), Why::by(Actor::System)).await?;
    Ok(live)
}

/// In the order of the settings.
fn apps_in_order(config: &Config) -> Vec<AppAuth> {
    let auth = |app: &crate::config::App| AppAuth {
        corp: app.corp_id.clone(),
        agent: app.agent_id,
        secret: app.secret.clone(),
        name: app.name.clone(),
    };
    config.apps.iter().map(auth).collect()
}

fn apps(config: &Config) -> HashMap<Endpoint, AppAuth> {
    apps_in_order(config).into_iter().map(|app| (app.name.clone(), app)).collect()
}

/// The first application of each company.
fn doors(config: &Config) -> HashMap<CorpId, Endpoint> {
    let mut doors = HashMap::new();
    for app in &config.apps {
        doors.entry(app.corp_id.clone()).or_insert_with(|| app.name.clone());
    }
    doors
}

fn mailboxes(config: &Config) -> Result<HashMap<Endpoint, Mailbox>, StartError> {
    let mut mailboxes = HashMap::new();
    for app in &config.apps {
        let key = CallbackKey::new(app.token.expose(), app.encoding_aes_key.expose(), app.corp_id.as_str())
            .map_err(|error| StartError::Setup(format!("[[app]] {}: {error}", app.name)))?;
        mailboxes
            .insert(app.name.clone(), Mailbox { key, corp: app.corp_id.clone(), kind: MailboxKind::App });
    }
    for bot in &config.bots {
        let Transport::Callback { token, encoding_aes_key } = &bot.transport else {
            let why = "长连接还不支持,请用 transport = \"callback\" / the long connection is not supported yet, use transport = \"callback\"";
            return Err(StartError::Setup(format!("[[bot]] {}: {why}", bot.name)));
        };
        let key = CallbackKey::new(token.expose(), encoding_aes_key.expose(), "")
            .map_err(|error| StartError::Setup(format!("[[bot]] {}: {error}", bot.name)))?;
        mailboxes
            .insert(bot.name.clone(), Mailbox { key, corp: bot.corp_id.clone(), kind: MailboxKind::Bot });
    }
    Ok(mailboxes)
}

fn crm(config: &Config) -> Result<Option<CrmSource>, StartError> {
    let FollowupSettings::Http(http) = &config.followup else { return Ok(None) };
    let field = |name: &str| CrmField::ALL.into_iter().find(|field| field.as_str() == name);
    let mut map = BTreeMap::new();
    for (name, path) in &http.map {
        let field = field(name).ok_or_else(|| StartError::Setup(format!("followup.map: `{name}`")))?;
        map.insert(field, path.clone());
    }
    let headers = http.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let settings = CrmSettings { url: http.url.clone(), headers, timeout: http.timeout, map };
    CrmSource::new(settings).map(Some).map_err(|error| StartError::Setup(error.to_string()))
}

fn signed(window: Duration) -> SignedDuration {
    SignedDuration::try_from(window).unwrap_or(SignedDuration::MAX)
}

/// Starts a server. `listener` is a socket that is open already; without one the settings' address
/// is opened.
///
/// # Errors
/// [`StartError`]: nothing runs.
pub async fn start(
    config: Config,
    clock: Clock,
    listener: Option<TcpListener>,
) -> Result<Running, StartError> {
    let listener = match listener {
        Some(listener) => listener,
        None => {
            let address = config.server.listen;
            TcpListener::bind(address).map_err(|source| StartError::Listen { address, source })?
        }
    };
    let address = listener
        .local_addr()
        .map_err(|source| StartError::Listen { address: config.server.listen, source })?;
    let master = master_key(&config)?;
    let (links, releases) = (link_key(&master), ReleaseKey::new(master.derive("release")));
    let (settings, at) = (config.clone(), clock.clone());
    let store = tokio::task::spawn_blocking(move || open_store(&settings, master, &at))
        .await
        .map_err(|error| StartError::Data(error.to_string()))??;
    let rules = open_rules(&config.rules.dir, store.as_ref(), &clock).await?;
    let zone = CompanyZone::china();
    let wecom = client(&config, &clock)?;
    let (people, time) = (wecom.clone(), clock.clone());
    let directory = Directory::new(DirectoryParts { wecom: people, apps: apps(&config), clock: time });
    let gate = Gate::new(GateParts {
        store: store.clone(),
        rules,
        clock: clock.clone(),
        zone: zone.clone(),
        releases,
        directory: directory.clone(),
        doors: doors(&config),
    });
    let site = site(&config, &gate, links.clone(), &clock, wecom, directory.clone())?;
    let worker = Worker {
        store: store.clone(),
        wecom: site.wecom.clone(),
        apps: apps(&config),
        bot: Bot::new(gate.clone(), site.followup.clone()),
        officers: officers(&config),
        public_url: site.public_url.clone(),
        clock,
    };
    let change = Change::ServerStarted { version: env!("CARGO_PKG_VERSION").to_owned() };
    store.commit(Unit { entries: vec![Entry { actor: Actor::System, change }], ..Unit::default() }).await?;
    let (stop, stopped) = watch::channel(false);
    let mut jobs = jobs(worker, gate.clone(), directory, &stopped);
    if config.rules.publish == Publish::Watch {
        jobs.push(watch(gate.clone(), &stopped));
    }
    let server = serve(Site::new(site), listener).map_err(|source| StartError::Listen { address, source })?;
    Ok(Running {
        address,
        server: server.handle(),
        serving: tokio::spawn(server),
        store,
        gate,
        links,
        stop,
        jobs,
    })
}

fn client(config: &Config, clock: &Clock) -> Result<Arc<Client>, StartError> {
    let options = ClientOptions {
        api_base: config.wecom.api_base.to_string(),
        timeout: config.wecom.timeout,
        ..ClientOptions::default()
    };
    let client = Client::new(options, clock.clone()).map_err(|error| StartError::Setup(error.to_string()))?;
    Ok(Arc::new(client))
}

fn site(
    config: &Config,
    gate: &Gate,
    links: LinkKey,
    clock: &Clock,
    wecom: Arc<Client>,
    directory: Directory,
) -> Result<SiteParts, StartError> {
    let public_url = config.server.public_url.to_string();
    let followup = Followup::new(FollowupParts {
        store: gate.store().clone(),
        wecom: wecom.clone(),
        apps: apps(config),
        crm: crm(config)?,
        rules: gate.rules().clone(),
        clock: clock.clone(),
        zone: gate.zone().clone(),
        public_url: public_url.clone(),
    });
    let inbox = Inbox::new(InboxParts {
        mailboxes: mailboxes(config)?,
        bot: Bot::new(gate.clone(), followup.clone()),
        directory,
        store: gate.store().clone(),
        clock: clock.clone(),
        replay_window: config.callback.replay_window.map(signed),
        public_url: public_url.clone(),
    });
    let holder = |token: &crate::config::ApiToken| TokenHolder {
        name: token.name.clone(),
        corp: token.corp_id.clone(),
        scopes: token.scopes.clone(),
    };
    Ok(SiteParts {
        gate: gate.clone(),
        followup,
        files: file_shelf(config)?,
        inbox,
        wecom,
        apps: apps_in_order(config),
        tokens: config.api_tokens.iter().map(|token| (token.sha256, holder(token))).collect(),
        people: people(config),
        links,
        public_url,
        oauth_base: config.wecom.oauth_base.to_string(),
        login_base: config.wecom.login_base.to_string(),
        domain_proofs: config.server.domain_proofs.clone(),
        frame_ancestors: config.server.frame_ancestors.clone(),
    })
}

fn file_shelf(config: &Config) -> Result<FileShelf, StartError> {
    match &config.store.url {
        StoreUrl::Memory => FileShelf::passing().map_err(|error| StartError::Data(error.to_string())),
        StoreUrl::Local(dir) => Ok(FileShelf::in_folder(dir)),
    }
}

fn officers(config: &Config) -> Vec<Officer> {
    let officers = config.people.iter().filter(|person| person.roles.contains(&Role::Officer));
    let officer = |person: &crate::config::Person| Officer {
        corp: person.corp_id.clone(),
        user: person.user.clone(),
        departments: person.departments.clone(),
    };
    officers.map(officer).collect()
}

fn people(config: &Config) -> HashMap<(CorpId, UserId), Vec<Role>> {
    let who = |person: &crate::config::Person| (person.corp_id.clone(), person.user.clone());
    config.people.iter().map(|person| (who(person), person.roles.iter().copied().collect())).collect()
}

fn serve(site: Site, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let site = web::Data::new(site);
    let factory = move || {
        ActixApp::new()
            .app_data(site.clone())
            .wrap(middleware::from_fn(routes::dress))
            .configure(routes::configure)
    };
    Ok(HttpServer::new(factory)
        .client_request_timeout(HEAD_PATIENCE)
        .shutdown_timeout(STOP_PATIENCE_S)
        .disable_signals()
        .listen(listener)?
        .run())
}

/// Runs `work` again and again until the server stops.
fn every<W, F>(pause: Duration, stopped: &watch::Receiver<bool>, work: W) -> JoinHandle<()>
where
    W: Fn() -> F + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let mut stopped = stopped.clone();
    tokio::spawn(async move {
        while !*stopped.borrow() {
            work().await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => {}
            }
        }
    })
}

fn watch(gate: Gate, stopped: &watch::Receiver<bool>) -> JoinHandle<()> {
    every(RULES_EVERY, stopped, move || {
        let gate = gate.clone();
        async move {
            if let Err(error) = watch_rules::run(&gate).await {
                tracing::error!(%error, "the rule files could not be looked at");
            }
        }
    })
}

fn jobs(
    worker: Worker,
    gate: Gate,
    directory: Directory,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let worker = Arc::new(worker);
    let (stale, old) = (gate.clone(), gate);
    vec![
        every(OUTBOX_EVERY, stopped, move || {
            let worker = worker.clone();
            async move {
                if let Err(error) = worker.run().await {
                    tracing::error!(%error, "the outbox could not be worked on");
                }
            }
        }),
        every(STALE_EVERY, stopped, move || {
            let gate = stale.clone();
            async move {
                if let Err(error) = close_stale::run(&gate).await {
                    tracing::error!(%error, "checks could not be ended");
                }
            }
        }),
        every(DIRECTORY_EVERY, stopped, move || {
            let directory = directory.clone();
            async move { directory.refresh().await }
        }),
        every(FORGET_EVERY, stopped, move || {
            let gate = old.clone();
            async move {
                if let Err(error) = forget::run(gate.store().as_ref(), gate.clock()).await {
                    tracing::error!(%error, "old answers could not be forgotten");
                }
            }
        }),
    ]
}

/// The address a server at `listen` is reached at on this machine.
pub fn local_url(address: SocketAddr) -> Option<BaseUrl> {
    format!("http://{address}").parse().ok().and_then(BaseUrl::new)
}

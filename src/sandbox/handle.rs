//! The handle through which tests, `demo` and the control surface move the sandbox.

use super::acts::ActError;
use super::faults::{FaultSet, Faults};
use super::inbox::Shown;
use super::options::{CallbackTarget, Options, SandboxApp, SandboxBot, StartError};
use super::post::PostMode;
use super::reply::About;
use super::server;
use super::world::{Logged, World};
use crate::model::AgentId;
use crate::wecom::crypto::CallbackKey;
use actix_web::dev::ServerHandle;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A callback that waits to be released.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) endpoint: Endpoint,
    pub(crate) about: About,
    pub(crate) plaintext: String,
    pub(crate) tries: usize,
}

/// Whom callbacks are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    App(AgentId),
    Bot(String),
}

/// The sandbox as its user holds it; clones share one world. [`Sandbox::start`] makes one.
#[derive(Clone)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
    pub(crate) faults: Arc<FaultSet>,
    pub(crate) http: reqwest::Client,
    pub(crate) callback_timeout: Duration,
    pub(crate) mode: Arc<Mutex<PostMode>>,
    pub(crate) held: Arc<Mutex<Vec<Held>>>,
    base_url: Arc<str>,
}

/// A sandbox whose server runs until [`RunningSandbox::stop`], or until it is dropped.
pub struct RunningSandbox {
    sandbox: Sandbox,
    handle: ServerHandle,
}

impl Deref for RunningSandbox {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl RunningSandbox {
    /// Lets running calls end, at most a second, and closes the port.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        // The order to stop is given at once; only waiting for it would need the future.
        drop(self.handle.stop(false));
    }
}

/// Locks, also after a panic elsewhere: every change under a lock is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox {
    /// Opens the port on 127.0.0.1 and answers from now on.
    ///
    /// # Errors
    /// [`StartError`] when the port is taken or an application's settings can't be right.
    pub async fn start(options: Options) -> Result<RunningSandbox, StartError> {
        check(&options)?;
        let bind = |source| StartError::Bind { port: options.port, source };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let listener = TcpListener::bind(address).map_err(bind)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(bind)?);
        let sandbox = Self::new(&options, &base_url)?;
        let server = server::serve(sandbox.clone(), listener).map_err(bind)?;
        let handle = server.handle();
        tokio::spawn(server);
        Ok(RunningSandbox { sandbox, handle })
    }

    fn new(options: &Options, base_url: &str) -> Result<Self, StartError> {
        // Someone may have installed a provider before us; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Ok(Self {
            world: Arc::new(Mutex::new(World::new(options))),
            faults: Arc::default(),
            http: http.build().map_err(StartError::Client)?,
            callback_timeout: options.callback_timeout,
            mode: Arc::default(),
            held: Arc::default(),
            base_url: base_url.into(),
        })
    }

    /// What `api_base` must be set to, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where faults are set.
    pub fn faults(&self) -> Faults {
        Faults { set: self.faults.clone(), world: self.world.clone() }
    }

    /// What a member's WeCom shows, oldest first: their own words too.
    pub fn messages_of(&self, userid: &str) -> Vec<Shown> {
        self.world(|world| world.shown_to(userid).to_vec())
    }

    /// The requests to the API, oldest first; only the last ten thousand are kept.
    pub fn log(&self) -> Vec<Logged> {
        self.world(|world| world.log.iter().cloned().collect())
    }

    /// How often an API was called since the start, named as after `/cgi-bin/`.
    pub fn calls(&self, api: &str) -> usize {
        let path = super::faults::path(api);
        self.world(|world| world.calls.get(&path).copied().unwrap_or_default())
    }

    /// Points an application's callbacks somewhere else; for a receiver that starts later.
    ///
    /// # Errors
    /// [`ActError::NoCallback`] when there is no such application, [`ActError::BadKey`].
    pub fn set_callback(&self, agent: AgentId, target: CallbackTarget) -> Result<(), ActError> {
        CallbackKey::new(&target.token, &target.aes_key, "")?;
        self.world(|world| {
            let app = world.apps.iter_mut().find(|app| app.agent == agent);
            app.ok_or_else(|| ActError::NoCallback(agent.to_string()))?.callback = Some(target);
            Ok(())
        })
    }

    /// Points a bot's callbacks somewhere else.
    ///
    /// # Errors
    /// [`ActError::NoCallback`] when there is no such bot, [`ActError::BadKey`].
    pub fn set_bot_callback(&self, name: &str, target: CallbackTarget) -> Result<(), ActError> {
        CallbackKey::new(&target.token, &target.aes_key, "")?;
        self.world(|world| {
            let bot = world.bots.iter_mut().find(|bot| bot.name == name);
            bot.ok_or_else(|| ActError::NoCallback(name.to_owned()))?.callback = Some(target);
            Ok(())
        })
    }

    pub(crate) fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut lock(&self.world))
    }
}

fn check(options: &Options) -> Result<(), StartError> {
    let agents: Vec<AgentId> = options.apps.iter().map(|app| app.agent).collect();
    let twice = |(at, agent): &(usize, &AgentId)| agents.iter().take(*at).any(|earlier| earlier == *agent);
    if let Some((_, agent)) = agents.iter().enumerate().find(twice) {
        return Err(StartError::AgentTwice(*agent));
    }
    let of_app = |app: &SandboxApp| app.callback.clone().map(|target| (app.agent.to_string(), target));
    let apps = options.apps.iter().filter_map(of_app);
    let of_bot = |bot: &SandboxBot| bot.callback.clone().map(|target| (bot.name.clone(), target));
    let bots = options.bots.iter().filter_map(of_bot);
    for (endpoint, target) in apps.chain(bots) {
        CallbackKey::new(&target.token, &target.aes_key, "")
            .map_err(|source| StartError::Key { endpoint, source })?;
    }
    Ok(())
}

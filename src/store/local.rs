//! The store on one machine's disk: the ledger is the truth, sled holds what is derived from it.
//! Units are sealed in the caller's thread and written by the committer's.

use super::change::{Body, Remembered};
use super::committer::{BATCH, Committer, Job};
use super::engine::Engine;
use super::lander::Lander;
use super::port::{Committed, Health, StoreError, Unit};
use super::sled_medium::{SledMedium, kept_here};
use super::standing::{Standing, shown};
use super::view::{SERVER, unreadable};
use crate::ledger::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::MasterKey;
use crate::ledger::Options;
use crate::ledger::Sealed;
use crate::ledger::Sealer;
use crate::model::{Actor, Clock};
use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The most units that wait; more are told to come again.
const QUEUE: usize = 16 * BATCH;
/// Bytes that hold most bodies, so that they are not moved while they grow.
const USUAL_BODY: usize = 4 << 10;
/// Why nothing is taken after [`LocalStore`] was shut.
const STOPPING: &str = "the server is stopping";

/// Where and how a [`LocalStore`] keeps its data.
pub struct LocalOptions {
    /// The data folder: `ledger/`, `keys/` and `state/` stand in it.
    pub dir: PathBuf,
    /// What wraps the keys of message bodies.
    pub master: MasterKey,
    /// The time.
    pub clock: Clock,
    /// The ledger's own options.
    pub ledger: Options,
}

/// The store on one machine's disk.
pub struct LocalStore {
    clock: Clock,
    sealer: Sealer,
    state: Arc<ArcSwapOption<SledMedium>>,
    queue: Mutex<Option<mpsc::SyncSender<Job>>>,
    health: Arc<Mutex<Health>>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the ledger and what the derived state takes in of a unit; with a body what it remembers, sealed.
type SealedUnit = (Vec<Sealed>, Vec<(Body, Option<Vec<u8>>)>);

impl LocalStore {
    /// Opens the data folder, or makes it; rebuilds the derived state where it is missing, broken
    /// or does not agree with the ledger.
    ///
    /// # Errors
    /// [`LedgerError`] when another server has the folder, when it can't be written, or when the
    /// ledger is damaged.
    pub fn open(options: LocalOptions) -> Result<Self, LedgerError> {
        let LocalOptions { dir, master, clock, ledger } = options;
        let checked = Ledger::check(&dir, master)?;
        let standing = Standing::of(&dir, &checked)?;
        let ledger = checked.begin(clock.clone(), ledger)?;
        if ledger.was_torn() {
            tracing::warn!("a write that was never acknowledged was cut off the ledger's end");
        }
        let state = standing.catch_up(&dir, &ledger)?;
        let state = Arc::new(ArcSwapOption::from_pointee(state));
        let health = Health { writable: true, why: None, head: Some(shown(&ledger.head())) };
        let health = Arc::new(Mutex::new(health));
        let sealer = ledger.sealer();
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let committer = Committer {
            ledger,
            dir: dir.clone(),
            state: state.clone(),
            lander: Lander::start().map_err(|source| LedgerError::Io { path: dir.clone(), source })?,
            sealer: sealer.clone(),
            clock: clock.clone(),
            health: health.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || committer.run(&jobs))
            .map_err(|source| LedgerError::Io { path: dir, source })?;
        let (queue, committer) = (Mutex::new(Some(queue)), Mutex::new(Some(thread)));
        Ok(Self { clock, sealer, state, queue, health, committer })
    }

    /// Seals the entries and what the derived state keeps of them here, so that the committer has
    /// only to write.
    fn seal(&self, unit: Unit) -> Result<SealedUnit, StoreError> {
        let now = self.clock.now();
        let mut entries = Vec::with_capacity(unit.entries.len());
        let mut bodies = Vec::with_capacity(unit.entries.len());
        for (actor, body) in Body::of(unit, now) {
            entries.push(seal(&self.sealer, &actor, &body, now)?);
            let remembered = match &body.remember {
                Some((_, remembered)) => Some(self.seal_remembered(remembered)?),
                None => None,
            };
            bodies.push((body, remembered));
        }
        Ok((entries, bodies))
    }

    fn seal_remembered(&self, remembered: &Remembered) -> Result<Vec<u8>, StoreError> {
        let sealed = self.sealer.seal_value(SERVER, remembered.at, &json(remembered)?);
        sealed.map(kept_here).map_err(not_recorded)
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(USUAL_BODY);
    serde_json::to_writer(&mut bytes, value).map_err(unreadable)?;
    Ok(bytes)
}

pub(super) fn seal(
    sealer: &Sealer,
    actor: &Actor,
    body: &Body,
    now: jiff::Timestamp,
) -> Result<Sealed, StoreError> {
    sealer.seal(&body.change.head(actor), &body.change.subject(), now, &json(body)?).map_err(not_recorded)
}

/// What a failure of the ledger means to the caller.
pub(super) fn not_recorded(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Full(_) => StoreError::Retry { why: error.to_string() },
        LedgerError::TooLarge { .. } => StoreError::Unreadable { why: error.to_string() },
        other => StoreError::Stopped { why: other.to_string() },
    }
}

#[async_trait]
impl Engine for LocalStore {
    type Medium = SledMedium;

    fn medium(&self) -> Result<Arc<SledMedium>, StoreError> {
        let why = || StoreError::Retry { why: "the derived state is being built anew".to_owned() };
        self.state.load_full().ok_or_else(why)
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn commit_unit(&self, mut unit: Unit) -> Result<Committed, StoreError> {
        let key = unit.idempotency.as_ref().map(|idempotency| idempotency.key.clone());
        let preconditions = std::mem::take(&mut unit.preconditions);
        let (sealed, bodies) = self.seal(unit)?;
        let (done, answer) = oneshot::channel();
        let job = Job { sealed, bodies, key, preconditions, done };
        let queue = lock(&self.queue).clone();
        let stopped = || StoreError::Stopped { why: STOPPING.to_owned() };
        match queue.ok_or_else(stopped)?.try_send(job) {
            Ok(()) => answer.await.map_err(|_| stopped())?,
            Err(mpsc::TrySendError::Full(_)) => {
                Err(StoreError::Retry { why: "too much waits already".to_owned() })
            }
            Err(mpsc::TrySendError::Disconnected(_)) => Err(stopped()),
        }
    }

    fn state(&self) -> Health {
        let health = lock(&self.health).clone();
        if lock(&self.queue).is_some() {
            return health;
        }
        Health { writable: false, why: Some(STOPPING.to_owned()), ..health }
    }

    async fn shut(&self) {
        drop(lock(&self.queue).take());
        let committer = lock(&self.committer).take();
        if let Some(committer) = committer {
            // The thread ends when the queue is empty; waiting for it must not hold up the runtime.
            let _ = tokio::task::spawn_blocking(move || committer.join()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::{Change, Entry};
    use super::super::port::{Idempotency, Store};
    use super::*;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    fn open(dir: &std::path::Path) -> LocalStore {
        let (master, ledger) = (MasterKey::new([7; 32]), Options::default());
        LocalStore::open(LocalOptions { dir: dir.to_owned(), master, clock: Clock::system(), ledger })
            .unwrap()
    }

    /// A unit that is remembered under `key`.
    fn unit(key: &str) -> Unit {
        let change = Change::ServerStarted { version: key.to_owned() };
        let (key, answer) = (key.to_owned(), key.to_owned());
        Unit {
            idempotency: Some(Idempotency { key, fingerprint: String::new(), answer }),
            entries: vec![Entry { actor: Actor::System, change }],
            ..Unit::default()
        }
    }

    async fn answered(store: &LocalStore, key: &str) -> Option<String> {
        store.remembered(key).await.unwrap().map(|kept| kept.answer)
    }

    #[tokio::test]
    async fn a_state_that_can_not_be_written_is_built_anew_and_what_was_answered_stays() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.commit(unit("早")).await.unwrap();
        let broken = store.medium().unwrap();
        broken.broken.store(true, Ordering::SeqCst);
        // It is durable and can be read, so it is answered, though its state never arrives.
        assert_eq!(store.commit(unit("中")).await, Ok(Committed::Done));
        assert_eq!(answered(&store, "中").await.as_deref(), Some("中"));
        drop(broken);
        // Nobody has to send anything for the state to be built anew.
        let anew = async {
            while store.medium().is_ok_and(|state| state.broken.load(Ordering::SeqCst)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            while store.medium().is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), anew).await.unwrap();
        for key in ["早", "中"] {
            assert_eq!(answered(&store, key).await.as_deref(), Some(key));
            let again = store.commit(unit(key)).await;
            assert!(matches!(again, Ok(Committed::Repeated(_))), "{again:?}");
        }
        assert_eq!(store.commit(unit("晚")).await, Ok(Committed::Done));
        assert!(store.health().writable);
        store.close().await;
        let store = open(dir.path());
        assert_eq!(answered(&store, "晚").await.as_deref(), Some("晚"));
        store.close().await;
    }
}

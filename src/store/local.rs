//! The store on one machine's disk: the ledger is the truth, sled holds what is derived from it.
//!
//! One thread commits: it checks the preconditions of a batch of units, appends their entries to
//! the ledger with one sync, takes them into the derived state and only then answers. A batch is
//! as long as the queue was, so many waiting requests share one sync.

use super::change::{Body, Change};
use super::engine::Engine;
use super::port::{Committed, Health, Precondition, StoreError, Unit};
use super::sled_medium::SledMedium;
use super::view::View;
use crate::ledger::Appended;
use crate::ledger::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::MasterKey;
use crate::ledger::Options;
use crate::ledger::Sealed;
use crate::ledger::Sealer;
use crate::model::{Actor, Clock};
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The most units that share one sync.
const BATCH: usize = 1024;
/// The most units that wait; more are told to come again.
const QUEUE: usize = 16 * BATCH;
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
    medium: Arc<SledMedium>,
    queue: Mutex<Option<mpsc::SyncSender<Job>>>,
    health: Arc<Mutex<Health>>,
    committer: Mutex<Option<JoinHandle<()>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One unit, sealed and ready to append.
struct Job {
    sealed: Vec<Sealed>,
    bodies: Vec<Body>,
    key: Option<String>,
    preconditions: Vec<Precondition>,
    done: oneshot::Sender<Result<Committed, StoreError>>,
}

impl LocalStore {
    /// Opens the data folder, or makes it; rebuilds the derived state where it is missing, broken
    /// or does not agree with the ledger.
    ///
    /// # Errors
    /// [`LedgerError`] when another server has the folder, when it can't be written, or when the
    /// ledger is damaged.
    pub fn open(options: LocalOptions) -> Result<Self, LedgerError> {
        let ledger = Ledger::open(&options.dir, options.master, options.clock.clone(), options.ledger)?;
        if ledger.was_torn() {
            tracing::warn!("a write that was never acknowledged was cut off the ledger's end");
        }
        let sealer = ledger.sealer();
        let medium = Arc::new(SledMedium::open_and_catch_up(&options.dir, &ledger, sealer.clone())?);
        let health =
            Arc::new(Mutex::new(Health { writable: true, why: None, head: Some(shown(&ledger.head())) }));
        let (queue, jobs) = mpsc::sync_channel(QUEUE);
        let committer = Committer {
            ledger,
            medium: medium.clone(),
            sealer: sealer.clone(),
            clock: options.clock.clone(),
            health: health.clone(),
            behind: None,
        };
        let thread = std::thread::Builder::new()
            .name("committer".to_owned())
            .spawn(move || committer.run(&jobs))
            .map_err(|source| LedgerError::Io { path: options.dir, source })?;
        Ok(Self {
            clock: options.clock,
            sealer,
            medium,
            queue: Mutex::new(Some(queue)),
            health,
            committer: Mutex::new(Some(thread)),
        })
    }

    /// Seals the entries here, so that the committer has only to append them.
    fn seal(&self, unit: Unit) -> Result<(Vec<Sealed>, Vec<Body>), StoreError> {
        let now = self.clock.now();
        let mut sealed = Vec::with_capacity(unit.entries.len());
        let mut bodies = Vec::with_capacity(unit.entries.len());
        for (actor, body) in Body::of(unit, now) {
            sealed.push(seal(&self.sealer, &actor, &body, now)?);
            bodies.push(body);
        }
        Ok((sealed, bodies))
    }
}

fn seal(sealer: &Sealer, actor: &Actor, body: &Body, now: jiff::Timestamp) -> Result<Sealed, StoreError> {
    let bytes =
        serde_json::to_vec(body).map_err(|error| StoreError::Unreadable { why: error.to_string() })?;
    sealer.seal(&body.change.head(actor), &body.change.subject(), now, &bytes).map_err(not_recorded)
}

/// The newest entry, as people compare it: its place and the start of its hash.
fn shown(head: &Appended) -> String {
    format!("{} {}", head.position, head.hash)
}

/// What a failure of the ledger means to the caller.
fn not_recorded(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Full(_) => StoreError::Retry { why: error.to_string() },
        LedgerError::TooLarge { .. } => StoreError::Unreadable { why: error.to_string() },
        other => StoreError::Stopped { why: other.to_string() },
    }
}

#[async_trait]
impl Engine for LocalStore {
    type Medium = SledMedium;

    fn medium(&self) -> &SledMedium {
        &self.medium
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

/// The one thread that writes.
struct Committer {
    ledger: Ledger,
    medium: Arc<SledMedium>,
    sealer: Sealer,
    clock: Clock,
    health: Arc<Mutex<Health>>,
    /// The derived state fell behind the ledger: only a new start catches up.
    behind: Option<String>,
}

type Answer = (oneshot::Sender<Result<Committed, StoreError>>, Committed);

impl Committer {
    fn run(mut self, jobs: &mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            let mut batch = vec![first];
            batch.extend(jobs.try_iter().take(BATCH - 1));
            self.commit(batch);
        }
        if let Err(error) = self.ledger.close() {
            tracing::error!(%error, "the ledger could not be closed cleanly; the next start repairs it");
        }
        self.medium.flush();
    }

    fn commit(&mut self, batch: Vec<Job>) {
        let medium = self.medium.clone();
        let mut view = View::new(&*medium);
        let mut sealed = Vec::new();
        let mut answers: Vec<Answer> = Vec::new();
        for job in batch {
            match self.decide(&mut view, &job) {
                Ok(Committed::Done) => {
                    sealed.extend(job.sealed);
                    answers.push((job.done, Committed::Done));
                }
                // What is repeated may stand in this very batch: it is told when that is durable.
                Ok(repeated) => answers.push((job.done, repeated)),
                Err(error) => {
                    sealed.extend(self.refusal(&error));
                    let _ = job.done.send(Err(error));
                }
            }
        }
        let outcome = self.append(&sealed, view);
        for (done, committed) in answers {
            let _ = done.send(outcome.as_ref().map(|()| committed).map_err(again));
        }
    }

    /// Whether a unit may happen; if so, its changes are pending in the view afterwards.
    fn decide(&self, view: &mut View<'_, SledMedium>, job: &Job) -> Result<Committed, StoreError> {
        if let Some(key) = &job.key
            && let Some(remembered) = view.remembered(key)?
        {
            return Ok(Committed::Repeated(remembered));
        }
        for precondition in &job.preconditions {
            if let Some(what) = view.violated(precondition)? {
                return Err(StoreError::Stale { what });
            }
        }
        job.bodies.iter().try_for_each(|body| body.apply(view))?;
        Ok(Committed::Done)
    }

    /// A lost race is a fact too.
    fn refusal(&self, error: &StoreError) -> Option<Sealed> {
        let StoreError::Stale { what } = error else { return None };
        let body = Body { change: Change::Refused { what: what.clone() }, remember: None };
        seal(&self.sealer, &Actor::System, &body, self.clock.now()).ok()
    }

    /// Ledger first, derived state second; nobody is answered before both.
    fn append(&mut self, sealed: &[Sealed], view: View<'_, SledMedium>) -> Result<(), StoreError> {
        if sealed.is_empty() {
            return Ok(());
        }
        let outcome = match &self.behind {
            Some(why) => Err(StoreError::Stopped { why: why.clone() }),
            None => self.ledger.append(sealed).map(drop).map_err(not_recorded),
        };
        let outcome = outcome.and_then(|()| self.take_in(view));
        let mut health = lock(&self.health);
        health.writable = outcome.is_ok();
        health.why = outcome.as_ref().err().map(ToString::to_string);
        health.head = Some(shown(&self.ledger.head()));
        outcome
    }
}

impl Committer {
    fn take_in(&mut self, view: View<'_, SledMedium>) -> Result<(), StoreError> {
        view.write(Some(self.medium.applied(&self.ledger.head()))).map_err(|error| {
            let why = format!("recorded, but the derived state could not be written: {error}");
            self.behind = Some(why.clone());
            StoreError::Stopped { why }
        })
    }
}

/// The same failure for every unit of a batch.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Stale { what } => StoreError::Stale { what: what.clone() },
        StoreError::Retry { why } => StoreError::Retry { why: why.clone() },
        StoreError::Stopped { why } => StoreError::Stopped { why: why.clone() },
        StoreError::Unreadable { why } => StoreError::Unreadable { why: why.clone() },
    }
}

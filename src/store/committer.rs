//! The one thread that decides: it checks the preconditions of a batch of units, appends their
//! entries to the ledger with one sync, lets readers see what they change and only then answers.
//! A batch is as long as the queue was, so many waiting requests share one sync; its derived state
//! is written while the next batch is appended ([`Lander`]).

use super::change::{Body, Change};
use super::lander::Lander;
use super::local::{not_recorded, seal};
use super::port::{Committed, Health, Precondition, StoreError};
use super::sled_medium::{SledMedium, Step};
use super::standing::shown;
use super::view::View;
use crate::ledger::Ledger;
use crate::ledger::MAX_ENTRY_BYTES;
use crate::ledger::Sealed;
use crate::ledger::Sealer;
use crate::model::{Actor, Clock};
use arc_swap::ArcSwapOption;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The most units that share one sync.
pub const BATCH: usize = 1024;
/// No further unit joins a batch of so many bytes.
const BATCH_BYTES: usize = MAX_ENTRY_BYTES;
/// With less free space, in bytes, nothing is written: sled can't even be opened on a full disk.
const RESERVE: u64 = 8 << 20;
/// How often it is looked whether what stopped the writing has passed.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// One unit, sealed and ready to append.
pub struct Job {
    pub sealed: Vec<Sealed>,
    /// Each entry's body, with what it remembers sealed.
    pub bodies: Vec<(Body, Option<Vec<u8>>)>,
    pub key: Option<String>,
    pub preconditions: Vec<Precondition>,
    pub done: oneshot::Sender<Outcome>,
}

/// How a unit ended.
pub type Outcome = Result<Committed, StoreError>;

impl Job {
    fn bytes(&self) -> usize {
        self.sealed.iter().map(Sealed::frame_len).sum()
    }
}

/// What the thread works on.
pub struct Committer {
    pub ledger: Ledger,
    /// The data folder.
    pub dir: PathBuf,
    /// Absent while it is being built anew.
    pub state: Arc<ArcSwapOption<SledMedium>>,
    pub lander: Lander,
    pub sealer: Sealer,
    pub clock: Clock,
    pub health: Arc<Mutex<Health>>,
}

impl Committer {
    /// Works until the queue is closed and empty, then closes the ledger.
    pub fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            match jobs.recv_timeout(LOOK_AGAIN) {
                Ok(first) => self.commit(gather(first, jobs)),
                Err(RecvTimeoutError::Timeout) => self.look_again(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Err(error) = self.ledger.close() {
            tracing::error!(%error, "the ledger could not be closed cleanly; the next start repairs it");
        }
        let landed = self.lander.wait();
        if let Some(Err(error)) = self.state.swap(None).map(|state| landed.and_then(|()| state.flush())) {
            tracing::warn!(%error, "the derived state was not flushed; the next start takes the rest in");
        }
    }

    fn commit(&mut self, mut batch: Vec<Job>) {
        let written = self.write(&mut batch);
        self.show(written.as_ref().err());
        match written {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
                    let _ = job.done.send(outcome);
                }
            }
            Err(error) => {
                for job in batch {
                    let _ = job.done.send(Err(error.clone()));
                }
            }
        }
    }

    /// Ledger first, derived state second; nobody is answered before what they did is durable and
    /// can be read.
    fn write(&mut self, batch: &mut [Job]) -> Result<Vec<Outcome>, StoreError> {
        let state = self.ready()?;
        let mut view = View::new(&*state);
        let mut sealed = Vec::new();
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch {
            let outcome = decide(&mut view, job, sealed.len());
            match &outcome {
                Ok(Committed::Done) => sealed.append(&mut job.sealed),
                // What is repeated may stand in this very batch: it is told when that is durable.
                Ok(Committed::Repeated(_)) => {}
                Err(StoreError::Stale { what }) => sealed.extend(self.refusal(what)),
                Err(broken) => return Err(self.lose_state(broken)),
            }
            outcomes.push(outcome);
        }
        if !sealed.is_empty() {
            let places = self.ledger.append(&sealed).map_err(not_recorded)?;
            let head = shown(&self.ledger.head());
            let step = view.up_to(head, &places).map(|(changes, tally)| Step { changes, tally });
            let sent = step.and_then(|step| self.lander.send(state.clone(), step));
            sent.map_err(|broken| self.lose_state(&broken))?;
        }
        Ok(outcomes)
    }

    /// A lost race is a fact too.
    fn refusal(&self, what: &str) -> Option<Sealed> {
        let body = Body { change: Change::Refused { what: what.to_owned() }, remember: None };
        seal(&self.sealer, &Actor::System, &body, self.clock.now()).ok()
    }

    /// The state, when there is room to write and the ledger goes on.
    fn ready(&mut self) -> Result<Arc<SledMedium>, StoreError> {
        self.room()?;
        // Nothing is written for no entries, but a ledger that has stopped says so.
        self.ledger.append(&[]).map_err(not_recorded)?;
        if self.lander.has_failed()
            && let Err(error) = self.lander.wait()
        {
            self.lose_state(&error);
        }
        let was_writable = self.health().writable;
        match self.state.load_full() {
            Some(state) if was_writable || state.flush().is_ok() => Ok(state),
            _ => self.rebuild(),
        }
    }

    fn room(&self) -> Result<(), StoreError> {
        match rustix::fs::statvfs(&self.dir) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < RESERVE => {
                Err(StoreError::Retry { why: "the disk is full".to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn rebuild(&mut self) -> Result<Arc<SledMedium>, StoreError> {
        // What is on its way holds the folder; whether it arrives no longer matters.
        let _ = self.lander.wait();
        drop(self.state.swap(None));
        let state = Arc::new(
            SledMedium::rebuild(&self.dir, &self.ledger, "it could not be written").map_err(not_recorded)?,
        );
        self.state.store(Some(state.clone()));
        Ok(state)
    }

    /// The derived state can't be relied upon: what the ledger took is in there for good, and
    /// whoever repeats their unit is told so once the state is built anew.
    fn lose_state(&self, error: &StoreError) -> StoreError {
        drop(self.state.swap(None));
        StoreError::Retry { why: format!("the derived state has to be built anew: {error}") }
    }

    /// Whoever asks for our health must not have to send a unit first.
    fn look_again(&mut self) {
        if !self.health().writable || self.lander.has_failed() {
            let ready = self.ready();
            self.show(ready.as_ref().err());
        }
    }

    fn show(&self, error: Option<&StoreError>) {
        let why = error.map(ToString::to_string);
        if let Some(why) = why.as_deref().filter(|_| self.health().writable) {
            tracing::error!(%why, "nothing can be recorded, so nothing is released");
        }
        let head = Some(shown(&self.ledger.head()));
        *self.health.lock().unwrap_or_else(PoisonError::into_inner) =
            Health { writable: error.is_none(), why, head };
    }

    fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn gather(first: Job, jobs: &Receiver<Job>) -> Vec<Job> {
    let mut bytes = first.bytes();
    let mut batch = vec![first];
    while batch.len() < BATCH && bytes < BATCH_BYTES {
        let Ok(job) = jobs.try_recv() else { break };
        bytes += job.bytes();
        batch.push(job);
    }
    batch
}

/// Whether a unit may happen; if so, its changes are pending in the view afterwards. `first` is the
/// number of its first entry in the batch.
fn decide(view: &mut View<'_, SledMedium>, job: &mut Job, first: usize) -> Outcome {
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
    for (number, (body, remembered)) in (first..).zip(job.bodies.drain(..)) {
        body.apply(view, Some(number), remembered)?;
    }
    Ok(Committed::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Head;
    use crate::ledger::MAX_BATCH_BYTES;
    use std::sync::mpsc;

    fn job(bytes: usize) -> Job {
        let sealed = vec![Sealed::bare(&Head::new("note", "保".repeat(bytes / 3))).unwrap()];
        let (bodies, preconditions) = (Vec::new(), Vec::new());
        Job { sealed, bodies, key: None, preconditions, done: oneshot::channel().0 }
    }

    #[test]
    fn large_units_that_wait_together_are_no_larger_batch_than_the_ledger_takes() {
        let (queue, jobs) = mpsc::sync_channel(BATCH);
        for _ in 0..9 {
            queue.send(job(MAX_ENTRY_BYTES - 1024)).unwrap();
        }
        let mut seen = 0;
        while let Ok(first) = jobs.try_recv() {
            let batch = gather(first, &jobs);
            assert!(batch.iter().map(Job::bytes).sum::<usize>() < MAX_BATCH_BYTES);
            seen += batch.len();
        }
        assert_eq!(seen, 9);
    }

    #[test]
    fn small_units_that_wait_together_share_one_batch() {
        let (queue, jobs) = mpsc::sync_channel(2 * BATCH);
        for _ in 0..BATCH + 9 {
            queue.send(job(300)).unwrap();
        }
        assert_eq!(gather(job(300), &jobs).len(), BATCH);
    }
}

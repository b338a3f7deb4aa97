//! Writes the derived state of one batch while the committer appends the next.
//!
//! What is on its way is read from memory ([`SledMedium::publish`]), so nobody who was answered has
//! to wait for it; and since the ledger has it all, nothing is lost where it never arrives.

use super::port::StoreError;
use super::sled_medium::{SledMedium, Step};
use super::view::unreadable;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::Builder;

/// At most one batch is on its way.
pub struct Lander {
    steps: SyncSender<(Arc<SledMedium>, Arc<Step>)>,
    landed: Receiver<Result<(), StoreError>>,
    flying: bool,
    failed: Option<StoreError>,
}

impl Lander {
    /// Starts the thread, which ends with the lander.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Self> {
        let (steps, todo) = sync_channel::<(Arc<SledMedium>, Arc<Step>)>(1);
        let (done, landed) = sync_channel(1);
        let work = move || {
            for (state, step) in todo {
                let outcome = state.land(&step);
                // Whoever waits may delete the folder: its lock must be free by then.
                drop(state);
                if done.send(outcome).is_err() {
                    break;
                }
            }
        };
        Builder::new().name("lander".to_owned()).spawn(work)?;
        Ok(Self { steps, landed, flying: false, failed: None })
    }

    /// Sends a step on its way; readers see it from now on.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when the step before did not arrive: the state is to be built anew.
    pub fn send(&mut self, state: Arc<SledMedium>, step: Step) -> Result<(), StoreError> {
        self.wait()?;
        let step = Arc::new(step);
        state.publish(step.clone());
        self.flying = true;
        self.steps.send((state, step)).map_err(unreadable)
    }

    /// Waits until nothing is on its way any more.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], once, when the last step did not arrive.
    pub fn wait(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.flying) {
            self.failed = self.landed.recv().unwrap_or_else(|gone| Err(unreadable(gone))).err();
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Whether the last step is known not to have arrived.
    pub fn has_failed(&mut self) -> bool {
        if self.flying {
            match self.landed.try_recv() {
                Ok(outcome) => (self.flying, self.failed) = (false, outcome.err()),
                Err(TryRecvError::Empty) => {}
                Err(gone @ TryRecvError::Disconnected) => {
                    (self.flying, self.failed) = (false, Some(unreadable(gone)));
                }
            }
        }
        self.failed.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::super::medium::{Changes, Medium, Order};
    use super::*;
    use crate::ledger::{Ledger, MasterKey, Options};
    use crate::model::Clock;
    use proptest::prelude::*;
    use std::ops::ControlFlow;
    use std::sync::atomic::Ordering;
    use tempfile::TempDir;

    fn state() -> (TempDir, Arc<SledMedium>) {
        let dir = tempfile::tempdir().unwrap();
        let master = MasterKey::new([7; 32]);
        let ledger = Ledger::open(dir.path(), master, Clock::system(), Options::default()).unwrap();
        let state = SledMedium::rebuild(dir.path(), &ledger, "it is a test's").unwrap();
        (dir, Arc::new(state))
    }

    fn step(changes: Changes) -> Step {
        Step { changes, tally: b"{}".to_vec() }
    }

    type Rows = Vec<(Vec<u8>, Vec<u8>)>;

    /// What a list shows, at most `limit` rows of it.
    fn listed(state: &SledMedium, order: Order<'_>, limit: usize) -> Rows {
        let mut rows = Vec::new();
        let mut note = |key: &[u8], value: &[u8]| {
            rows.push((key.to_vec(), value.to_vec()));
            if rows.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        state.walk(b"k\0", order, &mut note).unwrap();
        rows
    }

    /// Everything a reader can see of these keys.
    fn seen(state: &SledMedium) -> (Vec<Option<Vec<u8>>>, Vec<Rows>) {
        let keys: Vec<_> = (0..12).map(key).collect();
        let mut lists = Vec::new();
        for limit in [1, 3, 99] {
            lists.push(listed(state, Order::Rising, limit));
            lists.push(listed(state, Order::FallingFrom(None), limit));
            lists.extend(keys.iter().map(|key| listed(state, Order::FallingFrom(Some(key)), limit)));
        }
        (keys.iter().map(|key| state.get(key).unwrap()).collect(), lists)
    }

    fn key(no: u8) -> Vec<u8> {
        vec![b'k', 0, b'a' + no, 0]
    }

    /// A few keys with a value, or removed; some of another kind.
    fn changes() -> impl Strategy<Value = Changes> {
        let row = (0_u8..12, prop::option::of("[a-c]{0,2}"), prop::bool::weighted(0.1));
        prop::collection::vec(row, 0..9).prop_map(|rows| {
            let other = |key: Vec<u8>| [b"j\0", &key[..]].concat();
            rows.into_iter()
                .map(|(no, value, is_other)| {
                    (if is_other { other(key(no)) } else { key(no) }, value.map(String::into_bytes))
                })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_on_its_way_is_read_as_if_it_had_arrived(below in changes(), above in changes()) {
            let (_dir, state) = state();
            state.write(below, None).unwrap();
            let step = Arc::new(step(above));
            state.publish(step.clone());
            let flying = seen(&state);
            state.land(&step).unwrap();
            prop_assert_eq!(flying, seen(&state));
        }
    }

    #[test]
    fn the_next_step_waits_until_the_one_before_has_arrived() {
        let (_dir, state) = state();
        let mut lander = Lander::start().unwrap();
        for no in 0..12 {
            lander.send(state.clone(), step([(key(no), Some(vec![no]))].into())).unwrap();
            assert_eq!(listed(&state, Order::Rising, 99).len(), usize::from(no) + 1);
        }
        lander.wait().unwrap();
        assert!(!lander.has_failed());
    }

    #[test]
    fn a_step_that_does_not_arrive_is_told_once_and_can_still_be_read() {
        let (_dir, state) = state();
        let mut lander = Lander::start().unwrap();
        state.broken.store(true, Ordering::SeqCst);
        lander.send(state.clone(), step([(key(3), Some(b"c".to_vec()))].into())).unwrap();
        assert!(matches!(lander.wait(), Err(StoreError::Unreadable { .. })));
        assert_eq!(state.get(&key(3)), Ok(Some(b"c".to_vec())));
        assert_eq!(lander.wait(), Ok(()));
    }
}

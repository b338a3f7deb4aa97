//! One at a time: a repetition that arrives while the first is still being worked on waits for it,
//! and then finds its answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OwnedMutexGuard;

/// What is under way, by its key.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, Queue>>);

/// Those at one key: one works, the others wait.
#[derive(Default)]
struct Queue {
    length: usize,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A place at one key, given up when it is dropped, also by one who waits no longer.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    key: String,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits until nobody else works under `key`.
    pub(super) async fn take(&self, key: String) -> Turn<'_> {
        let turn = self.join(&key);
        let mut place = Turn { turns: self, key, held: None };
        place.held = Some(turn.lock_owned().await);
        place
    }

    fn join(&self, key: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut table = self.table();
        let queue = table.entry(key.to_owned()).or_default();
        queue.length += 1;
        queue.turn.clone()
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut table = self.turns.table();
        let Some(queue) = table.get_mut(&self.key) else { return };
        queue.length -= 1;
        if queue.length == 0 {
            table.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_second_of_one_key_waits_and_one_of_another_key_does_not() {
        let turns = Turns::default();
        let first = turns.take("a".into()).await;
        let mut second = Box::pin(turns.take("a".into()));
        assert!(second.as_mut().now_or_never().is_none());
        drop(turns.take("b".into()).await);
        drop(first);
        drop(second.await);
        assert!(turns.table().is_empty());
    }

    #[tokio::test]
    async fn one_who_waits_no_longer_leaves_nothing_behind() {
        let turns = Turns::default();
        let first = turns.take("a".into()).await;
        assert!(turns.take("a".into()).now_or_never().is_none());
        drop(first);
        assert!(turns.table().is_empty());
    }
}

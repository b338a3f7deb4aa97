//! The store in memory: for tests and for trying things out. Nothing lasts.

use super::change::Body;
use super::engine::Engine;
use super::medium::{Changes, Medium, Order, Visit};
use super::port::{Committed, Health, StoreError, Unit};
use super::view::View;
use crate::model::{Actor, Clock};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A [`Store`](super::Store) that forgets everything when it is dropped.
pub struct MemoryStore {
    clock: Clock,
    map: Arc<Map>,
    kinds: Mutex<Vec<(&'static str, Actor)>>,
    writing: Mutex<()>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new(clock: Clock) -> Self {
        Self { clock, map: Arc::default(), kinds: Mutex::default(), writing: Mutex::default() }
    }

    /// The facts so far: kind and actor, oldest first.
    pub fn facts(&self) -> Vec<(&'static str, Actor)> {
        lock(&self.kinds).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
pub(super) struct Map(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl Medium for Map {
    /// There are no entries.
    type Place = Infallible;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(lock(&self.0).get(key).cloned())
    }

    fn walk(&self, prefix: &[u8], order: Order<'_>, each: &mut Visit<'_>) -> Result<(), StoreError> {
        let map = lock(&self.0).clone();
        let mut rows: Vec<_> = map.iter().filter(|(key, _)| key.starts_with(prefix)).collect();
        if let Order::FallingFrom(before) = order {
            rows.reverse();
            rows.retain(|(key, _)| before.is_none_or(|before| key.as_slice() < before));
        }
        for (key, value) in rows {
            if each(key, value).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn write(&self, changes: Changes, last: Option<(&[u8], Vec<u8>)>) -> Result<(), StoreError> {
        let mut map = lock(&self.0);
        map.extend(last.map(|(key, value)| (key.to_vec(), value)));
        for (key, value) in changes {
            match value {
                Some(value) => drop(map.insert(key, value)),
                None => drop(map.remove(&key)),
            }
        }
        Ok(())
    }

    fn replace(&self, key: &[u8], old: &[u8], new: Vec<u8>) -> Result<(), StoreError> {
        if let Some(value) = lock(&self.0).get_mut(key).filter(|value| value.as_slice() == old) {
            *value = new;
        }
        Ok(())
    }

    fn at(&self, place: &Infallible) -> Vec<u8> {
        match *place {}
    }

    fn seal(&self, _subject: &str, _at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(plain.to_vec())
    }

    fn open(&self, value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(Some(value.to_vec()))
    }
}

#[async_trait]
impl Engine for MemoryStore {
    type Medium = Map;

    fn medium(&self) -> Result<Arc<Map>, StoreError> {
        Ok(self.map.clone())
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    async fn commit_unit(&self, unit: Unit) -> Result<Committed, StoreError> {
        let _one_at_a_time = lock(&self.writing);
        let mut view = View::new(&*self.map);
        if let Some(idempotency) = &unit.idempotency
            && let Some(remembered) = view.remembered(&idempotency.key)?
        {
            return Ok(Committed::Repeated(remembered));
        }
        for precondition in &unit.preconditions {
            if let Some(what) = view.violated(precondition)? {
                lock(&self.kinds).push(("unit.refused", Actor::System));
                return Err(StoreError::Stale { what });
            }
        }
        let bodies = Body::of(unit, self.clock.now());
        let mut facts = Vec::with_capacity(bodies.len());
        for (actor, body) in bodies {
            facts.push((body.change.kind(), actor));
            body.apply(&mut view, None, None)?;
        }
        view.write()?;
        lock(&self.kinds).append(&mut facts);
        Ok(Committed::Done)
    }

    fn state(&self) -> Health {
        Health { writable: true, why: None, head: None }
    }

    async fn shut(&self) {}
}

//! sled as the medium of the derived state, with what is on its way into it. Everything in it can be
//! rebuilt from the ledger.

use super::medium::{Changes, Medium, Order, Visit};
use super::port::StoreError;
use super::view::{TALLY, unreadable};
use crate::ledger::Bodies;
use crate::ledger::Body as Kept;
use crate::ledger::Place;
use crate::ledger::Sealer;
use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The state's folder in the data folder.
pub const FOLDER: &str = "state";
/// sled's page cache. Its real use is several times this (spacejam/sled#1309).
const CACHE_BYTES: u64 = 64 << 20;
/// How often sled writes by itself, in milliseconds. What it has not written is taken in again from
/// the ledger, so it need not compete with the ledger for the disk twice a second.
const FLUSH_EVERY_MS: u64 = 10_000;
/// How often, and how long in between, a file that is still locked is tried.
const LOCK_TRIES: u32 = 100;
const LOCK_WAIT: Duration = Duration::from_millis(20);

pub struct SledMedium {
    tree: sled::Db,
    sealer: Sealer,
    bodies: Bodies,
    /// What is on its way into the tree: it stands above it until it has arrived.
    flying: ArcSwapOption<Step>,
    /// A test says that nothing arrives any more.
    #[cfg(test)]
    pub broken: std::sync::atomic::AtomicBool,
}

/// What one batch changes.
pub struct Step {
    /// Keys and their new values.
    pub changes: Changes,
    /// How far the state is then, written last.
    pub tally: Vec<u8>,
}

impl Step {
    /// What it says of a key; `Some(None)` that it is removed.
    fn get(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        if key == TALLY {
            return Some(Some(self.tally.clone()));
        }
        self.changes.get(key).cloned()
    }
}

/// A value begins with how it is kept: sealed, right here.
const HERE: u8 = 0;
/// As an entry's body, at the place that follows.
const IN_LEDGER: u8 = 1;

/// sled notices most damage only when it comes across it, and may panic then.
fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(unreadable("sled panicked")))
}

impl SledMedium {
    /// Opens the state of a data folder, or begins an empty one.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], whatever is wrong with it.
    pub fn open(dir: &Path, sealer: Sealer, bodies: Bodies) -> Result<Self, StoreError> {
        let config = sled::Config::new()
            .path(dir.join(FOLDER))
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        let tree = unlocked(|| guarded(|| config.open().map_err(unreadable)))?;
        Ok(Self {
            tree,
            sealer,
            bodies,
            flying: ArcSwapOption::empty(),
            #[cfg(test)]
            broken: Default::default(),
        })
    }

    fn read(&self, place: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let place = Place::decode(place).ok_or_else(|| unreadable("not a place in the ledger"))?;
        Ok(match self.bodies.read(&place).map_err(unreadable)? {
            Kept::Open(body) => Some(body),
            Kept::Erased | Kept::None => None,
        })
    }

    /// Lets readers see a step that is yet to be written.
    pub fn publish(&self, step: Arc<Step>) {
        self.flying.store(Some(step));
    }

    /// Writes a step that was published. Until all of it is written it is read from memory.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`]: it is still read from memory, and the state is to be built anew.
    pub fn land(&self, step: &Step) -> Result<(), StoreError> {
        #[cfg(test)]
        if self.broken.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(unreadable("broken by a test"));
        }
        let changes = step.changes.iter().map(|(key, value)| (key, value.as_ref()));
        self.insert(changes, Some((TALLY, &step.tally)))?;
        self.flying.store(None);
        Ok(())
    }

    /// One by one and in order, since sled's log is cut off at its end at most. Its batches would
    /// cost two writes to the disk each.
    fn insert<'c>(
        &self,
        changes: impl Iterator<Item = (&'c Vec<u8>, Option<&'c Vec<u8>>)>,
        last: Option<(&[u8], &Vec<u8>)>,
    ) -> Result<(), StoreError> {
        guarded(|| {
            for (key, value) in changes {
                match value {
                    Some(value) => self.tree.insert(key, value.as_slice()),
                    None => self.tree.remove(key),
                }
                .map_err(unreadable)?;
            }
            let last = last.map_or(Ok(None), |(key, value)| self.tree.insert(key, value.as_slice()));
            last.map(drop).map_err(unreadable)
        })
    }

    /// Writes what is still in memory. The ledger has it all, so a failure costs only time.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`], also when an earlier write has failed unseen.
    pub fn flush(&self) -> Result<(), StoreError> {
        guarded(|| self.tree.flush().map(drop).map_err(unreadable))
    }
}

/// Tries again while sled's file is locked. The data folder is ours alone, so only the threads of a
/// state that was dropped a moment ago can hold it; to think the state broken would be to forget
/// what it has seen of the ledger.
fn unlocked<T>(open: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let is_locked = |error: &StoreError| error.to_string().contains("could not acquire lock");
    for _ in 0..LOCK_TRIES {
        match open() {
            Err(error) if is_locked(&error) => std::thread::sleep(LOCK_WAIT),
            done => return done,
        }
    }
    open()
}

/// A sealed value as it is kept.
pub fn kept_here(sealed: Vec<u8>) -> Vec<u8> {
    [&[HERE], &sealed[..]].concat()
}

impl Medium for SledMedium {
    type Place = Place;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(found) = self.flying.load().as_ref().and_then(|step| step.get(key)) {
            return Ok(found);
        }
        guarded(|| Ok(self.tree.get(key).map_err(unreadable)?.map(|value| value.to_vec())))
    }

    fn walk(&self, prefix: &[u8], order: Order<'_>, each: &mut Visit<'_>) -> Result<(), StoreError> {
        let end = match order {
            Order::FallingFrom(Some(before)) => before.to_vec(),
            Order::FallingFrom(None) | Order::Rising => after_prefix(prefix),
        };
        let flying = self.flying.load_full();
        let above = flying.iter().flat_map(|step| step.changes.range::<[u8], _>(range(prefix, &end)));
        guarded(|| match order {
            Order::Rising => visit(self.tree.scan_prefix(prefix), above, |one, other| one < other, each),
            Order::FallingFrom(_) => {
                let below = self.tree.range::<&[u8], _>(range(prefix, &end)).rev();
                visit(below, above.rev(), |one, other| one > other, each)
            }
        })
    }

    fn write(&self, changes: Changes, last: Option<(&[u8], Vec<u8>)>) -> Result<(), StoreError> {
        let last = last.as_ref().map(|(key, value)| (*key, value));
        self.insert(changes.iter().map(|(key, value)| (key, value.as_ref())), last)
    }

    fn replace(&self, key: &[u8], old: &[u8], new: Vec<u8>) -> Result<(), StoreError> {
        guarded(|| self.tree.compare_and_swap(key, Some(old), Some(new)).map(drop).map_err(unreadable))
    }

    fn at(&self, place: &Place) -> Vec<u8> {
        [&[IN_LEDGER], &place.encode()[..]].concat()
    }

    fn seal(&self, subject: &str, at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.sealer.seal_value(subject, at, plain).map(kept_here).map_err(unreadable)
    }

    fn open(&self, value: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match value.split_first() {
            Some((&HERE, sealed)) => self.sealer.open_value(sealed).map_err(unreadable),
            Some((&IN_LEDGER, place)) => self.read(place),
            _ => Err(unreadable("a value that is kept in no known way")),
        }
    }
}

/// Walks the tree's rows with what is on its way above them, both in the order in which one
/// `comes_before` another.
fn visit<'s>(
    below: impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>>,
    above: impl Iterator<Item = (&'s Vec<u8>, &'s Option<Vec<u8>>)>,
    comes_before: fn(&[u8], &[u8]) -> bool,
    each: &mut Visit<'_>,
) -> Result<(), StoreError> {
    let mut below = below.peekable();
    for (key, value) in above {
        while let Some(row) = below.next_if(|row| row.as_ref().map_or(true, |row| comes_before(&row.0, key)))
        {
            let row = row.map_err(unreadable)?;
            if each(&row.0, &row.1).is_break() {
                return Ok(());
            }
        }
        below.next_if(|row| row.as_ref().is_ok_and(|row| row.0 == key));
        if value.as_ref().is_some_and(|value| each(key, value).is_break()) {
            return Ok(());
        }
    }
    for row in below {
        let row = row.map_err(unreadable)?;
        if each(&row.0, &row.1).is_break() {
            break;
        }
    }
    Ok(())
}

fn range<'k>(from: &'k [u8], end: &'k [u8]) -> (Bound<&'k [u8]>, Bound<&'k [u8]>) {
    (Bound::Included(from), Bound::Excluded(end))
}

/// The first key behind all that begin with `prefix`: prefixes end in a zero byte.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = 1;
    }
    end
}

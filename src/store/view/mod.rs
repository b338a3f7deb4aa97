//! The derived state: what the facts add up to, in ordered keys and sealed values. It can always
//! be rebuilt, so nothing here is the truth.

mod ask;
mod followings;
mod keys;
mod passing;
mod take_in;

use self::keys::{CHECK, REVISION, key};
use super::medium::{Changes, Medium, Order};
use super::port::StoreError;
use crate::model::{Check, Revision};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Whose key seals what is about nobody.
pub(super) const SERVER: &str = "server";

/// Under this key stands the [`Tally`]. No other key begins with a zero byte.
pub(super) const TALLY: &[u8] = b"\0tally";

/// How keys and values are made up. A state that was made up otherwise is built anew.
const LAYOUT: u32 = 2;

/// What would go wrong if a fact were taken in twice, written in one step after all the rest: a
/// medium that was torn away in between is brought up by taking in again what comes after `upto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// The last entry that was taken in, as the medium names it.
    upto: Option<String>,
    /// The [`LAYOUT`] of what is kept.
    #[serde(default)]
    layout: u32,
    /// Checks taken in.
    checks: u64,
    /// Revisions that went live.
    revisions: u64,
    /// The last of them.
    live: Option<Revision>,
}

impl Tally {
    /// The last entry that was taken in, if what is kept is made up as it is today.
    pub fn upto(&self) -> Option<&str> {
        self.upto.as_deref().filter(|_| self.layout == LAYOUT)
    }
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { why: error.to_string() }
}

/// Reading: the medium alone, or the medium under changes that are not written yet.
pub(super) struct View<'m, M: Medium> {
    medium: &'m M,
    pending: Changes,
    /// Fresh checks by their keys, each with the number of its entry among those that are written
    /// together: they are kept where the ledger has them, which is known only afterwards.
    opened: BTreeMap<Vec<u8>, (usize, Box<Check>)>,
    /// Changed, and not written yet.
    tally: Option<Tally>,
}

impl<'m, M: Medium> View<'m, M> {
    pub fn new(medium: &'m M) -> Self {
        Self { medium, pending: BTreeMap::new(), opened: BTreeMap::new(), tally: None }
    }

    /// Writes what is pending.
    pub fn write(self) -> Result<(), StoreError> {
        let tally = self.tally.map(|tally| serde_json::to_vec(&tally)).transpose().map_err(unreadable)?;
        self.medium.write(self.pending, tally.map(|tally| (TALLY, tally)))
    }

    /// Writes what is pending, as [`View::up_to`] gives it.
    pub fn write_up_to(self, entry: String, places: &[M::Place]) -> Result<(), StoreError> {
        let medium = self.medium;
        let (changes, tally) = self.up_to(entry, places)?;
        medium.write(changes, Some((TALLY, tally)))
    }

    /// What is pending, the fresh checks as where they stand by `places`; and the value of [`TALLY`]
    /// that says that everything up to `entry` is in.
    pub fn up_to(mut self, entry: String, places: &[M::Place]) -> Result<(Changes, Vec<u8>), StoreError> {
        for (key, (number, _)) in std::mem::take(&mut self.opened) {
            let place = places.get(number).ok_or_else(|| unreadable("an entry without a place"))?;
            self.pending.insert(key, Some(self.medium.at(place)));
        }
        let tally = self.tally_mut()?;
        (tally.upto, tally.layout) = (Some(entry), LAYOUT);
        let tally = serde_json::to_vec(tally).map_err(unreadable)?;
        Ok((self.pending, tally))
    }

    /// How far the state is.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        if let Some(tally) = &self.tally {
            return Ok(tally.clone());
        }
        let kept = self.medium.get(TALLY)?;
        kept.map_or(Ok(Tally::default()), |kept| serde_json::from_slice(&kept).map_err(unreadable))
    }

    fn tally_mut(&mut self) -> Result<&mut Tally, StoreError> {
        let tally = match self.tally.take() {
            Some(tally) => tally,
            None => self.tally()?,
        };
        Ok(self.tally.insert(tally))
    }

    fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.pending.get(key) {
            Some(pending) => Ok(pending.clone()),
            None => self.medium.get(key),
        }
    }

    fn value<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        let Some(sealed) = self.raw(key)? else { return Ok(None) };
        self.decode(&sealed)
    }

    fn decode<T: DeserializeOwned>(&self, sealed: &[u8]) -> Result<Option<T>, StoreError> {
        let Some(plain) = self.medium.open(sealed)? else { return Ok(None) };
        serde_json::from_slice(&plain).map(Some).map_err(unreadable)
    }

    fn put<T: Serialize>(
        &mut self,
        key: Vec<u8>,
        subject: &str,
        at: Timestamp,
        value: &T,
    ) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(value).map_err(unreadable)?;
        let sealed = self.medium.seal(subject, at, &plain)?;
        self.pending.insert(key, Some(sealed));
        Ok(())
    }

    fn mark(&mut self, key: Vec<u8>) {
        self.pending.insert(key, Some(Vec::new()));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.pending.insert(key, None);
    }

    /// All values under a prefix. Pending changes are not seen: lists are read outside a commit.
    fn list<T: DeserializeOwned>(&self, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
        let mut found = Ok(Vec::new());
        self.medium.walk(prefix, Order::Rising, &mut |_, sealed| {
            match (&mut found, self.decode(sealed)) {
                (Ok(list), Ok(Some(value))) => list.push(value),
                (Ok(_), Ok(None)) => {}
                (Ok(_), Err(error)) => found = Err(error),
                (Err(_), _) => return ControlFlow::Break(()),
            }
            ControlFlow::Continue(())
        })?;
        found
    }

    fn check_at(&self, key: &[u8]) -> Result<Option<Check>, StoreError> {
        match self.opened.get(key) {
            Some((_, check)) => Ok(Some(Check::clone(check))),
            None => self.value(key),
        }
    }

    /// Whether everything can be read and no check or revision that was taken in is missing. There
    /// may be more: those of a step that was torn away before its end.
    pub fn is_whole(&self) -> Result<bool, StoreError> {
        let (check, revision) = (key(CHECK, &[]), key(REVISION, &[]));
        let (mut checks, mut revisions) = (0, 0);
        self.medium.walk(&[], Order::Rising, &mut |at, _| {
            checks += u64::from(at.starts_with(&check));
            revisions += u64::from(at.starts_with(&revision));
            ControlFlow::Continue(())
        })?;
        let tally = self.tally()?;
        Ok(checks >= tally.checks && revisions >= tally.revisions)
    }
}

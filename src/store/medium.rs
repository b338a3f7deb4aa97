//! What the derived state lies on: ordered keys and values.

use super::port::StoreError;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Which way to walk.
pub(super) enum Order<'k> {
    /// Smallest key first.
    Rising,
    /// Largest key first, all below the key given.
    FallingFrom(Option<&'k [u8]>),
}

/// Looks at one key and its value, and says whether to go on.
pub(super) type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// Keys and their new values; `None` removes.
pub(super) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Ordered keys and values on some medium.
pub(super) trait Medium: Send + Sync + 'static {
    /// Where a durable entry stands.
    type Place;

    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Walks the keys that begin with `prefix` until told to stop.
    fn walk(&self, prefix: &[u8], order: Order<'_>, each: &mut Visit<'_>) -> Result<(), StoreError>;
    /// Writes `changes`, where `None` removes, and then `last`: if that lasts, so do they.
    fn write(&self, changes: Changes, last: Option<(&[u8], Vec<u8>)>) -> Result<(), StoreError>;
    /// Puts `new` in the place of `old`, unless something else stands there by now.
    fn replace(&self, key: &[u8], old: &[u8], new: Vec<u8>) -> Result<(), StoreError>;
    /// The value that is the body of the entry at `place`.
    fn at(&self, place: &Self::Place) -> Vec<u8>;
    /// Makes a value unreadable to whoever holds the medium.
    fn seal(&self, subject: &str, at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError>;
    /// The plain value; `None` when its key was destroyed.
    fn open(&self, value: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
}

//! sled as the medium of the derived state. Everything in it can be rebuilt from the ledger, so
//! whatever is wrong with it, the cure is to delete it and read the ledger again.

use super::change::Body;
use super::port::StoreError;
use super::view::{Medium, Order, View, Visit};
use crate::ledger::Appended;
use crate::ledger::Body as Kept;
use crate::ledger::Fault;
use crate::ledger::Hash;
use crate::ledger::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::Position;
use crate::ledger::Sealer;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Under this key stands the last entry that was taken in. No other key begins with a zero byte.
const APPLIED: &[u8] = b"\0applied";
/// sled's page cache. Its real use is several times this (spacejam/sled#1309).
const CACHE_BYTES: u64 = 64 << 20;
/// Entries taken in between two writes of a rebuild.
const REBUILD_STEP: usize = 2_000;

pub struct SledMedium {
    folder: PathBuf,
    tree: sled::Db,
    sealer: Sealer,
}

fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { why: error.to_string() }
}

/// Where the state stands against the ledger.
enum Standing {
    /// It has everything up to this entry.
    UpTo(Position),
    /// It is empty, or not to be trusted.
    Useless(String),
}

impl SledMedium {
    /// Opens the state and takes in what the ledger has beyond it; builds it anew when it is
    /// missing or disagrees.
    pub fn open_and_catch_up(dir: &Path, ledger: &Ledger, sealer: Sealer) -> Result<Self, LedgerError> {
        let folder = dir.join("state");
        let first = Self::open(&folder, sealer.clone());
        let why = match first.as_ref().map(|medium| medium.standing(ledger)) {
            Ok(Ok(Standing::UpTo(position))) => {
                match first.and_then(|medium| medium.catch_up(ledger, Some(position)).map(|()| medium)) {
                    Ok(medium) => return Ok(medium),
                    Err(error) => error.to_string(),
                }
            }
            Ok(Ok(Standing::Useless(why))) => {
                drop(first);
                why
            }
            Ok(Err(damage)) => return Err(damage),
            Err(error) => error.to_string(),
        };
        Self::rebuild(&folder, ledger, sealer, &why)
    }

    fn rebuild(folder: &Path, ledger: &Ledger, sealer: Sealer, why: &str) -> Result<Self, LedgerError> {
        tracing::warn!(%why, "building the derived state anew from the ledger");
        let io = |source| LedgerError::Io { path: folder.to_owned(), source };
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(io)?;
        }
        let broken = |error: StoreError| io(std::io::Error::other(error.to_string()));
        let medium = Self::open(folder, sealer).map_err(broken)?;
        medium.catch_up(ledger, None).map_err(broken)?;
        Ok(medium)
    }

    /// sled can panic while it opens a broken folder.
    fn open(folder: &Path, sealer: Sealer) -> Result<Self, StoreError> {
        let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES);
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        match opened {
            Ok(Ok(tree)) => Ok(Self { folder: folder.to_owned(), tree, sealer }),
            Ok(Err(error)) => Err(unreadable(error)),
            Err(_) => Err(unreadable("sled panicked while it opened its folder")),
        }
    }

    /// # Errors
    /// [`LedgerError::Damaged`] when the state has seen entries that the ledger no longer has.
    fn standing(&self, ledger: &Ledger) -> Result<Standing, LedgerError> {
        let Ok(Some(value)) = self.tree.get(APPLIED) else {
            return Ok(Standing::Useless("nothing was taken in yet".to_owned()));
        };
        let Some((position, hash)) = decode_applied(&value) else {
            return Ok(Standing::Useless("its position can't be read".to_owned()));
        };
        match ledger.find(position)? {
            Some(entry) if entry.hash == hash && self.is_whole() => Ok(Standing::UpTo(position)),
            Some(entry) if entry.hash == hash => Ok(Standing::Useless("checks are missing in it".to_owned())),
            Some(_) => Ok(Standing::Useless(format!("it does not agree with the ledger at {position}"))),
            None => Err(self.lost(position)),
        }
    }

    /// sled notices most damage only when it comes across it, and may panic then.
    fn is_whole(&self) -> bool {
        let walked = catch_unwind(AssertUnwindSafe(|| View::new(self).is_whole()));
        matches!(walked, Ok(Ok(true)))
    }

    /// The state was only ever told what the ledger had on disk: the ledger has lost its end.
    fn lost(&self, Position { shard, seq }: Position) -> LedgerError {
        let what = "the state has seen this record and the ledger no longer has it";
        LedgerError::Damaged(Fault { file: self.folder.clone(), offset: 0, shard, seq, what })
    }

    /// Takes in every entry after `position`.
    fn catch_up(&self, ledger: &Ledger, position: Option<Position>) -> Result<(), StoreError> {
        let mut view = View::new(self);
        let mut taken = 0_usize;
        let mut last = None;
        for entry in ledger.replay(position).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if let Kept::Open(bytes) = &entry.body
                && !bytes.is_empty()
            {
                let body: Body = serde_json::from_slice(bytes).map_err(unreadable)?;
                body.apply(&mut view)?;
            }
            last = Some((entry.at.position, entry.at.hash));
            taken += 1;
            if taken.is_multiple_of(REBUILD_STEP) {
                let full = std::mem::replace(&mut view, View::new(self));
                full.write(last.map(encode_applied))?;
                tracing::info!(taken, "taking the ledger in");
            }
        }
        view.write(last.map(encode_applied))
    }

    /// What says, in the same step as the changes, that everything up to `head` is in.
    pub fn applied(&self, head: &Appended) -> (Vec<u8>, Vec<u8>) {
        encode_applied((head.position, head.hash))
    }

    /// Writes what is still in memory. The ledger has it all, so a failure costs only time.
    pub fn flush(&self) {
        if let Err(error) = self.tree.flush() {
            tracing::warn!(%error, "the derived state was not flushed; the next start takes the rest in");
        }
    }
}

fn encode_applied((position, hash): (Position, Hash)) -> (Vec<u8>, Vec<u8>) {
    let mut value = position.shard.to_be_bytes().to_vec();
    value.extend_from_slice(&position.seq.to_be_bytes());
    value.extend_from_slice(&hash.0);
    (APPLIED.to_vec(), value)
}

fn decode_applied(value: &[u8]) -> Option<(Position, Hash)> {
    let (shard, rest) = value.split_first_chunk::<4>()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let hash = <[u8; 32]>::try_from(rest).ok()?;
    Some((Position { shard: u32::from_be_bytes(*shard), seq: u64::from_be_bytes(*seq) }, Hash(hash)))
}

impl Medium for SledMedium {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tree.get(key).map_err(unreadable)?.map(|value| value.to_vec()))
    }

    fn walk(&self, prefix: &[u8], order: Order<'_>, each: &mut Visit<'_>) -> Result<(), StoreError> {
        let mut visit = |row: sled::Result<(sled::IVec, sled::IVec)>| -> Result<ControlFlow<()>, StoreError> {
            let (key, value) = row.map_err(unreadable)?;
            if !key.starts_with(prefix) {
                return Ok(ControlFlow::Break(()));
            }
            Ok(each(&key, &value))
        };
        match order {
            Order::Rising => {
                for row in self.tree.scan_prefix(prefix) {
                    if visit(row)?.is_break() {
                        break;
                    }
                }
            }
            Order::FallingFrom(before) => {
                let end = before.map_or_else(|| after_prefix(prefix), <[u8]>::to_vec);
                let range = (Bound::Included(prefix.to_vec()), Bound::Excluded(end));
                for row in self.tree.range(range).rev() {
                    if visit(row)?.is_break() {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    fn write(&self, changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.tree.apply_batch(batch).map_err(unreadable)
    }

    fn seal(&self, subject: &str, at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.sealer.seal_value(subject, at, plain).map_err(unreadable)
    }

    fn open(&self, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.sealer.open_value(sealed).map_err(unreadable)
    }
}

/// The first key behind all that begin with `prefix`: prefixes end in a zero byte.
fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = 1;
    }
    end
}

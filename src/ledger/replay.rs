//! Reads entries back, bodies and all.

use super::error::{Fault, LedgerError};
use super::keys::Keys;
use super::place::Place;
use super::record::{Appended, Head, Position};
use super::seal::{Opened, Sealer};
use super::walk::{Link, Walk};
use std::path::Path;
use std::vec;

/// An entry's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// As it was sealed.
    Open(Vec<u8>),
    /// Its subject was erased.
    Erased,
    /// The entry has none.
    None,
}

/// One entry, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where and when it stands, and its hash.
    pub at: Appended,
    /// Where to read it again.
    pub place: Place,
    /// What it says openly.
    pub head: Head,
    /// What it says to the holder of the keys.
    pub body: Body,
}

/// Entries in order, each checked against the one before it. Holds one batch in memory. After an
/// error it gives nothing more.
pub struct Replay {
    walk: Walk,
    sealer: Sealer,
    batch: vec::IntoIter<Link>,
    /// Still to be met: entries begin after it.
    after: Option<Position>,
    until: Option<Position>,
    ended: bool,
}

impl Replay {
    /// Reads the ledger of a data folder that need not be open, up to the last whole batch: what a
    /// server on a full disk can still do. `after` leaves out everything up to it.
    ///
    /// # Errors
    /// [`LedgerError::Io`]; damage comes out of the iterator, and so does that there is no record `after`.
    pub fn new(dir: &Path, keys: Keys, after: Option<Position>) -> Result<Self, LedgerError> {
        Self::over(&dir.join("ledger"), keys, after)
    }

    pub(super) fn over(folder: &Path, keys: Keys, after: Option<Position>) -> Result<Self, LedgerError> {
        let walk = match after {
            Some(position) => Walk::around(folder, position)?,
            None => Walk::all(folder)?,
        };
        let batch = Vec::new().into_iter();
        Ok(Self { walk, sealer: Sealer::new(keys), batch, after, until: None, ended: false })
    }

    pub(super) fn until(self, last: Position) -> Self {
        Self { until: Some(last), ..self }
    }

    fn advance(&mut self) -> Result<Option<Entry>, LedgerError> {
        loop {
            let Some(link) = self.batch.next() else {
                match self.next_batch()? {
                    Some(batch) => self.batch = batch.into_iter(),
                    None => return self.after.map_or(Ok(None), |after| Err(self.walk.lost(after))),
                }
                continue;
            };
            match self.after {
                None => return self.entry(link).map(Some),
                Some(after) if link.at.position == after => self.after = None,
                Some(after) if link.at.position > after => return Err(self.walk.lost(after)),
                Some(_) => {}
            }
        }
    }

    fn next_batch(&mut self) -> Result<Option<Vec<Link>>, LedgerError> {
        let reached = self.walk.heads().last().map(|head| head.position);
        if self.until.is_some_and(|until| reached >= Some(until)) {
            return Ok(None);
        }
        self.walk.next_batch()
    }

    fn entry(&self, link: Link) -> Result<Entry, LedgerError> {
        let body = match &link.record.body {
            None => Body::None,
            Some(mark) => match self.sealer.open(mark, &link.sealed)? {
                Opened::Body(body) => Body::Open(body),
                Opened::Erased => Body::Erased,
                Opened::Forged => return Err(forged(&link)),
            },
        };
        Ok(Entry { at: link.at, place: link.place, head: link.record.head, body })
    }
}

impl Iterator for Replay {
    type Item = Result<Entry, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.advance().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

/// The damage of a body that is not what its record vouches for.
pub(super) fn forged(link: &Link) -> LedgerError {
    let Position { shard, seq } = link.at.position;
    let (file, offset) = (link.file.to_path_buf(), link.place.offset);
    LedgerError::Damaged(Fault { file, offset, shard, seq, what: "a body other than its record's" })
}

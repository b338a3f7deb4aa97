//! The facts of a data folder that need not be open: what a tool reads beside a running server.

use super::change::Change;
use crate::ledger::Body;
use crate::ledger::Entry;
use crate::ledger::Head;
use crate::ledger::Keys;
use crate::ledger::LedgerError;
use crate::ledger::MasterKey;
use crate::ledger::Replay;
use jiff::Timestamp;
use std::path::Path;

/// One fact, read back.
#[derive(Debug)]
pub struct Fact {
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it, as the record names them.
    pub actor: String,
    /// What it changed.
    pub change: Change,
}

/// The facts of a folder, oldest first, one in memory at a time.
pub struct Facts {
    entries: Replay,
    wanted: fn(&Head) -> bool,
}

impl Facts {
    /// Reads the facts whose heads are `wanted`, up to the last one that is whole.
    ///
    /// # Errors
    /// [`LedgerError`] when the keys or the ledger can't be read.
    pub fn read(dir: &Path, master: MasterKey, wanted: fn(&Head) -> bool) -> Result<Self, LedgerError> {
        Ok(Self { entries: Replay::new(dir, Keys::load(dir, master)?, None)?, wanted })
    }

    /// `None` for what is not wanted, what was erased, and what another version wrote.
    fn fact(&self, entry: Entry) -> Option<Fact> {
        let Entry { at, head, body: Body::Open(body), .. } = entry else { return None };
        if !(self.wanted)(&head) {
            return None;
        }
        let change = serde_json::from_slice(&body).ok()?;
        Some(Fact { at: at.at, actor: head.actor, change })
    }
}

impl Iterator for Facts {
    type Item = Result<Fact, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.entries.next()? {
                Ok(entry) => match self.fact(entry) {
                    Some(fact) => return Some(Ok(fact)),
                    None => continue,
                },
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

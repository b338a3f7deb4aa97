//! Where the derived state stands against the ledger, and bringing it up: whatever is wrong with it,
//! the cure is to delete it and read the ledger again.

use super::change::Body;
use super::port::StoreError;
use super::sled_medium::{FOLDER, SledMedium};
use super::view::{View, unreadable};
use crate::ledger::Appended;
use crate::ledger::Body as Kept;
use crate::ledger::Checked;
use crate::ledger::Ledger;
use crate::ledger::LedgerError;
use crate::ledger::Position;
use std::io::ErrorKind;
use std::path::Path;

/// Entries taken in between two writes of a rebuild.
const REBUILD_STEP: usize = 2_000;

/// Where the state stands against the ledger.
pub enum Standing {
    /// It has everything up to this entry.
    UpTo(SledMedium, Position),
    /// It is empty, or not to be trusted: why.
    Useless(String),
}

impl Standing {
    /// Looks at the state in the data folder before anything is changed.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when the state has seen entries that the ledger no longer has.
    pub fn of(dir: &Path, ledger: &Checked) -> Result<Self, LedgerError> {
        let seen = SledMedium::open(dir, ledger.sealer(), ledger.bodies())
            .and_then(|medium| medium.applied().map(|applied| (medium, applied)));
        let (medium, position, hash) = match seen {
            Ok((medium, Some((position, hash)))) => (medium, position, hash),
            Ok((_, None)) => return Ok(Self::Useless("nothing was taken in yet".to_owned())),
            Err(error) => return Ok(Self::Useless(error.to_string())),
        };
        if ledger.find(position)?.hash.to_string() != hash {
            return Ok(Self::Useless(format!("it does not agree with the ledger at {position}")));
        }
        Ok(match View::new(&medium).is_whole() {
            Ok(true) => Self::UpTo(medium, position),
            Ok(false) => Self::Useless("checks are missing in it".to_owned()),
            Err(error) => Self::Useless(error.to_string()),
        })
    }

    /// Takes in what the ledger has beyond the state, or builds it anew.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger can't be read or no state can be made.
    pub fn catch_up(self, dir: &Path, ledger: &Ledger) -> Result<SledMedium, LedgerError> {
        let why = match self {
            Self::UpTo(medium, position) => match medium.catch_up(ledger, Some(position)) {
                Ok(()) => return Ok(medium),
                Err(damage @ LedgerError::Damaged(_)) => return Err(damage),
                Err(error) => error.to_string(),
            },
            Self::Useless(why) => why,
        };
        SledMedium::rebuild(dir, ledger, &why)
    }
}

impl SledMedium {
    /// Deletes the state and takes in the whole ledger.
    ///
    /// # Errors
    /// [`LedgerError`] when the ledger can't be read or no state can be made.
    pub fn rebuild(dir: &Path, ledger: &Ledger, why: &str) -> Result<Self, LedgerError> {
        tracing::warn!(%why, "building the derived state anew from the ledger");
        let folder = dir.join(FOLDER);
        remove(&folder).map_err(|source| LedgerError::Io { path: folder, source })?;
        let medium = Self::open(dir, ledger.sealer(), ledger.bodies()).map_err(no_state)?;
        medium.catch_up(ledger, None)?;
        Ok(medium)
    }

    /// The last entry that was taken in.
    fn applied(&self) -> Result<Option<(Position, String)>, StoreError> {
        Ok(View::new(self).tally()?.upto().and_then(read_shown))
    }

    /// Takes in every entry after `position`.
    fn catch_up(&self, ledger: &Ledger, position: Option<Position>) -> Result<(), LedgerError> {
        let mut view = View::new(self);
        let mut places = Vec::new();
        let mut taken = 0_usize;
        for entry in ledger.replay(position)? {
            let entry = entry?;
            take_in(&mut view, &entry.body, places.len()).map_err(no_state)?;
            places.push(entry.place);
            if places.len() == REBUILD_STEP {
                let full = std::mem::replace(&mut view, View::new(self));
                full.write_up_to(shown(&entry.at), &places).map_err(no_state)?;
                places.clear();
                taken += REBUILD_STEP;
                tracing::info!(taken, "taking the ledger in");
            }
        }
        view.write_up_to(shown(&ledger.head()), &places).map_err(no_state)
    }
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => std::fs::remove_file(folder),
        done => done,
    }
}

/// sled failed where a fresh folder should work.
fn no_state(error: StoreError) -> LedgerError {
    LedgerError::Io { path: FOLDER.into(), source: std::io::Error::other(error.to_string()) }
}

fn take_in(view: &mut View<'_, SledMedium>, body: &Kept, number: usize) -> Result<(), StoreError> {
    let Kept::Open(bytes) = body else { return Ok(()) };
    let body: Body = serde_json::from_slice(bytes).map_err(unreadable)?;
    body.apply(view, Some(number), None)
}

/// An entry as the state notes it and as people compare it: its place and its hash.
pub fn shown(entry: &Appended) -> String {
    format!("{} {}", entry.position, entry.hash)
}

fn read_shown(shown: &str) -> Option<(Position, String)> {
    let (place, hash) = shown.split_once(' ')?;
    let (shard, seq) = place.split_once('/')?;
    Some((Position { shard: shard.parse().ok()?, seq: seq.parse().ok()? }, hash.to_owned()))
}

//! What can go wrong, told apart by what the caller can do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A place where the ledger is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Where in it, in bytes from its start.
    pub offset: u64,
    /// The shard that was being read; 0 in a key file.
    pub shard: u32,
    /// The sequence number that should stand here.
    pub seq: u64,
    /// What is wrong, in a few words.
    pub what: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, offset, shard, seq, what } = self;
        write!(f, "{what} at byte {offset} of `{}` (shard {shard}, record {seq})", file.display())
    }
}

/// Why the ledger could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The files were changed by something else than this program. A person has to look: restore
    /// a copy, or keep the folder as evidence and begin a new one.
    #[error("the ledger is damaged: {0}")]
    Damaged(Fault),
    /// Another process has the folder open.
    #[error("another process uses `{}`; stop it first", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// No room left. Nothing of the batch was kept; append it again when there is room.
    #[error("no room left for the ledger")]
    Full(#[source] io::Error),
    /// A write or sync failed, so what is on the disk is unknown. Open the ledger again.
    #[error("the ledger stopped: {cause}; open it again")]
    Stopped {
        /// The first failure.
        cause: String,
    },
    /// An entry or a batch is larger than the limit; send less.
    #[error("{found} bytes are more than the limit of {limit}")]
    TooLarge {
        /// Bytes asked for.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The master key is not the one the data keys were wrapped with.
    #[error("the master key does not open `{}`; use the key this folder was made with", file.display())]
    WrongMasterKey {
        /// The file of data keys.
        file: PathBuf,
    },
    /// The master key's file is not a key.
    #[error("`{}` holds {found} bytes, a master key has 32", path.display())]
    BadKeyFile {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        found: usize,
    },
    /// A file could not be read, made or removed.
    #[error("`{}` cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

impl LedgerError {
    /// For `map_err`: a failure at `path`, told apart by whether there was room.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match is_full(&source) {
            true => Self::Full(source),
            false => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// The disk or the quota is used up: worth another try when there is room.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

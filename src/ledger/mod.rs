//! The proof: every fact as a record in a hash chain, kept in segment files, with its body sealed
//! beside it so that a person can be erased and the chain stays whole.
//!
//! This room must never know what a fact means, nor any store, SQL or async code: it takes heads
//! and bytes and promises order, durability and that no change goes unseen. `docs/ledger-format.md`
//! is the format's definition. Read [`Ledger`] first: `open`, `append`, `close`.

mod batch;
mod book;
mod error;
mod keyfile;
mod keys;
mod master;
mod place;
mod record;
mod replay;
mod seal;
mod segment;
mod verify;
mod walk;
mod wire;

pub use batch::{MAX_BATCH_BYTES, MAX_ENTRY_BYTES};
pub use book::{Checked, Ledger, Options};
pub use error::{Fault, LedgerError};
pub use keys::Keys;
pub use master::{KeyFile, MasterKey};
pub use place::{Bodies, Place};
pub use record::{Appended, Hash, Head, HeadSpan, Position};
pub use replay::{Body, Entry, Replay};
pub use seal::{Sealed, Sealer};
pub use verify::{Report, verify};

//! What we keep, behind one port; the adapters stand beside it.
//!
//! This room must never know WeCom's wire, HTTP or the clock's hands. Read [`Store`] first: a
//! [`Unit`] is the only way to change anything, and it returns when it is durable.

mod change;
mod committer;
mod draft;
mod engine;
mod facts;
mod files;
mod lander;
mod local;
mod medium;
mod memory;
mod port;
mod sled_medium;
mod standing;
mod view;

pub use change::{
    Change, Entry, KeptFile, OutboxDeed, OutboxItem, OutboxState, OutboxStep, Remembered, RulesLive, Session,
    fingerprint,
};
pub use draft::{DRAFT_TTL, DraftPlace, KeptDraft};
pub use facts::{Fact, Facts};
pub use files::{Arriving, FileShelf, Shelved};
pub use local::{LocalOptions, LocalStore};
pub use memory::MemoryStore;
pub use port::{
    CheckQuery, Committed, Cursor, Happening, Health, Idempotency, Page, Precondition, SentCard, Store,
    StoreError, TimelineItem, TimelinePage, Unit,
};

//! Rule files: read, place errors, compile to a `scan::Ruleset`, keep the live revision.
//!
//! This room must never know a store, the network or who is asking. Read [`LiveRules`] first: one
//! folder of rule files, compiled whole and never changed again.

mod compile;
mod diagnostic;
mod fields;
mod folder;
mod ids;
mod library;
mod live;
mod pack;
mod parse;
mod punctuation;
mod schema;
mod source;
mod syntax;
pub mod tests;

pub use diagnostic::{Code, Diagnostic, Level, Place, Related, Words};
pub use folder::{Folder, FolderError, MAX_FILE_BYTES, RawFile};
pub use live::{Live, LiveRules, Refusal, Reloaded, RulesError, SendersAsked};
pub use parse::parse;
pub use schema::{
    BasisEntry, Book, Case, Cases, Native, Near, Pack, Phrase, Policy, Reply, Rule, RuleScope, Stance, State,
    Verified,
};
pub use source::{At, Source};

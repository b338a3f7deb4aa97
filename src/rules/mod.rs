//! Rule files: read, place errors, compile to a `scan::Ruleset`, keep the live revision.
//!
//! This room must never know a store, the network or who is asking. Read [`LiveRules`] first: one
//! folder of rule files, compiled whole and never changed again.

pub mod benign;
mod compile;
mod diagnostic;
pub mod diff;
mod fields;
mod folder;
mod format;
mod ids;
pub mod import;
mod library;
mod lint;
mod live;
mod located;
mod pack;
mod parse;
mod punctuation;
pub mod restore;
mod schema;
mod script;
mod source;
mod syntax;
pub mod tests;
mod trial;

pub use benign::Corpus;
pub use diagnostic::{Code, Diagnostic, Level, Place, Related, Words};
pub use folder::{Folder, FolderError, MAX_FILE_BYTES, RawFile, write_file};
pub use format::{format, format_file};
pub use lint::check;
pub use live::{Live, LiveRules, Refusal, Reloaded, RulesError, SendersAsked};
pub use located::dismissal_words;
pub use pack::action_words;
pub use parse::parse;
pub use schema::{
    BasisEntry, Book, Case, Cases, Native, Near, Pack, Phrase, Policy, Reply, Rule, RuleScope, Stance, State,
    Verified,
};
pub use script::{ScriptPart, script_parts};
pub use source::{At, Origin, Source};

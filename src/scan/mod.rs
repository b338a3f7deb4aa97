//! Patterns in, one message in, one judgement out.
//!
//! Pure: this room must never know files, clock, store, network or async code, and judging never
//! fails. Read [`Ruleset`] first: it is built once from [`RuleSpec`]s and then only asked.

mod align;
mod boundary;
mod clean;
mod compile;
mod detect;
mod engine;
mod find;
mod gap;
mod index;
mod judge;
mod loose;
mod near;
mod negation;
mod rule;
mod scope;
mod sieve;
mod sound;
mod spelling;
mod together;
mod weigh;

pub use compile::{BuildError, MAX_PHRASE_CHARS, MAX_PHRASES, Ruleset};
pub use judge::{Dismissal, Dismissed, Explanation, MAX_LISTED};
pub use rule::{
    Boundary, Detector, Fold, FoldSet, NearSpec, Negation, PhraseSpec, RuleSpec, RuleState, ScopeSpec,
};
pub use scope::Context;

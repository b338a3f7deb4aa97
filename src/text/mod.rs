//! Folding and spans: original ↔ folded ↔ UTF-16.
//!
//! This room makes the ways of writing one character equal and keeps, for every folded
//! character, the bytes of the original it came from. It must never know rules, phrases that are
//! looked for, or what a find means. Read [`Folded`] first.

mod fold;
mod span;
mod table;

pub use fold::{Folded, Unit, fold_phrase};
pub use span::{Ruler, slice, spans};
pub use table::{Class, Folds, Piece, Table};

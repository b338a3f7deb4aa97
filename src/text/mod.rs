//! Folding and spans: original ↔ folded ↔ UTF-16.
//!
//! This room makes the ways of writing one character equal and keeps, for every folded
//! character, the bytes of the original it came from. It must never know rules, phrases that are
//! looked for, or what a find means. Read [`Folded`] first.

mod fold;
mod markup;
mod number;
mod shape;
mod span;
mod table;
mod words;

pub use fold::{Folded, Unit, fold_phrase};
pub use markup::read_markup;
pub use number::number_spellings;
pub use shape::{parts_of, read_as};
pub use span::{Ruler, slice, spans};
pub use table::{Class, Folds, Piece, Table};
pub use words::{Words, is_ideograph};

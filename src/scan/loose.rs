//! Looking past rare characters, leet and repeats: 兂风险, l00%, 无风风险.
//!
//! The words are loosened (a rare character becomes the one it is read as, `o` becomes `0`, runs
//! become one) on both sides; what stands there is then laid beside the phrase character by
//! character, and counts only if the rule asks for every fold that was needed.

use super::align::{Meet, Meeting};
use super::rule::{Fold, FoldSet};
use crate::text::{Folded, Unit, read_as};

/// The folds of this kind that are asked for.
pub(super) fn loosening(folds: FoldSet) -> FoldSet {
    [Fold::Shape, Fold::Leet, Fold::Repeat].into_iter().filter(|fold| folds.has(*fold)).collect()
}

/// A character as everything that may stand for it.
pub(super) fn loosen(ch: char) -> char {
    match ch {
        'o' => '0',
        'l' | 'i' => '1',
        _ => read_as(ch),
    }
}

/// The loosened words of a text, each run of one character once.
pub(super) fn loosened(text: &Folded) -> String {
    let mut words: Vec<char> = text.words().chars().map(loosen).collect();
    words.dedup();
    words.into_iter().collect()
}

/// How often the last character of a loosened phrase stands there before runs become one.
pub(super) fn last_run(phrase: &Folded) -> usize {
    let words: Vec<char> = phrase.words().chars().map(loosen).collect();
    words.iter().rev().take_while(|ch| words.last() == Some(ch)).count()
}

/// Equal when loosened; notes the folds that were needed.
#[derive(Default)]
pub(super) struct Loosely {
    needed: FoldSet,
    previous: Option<char>,
    has_letter: bool,
    has_digit: bool,
}

impl Loosely {
    /// The folds that were needed, if these were all asked for and leet stands among both letters
    /// and digits, as order numbers and words do not.
    pub(super) fn needed(&self, asked: FoldSet) -> Option<FoldSet> {
        let is_leet = !self.needed.has(Fold::Leet) || (self.has_letter && self.has_digit);
        (is_leet && !self.needed.is_empty() && self.needed.iter().all(|fold| asked.has(fold)))
            .then_some(self.needed)
    }

    fn note(&mut self, unit: &Unit, wanted: &Unit) {
        if unit.ch != wanted.ch {
            let fold = if unit.ch.is_ascii() { Fold::Leet } else { Fold::Shape };
            self.needed = self.needed.with(fold);
        }
        self.has_letter |= unit.ch.is_ascii_alphabetic();
        self.has_digit |= unit.ch.is_ascii_digit();
        self.previous = Some(loosen(unit.ch));
    }
}

impl Meet for Loosely {
    fn meet(&mut self, unit: &Unit, wanted: Option<&Unit>) -> Meeting {
        if let Some(wanted) = wanted.filter(|wanted| loosen(wanted.ch) == loosen(unit.ch)) {
            self.note(unit, wanted);
            return Meeting::Next;
        }
        if unit.is_text() && self.previous == Some(loosen(unit.ch)) {
            self.needed = self.needed.with(Fold::Repeat);
            return Meeting::More;
        }
        Meeting::Other
    }
}

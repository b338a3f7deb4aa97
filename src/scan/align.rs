//! Lays a phrase over the stretch of text where its words were found.

use crate::text::{Class, Folded, Folds, Unit};
use std::ops::Range;

/// Symbols that stand between two characters of a phrase without belonging to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// The place in the phrase of the character after it.
    pub(super) before: usize,
    /// The text's units in it.
    pub(super) units: Range<usize>,
}

/// How a phrase lies in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alignment {
    /// The text's first unit.
    pub(super) first: usize,
    /// The text's last unit.
    pub(super) last: usize,
    /// The folds that tell the text from the phrase as written.
    pub(super) folds: Folds,
    /// Every gap that is not empty.
    pub(super) gaps: Vec<Gap>,
}

/// Lays `phrase` over the text so that its last word is the text's word number `last_word`.
///
/// The words are known to be the same; the phrase's own symbols may be missing, which is `None`.
pub(super) fn align(text: &Folded, last_word: usize, phrase: &Folded) -> Option<Alignment> {
    let last_own = phrase.words_len().checked_sub(1)?;
    let first = text.word(last_word.checked_sub(last_own)?)?.checked_sub(phrase.word(0)?)?;
    let trailing = (phrase.units().len() - 1).checked_sub(phrase.word(last_own)?)?;
    let last = text.word(last_word)? + trailing;
    let mut found = Alignment { first, last, folds: Folds::NONE, gaps: Vec::new() };
    let mut next = 0;
    for (place, unit) in text.units().get(first..=last)?.iter().enumerate() {
        match phrase.units().get(next) {
            Some(wanted) if wanted.ch == unit.ch => {
                found.folds = found.folds.or(telling(unit, wanted, next == 0));
                next += 1;
            }
            _ if unit.class == Class::Text || next == 0 => return None,
            _ => found.widen(next, first + place),
        }
    }
    (next == phrase.units().len()).then_some(found)
}

impl Alignment {
    fn widen(&mut self, before: usize, unit: usize) {
        match self.gaps.last_mut() {
            Some(gap) if gap.before == before => gap.units.end = unit + 1,
            _ => self.gaps.push(Gap { before, units: unit..unit + 1 }),
        }
    }

    /// Characters in the widest gap.
    pub(super) fn widest(&self) -> usize {
        self.gaps.iter().map(|gap| gap.units.len()).max().unwrap_or(0)
    }
}

/// The folds by which a unit of the text differs from the phrase as written.
fn telling(unit: &Unit, wanted: &Unit, is_first: bool) -> Folds {
    let dropped = if is_first { Folds::NONE } else { unit.dropped };
    if unit.source == wanted.source {
        return dropped;
    }
    let between = unit.folds.differing(wanted.folds);
    dropped.or(if between.is_empty() { unit.folds } else { between })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(text: &str, phrase: &str) -> Option<(usize, usize, usize, Vec<&'static str>)> {
        let text = Folded::of(text);
        let found = align(&text, text.words_len() - 1, &Folded::of(phrase))?;
        Some((found.first, found.last, found.widest(), found.folds.names().collect()))
    }

    #[test]
    fn the_folds_named_are_those_between_text_and_phrase_as_written() {
        assert_eq!(lay("加QQ", "加QQ"), Some((0, 2, 0, vec![])));
        assert_eq!(lay("加ｑQ", "加QQ"), Some((0, 2, 0, vec!["width", "case"])));
        assert_eq!(lay("无风险", "無風險"), Some((0, 2, 0, vec!["traditional"])));
        assert_eq!(lay("\u{200b}无\u{200b}风̶险", "无风险"), Some((0, 2, 0, vec!["mark", "ignorable"])));
    }

    #[test]
    fn symbols_in_the_phrase_must_be_there_and_others_are_gaps() {
        assert_eq!(lay("1-00 %有效", "100%有效"), Some((0, 7, 1, vec![])));
        assert_eq!(lay("100有效", "100%有效"), None);
        assert_eq!(lay("+V", "+V"), Some((0, 1, 0, vec![])));
        assert_eq!(lay("加V", "+V"), None);
    }
}

//! Lays a phrase over the stretch of text where its words were found.

use crate::text::{Folded, Folds, Unit};
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
    /// The always-on folds that tell the text from the phrase as written.
    pub(super) folds: Folds,
    /// Every gap that is not empty.
    pub(super) gaps: Vec<Gap>,
}

/// What a unit of the text is to the phrase laid over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// The phrase's next character.
    Next,
    /// A part of it, or the last one once more.
    More,
    /// Neither: a gap if it is a symbol, else another word.
    Other,
}

/// Says what a unit of the text is, given the phrase's next character.
pub(super) trait Meet {
    fn meet(&mut self, unit: &Unit, wanted: Option<&Unit>) -> Meeting;
}

/// Equal after the folds that are always on.
pub(super) struct Exact;

impl Meet for Exact {
    fn meet(&mut self, unit: &Unit, wanted: Option<&Unit>) -> Meeting {
        if wanted.is_some_and(|wanted| wanted.ch == unit.ch) { Meeting::Next } else { Meeting::Other }
    }
}

/// Lays `phrase` over the text so that its words are the text's words `words`, both included.
///
/// The phrase's own symbols must be there, those at its ends directly; else it is `None`.
pub(super) fn align(
    text: &Folded,
    words: (usize, usize),
    phrase: &Folded,
    meet: &mut impl Meet,
) -> Option<Alignment> {
    let leading = phrase.word(0)?;
    let trailing = phrase.units().len().checked_sub(phrase.word(phrase.words_len() - 1)? + 1)?;
    let first = text.word(words.0)?.checked_sub(leading)?;
    let last = text.word(words.1)? + trailing;
    let mut found = Alignment { first, last, folds: Folds::NONE, gaps: Vec::new() };
    let (mut next, mut begun) = (0, false);
    for (place, unit) in text.units().get(first..=last)?.iter().enumerate() {
        let wanted = phrase.units().get(next);
        let meeting = meet.meet(unit, wanted);
        match meeting {
            Meeting::Other if unit.is_text() || !begun => return None,
            Meeting::Other => found.widen(next, first + place),
            Meeting::Next | Meeting::More => found.folds = found.folds.or(telling(unit, wanted, begun)),
        }
        next += usize::from(meeting == Meeting::Next);
        begun = true;
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
fn telling(unit: &Unit, wanted: Option<&Unit>, begun: bool) -> Folds {
    let dropped = if begun { unit.dropped } else { Folds::NONE };
    let Some(wanted) = wanted.filter(|wanted| wanted.source != unit.source) else { return dropped };
    let between = unit.folds.differing(wanted.folds);
    dropped.or(if between.is_empty() || wanted.ch != unit.ch { unit.folds } else { between })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(text: &str, phrase: &str) -> Option<(usize, usize, usize, Vec<&'static str>)> {
        let (text, phrase) = (Folded::of(text), Folded::of(phrase));
        let last = text.words_len() - 1;
        let words = ((last + 1).checked_sub(phrase.words_len())?, last);
        let found = align(&text, words, &phrase, &mut Exact)?;
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

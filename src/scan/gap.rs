//! Whether the symbols between the characters of a phrase disguise it, or part words that only
//! happen to stand near one another.

use super::align::{Alignment, Gap};
use crate::text::{Class, Folded, Unit};

/// Every gap is one that this phrase may have.
///
/// `setting` is the rule's own limit in characters; without one the phrase's length decides, as
/// the shorter a phrase the more often its characters stand apart by chance.
pub(super) fn is_tolerated(text: &Folded, phrase: &Folded, found: &Alignment, setting: Option<u8>) -> bool {
    if found.gaps.is_empty() {
        return true;
    }
    let length = phrase.words_len();
    if found.widest() > setting.map_or(limit(length), usize::from) || splits_a_word(phrase, found) {
        return false;
    }
    let gaps: Vec<&[Unit]> = found.gaps.iter().map(|gap| units(text, gap)).collect();
    if gaps.iter().all(|gap| is_decoration(gap)) {
        return length > 2 || setting.is_some() || !gaps.iter().any(|gap| has_blank(gap));
    }
    if length > 2 && gaps.len() + 1 == phrase.units().len() && are_alike(&gaps) {
        return true;
    }
    gaps.iter().all(|gap| is_decoration(gap) || is_line_break(gap))
        && (length > 3 || fills_its_lines(text, found))
}

/// Characters one gap may hold in a phrase of `length` when the rule does not say.
fn limit(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        _ => 3,
    }
}

fn units<'t>(text: &'t Folded, gap: &Gap) -> &'t [Unit] {
    text.units().get(gap.units.clone()).unwrap_or_default()
}

fn is_decoration(gap: &[Unit]) -> bool {
    gap.iter().all(|unit| unit.class <= Class::Symbol)
}

fn has_blank(gap: &[Unit]) -> bool {
    gap.iter().any(|unit| unit.ch == ' ')
}

fn is_line_break(gap: &[Unit]) -> bool {
    gap.iter().all(|unit| unit.ch.is_whitespace())
}

/// 保、底、收、益: the same filling everywhere is no punctuation.
fn are_alike(gaps: &[&[Unit]]) -> bool {
    let filling = |gap: &[Unit]| gap.iter().map(|unit| unit.ch).collect::<String>();
    gaps.windows(2).all(|pair| pair.first().map(|gap| filling(gap)) == pair.last().map(|gap| filling(gap)))
}

/// Blanks and signs between letters or digits part words and numbers, unless all of them are parted.
fn splits_a_word(phrase: &Folded, found: &Alignment) -> bool {
    let pairs = phrase.units().windows(2).enumerate();
    let inside = pairs.filter(|(_, pair)| pair.iter().all(|unit| unit.ch.is_ascii_alphanumeric()));
    let parted = inside.map(|(before, _)| found.gaps.iter().any(|gap| gap.before == before + 1));
    let (parted, whole): (Vec<bool>, Vec<bool>) = parted.partition(|parted| *parted);
    !parted.is_empty() && !whole.is_empty()
}

/// Nothing but the phrase stands on the lines it stands on.
fn fills_its_lines(text: &Folded, found: &Alignment) -> bool {
    let (before, after) = (text.units().get(..found.first), text.units().get(found.last + 1..));
    let is_bare = |unit: &Unit| !unit.is_text();
    before.unwrap_or_default().iter().rev().take_while(|unit| unit.ch != '\n').all(is_bare)
        && after.unwrap_or_default().iter().take_while(|unit| unit.ch != '\n').all(is_bare)
}

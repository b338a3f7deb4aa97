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
    let stretch = Stretch { text, found, gaps: found.gaps.iter().map(|gap| units(text, gap)).collect() };
    let (length, widest) = (phrase.words_len(), stretch.widest());
    if splits_a_word(phrase, found) {
        return false;
    }
    if let Some(limit) = setting {
        return widest <= usize::from(limit) && (stretch.is_decorated() || stretch.is_spelled(phrase));
    }
    widest <= FILLING && (stretch.is_spelled(phrase) || stretch.is_wrapped())
        || widest <= limit(length)
            && (stretch.is_decorated() && (length > 2 || !stretch.has_blank() || stretch.is_alone())
                || stretch.is_broken_by_lines()
                    && (stretch.may_be_broken(length) || length == 2 && stretch.is_alone()))
}

/// Characters one gap may hold when nothing but a disguise fills gaps that way.
const FILLING: usize = 6;

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

/// A dot inside a phrase ends no sentence: 必.过, 保……本.
fn is_decoration(gap: &[Unit]) -> bool {
    gap.iter().all(|unit| unit.class <= Class::Symbol || matches!(unit.ch, '.' | '…'))
}

/// Characters as they were typed: … is one, and so is a family of emoji held together by joiners.
fn width(gap: &[Unit]) -> usize {
    let written = gap.iter().enumerate().filter(|(place, unit)| {
        let before = place.checked_sub(1).and_then(|before| gap.get(before));
        before.is_none_or(|before| before.start != unit.start && unit.dropped.is_empty())
    });
    written.count()
}

/// A phrase in the text, and what stands in its gaps.
struct Stretch<'t> {
    text: &'t Folded,
    found: &'t Alignment,
    gaps: Vec<&'t [Unit]>,
}

impl Stretch<'_> {
    /// Characters in the widest gap.
    fn widest(&self) -> usize {
        self.gaps.iter().map(|gap| width(gap)).max().unwrap_or(0)
    }

    /// Nothing but stops, brackets and the like around it.
    fn is_alone(&self) -> bool {
        let at = |place: Option<usize>| place.and_then(|place| self.text.units().get(place));
        let is_bare = |unit: Option<&Unit>| unit.is_none_or(|unit| !unit.is_text() && unit.ch != ' ');
        is_bare(at(self.found.first.checked_sub(1))) && is_bare(at(self.found.last.checked_add(1)))
    }

    /// Blanks, brackets, emoji and the like, no stops.
    fn is_decorated(&self) -> bool {
        self.gaps.iter().all(|gap| is_decoration(gap))
    }

    fn has_blank(&self) -> bool {
        self.gaps.iter().any(|gap| gap.iter().any(|unit| unit.ch == ' '))
    }

    /// 保、底、收、益: the same filling after every character is no punctuation.
    fn is_spelled(&self, phrase: &Folded) -> bool {
        let filling = |gap: &&[Unit]| gap.iter().map(|unit| unit.ch).collect::<String>();
        let first = self.gaps.first().map(filling);
        let is_filled = phrase.words_len() > 2 && self.gaps.len() + 1 == phrase.units().len();
        is_filled && self.gaps.iter().all(|gap| Some(filling(gap)) == first)
    }

    /// 【必】【过】, **必**过: brackets or emphasis around single pieces of the phrase.
    fn is_wrapped(&self) -> bool {
        let at =
            |place: Option<usize>| place.and_then(|place| self.text.units().get(place)).map(|unit| unit.ch);
        let (before, after) = (at(self.found.first.checked_sub(1)), at(self.found.last.checked_add(1)));
        let closes = |gap: &&[Unit]| {
            let (first, last) = (gap.first().map(|unit| unit.ch), gap.last().map(|unit| unit.ch));
            (before.is_some() && before == last) || (after.is_some() && after == first)
        };
        self.is_decorated() && !self.has_blank() && self.gaps.iter().any(closes)
    }

    fn is_broken_by_lines(&self) -> bool {
        self.gaps.iter().all(|gap| is_decoration(gap) || gap.iter().all(|unit| unit.ch.is_whitespace()))
    }

    /// The shorter the phrase, the more its surroundings must speak for a disguise: three characters
    /// may not end or begin a field (状态：无⏎风险：低), two must stand alone.
    fn may_be_broken(&self, length: usize) -> bool {
        let at = |place: Option<usize>| place.and_then(|place| self.text.units().get(place));
        let before = at(self.found.first.checked_sub(1)).is_some_and(|unit| unit.class == Class::StrongStop);
        let after = at(self.found.last.checked_add(1)).is_some_and(|unit| unit.ch == ':');
        length > 3 || self.fills_its_lines() || (length == 3 && !before && !after)
    }

    /// Nothing but the phrase stands on the lines it stands on.
    fn fills_its_lines(&self) -> bool {
        let before = self.text.units().get(..self.found.first).unwrap_or_default();
        let after = self.text.units().get(self.found.last + 1..).unwrap_or_default();
        let is_bare = |unit: &Unit| !unit.is_text();
        before.iter().rev().take_while(|unit| unit.ch != '\n').all(is_bare)
            && after.iter().take_while(|unit| unit.ch != '\n').all(is_bare)
    }
}

/// In a phrase of nothing but letters and digits a gap parts words and numbers, unless all of them
/// are parted.
fn splits_a_word(phrase: &Folded, found: &Alignment) -> bool {
    if !phrase.units().iter().all(|unit| unit.ch.is_ascii()) {
        return false;
    }
    let pairs = phrase.units().windows(2).enumerate();
    let inside = pairs.filter(|(_, pair)| pair.iter().all(|unit| unit.ch.is_ascii_alphanumeric()));
    let parted = inside.map(|(before, _)| found.gaps.iter().any(|gap| gap.before == before + 1));
    let (parted, whole): (Vec<bool>, Vec<bool>) = parted.partition(|parted| *parted);
    !parted.is_empty() && !whole.is_empty()
}

//! A text after folding, with the way back to the original.

use super::table::{Class, Folds, Piece, Table};

/// One folded character and the bytes of the original it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The character after folding.
    pub ch: char,
    /// What it is to a reader.
    pub class: Class,
    /// The folds that led to it.
    pub folds: Folds,
    /// Why characters directly before it were dropped, if some were.
    pub dropped: Folds,
    /// The character as written.
    pub source: char,
    /// First byte in the original.
    pub start: u32,
    /// One past the last byte in the original.
    pub end: u32,
}

impl Unit {
    /// A letter, digit or ideograph, not a symbol between them.
    pub fn is_text(&self) -> bool {
        self.class == Class::Text
    }
}

/// A text after the folds that are always on.
///
/// Characters that are always dropped leave no unit; symbols do, so that a phrase can be looked
/// for among the words alone and the gaps be judged afterwards.
///
/// ```
/// use wecom_guard::text::Folded;
/// let folded = Folded::of("無\u{200b}風 險");
/// assert_eq!(folded.words(), "无风险");
/// assert_eq!(folded.units().len(), 4);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Folded {
    units: Vec<Unit>,
    words: Vec<u32>,
    dropped: Folds,
}

impl Folded {
    /// Folds a text.
    pub fn of(text: &str) -> Self {
        let mut folded = Self { units: Vec::with_capacity(text.len() / 2), ..Self::default() };
        for (at, ch) in text.char_indices() {
            folded.push(ch, at, at + ch.len_utf8());
        }
        folded
    }

    /// Adds a character that stands for the bytes `start..end` of the original.
    pub fn push(&mut self, source: char, start: usize, end: usize) {
        let (table, count) = (Table::get(), self.units.len());
        table.fold(source, |Piece { ch, class, folds }| {
            if class == Class::Text {
                self.words.push(self.units.len() as u32);
            }
            let dropped = std::mem::take(&mut self.dropped);
            let (start, end) = (start as u32, end as u32);
            self.units.push(Unit { ch, class, folds, dropped, source, start, end });
        });
        if self.units.len() == count {
            self.dropped = self.dropped.or(table.folds_of(source));
        }
    }

    /// Every unit, symbols included, in the order of the text.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The place among [`Folded::units`] of the `n`th unit that is no symbol.
    pub fn word(&self, n: usize) -> Option<usize> {
        self.words.get(n).map(|place| *place as usize)
    }

    /// How many units that are no symbols stand before the unit at `place`.
    pub fn words_before(&self, place: usize) -> usize {
        self.words.partition_point(|word| (*word as usize) < place)
    }

    /// How many units are no symbols.
    pub fn words_len(&self) -> usize {
        self.words.len()
    }

    /// The units that are no symbols, as one text: what a phrase is looked for in.
    pub fn words(&self) -> String {
        self.units.iter().filter(|unit| unit.is_text()).map(|unit| unit.ch).collect()
    }
}

/// A phrase under the folds that are always on, without blanks at its ends. Two phrases with the
/// same result find the same texts.
///
/// ```
/// assert_eq!(wecom_guard::text::fold_phrase(" １００％無風險 "), "100%无风险");
/// ```
pub fn fold_phrase(phrase: &str) -> String {
    let folded: String = Folded::of(phrase).units().iter().map(|unit| unit.ch).collect();
    folded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_unit_knows_the_bytes_it_came_from() {
        let folded = Folded::of("无\u{200b}㎏險");
        let places: Vec<_> = folded.units().iter().map(|u| (u.ch, u.start, u.end)).collect();
        assert_eq!(places, [('无', 0, 3), ('k', 6, 9), ('g', 6, 9), ('险', 9, 12)]);
    }

    proptest! {
        #[test]
        fn units_lie_on_character_borders_in_the_order_of_the_text(text in "\\PC{0,40}") {
            let folded = Folded::of(&text);
            for unit in folded.units() {
                prop_assert_eq!(text.get(unit.start as usize..unit.end as usize).map(|c| c.chars().count()), Some(1));
            }
            prop_assert!(folded.units().is_sorted_by_key(|unit| unit.start));
        }
    }
}

//! Whether anything of the rules can stand in a text. Allocates nothing.

use super::compile::Ruleset;
use super::detect;
use super::index::Index;
use super::sound::Hearing;
use crate::text::{Class, Table};

impl Ruleset {
    /// Nothing of the rules stands in the text.
    ///
    /// `false` only means that a closer look is needed: what was met may be excused, a part of a
    /// longer word, or one term of several.
    pub fn is_clean(&self, text: &str) -> bool {
        let Some((seen, terms)) = self.plain.sift(text) else { return false };
        self.plain.nears.complete(terms.met()).next().is_none()
            && self.loose.as_ref().is_none_or(|index| index.sift(text).is_some())
            && (!seen.has_letter()
                || self.spelled.as_ref().is_none_or(|index| is_free_by_sound(index, Hearing::Spelled, text)))
            && self.alike.as_ref().is_none_or(|index| is_free_by_sound(index, Hearing::Alike, text))
            && !(self.reads_markup && text.contains(['<', '&', '%']))
            && (self.data.is_empty() || !seen.has_graphic() || !detect::is_worth_a_look(text))
    }
}

fn is_free_by_sound(index: &Index, hearing: Hearing, text: &str) -> bool {
    let mut state = index.start();
    all_words(text, |ch| {
        state = hearing.letters(ch).fold(state, |state, letter| index.step(state, letter));
        !index.is_match(state)
    })
}

/// `is_free` holds for every folded character of the text that is no symbol.
fn all_words(text: &str, mut is_free: impl FnMut(char) -> bool) -> bool {
    let (table, mut free) = (Table::get(), true);
    text.chars().all(|ch| {
        table.fold(ch, |piece| free = free && (piece.class != Class::Text || is_free(piece.ch)));
        free
    })
}

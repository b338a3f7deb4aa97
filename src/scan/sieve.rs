//! The hot path: whether a pattern can stand in a text at all. Allocates nothing.
//!
//! Patterns are dealt into buckets. One look-up a character says in which buckets a pattern has it
//! first, second, third and fourth; shifted and met with those of the characters before, the bits
//! left over say where an opening of a pattern may be complete. A set of all openings makes nearly
//! sure; only then does the automaton follow the pattern to its end.

use super::buckets::{ALL, BUCKETS, Buckets, COMPLETE, Entry};
use super::engine::{Engine, FOREIGN, State};
use super::openings::{OPENING, Openings, Recent};
use crate::text::{Class, Table};
use std::collections::BTreeMap;
use std::hint::select_unpredictable;
use std::str::Chars;
use std::sync::LazyLock;

/// Characters that have an entry of their own.
const PLANE: usize = 1 << 16;
/// With more patterns than this the buckets part nothing.
const CROWD: usize = 10_000;

/// What a text was seen to hold besides patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(Entry);

impl Seen {
    /// A Latin letter, after folding.
    pub(super) fn has_letter(self) -> bool {
        self.0.has(Entry::LETTER)
    }

    /// A Latin character that is neither blank nor comma, after folding.
    pub(super) fn has_graphic(self) -> bool {
        self.0.has(Entry::GRAPHIC)
    }
}

/// What every character of the plane becomes by the folds that are always on: one character and
/// flags, [`Entry::SKIPPED`] or [`Entry::OTHER`].
static FOLDED: LazyLock<Vec<(char, u64)>> = LazyLock::new(|| {
    let folded = |number: usize| {
        let Some(ch) = u32::try_from(number).ok().and_then(char::from_u32) else {
            return ('\0', Entry::OTHER);
        };
        let (mut becomes, mut count) = (('\0', Entry::SKIPPED), 0);
        Table::get().fold(ch, |piece| {
            becomes = (piece.ch, Entry::flags_of(piece.ch, piece.class));
            count += 1;
        });
        let is_one = count <= 1 && (becomes.0 as usize) < PLANE;
        if is_one { becomes } else { (ch, Entry::OTHER) }
    };
    (0..PLANE).map(folded).collect()
});

/// How a character is read before it is looked up, beyond the folds that are always on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// The character it is read as.
    pub(super) read: fn(char) -> char,
    /// Each run of one character counts once.
    pub(super) squeezes: bool,
}

/// See the head of this file.
pub(super) struct Sieve {
    entries: Box<[Entry; PLANE]>,
    /// The entry of every character that stands in no pattern.
    foreign: Entry,
    /// Codes of characters in patterns that lie beyond the plane.
    beyond: BTreeMap<char, u16>,
    reading: Reading,
    openings: Openings,
    /// There are so many patterns that their buckets part nothing.
    is_crowded: bool,
}

impl Sieve {
    /// `codes` are those of the characters in patterns, `patterns` what is looked for.
    pub(super) fn new(codes: &BTreeMap<char, u16>, reading: Reading, patterns: &[Vec<u16>]) -> Self {
        let (buckets, openings) = (Buckets::of(patterns), Openings::of(patterns));
        let foreign = buckets.entry(FOREIGN);
        let mut by_char = vec![foreign; PLANE];
        for (ch, code) in codes {
            if let Some(slot) = by_char.get_mut(*ch as usize) {
                *slot = buckets.entry(*code);
            }
        }
        let entry = |(ch, flags): &(char, u64)| match flags & (Entry::SKIPPED | Entry::OTHER) {
            0 => Entry(by_char.get((reading.read)(*ch) as usize).unwrap_or(&foreign).0 | flags),
            _ => Entry(*flags),
        };
        let beyond = codes.range('\u{10000}'..).map(|(ch, code)| (*ch, *code)).collect();
        let mut entries = Box::new([foreign; PLANE]);
        entries.iter_mut().zip(FOLDED.iter()).for_each(|(slot, folded)| *slot = entry(folded));
        Self { entries, foreign, beyond, reading, openings, is_crowded: patterns.len() > CROWD }
    }

    /// The code of a folded character.
    #[inline]
    pub(super) fn code(&self, ch: char) -> u16 {
        let entry = self.entry(ch);
        if entry.has(Entry::OTHER) { self.beyond.get(&ch).copied().unwrap_or(FOREIGN) } else { entry.code() }
    }

    #[inline(always)]
    fn entry(&self, ch: char) -> Entry {
        self.entries.get(ch as usize).copied().unwrap_or(Entry(Entry::OTHER))
    }

    /// The entry of a character that has none of its own, unless a part of it stands in a pattern.
    #[cold]
    fn entry_by_hand(&self, ch: char) -> Option<Entry> {
        let mut entry = Some(Entry(Entry::SKIPPED));
        Table::get().fold(ch, |piece| {
            let is_text = piece.class == Class::Text;
            let is_foreign = !is_text || self.code((self.reading.read)(piece.ch)) == FOREIGN;
            let flags = Entry::flags_of(piece.ch, piece.class);
            let met = if is_text { Entry(self.foreign.0 | flags) } else { Entry(flags) };
            entry = entry.filter(|_| is_foreign).map(|before| before.joined(met));
        });
        entry
    }

    /// What the text holds besides patterns; `None` when what a pattern led to `is_enough`, or when only
    /// a closer look can tell.
    pub(super) fn sift(
        &self,
        engine: &Engine,
        text: &str,
        is_enough: &mut impl FnMut(State) -> bool,
    ) -> Option<Seen> {
        match (self.reading.squeezes, self.is_crowded) {
            (true, _) => self.sift_by::<true, true>(engine, text, is_enough),
            (false, true) => self.sift_by::<false, true>(engine, text, is_enough),
            (false, false) => self.sift_by::<false, false>(engine, text, is_enough),
        }
    }

    fn sift_by<const SQUEEZES: bool, const CROWDED: bool>(
        &self,
        engine: &Engine,
        text: &str,
        is_enough: &mut impl FnMut(State) -> bool,
    ) -> Option<Seen> {
        let (mut seen, mut buckets, mut recent) = (Entry(0), self.foreign.0, Recent::default());
        let mut rest = text.chars();
        while let Some(ch) = rest.next() {
            let mut entry = self.entry(ch);
            let mut next = (buckets << BUCKETS | ALL) & entry.0;
            let latest = recent.with(entry.code());
            let is_opened = if CROWDED { self.openings.has(latest) } else { next & COMPLETE != 0 };
            if is_opened | entry.has(Entry::OTHER | Entry::WHOLE) {
                if entry.has(Entry::OTHER) {
                    entry = self.entry_by_hand(ch)?;
                    next = entry.0;
                } else if !self.is_skipped(entry, recent)
                    && self.leads_on(engine, entry, latest, rest.clone(), is_enough)
                {
                    return None;
                }
            }
            seen.0 |= entry.0;
            let is_skipped = entry.has(Entry::SKIPPED) || (SQUEEZES && entry.code() == recent.last());
            // Nobody foresees where the next symbol stands.
            buckets = select_unpredictable(is_skipped, buckets, next);
            recent = select_unpredictable(is_skipped, recent, recent.with(entry.code()));
        }
        Some(Seen(seen))
    }

    #[inline(always)]
    fn is_skipped(&self, entry: Entry, recent: Recent) -> bool {
        entry.has(Entry::SKIPPED) || (self.reading.squeezes && entry.code() == recent.last())
    }

    /// An opening is complete and leads through `rest` to something sought, or to a character that
    /// must be looked at more closely.
    #[inline]
    fn leads_on(
        &self,
        engine: &Engine,
        entry: Entry,
        latest: Recent,
        rest: Chars<'_>,
        is_enough: &mut impl FnMut(State) -> bool,
    ) -> bool {
        let may_be = |length: &usize| match length {
            1 => entry.has(Entry::WHOLE),
            _ => self.openings.may_be(latest, *length),
        };
        (1..=OPENING)
            .filter(may_be)
            .any(|length| self.follow(engine, latest, length, rest.clone(), is_enough))
    }

    #[inline(never)]
    fn follow(
        &self,
        engine: &Engine,
        latest: Recent,
        length: usize,
        rest: Chars<'_>,
        is_enough: &mut impl FnMut(State) -> bool,
    ) -> bool {
        let mut state = engine.anchored();
        for code in latest.codes(length) {
            state = engine.step_anchored(state, code);
        }
        let mut recent = latest;
        for ch in rest {
            if engine.is_dead(state) || is_enough(state) {
                break;
            }
            let mut entry = self.entry(ch);
            if entry.has(Entry::OTHER) {
                let Some(by_hand) = self.entry_by_hand(ch) else { return true };
                entry = by_hand;
            }
            if !self.is_skipped(entry, recent) {
                recent = recent.with(entry.code());
                state = engine.step_anchored(state, entry.code());
            }
        }
        is_enough(state)
    }

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.entries) + self.openings.memory()
    }
}

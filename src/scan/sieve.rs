//! The hot path: whether a pattern can stand in a text at all. Allocates nothing.
//!
//! Patterns are dealt into buckets. One look-up a character says in which buckets a pattern has it
//! first, second, third and fourth; shifted and met with those of the characters before, the bits
//! left over say where an opening of a pattern may be complete. A set of all openings makes nearly
//! sure; only then does the automaton follow the pattern to its end.

use super::engine::{Engine, FOREIGN, State};
use crate::text::{Class, Table};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hint::select_unpredictable;
use std::ops::Range;
use std::str::Chars;
use std::sync::LazyLock;

/// Characters that have an entry of their own.
const PLANE: usize = 1 << 16;
/// The longest opening, in characters.
const OPENING: usize = 4;
/// Patterns are dealt into so many buckets, one bit each.
const BUCKETS: usize = 11;
const ALL_BUCKETS: u64 = (1 << BUCKETS) - 1;
/// With more patterns than this the buckets part nothing.
const CROWD: usize = 10_000;
/// The last place of an opening, in every bucket.
const COMPLETE: u64 = ALL_BUCKETS << (BUCKETS * (OPENING - 1));
/// Bits of a code.
const CODE_BITS: usize = 15;

/// What a character is to the patterns. From the lowest bit: the buckets in which it stands first,
/// second, third and fourth in an opening; the flags below and, beside the last of them, the code of
/// what it is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry(u64);

impl Entry {
    const CODE_AT: usize = 48;
    /// A Latin letter.
    const LETTER: u64 = 1 << 44;
    /// A Latin character that is neither blank nor comma.
    const GRAPHIC: u64 = 1 << 45;
    /// It is folded by hand: it becomes several, or lies beyond the plane.
    const OTHER: u64 = 1 << 46;
    /// It is a pattern by itself.
    const WHOLE: u64 = 1 << 47;
    /// It is passed over: a symbol between words, or dropped.
    const SKIPPED: u64 = 1 << 63;

    fn flags_of(ch: char, class: Class) -> u64 {
        let is_graphic = ch.is_ascii_graphic() && class != Class::WeakStop;
        let flags = [
            (ch.is_ascii_alphabetic(), Self::LETTER),
            (is_graphic, Self::GRAPHIC),
            (class != Class::Text, Self::SKIPPED),
        ];
        flags.into_iter().filter(|(is_so, _)| *is_so).fold(0, |flags, (_, flag)| flags | flag)
    }

    #[inline(always)]
    fn code(self) -> u16 {
        (self.0 >> Self::CODE_AT) as u16 & FOREIGN
    }

    /// What is true of either.
    fn joined(self, other: Entry) -> Entry {
        let is_skipped = self.0 & other.0 & Self::SKIPPED;
        Self((self.0 | other.0) & !Self::SKIPPED | is_skipped)
    }

    #[inline(always)]
    fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }
}

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

    /// What the text holds besides patterns; `None` when it may hold one that leads to a state that
    /// `is_sought`.
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
            let mut next = (buckets << BUCKETS | ALL_BUCKETS) & entry.0;
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
        size_of_val(&*self.entries) + size_of_val(&*self.openings.words)
    }
}

/// The codes of the last four characters that were not skipped, the last one lowest.
#[derive(Clone, Copy)]
struct Recent(u64);

impl Default for Recent {
    fn default() -> Self {
        Self(u64::from(FOREIGN))
    }
}

impl Recent {
    #[inline(always)]
    fn with(self, code: u16) -> Self {
        Self(self.0 << CODE_BITS | u64::from(code))
    }

    #[inline(always)]
    fn last(self) -> u16 {
        self.0 as u16 & FOREIGN
    }

    /// The last `length`, first one first.
    fn codes(self, length: usize) -> impl Iterator<Item = u16> {
        (0..length).rev().map(move |place| (self.0 >> (place * CODE_BITS)) as u16 & FOREIGN)
    }
}

/// Which buckets each character stands in, and where.
struct Buckets {
    by_code: HashMap<u16, u64>,
    /// What holds for every character: before a pattern that is shorter than an opening stands anything.
    any: u64,
    /// Patterns of one character.
    wholes: HashSet<u16>,
}

impl Buckets {
    /// Patterns that begin alike share a bucket; those of different lengths do not, if they are shorter
    /// than an opening.
    fn of(patterns: &[Vec<u16>]) -> Self {
        let wholes = patterns.iter().filter(|one| one.len() == 1).flatten().copied().collect();
        let mut buckets = Self { by_code: HashMap::new(), any: 0, wholes };
        for (length, own) in Self::deal(patterns) {
            let mut group: Vec<&[u16]> =
                patterns.iter().filter(|one| one.len().min(OPENING) == length).map(Vec::as_slice).collect();
            group.sort_unstable();
            for (place, pattern) in group.iter().enumerate() {
                buckets.put(pattern, length, own.start + place * own.len() / group.len());
            }
        }
        buckets
    }

    fn put(&mut self, pattern: &[u16], length: usize, bucket: usize) {
        let bit = |place: usize| 1 << (bucket + place * BUCKETS);
        let from = OPENING - length;
        for (place, code) in (from..OPENING).zip(pattern) {
            *self.by_code.entry(*code).or_default() |= bit(place);
        }
        self.any |= (0..from).map(bit).fold(0, |any, bit| any | bit);
    }

    /// The buckets of each length of opening that occurs: by how many patterns have it, one at least.
    fn deal(patterns: &[Vec<u16>]) -> Vec<(usize, Range<usize>)> {
        let count = |length: usize| patterns.iter().filter(|one| one.len().min(OPENING) == length).count();
        let counts: Vec<(usize, usize)> =
            (1..=OPENING).map(|length| (length, count(length))).filter(|(_, count)| *count > 0).collect();
        let (mut dealt, mut start, mut left) = (Vec::new(), 0, patterns.len());
        for (place, (length, count)) in counts.iter().enumerate() {
            let later = counts.len() - place - 1;
            let free = BUCKETS - start - later;
            let own = if later == 0 { free } else { (free * count / left.max(1)).clamp(1, free) };
            dealt.push((*length, start..start + own));
            (start, left) = (start + own, left - count);
        }
        dealt
    }

    fn entry(&self, code: u16) -> Entry {
        let buckets = self.by_code.get(&code).copied().unwrap_or_default() | self.any;
        let whole = if self.wholes.contains(&code) { Entry::WHOLE } else { 0 };
        Entry(buckets | whole | u64::from(code) << Entry::CODE_AT)
    }
}

/// The openings of two characters and more, by their marks; it may hold some others.
///
/// The last two characters choose a word, all of an opening two bits in it: one load a look.
struct Openings {
    words: Box<[u64]>,
    shift: u32,
}

impl Openings {
    fn of(patterns: &[Vec<u16>]) -> Self {
        let count = patterns.len().next_power_of_two().max(64);
        let mut openings =
            Self { words: vec![0; count].into_boxed_slice(), shift: 64 - count.trailing_zeros() };
        for pattern in patterns.iter().filter(|one| one.len() > 1) {
            let latest = pattern.iter().take(OPENING).fold(Recent(0), |recent, code| recent.with(*code));
            let place = openings.place(latest);
            if let Some(word) = openings.words.get_mut(place) {
                *word |= Self::bits(latest, pattern.len().min(OPENING));
            }
        }
        openings
    }

    /// An opening may be complete with the latest character.
    #[inline(always)]
    fn has(&self, latest: Recent) -> bool {
        self.may_be(latest, 2) | self.may_be(latest, 3) | self.may_be(latest, 4)
    }

    /// The last characters, `length` of them, may be an opening.
    #[inline(always)]
    fn may_be(&self, latest: Recent, length: usize) -> bool {
        let bits = Self::bits(latest, length);
        self.words.get(self.place(latest)).is_some_and(|word| word & bits == bits)
    }

    #[inline(always)]
    fn place(&self, latest: Recent) -> usize {
        // The golden ratio spreads what is multiplied with it over the upper bits.
        ((latest.0 << (64 - 2 * CODE_BITS)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
    }

    #[inline(always)]
    fn bits(latest: Recent, length: usize) -> u64 {
        let mark = (latest.0 << (64 - length * CODE_BITS)).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        1 << (mark >> 58) | 1 << (mark >> 52 & 63)
    }
}

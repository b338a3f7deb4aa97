//! Which characters can stand where in an opening: bits that say so, of a few buckets of patterns.

use super::engine::FOREIGN;
use super::openings::OPENING;
use crate::text::Class;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Patterns are dealt into so many buckets, one bit each.
pub(super) const BUCKETS: usize = 11;
/// Every bucket.
pub(super) const ALL: u64 = (1 << BUCKETS) - 1;
/// The last place of an opening, in every bucket.
pub(super) const COMPLETE: u64 = ALL << (BUCKETS * (OPENING - 1));

/// What a character is to the patterns. From the lowest bit: the buckets in which it stands first,
/// second, third and fourth in an opening; the flags below and, beside the last of them, the code of
/// what it is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

impl Entry {
    pub(super) const CODE_AT: usize = 48;
    /// A Latin letter.
    pub(super) const LETTER: u64 = 1 << 44;
    /// A Latin character that is neither blank nor comma.
    pub(super) const GRAPHIC: u64 = 1 << 45;
    /// It is folded by hand: it becomes several, or lies beyond the plane.
    pub(super) const OTHER: u64 = 1 << 46;
    /// It is a pattern by itself.
    pub(super) const WHOLE: u64 = 1 << 47;
    /// It is passed over: a symbol between words, or dropped.
    pub(super) const SKIPPED: u64 = 1 << 63;

    pub(super) fn flags_of(ch: char, class: Class) -> u64 {
        let is_graphic = ch.is_ascii_graphic() && class != Class::WeakStop;
        let flags = [
            (ch.is_ascii_alphabetic(), Self::LETTER),
            (is_graphic, Self::GRAPHIC),
            (class != Class::Text, Self::SKIPPED),
        ];
        flags.into_iter().filter(|(is_so, _)| *is_so).fold(0, |flags, (_, flag)| flags | flag)
    }

    #[inline(always)]
    pub(super) fn code(self) -> u16 {
        (self.0 >> Self::CODE_AT) as u16 & FOREIGN
    }

    /// What is true of either.
    pub(super) fn joined(self, other: Entry) -> Entry {
        let is_skipped = self.0 & other.0 & Self::SKIPPED;
        Self((self.0 | other.0) & !Self::SKIPPED | is_skipped)
    }

    #[inline(always)]
    pub(super) fn has(self, flag: u64) -> bool {
        self.0 & flag != 0
    }
}

/// Which buckets each character stands in, and where.
pub(super) struct Buckets {
    by_code: HashMap<u16, u64>,
    /// What holds for every character: before a pattern that is shorter than an opening stands anything.
    any: u64,
    /// Patterns of one character.
    wholes: HashSet<u16>,
}

impl Buckets {
    /// Patterns that begin alike share a bucket; those of different lengths do not, if they are shorter
    /// than an opening.
    pub(super) fn of(patterns: &[Vec<u16>]) -> Self {
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

    pub(super) fn entry(&self, code: u16) -> Entry {
        let buckets = self.by_code.get(&code).copied().unwrap_or_default() | self.any;
        let whole = if self.wholes.contains(&code) { Entry::WHOLE } else { 0 };
        Entry(buckets | whole | u64::from(code) << Entry::CODE_AT)
    }
}

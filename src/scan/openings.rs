//! The first characters of patterns, as a set that is asked in one load.

use super::engine::FOREIGN;

/// The longest opening, in characters.
pub(super) const OPENING: usize = 4;
/// Bits of a code.
const CODE_BITS: usize = 15;

/// The codes of the last four characters that were not skipped, the last one lowest.
#[derive(Clone, Copy)]
pub(super) struct Recent(u64);

impl Default for Recent {
    fn default() -> Self {
        Self(u64::from(FOREIGN))
    }
}

impl Recent {
    #[inline(always)]
    pub(super) fn with(self, code: u16) -> Self {
        Self(self.0 << CODE_BITS | u64::from(code))
    }

    #[inline(always)]
    pub(super) fn last(self) -> u16 {
        self.0 as u16 & FOREIGN
    }

    /// The last `length`, first one first.
    pub(super) fn codes(self, length: usize) -> impl Iterator<Item = u16> {
        (0..length).rev().map(move |place| (self.0 >> (place * CODE_BITS)) as u16 & FOREIGN)
    }
}

/// The openings of two characters and more, by their marks; it may hold some others.
///
/// The last two characters choose a word, all of an opening two bits in it: one load a look.
pub(super) struct Openings {
    words: Box<[u64]>,
    shift: u32,
}

impl Openings {
    pub(super) fn of(patterns: &[Vec<u16>]) -> Self {
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
    pub(super) fn has(&self, latest: Recent) -> bool {
        self.may_be(latest, 2) | self.may_be(latest, 3) | self.may_be(latest, 4)
    }

    /// The last characters, `length` of them, may be an opening.
    #[inline(always)]
    pub(super) fn may_be(&self, latest: Recent, length: usize) -> bool {
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

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.words)
    }
}

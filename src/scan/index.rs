//! An automaton and on whose behalf each of its patterns is looked for.

use super::engine::{Engine, EngineError, State};
use super::rule::Detector;
use super::sieve::{Reading, Seen, Sieve};
use std::collections::{BTreeMap, BTreeSet};

/// On whose behalf a pattern is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sought {
    /// The rule's place.
    pub(super) rule: u32,
    /// What of the rule.
    pub(super) what: What,
}

/// The part of a rule that is looked for or was found, by its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A phrase.
    Phrase(u32),
    /// A phrase or alias in another spelling, by its place in the ruleset.
    Variant(u32),
    /// A phrase that excuses.
    Allow(u32),
    /// A term of a `near`.
    Term { near: u16, term: u16 },
    /// A term that excuses a `near`.
    Without { near: u16, term: u16 },
    /// All terms of a `near` together.
    Near(u32),
    /// Personal or contact data.
    Data(Detector),
}

/// Patterns by the words they are looked for as.
#[derive(Default)]
pub(super) struct Patterns {
    by_words: BTreeMap<String, Vec<Sought>>,
    count: usize,
}

impl Patterns {
    pub(super) fn add(&mut self, words: String, sought: Sought) {
        let all = self.by_words.entry(words).or_default();
        if !all.contains(&sought) {
            all.push(sought);
            self.count += 1;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Compiles them to be sifted for all; nothing when there are none.
    pub(super) fn compile_some(self, reading: Reading) -> Result<Option<Index>, EngineError> {
        if self.count == 0 { Ok(None) } else { self.compile(reading, |_| true).map(Some) }
    }

    /// Compiles them; `is_sought` are those that a text is sifted for.
    pub(super) fn compile(
        self,
        reading: Reading,
        is_sought: impl Fn(&Sought) -> bool,
    ) -> Result<Index, EngineError> {
        let codes = codes(self.by_words.keys())?;
        let encode =
            |words: &String| words.chars().filter_map(|ch| codes.get(&ch).copied()).collect::<Vec<u16>>();
        let encoded: Vec<Vec<u16>> = self.by_words.keys().map(encode).collect();
        let bytes = |codes: &Vec<u16>| codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        let engine = Engine::build(&encoded.iter().map(bytes).collect::<Vec<_>>())?;
        let sifted: Vec<Vec<u16>> = encoded
            .into_iter()
            .zip(self.by_words.values())
            .filter(|(_, all)| all.iter().any(&is_sought))
            .map(|(codes, _)| codes)
            .collect();
        let sieve = Sieve::new(&codes, reading, &sifted);
        let is_sifted = self.by_words.values().map(|all| all.iter().any(&is_sought)).collect();
        let sought: Vec<Vec<Sought>> = self.by_words.into_values().collect();
        let ends = sought.iter().scan(0, |end, all| {
            *end += all.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        Ok(Index { engine, sieve, is_sifted, sought: sought.concat(), ends })
    }
}

/// See the head of this file.
pub(super) struct Index {
    engine: Engine,
    sieve: Sieve,
    /// By pattern: a text is sifted for it.
    is_sifted: Vec<bool>,
    /// Everything sought, by pattern.
    sought: Vec<Sought>,
    /// Where each pattern's part of `sought` ends.
    ends: Vec<u32>,
}

impl Index {
    /// The state after one more character.
    #[inline]
    pub(super) fn step(&self, state: State, ch: char) -> State {
        self.engine.step(state, self.sieve.code(ch))
    }

    /// The state before the first character.
    pub(super) fn start(&self) -> State {
        self.engine.start()
    }

    /// What the text holds besides patterns; `None` when it holds one it is sifted for.
    pub(super) fn sift(&self, text: &str) -> Option<Seen> {
        let is_sifted = |pattern: usize| self.is_sifted.get(pattern).copied().unwrap_or_default();
        self.sieve.sift(&self.engine, text, |state| {
            self.engine.matches(state).any(|(pattern, _)| is_sifted(pattern))
        })
    }

    /// Something that is sought ends with the character that led to `state`.
    #[inline]
    pub(super) fn is_match(&self, state: State) -> bool {
        self.engine.is_match(state)
    }

    /// Everything whose last character is the one that led to `state`, and its pattern's length.
    pub(super) fn ending_at(&self, state: State) -> impl Iterator<Item = (Sought, usize)> + '_ {
        let with_length =
            |(pattern, bytes)| self.sought(pattern).iter().map(move |sought| (*sought, bytes / 2));
        self.engine.matches(state).flat_map(with_length)
    }

    fn sought(&self, pattern: usize) -> &[Sought] {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = pattern.checked_sub(1).map_or(0, end);
        self.sought.get(start..end(pattern)).unwrap_or_default()
    }

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        self.engine.memory()
            + self.sieve.memory()
            + size_of_val(self.is_sifted.as_slice())
            + size_of_val(self.sought.as_slice())
            + size_of_val(self.ends.as_slice())
    }
}

/// The most leading bytes of codes, and the most trailing ones.
const MOST_BYTES: usize = 126;

/// A code of two bytes for every character that stands in a pattern.
///
/// Leading and trailing bytes differ, so no match can begin inside a code; there are no more of
/// them than needed, which keeps the automaton's rows short.
fn codes<'p>(patterns: impl Iterator<Item = &'p String>) -> Result<BTreeMap<char, u16>, EngineError> {
    let chars: BTreeSet<char> = patterns.flat_map(|pattern| pattern.chars()).collect();
    let trails = (1..=MOST_BYTES).find(|side| side * side >= chars.len()).ok_or(EngineError)?;
    let code = |place: usize| ((place / trails) << 8 | (128 + place % trails)) as u16;
    Ok(chars.into_iter().enumerate().map(|(place, ch)| (ch, code(place))).collect())
}

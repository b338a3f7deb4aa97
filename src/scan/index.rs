//! An automaton and on whose behalf each of its patterns is looked for.

use super::engine::{Engine, EngineError, FOREIGN, State};
use super::rule::Detector;
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
    /// A term of a `near`, in one of its wordings.
    Term { near: u16, term: u16, wording: u16 },
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

    /// Compiles them; nothing when there are none.
    pub(super) fn compile(self) -> Result<Option<Index>, EngineError> {
        if self.count == 0 {
            return Ok(None);
        }
        let words: Vec<&str> = self.by_words.keys().map(String::as_str).collect();
        let codes = Codes::of(&words)?;
        let engine = Engine::build(words.into_iter().map(|words| codes.encode(words)).collect())?;
        let sought: Vec<Vec<Sought>> = self.by_words.into_values().collect();
        let ends = sought.iter().scan(0, |end, all| {
            *end += all.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        Ok(Some(Index { engine, codes, sought: sought.concat(), ends }))
    }
}

/// See the head of this file.
pub(super) struct Index {
    engine: Engine,
    codes: Codes,
    /// Everything sought, by pattern.
    sought: Vec<Sought>,
    /// Where each pattern's part of `sought` ends.
    ends: Vec<u32>,
}

impl Index {
    /// The state after one more character.
    #[inline]
    pub(super) fn step(&self, state: State, ch: char) -> State {
        self.engine.step(state, self.codes.get(ch))
    }

    /// The state before the first character.
    pub(super) fn start(&self) -> State {
        self.engine.start()
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
            + size_of_val(self.codes.0.as_slice())
            + size_of_val(self.sought.as_slice())
            + size_of_val(self.ends.as_slice())
    }
}

/// A code of two bytes for every character that stands in a pattern, and one for all others.
///
/// Leading and trailing bytes differ, so no match can begin inside a code; there are no more of
/// them than needed, which keeps the automaton's rows short.
struct Codes(Vec<u16>);

impl Codes {
    /// The most leading bytes, and the most trailing ones.
    const MOST: usize = 127;

    fn of(patterns: &[&str]) -> Result<Self, EngineError> {
        let chars: BTreeSet<char> = patterns.iter().flat_map(|pattern| pattern.chars()).collect();
        let trails = (1..=Self::MOST).find(|side| side * side >= chars.len()).ok_or(EngineError)?;
        let mut codes = vec![FOREIGN; chars.last().map_or(0, |last| *last as usize + 1)];
        for (place, ch) in chars.iter().enumerate() {
            if let Some(slot) = codes.get_mut(*ch as usize) {
                *slot = ((place / trails) << 8 | (128 + place % trails)) as u16;
            }
        }
        Ok(Self(codes))
    }

    #[inline]
    fn get(&self, ch: char) -> u16 {
        self.0.get(ch as usize).copied().unwrap_or(FOREIGN)
    }

    fn encode(&self, pattern: &str) -> Vec<u8> {
        pattern.chars().flat_map(|ch| self.get(ch).to_be_bytes()).collect()
    }
}

//! An automaton and on whose behalf each of its patterns is looked for.

use super::engine::{Engine, EngineError, State};
use super::rule::Detector;
use std::collections::BTreeMap;

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

    /// Compiles them; nothing when there are none.
    pub(super) fn compile(self) -> Result<Option<Index>, EngineError> {
        if self.count == 0 {
            return Ok(None);
        }
        let begins = Begins::of(self.by_words.keys().filter_map(|words| words.chars().next()));
        let (words, sought): (Vec<String>, Vec<Vec<Sought>>) = self.by_words.into_iter().unzip();
        let ends = sought.iter().scan(0, |end, all| {
            *end += all.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        Ok(Some(Index { engine: Engine::build(&words)?, begins, sought: sought.concat(), ends }))
    }
}

/// See the head of this file.
pub(super) struct Index {
    engine: Engine,
    begins: Begins,
    /// Everything sought, by pattern.
    sought: Vec<Sought>,
    /// Where each pattern's part of `sought` ends.
    ends: Vec<u32>,
}

impl Index {
    /// The engine itself, for a loop that only asks whether anything matches.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The state after one more character. Most characters begin no pattern: they cost one look-up.
    #[inline]
    pub(super) fn step(&self, state: State, ch: char) -> State {
        if state == self.engine.start() && !self.begins.has(ch) { state } else { self.engine.step(state, ch) }
    }

    /// Everything whose last character is the one that led to `state`, and its pattern's bytes.
    pub(super) fn ending_at(&self, state: State) -> impl Iterator<Item = (Sought, usize)> + '_ {
        let with_length = |(pattern, bytes)| self.sought(pattern).iter().map(move |sought| (*sought, bytes));
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
            + size_of_val(self.begins.0.as_slice())
            + size_of_val(self.sought.as_slice())
            + size_of_val(self.ends.as_slice())
    }
}

/// Characters that begin a pattern, a bit each.
struct Begins(Vec<u64>);

impl Begins {
    fn of(chars: impl Iterator<Item = char>) -> Self {
        let mut bits = vec![0; 0x11_0000 / 64];
        for ch in chars {
            if let Some(word) = bits.get_mut(ch as usize / 64) {
                *word |= 1 << (ch as usize % 64);
            }
        }
        Self(bits)
    }

    #[inline]
    fn has(&self, ch: char) -> bool {
        self.0.get(ch as usize / 64).is_some_and(|word| word & 1 << (ch as usize % 64) != 0)
    }
}

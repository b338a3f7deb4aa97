//! An automaton and on whose behalf each of its patterns is looked for.

use super::engine::{Engine, EngineError, State};
use super::rule::Detector;
use super::sieve::{Reading, Seen, Sieve};
use super::together::{Nears, Terms, Together};
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
    /// A term that excuses a `near`, in one of its wordings.
    Without { near: u16, term: u16, wording: u16 },
    /// All terms of a `near` together.
    Near(u32),
    /// Personal or contact data.
    Data(Detector),
}

/// What it says of a text that a pattern stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Weight {
    /// Nothing: it only excuses.
    #[default]
    Excuse,
    /// Something, if all the other terms of a `near` stand there too.
    Term,
    /// That it must be looked at closely.
    Phrase,
}

/// Patterns by the words they are looked for as.
#[derive(Default)]
pub(super) struct Patterns {
    by_words: BTreeMap<String, Vec<Sought>>,
    nears: Vec<Together<String>>,
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

    /// Adds the terms of a `near`, by their words.
    pub(super) fn add_near(&mut self, near: Together<String>) {
        for words in near.wordings() {
            self.by_words.entry(words.clone()).or_default();
            self.count += 1;
        }
        self.nears.push(near);
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Compiles them; a text is looked up in them as `reading` says.
    pub(super) fn compile(self, reading: Reading) -> Result<Index, EngineError> {
        let codes = codes(self.by_words.keys())?;
        let encode =
            |words: &String| words.chars().filter_map(|ch| codes.get(&ch).copied()).collect::<Vec<u16>>();
        let encoded: Vec<Vec<u16>> = self.by_words.keys().map(encode).collect();
        let bytes = |codes: &Vec<u16>| codes.iter().flat_map(|code| code.to_be_bytes()).collect();
        let engine = Engine::build(&encoded.iter().map(bytes).collect::<Vec<_>>())?;
        let numbers = self.by_words.keys().map(String::as_str).zip(0..).collect();
        let nears = Nears::new(self.nears, &numbers);
        let weights = weights(self.by_words.values(), &nears);
        let sifted = encoded.into_iter().zip(&weights).filter(|(_, weight)| **weight > Weight::Excuse);
        let sieve = Sieve::new(&codes, reading, &sifted.map(|(codes, _)| codes).collect::<Vec<_>>());
        let sought: Vec<Vec<Sought>> = self.by_words.into_values().collect();
        let ends = sought.iter().scan(0, |end, all| {
            *end += all.len() as u32;
            Some(*end)
        });
        let ends = ends.collect();
        Ok(Index { engine, sieve, weights, nears, sought: sought.concat(), ends })
    }
}

/// See the head of this file.
pub(super) struct Index {
    engine: Engine,
    sieve: Sieve,
    /// By pattern.
    weights: Vec<Weight>,
    pub(super) nears: Nears,
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

    /// What the text holds besides patterns, and which terms; `None` when it may hold a phrase.
    pub(super) fn sift(&self, text: &str) -> Option<(Seen, Terms)> {
        let mut terms = Terms::default();
        let mut is_enough = |state| {
            let mut patterns = self.engine.matches(state).map(|(pattern, _)| pattern);
            patterns.any(|pattern| match self.weights.get(pattern) {
                Some(Weight::Phrase) => true,
                Some(Weight::Term) => !terms.keep(pattern as u32),
                _ => false,
            })
        };
        let seen = self.sieve.sift(&self.engine, text, &mut is_enough)?;
        Some((seen, terms))
    }

    /// Something that is sought ends with the character that led to `state`.
    #[inline]
    pub(super) fn is_match(&self, state: State) -> bool {
        self.engine.is_match(state)
    }

    /// Every pattern whose last character is the one that led to `state`, and its length.
    pub(super) fn patterns_at(&self, state: State) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.engine.matches(state).map(|(pattern, bytes)| (pattern, bytes / 2))
    }

    /// The same, by what is sought.
    pub(super) fn ending_at(&self, state: State) -> impl Iterator<Item = (Sought, usize)> + '_ {
        let with_length =
            |(pattern, length)| self.sought(pattern).iter().map(move |sought| (*sought, length));
        self.patterns_at(state).flat_map(with_length)
    }

    /// On whose behalf a pattern is looked for.
    pub(super) fn sought(&self, pattern: usize) -> &[Sought] {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = pattern.checked_sub(1).map_or(0, end);
        self.sought.get(start..end(pattern)).unwrap_or_default()
    }

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        self.engine.memory()
            + self.sieve.memory()
            + size_of_val(self.weights.as_slice())
            + size_of_val(self.sought.as_slice())
            + size_of_val(self.ends.as_slice())
    }
}

/// The weight of each pattern, given on whose behalf it is looked for.
fn weights<'s>(sought: impl Iterator<Item = &'s Vec<Sought>>, nears: &Nears) -> Vec<Weight> {
    let is_phrase = |sought: &Sought| matches!(sought.what, What::Phrase(_) | What::Variant(_));
    let alone = |all: &Vec<Sought>| if all.iter().any(is_phrase) { Weight::Phrase } else { Weight::Excuse };
    let mut weights: Vec<Weight> = sought.map(alone).collect();
    for term in nears.terms() {
        if let Some(weight) = weights.get_mut(term as usize) {
            *weight = (*weight).max(Weight::Term);
        }
    }
    weights
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

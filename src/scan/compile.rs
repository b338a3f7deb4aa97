//! Rules in, one automaton out.

use super::engine::{Engine, EngineError};
use super::rule::RuleSpec;
use crate::model::{Revision, RuleId};
use crate::text::{Folded, Table, fold_phrase};
use std::collections::BTreeMap;

/// The longest phrase, in folded characters.
pub const MAX_PHRASE_CHARS: usize = 64;
/// The most phrases a ruleset holds, with allow-phrases, terms and generated variants.
pub const MAX_PHRASES: usize = 200_000;

/// Why rules do not compile.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Nothing is left of a phrase without its symbols.
    #[error("the phrase `{phrase}` of rule `{rule}` holds no letter, digit or ideograph")]
    EmptyPhrase {
        /// The rule.
        rule: RuleId,
        /// The phrase as written.
        phrase: String,
    },
    /// More than [`MAX_PHRASE_CHARS`].
    #[error("the phrase `{phrase}` of rule `{rule}` has more than {MAX_PHRASE_CHARS} characters")]
    LongPhrase {
        /// The rule.
        rule: RuleId,
        /// The phrase as written.
        phrase: String,
    },
    /// More than [`MAX_PHRASES`].
    #[error("there are {0} phrases, more than {MAX_PHRASES}")]
    TooManyPhrases(usize),
    /// The automaton can't number its states.
    #[error(transparent)]
    TooLarge(#[from] EngineError),
}

/// On whose behalf a pattern is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sought {
    /// The rule's place.
    pub(super) rule: u32,
    /// What of the rule.
    pub(super) what: What,
}

/// The part of a rule that a pattern was made from, by its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A phrase.
    Phrase(u32),
    /// A phrase that excuses.
    Allow(u32),
}

/// Rules, compiled once and never changed.
pub struct Ruleset {
    pub(super) revision: Revision,
    pub(super) rules: Vec<RuleSpec>,
    pub(super) engine: Engine,
    /// Everything sought, by pattern.
    sought: Vec<Sought>,
    /// Where each pattern's part of `sought` ends.
    ends: Vec<u32>,
}

impl Ruleset {
    /// Compiles the rules.
    ///
    /// # Errors
    /// [`BuildError`] names the phrase that can't be looked for, or the limit that is passed.
    pub fn build(revision: Revision, rules: Vec<RuleSpec>) -> Result<Ruleset, BuildError> {
        let mut patterns = Patterns::default();
        for (place, rule) in rules.iter().enumerate() {
            patterns.add_rule(place as u32, rule)?;
        }
        if patterns.count > MAX_PHRASES {
            return Err(BuildError::TooManyPhrases(patterns.count));
        }
        let (words, sought): (Vec<String>, Vec<Vec<Sought>>) = patterns.by_words.into_iter().unzip();
        let ends = sought.iter().scan(0, |end, all| {
            *end += all.len() as u32;
            Some(*end)
        });
        let (engine, ends) = (Engine::build(&words)?, ends.collect());
        Table::get();
        Ok(Self { revision, rules, engine, sought: sought.concat(), ends })
    }

    /// The name of this set.
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// The rules as they were given.
    pub fn rules(&self) -> &[RuleSpec] {
        &self.rules
    }

    /// Bytes of heap the automata take.
    pub fn memory(&self) -> usize {
        self.engine.memory() + size_of_val(self.sought.as_slice()) + size_of_val(self.ends.as_slice())
    }

    /// On whose behalf a pattern is looked for.
    pub(super) fn sought(&self, pattern: usize) -> &[Sought] {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = pattern.checked_sub(1).map_or(0, end);
        self.sought.get(start..end(pattern)).unwrap_or_default()
    }
}

/// Patterns by the words they are looked for as.
#[derive(Default)]
struct Patterns {
    by_words: BTreeMap<String, Vec<Sought>>,
    count: usize,
}

impl Patterns {
    fn add_rule(&mut self, place: u32, rule: &RuleSpec) -> Result<(), BuildError> {
        for (n, phrase) in rule.phrases.iter().enumerate() {
            self.add(rule, &phrase.text, Sought { rule: place, what: What::Phrase(n as u32) })?;
        }
        for (n, allow) in rule.allow.iter().enumerate() {
            self.add(rule, allow, Sought { rule: place, what: What::Allow(n as u32) })?;
        }
        Ok(())
    }

    fn add(&mut self, rule: &RuleSpec, phrase: &str, sought: Sought) -> Result<(), BuildError> {
        let folded = fold_phrase(phrase);
        let words = Folded::of(&folded).words();
        if words.is_empty() {
            return Err(BuildError::EmptyPhrase { rule: rule.id.clone(), phrase: phrase.to_owned() });
        }
        if folded.chars().count() > MAX_PHRASE_CHARS {
            return Err(BuildError::LongPhrase { rule: rule.id.clone(), phrase: phrase.to_owned() });
        }
        self.by_words.entry(words).or_default().push(sought);
        self.count += 1;
        Ok(())
    }
}

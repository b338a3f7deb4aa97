//! Rules in, a ruleset out.

use super::engine::EngineError;
use super::index::{Index, Patterns, Sought, What};
use super::loose::{loosen, loosened, loosening};
use super::rule::{Boundary, Detector, Fold, NearSpec, RuleSpec};
use super::sieve::Reading;
use super::sound::Hearing;
use super::spelling::{Variant, spellings};
use super::together::Together;
use crate::model::{Revision, RuleId};
use crate::text::{Folded, Table, Words, fold_phrase};

/// The longest phrase, in folded characters.
pub const MAX_PHRASE_CHARS: usize = 64;
/// The most phrases a ruleset holds, with allow-phrases, terms and generated spellings.
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
    /// An automaton can't number its states.
    #[error(transparent)]
    TooLarge(#[from] EngineError),
}

/// Rules, compiled once and never changed.
pub struct Ruleset {
    pub(super) revision: Revision,
    pub(super) rules: Vec<RuleSpec>,
    pub(super) variants: Vec<Variant>,
    /// Phrases, allow-phrases, terms and spellings, by their words.
    pub(super) plain: Index,
    /// Phrases of rules that look past rare characters, leet and repeats.
    pub(super) loose: Option<Index>,
    /// Phrases of rules that read pinyin, by their letters.
    pub(super) spelled: Option<Index>,
    /// Phrases of rules that listen, by what is heard.
    pub(super) alike: Option<Index>,
    /// Rules that see through markup.
    pub(super) reads_markup: bool,
    /// What is looked for without a phrase, and by which rule.
    pub(super) data: Vec<(usize, Detector)>,
}

impl Ruleset {
    /// Compiles the rules.
    ///
    /// # Errors
    /// [`BuildError`] names the phrase that can't be looked for, or the limit that is passed.
    pub fn build(revision: Revision, rules: Vec<RuleSpec>) -> Result<Ruleset, BuildError> {
        let mut builder = Builder::default();
        for (place, rule) in rules.iter().enumerate() {
            builder.add_rule(place as u32, rule)?;
        }
        let count = builder.count();
        if count > MAX_PHRASES {
            return Err(BuildError::TooManyPhrases(count));
        }
        let detect = |(place, rule): (usize, &RuleSpec)| {
            let all = rule.detect.iter().map(move |detector| (place, *detector));
            all.collect::<Vec<_>>()
        };
        // The first message must not pay for reading the tables.
        Table::get();
        if rules.iter().any(|rule| rule.boundary != Boundary::Off) {
            Words::get();
        }
        Ok(Self {
            revision,
            variants: builder.variants,
            plain: builder.plain.compile(AS_FOLDED)?,
            loose: some(builder.loose, LOOSENED)?,
            spelled: some(builder.spelled, AS_FOLDED)?,
            alike: some(builder.alike, AS_FOLDED)?,
            reads_markup: rules.iter().any(|rule| rule.fold.has(Fold::Markup)),
            data: rules.iter().enumerate().flat_map(detect).collect(),
            rules,
        })
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
        let others = [&self.loose, &self.spelled, &self.alike].into_iter().flatten();
        others.chain([&self.plain]).map(Index::memory).sum()
    }
}

const AS_FOLDED: Reading = Reading { read: |ch| ch, squeezes: false };
const LOOSENED: Reading = Reading { read: loosen, squeezes: true };

fn some(patterns: Patterns, reading: Reading) -> Result<Option<Index>, EngineError> {
    (patterns.len() > 0).then(|| patterns.compile(reading)).transpose()
}

#[derive(Default)]
struct Builder {
    plain: Patterns,
    loose: Patterns,
    spelled: Patterns,
    alike: Patterns,
    variants: Vec<Variant>,
}

impl Builder {
    fn count(&self) -> usize {
        [&self.plain, &self.loose, &self.spelled, &self.alike].into_iter().map(Patterns::len).sum()
    }

    fn add_rule(&mut self, rule: u32, spec: &RuleSpec) -> Result<(), BuildError> {
        for (n, phrase) in spec.phrases.iter().enumerate() {
            self.add_phrase(spec, &phrase.text, Sought { rule, what: What::Phrase(n as u32) })?;
        }
        for (n, allow) in spec.allow.iter().enumerate() {
            self.add_plain(spec, allow, Sought { rule, what: What::Allow(n as u32) })?;
        }
        for alias in &spec.aliases {
            self.add_variant(spec, rule, alias.clone(), alias, None)?;
        }
        self.add_near(rule, spec)
    }

    fn add_phrase(&mut self, spec: &RuleSpec, phrase: &str, sought: Sought) -> Result<(), BuildError> {
        let folded = self.add_plain(spec, phrase, sought)?;
        for (text, fold) in spellings(spec, &folded) {
            self.add_variant(spec, sought.rule, text, phrase, Some(fold))?;
        }
        if !loosening(spec.fold).is_empty() {
            self.loose.add(loosened(&Folded::of(&folded)), sought);
        }
        for (patterns, hearing) in [(&mut self.spelled, Hearing::Spelled), (&mut self.alike, Hearing::Alike)]
        {
            if spec.fold.has(hearing.fold()) {
                let readings = hearing.readings(&Folded::of(&folded)).into_iter();
                readings.for_each(|letters| patterns.add(letters, sought));
            }
        }
        Ok(())
    }

    fn add_variant(
        &mut self,
        spec: &RuleSpec,
        rule: u32,
        text: String,
        written: &str,
        fold: Option<Fold>,
    ) -> Result<(), BuildError> {
        let sought = Sought { rule, what: What::Variant(self.variants.len() as u32) };
        // A spelling may be longer than a phrase may: it is then not looked for.
        match self.add_plain(spec, &text, sought) {
            Err(BuildError::LongPhrase { .. }) if fold.is_some() => return Ok(()),
            added => added?,
        };
        self.variants.push(Variant { text, written: written.to_owned(), fold });
        Ok(())
    }

    fn add_near(&mut self, rule: u32, spec: &RuleSpec) -> Result<(), BuildError> {
        for (near, terms) in (0_u16..).zip(&spec.near) {
            let wordings = |text: &String| NearSpec::wordings(text).map(|one| words(spec, one)).collect();
            let each = |texts: &[String]| texts.iter().map(wordings).collect::<Result<_, _>>();
            let (all, without) = (each(&terms.all)?, each(&terms.without)?);
            self.plain.add_near(Together { rule, near, all, without });
        }
        Ok(())
    }

    /// Adds a phrase by its words; returns it folded.
    fn add_plain(&mut self, spec: &RuleSpec, phrase: &str, sought: Sought) -> Result<String, BuildError> {
        self.plain.add(words(spec, phrase)?, sought);
        Ok(fold_phrase(phrase))
    }
}

/// What a phrase is looked for as.
fn words(spec: &RuleSpec, phrase: &str) -> Result<String, BuildError> {
    let folded = fold_phrase(phrase);
    let words = Folded::of(&folded).words();
    if words.is_empty() {
        return Err(BuildError::EmptyPhrase { rule: spec.id.clone(), phrase: phrase.to_owned() });
    }
    if folded.chars().count() > MAX_PHRASE_CHARS {
        return Err(BuildError::LongPhrase { rule: spec.id.clone(), phrase: phrase.to_owned() });
    }
    Ok(words)
}

//! Everything of the rules that stands in a text, before anything is excused.

use super::align::{Alignment, Exact, align};
use super::boundary::cuts_a_latin_word;
use super::compile::Ruleset;
use super::detect;
use super::engine::State;
use super::gap;
use super::index::{Index, Sought, What};
use super::judge::Dismissal;
use super::loose::{Loosely, last_run, loosen, loosening};
use super::near::{Seen, stretches};
use super::rule::{Fold, FoldSet, NearSpec, RuleSpec};
use super::sound::{BySound, Hearing};
use crate::text::{Folded, Folds, Unit, read_markup};
use std::borrow::Cow;
use std::collections::HashMap;

/// One thing sought and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Find {
    pub(super) rule: usize,
    pub(super) what: What,
    /// First and last unit of the text.
    pub(super) first: usize,
    pub(super) last: usize,
    /// Bytes of the original, end exclusive.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) via: Via,
}

/// What it took to find it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Via {
    pub(super) folds: Folds,
    pub(super) optional: FoldSet,
    pub(super) is_alias: bool,
    /// Characters in the widest gap.
    pub(super) gap: usize,
}

impl Via {
    /// Nothing that turns one word into another.
    pub(super) fn is_sure(self) -> bool {
        self.optional.is_empty() && !self.is_alias
    }
}

impl Find {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// Something sought whose words stand in the text. Whether all of it does is settled when it is its
/// turn, as most of what overlaps never has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) sought: Sought,
    pub(super) by: By,
    /// First and last word of the text.
    pub(super) first: u32,
    pub(super) last: u32,
}

/// The way a candidate was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By its words.
    Words,
    /// By its loosened words.
    Loosened,
    /// By the letters of its syllables.
    Sound(Hearing),
    /// In another way, which settled it: its place among the finds that are.
    Settled(u32),
}

/// Candidates in the order of their turns: those of most words first, then from left to right.
#[derive(Default)]
pub(super) struct Candidates {
    by_length: Vec<Vec<Candidate>>,
    count: usize,
    /// Last and first word of the shortest that ends with a word.
    ends: Vec<(u32, u32)>,
}

impl Candidates {
    /// Nobody writes a text with more; of what ends with one word in such a text, so many of the longest
    /// are looked at. It keeps 20,000 equal characters under phrases of 1 to 60 of them cheap.
    const FLOOD: usize = 20_000;
    const MOST_AT_ONCE: usize = 16;

    /// How many that end with one word are taken.
    fn room(&self) -> usize {
        if self.count > Self::FLOOD { Self::MOST_AT_ONCE } else { usize::MAX }
    }

    fn push(&mut self, candidate: Candidate) {
        let Candidate { first, last, .. } = candidate;
        let length = last.saturating_sub(first) as usize;
        if self.by_length.len() <= length {
            self.by_length.resize_with(length + 1, Vec::new);
        }
        if let Some(equal) = self.by_length.get_mut(length) {
            equal.push(candidate);
            self.count += 1;
        }
        match self.ends.last_mut() {
            Some(end) if end.0 == last => end.1 = first,
            _ => self.ends.push((last, first)),
        }
    }

    /// First unit of the shortest that ends with a unit, by that.
    pub(super) fn places(&self, text: &Folded) -> HashMap<usize, usize> {
        let place =
            |(last, first): &(u32, u32)| Some((text.word(*last as usize)?, text.word(*first as usize)?));
        self.ends.iter().filter_map(place).collect()
    }

    pub(super) fn in_turn(self) -> impl Iterator<Item = Candidate> {
        self.by_length.into_iter().rev().flat_map(|mut equal| {
            equal.sort_by_key(|candidate| candidate.first);
            equal
        })
    }
}

/// What a text holds.
#[derive(Default)]
pub(super) struct Finds {
    pub(super) candidates: Candidates,
    /// Candidates that are settled: terms near one another, data, what markup hides.
    settled: Vec<Find>,
    pub(super) allows: Vec<Find>,
    pub(super) dismissed: Vec<(Find, Dismissal)>,
    /// Every pattern that was met, with its first and last word, if there are terms to look for.
    met: Vec<(u32, usize, usize)>,
}

impl<'a> Search<'a> {
    /// Everything of the rules that stands in `text`, which folds to `folded`.
    pub(super) fn all(ruleset: &'a Ruleset, text: &str, folded: &'a Folded) -> Self {
        let mut search = Search::new(ruleset, folded, folded);
        search.plain();
        search.loose();
        if folded.units().iter().any(|unit| unit.ch.is_ascii_alphabetic()) {
            search.sound(&ruleset.spelled, Hearing::Spelled);
        }
        search.sound(&ruleset.alike, Hearing::Alike);
        if let Some(shown) = ruleset.reads_markup.then(|| read_markup(text)).flatten() {
            search.finds.settled.extend(Search::new(ruleset, &shown, folded).in_markup());
        }
        search.near();
        ruleset.add_data(folded, &mut search.finds);
        search.finds.add_settled(folded);
        search
    }
}

impl Ruleset {
    /// What is sought, as written in the rule.
    pub(super) fn written(&self, rule: usize, what: What) -> Cow<'_, str> {
        let Some(rule) = self.rules.get(rule) else { return Cow::default() };
        let near = |near: u16| rule.near.get(usize::from(near));
        let written = match what {
            What::Phrase(n) => rule.phrases.get(n as usize).map(|phrase| &phrase.text),
            What::Variant(n) => self.variants.get(n as usize).map(|variant| &variant.written),
            What::Allow(n) => rule.allow.get(n as usize),
            What::Term { near: n, term, .. } => near(n).and_then(|near| near.all.get(usize::from(term))),
            What::Without { near: n, term, .. } => {
                near(n).and_then(|near| near.without.get(usize::from(term)))
            }
            What::Near(n) => return near(n as u16).map(NearSpec::name).unwrap_or_default().into(),
            What::Data(detector) => return detector.as_str().into(),
        };
        written.map_or(Cow::default(), Cow::from)
    }

    /// The text that is looked for.
    fn spelling(&self, sought: Sought) -> Cow<'_, str> {
        match (sought.what, self.written(sought.rule as usize, sought.what)) {
            (What::Variant(n), _) => {
                self.variants.get(n as usize).map_or(Cow::default(), |one| (&one.text).into())
            }
            (What::Term { wording, .. } | What::Without { wording, .. }, Cow::Borrowed(term)) => {
                NearSpec::wordings(term).nth(usize::from(wording)).unwrap_or_default().into()
            }
            (_, written) => written,
        }
    }

    fn add_data(&self, text: &Folded, finds: &mut Finds) {
        for (rule, detector) in &self.data {
            let found = detect::detect(*detector, text).into_iter();
            let what = What::Data(*detector);
            finds.settled.extend(found.filter_map(|at| place(text, *rule, what, at, Via::default())));
        }
    }
}

impl Finds {
    /// Lets what is settled wait for its turn too.
    fn add_settled(&mut self, text: &Folded) {
        for (n, find) in (0..).zip(&self.settled) {
            let words = |place: usize| text.words_before(place) as u32;
            let sought = Sought { rule: find.rule as u32, what: find.what };
            let (first, last) = (words(find.first), words(find.last));
            self.candidates.push(Candidate { sought, by: By::Settled(n), first, last });
        }
    }
}

fn place(text: &Folded, rule: usize, what: What, (first, last): (usize, usize), via: Via) -> Option<Find> {
    let (start, end) = (text.units().get(first)?.start as usize, text.units().get(last)?.end as usize);
    Some(Find { rule, what, first, last, start, end, via })
}

/// What was met on walks over one reading of the text.
pub(super) struct Search<'a> {
    ruleset: &'a Ruleset,
    /// The text as it is read.
    text: &'a Folded,
    /// The text as it is written: places are counted in it.
    written: &'a Folded,
    phrases: HashMap<Sought, Folded>,
    pub(super) finds: Finds,
}

impl<'a> Search<'a> {
    fn new(ruleset: &'a Ruleset, text: &'a Folded, written: &'a Folded) -> Self {
        Self { ruleset, text, written, phrases: HashMap::new(), finds: Finds::default() }
    }

    fn is_markup(&self) -> bool {
        !std::ptr::eq(self.text, self.written)
    }

    fn words(&self) -> impl Iterator<Item = (usize, &'a Unit)> + use<'a> {
        self.text.units().iter().filter(|unit| unit.is_text()).enumerate()
    }

    /// Phrases by their words.
    fn plain(&mut self) {
        let index = &self.ruleset.plain;
        let mut state = index.start();
        for (last, unit) in self.words() {
            state = index.step(state, unit.ch);
            for (pattern, length) in index.patterns_at(state).take(self.finds.candidates.room()) {
                let Some(first) = (last + 1).checked_sub(length) else { continue };
                index.sought(pattern).iter().for_each(|sought| self.meet(*sought, By::Words, first, last));
                if !index.nears.is_empty() {
                    self.finds.met.push((pattern as u32, first, last));
                }
            }
        }
    }

    /// Terms near one another.
    fn near(&mut self) {
        let mut met = std::mem::take(&mut self.finds.met);
        met.sort_unstable();
        let mut patterns: Vec<u32> = met.iter().map(|(pattern, _, _)| *pattern).collect();
        patterns.dedup();
        for near in self.ruleset.plain.nears.complete(&patterns) {
            let rule = near.rule as usize;
            let Some(spec) =
                self.ruleset.rules.get(rule).and_then(|rule| rule.near.get(usize::from(near.near)))
            else {
                continue;
            };
            let of = near.near;
            let seen = self.terms(near.rule, &near.all, &met, |term, wording| What::Term {
                near: of,
                term,
                wording,
            });
            let barred = self.terms(near.rule, &near.without, &met, |term, wording| What::Without {
                near: of,
                term,
                wording,
            });
            for (first, last, excuse) in stretches(self.text, spec, seen, &barred) {
                let what = What::Near(u32::from(near.near));
                let Some(find) = place(self.text, rule, what, (first, last), Via::default()) else {
                    continue;
                };
                match excuse {
                    Some(why) => self.finds.dismissed.push((find, why)),
                    None => self.finds.settled.push(find),
                }
            }
        }
    }

    /// Where terms of one `near` stand in any of their wordings, given where every pattern was met.
    fn terms(
        &mut self,
        rule: u32,
        terms: &[Vec<u32>],
        met: &[(u32, usize, usize)],
        what: impl Fn(u16, u16) -> What,
    ) -> Vec<Seen> {
        let mut seen = Vec::new();
        let worded = (0_u16..)
            .zip(terms)
            .flat_map(|(term, wordings)| (0_u16..).zip(wordings).map(move |one| (term, one)));
        for (term, (wording, pattern)) in worded {
            let from = met.partition_point(|one| one.0 < *pattern);
            let own = met.iter().skip(from).take_while(|one| one.0 == *pattern);
            for (_, first, last) in own {
                let sought = Sought { rule, what: what(term, wording) };
                let (first, last) = (*first as u32, *last as u32);
                if let Some(Ok(find)) = self.settle(Candidate { sought, by: By::Words, first, last }) {
                    seen.push(Seen { first: find.first, last: find.last, term: usize::from(term) });
                }
            }
        }
        seen
    }

    /// Phrases by their loosened words; each run of one character counts once.
    fn loose(&mut self) {
        let Some(index) = &self.ruleset.loose else { return };
        let (mut state, mut previous, mut words) = (index.start(), None, Vec::new());
        for (word, unit) in self.words() {
            let ch = loosen(unit.ch);
            if previous.replace(ch) == Some(ch) {
                continue;
            }
            words.push(word);
            state = index.step(state, ch);
            self.meet_all(index, state, By::Loosened, &words);
        }
    }

    /// Phrases by the letters of their syllables.
    fn sound(&mut self, index: &Option<Index>, hearing: Hearing) {
        let Some(index) = index else { return };
        let (mut state, mut words) = (index.start(), Vec::new());
        for (word, unit) in self.words() {
            for letter in hearing.letters(unit.ch) {
                words.push(word);
                state = index.step(state, letter);
            }
            self.meet_all(index, state, By::Sound(hearing), &words);
        }
    }

    /// All that ends with the last of `words`, each of which is the word that one character came from.
    fn meet_all(&mut self, index: &Index, state: State, by: By, words: &[usize]) {
        let Some(last) = words.last() else { return };
        for (sought, length) in index.ending_at(state).take(self.finds.candidates.room()) {
            if let Some(first) = opening(words, length) {
                self.meet(sought, by, first, *last);
            }
        }
    }

    /// Phrases wait for their turn, the longest one first; what excuses them is settled at once.
    fn meet(&mut self, sought: Sought, by: By, first: usize, last: usize) {
        let candidate = Candidate { sought, by, first: first as u32, last: last as u32 };
        if matches!(candidate.sought.what, What::Phrase(_) | What::Variant(_)) {
            self.finds.candidates.push(candidate);
        } else if let Some(Ok(find)) = self.settle(candidate) {
            self.finds.allows.push(find);
        }
    }

    /// Phrases that markup hides, for rules that see through it.
    fn in_markup(mut self) -> Vec<Find> {
        self.plain();
        let candidates = std::mem::take(&mut self.finds.candidates);
        candidates.in_turn().filter_map(|candidate| self.settle(candidate)?.ok()).collect()
    }

    /// Whether all of the candidate stands there, or why not; `None` when it is something else.
    pub(super) fn settle(&mut self, candidate: Candidate) -> Option<Result<Find, (Find, Dismissal)>> {
        let Candidate { sought, by, first, last } = candidate;
        let (first, last) = (first as usize, last as usize);
        let spec = self.ruleset.rules.get(sought.rule as usize)?;
        if self.is_markup() && !spec.fold.has(Fold::Markup) {
            return None;
        }
        let text = self.text;
        let phrase = self.phrase(sought);
        let (found, needed) = match by {
            By::Words => (align(text, (first, last), phrase, &mut Exact)?, FoldSet::default()),
            By::Loosened => {
                let mut meet = Loosely::default();
                let found = align(text, (first, last + last_run(phrase) - 1), phrase, &mut meet)?;
                (found, meet.needed(loosening(spec.fold))?)
            }
            By::Sound(hearing) => {
                let mut meet = BySound::new(hearing);
                let found = align(text, (first, last), phrase, &mut meet)?;
                (found, meet.needed(spec.fold)?)
            }
            By::Settled(n) => return self.finds.settled.get(n as usize).cloned().map(Ok),
        };
        let find = self.place(sought, &found, self.via(sought, &found, needed))?;
        Some(self.doubt(spec, sought, &found).map_or(Ok(find.clone()), |why| Err((find, why))))
    }

    fn phrase(&mut self, sought: Sought) -> &Folded {
        let ruleset = self.ruleset;
        self.phrases.entry(sought).or_insert_with(|| Folded::of(ruleset.spelling(sought).trim()))
    }

    fn via(&self, sought: Sought, found: &Alignment, needed: FoldSet) -> Via {
        let variant = match sought.what {
            What::Variant(n) => self.ruleset.variants.get(n as usize),
            _ => None,
        };
        let folds = needed.iter().chain(variant.and_then(|variant| variant.fold));
        let optional = folds.chain(self.is_markup().then_some(Fold::Markup)).collect();
        let is_alias = variant.is_some_and(|variant| variant.fold.is_none());
        Via { folds: found.folds, optional, is_alias, gap: found.widest() }
    }

    fn place(&self, sought: Sought, found: &Alignment, via: Via) -> Option<Find> {
        let mut find = place(self.text, sought.rule as usize, sought.what, (found.first, found.last), via)?;
        if self.is_markup() {
            let before =
                |byte: usize| self.written.units().partition_point(|unit| (unit.start as usize) < byte);
            (find.first, find.last) = (before(find.start), before(find.end).checked_sub(1)?);
        }
        Some(find)
    }

    /// It asks for `confirm` at most, whatever its rule asks for.
    pub(super) fn is_capped(&self, candidate: Candidate) -> bool {
        match candidate.by {
            By::Words => matches!(candidate.sought.what, What::Variant(_)),
            By::Loosened | By::Sound(_) => true,
            By::Settled(n) => self.finds.settled.get(n as usize).is_some_and(|find| !find.via.is_sure()),
        }
    }

    /// What the candidate is listed as when its turn never comes.
    pub(super) fn unsettled(&self, Candidate { sought, first, last, .. }: Candidate) -> Option<Find> {
        let units = (self.text.word(first as usize)?, self.text.word(last as usize)?);
        place(self.text, sought.rule as usize, sought.what, units, Via::default())
    }

    /// Why the words found are not the phrase.
    fn doubt(&mut self, rule: &RuleSpec, sought: Sought, found: &Alignment) -> Option<Dismissal> {
        if cuts_a_latin_word(self.text, found.first, found.last) {
            return Some(Dismissal::InsideWord);
        }
        let setting = match sought.what {
            What::Phrase(n) => rule.phrases.get(n as usize).and_then(|phrase| phrase.gap).or(rule.gap),
            What::Allow(_) => Some(0),
            _ => rule.gap,
        };
        let text = self.text;
        (!gap::is_tolerated(text, self.phrase(sought), found, setting)).then_some(Dismissal::Gap)
    }
}

/// The word in which the last `length` characters begin, if they begin with it.
fn opening(words: &[usize], length: usize) -> Option<usize> {
    let at = words.len().checked_sub(length)?;
    let word = words.get(at)?;
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    (before != Some(word)).then_some(*word)
}

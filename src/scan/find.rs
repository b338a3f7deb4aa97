//! Everything of the rules that stands in a text, before anything is excused.

use super::align::{Alignment, Exact, align};
use super::boundary::cuts_a_latin_word;
use super::compile::Ruleset;
use super::detect;
use super::gap;
use super::index::{Index, Sought, What};
use super::judge::Dismissal;
use super::loose::{Loosely, last_run, loosen, loosening};
use super::near::{Seen, stretches};
use super::rule::{Fold, FoldSet, NearSpec, RuleSpec};
use super::sound::{BySound, Hearing};
use crate::text::{Folded, Folds, read_markup};
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

impl Find {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What a text holds.
#[derive(Default)]
pub(super) struct Finds {
    pub(super) hits: Vec<Find>,
    pub(super) allows: Vec<Find>,
    pub(super) dismissed: Vec<(Find, Dismissal)>,
    terms: Vec<Find>,
}

impl Ruleset {
    /// Everything of the rules that stands in `text`, which folds to `folded`.
    pub(super) fn find(&self, text: &str, folded: &Folded) -> Finds {
        let mut search = Search::new(self, folded, folded);
        search.plain();
        search.loose();
        search.sound(&self.spelled, Hearing::Spelled);
        search.sound(&self.alike, Hearing::Alike);
        let mut finds = search.finds;
        if let Some(shown) = self.reads_markup.then(|| read_markup(text)).flatten() {
            let mut search = Search::new(self, &shown, folded);
            search.plain();
            finds.hits.extend(search.finds.hits);
        }
        self.add_near(folded, &mut finds);
        self.add_data(folded, &mut finds);
        finds
    }

    /// What is sought, as written in the rule.
    pub(super) fn written(&self, rule: usize, what: What) -> Cow<'_, str> {
        let Some(rule) = self.rules.get(rule) else { return Cow::default() };
        let near = |near: u16| rule.near.get(usize::from(near));
        let written = match what {
            What::Phrase(n) => rule.phrases.get(n as usize).map(|phrase| &phrase.text),
            What::Variant(n) => self.variants.get(n as usize).map(|variant| &variant.written),
            What::Allow(n) => rule.allow.get(n as usize),
            What::Term { near: n, term, .. } => near(n).and_then(|near| near.all.get(usize::from(term))),
            What::Without { near: n, term } => near(n).and_then(|near| near.without.get(usize::from(term))),
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
            (What::Term { wording, .. }, Cow::Borrowed(term)) => {
                NearSpec::wordings(term).nth(usize::from(wording)).unwrap_or_default().into()
            }
            (_, written) => written,
        }
    }

    fn add_near(&self, text: &Folded, finds: &mut Finds) {
        let mut rules: Vec<usize> = finds.terms.iter().map(|find| find.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        for (rule, spec) in rules.into_iter().filter_map(|rule| Some((rule, self.rules.get(rule)?))) {
            for (n, near) in (0_u16..).zip(&spec.near) {
                let (seen, barred) = finds.seen(rule, n);
                for (first, last, excuse) in stretches(text, near, seen, &barred) {
                    let what = What::Near(u32::from(n));
                    let Some(find) = place(text, rule, what, (first, last), Via::default()) else { continue };
                    match excuse {
                        Some(why) => finds.dismissed.push((find, why)),
                        None => finds.hits.push(find),
                    }
                }
            }
        }
    }

    fn add_data(&self, text: &Folded, finds: &mut Finds) {
        for (rule, detector) in &self.data {
            let found = detect::detect(*detector, text).into_iter();
            let what = What::Data(*detector);
            finds.hits.extend(found.filter_map(|at| place(text, *rule, what, at, Via::default())));
        }
    }
}

impl Finds {
    /// The terms of one `near` that were found, and those that excuse it.
    fn seen(&self, rule: usize, of: u16) -> (Vec<Seen>, Vec<Seen>) {
        let (mut seen, mut barred) = (Vec::new(), Vec::new());
        for Find { what, first, last, .. } in self.terms.iter().filter(|find| find.rule == rule) {
            let at = |term: u16| Seen { first: *first, last: *last, term: usize::from(term) };
            match *what {
                What::Term { near, term, .. } if near == of => seen.push(at(term)),
                What::Without { near, term } if near == of => barred.push(at(term)),
                _ => {}
            }
        }
        (seen, barred)
    }
}

fn place(text: &Folded, rule: usize, what: What, (first, last): (usize, usize), via: Via) -> Option<Find> {
    let (start, end) = (text.units().get(first)?.start as usize, text.units().get(last)?.end as usize);
    Some(Find { rule, what, first, last, start, end, via })
}

/// One walk over one reading of the text.
struct Search<'a> {
    ruleset: &'a Ruleset,
    /// The text as it is read.
    text: &'a Folded,
    /// The text as it is written: places are counted in it.
    written: &'a Folded,
    phrases: HashMap<Sought, Folded>,
    finds: Finds,
}

impl<'a> Search<'a> {
    fn new(ruleset: &'a Ruleset, text: &'a Folded, written: &'a Folded) -> Self {
        Self { ruleset, text, written, phrases: HashMap::new(), finds: Finds::default() }
    }

    fn is_markup(&self) -> bool {
        !std::ptr::eq(self.text, self.written)
    }

    /// Phrases by their words.
    fn plain(&mut self) {
        let index = &self.ruleset.plain;
        let mut state = index.start();
        for (word, unit) in self.text.units().iter().filter(|unit| unit.is_text()).enumerate() {
            state = index.step(state, unit.ch);
            index.ending_at(state).for_each(|(sought, _)| self.try_plain(sought, word));
        }
    }

    /// The words of `sought` end at word number `last`: does all of it stand there?
    fn try_plain(&mut self, sought: Sought, last: usize) {
        let Some(spec) = self.ruleset.rules.get(sought.rule as usize) else { return };
        if self.is_markup() && !spec.fold.has(Fold::Markup) {
            return;
        }
        let (text, phrase) = (self.text, self.phrase(sought));
        let Some(first) = (last + 1).checked_sub(phrase.words_len()) else { return };
        let Some(found) = align(text, (first, last), phrase, &mut Exact) else { return };
        self.keep(spec, sought, &found, FoldSet::default());
    }

    /// Phrases by their loosened words; each run of one character counts once.
    fn loose(&mut self) {
        let Some(index) = &self.ruleset.loose else { return };
        let (mut state, mut previous, mut words) = (index.start(), None, Vec::new());
        for (word, unit) in self.text.units().iter().filter(|unit| unit.is_text()).enumerate() {
            let ch = loosen(unit.ch);
            if previous.replace(ch) == Some(ch) {
                continue;
            }
            words.push(word);
            state = index.step(state, ch);
            index.ending_at(state).for_each(|(sought, length)| self.try_loose(sought, length, &words));
        }
    }

    fn try_loose(&mut self, sought: Sought, length: usize, words: &[usize]) {
        let Some(spec) = self.ruleset.rules.get(sought.rule as usize) else { return };
        let (text, phrase) = (self.text, self.phrase(sought));
        let Some((first, last)) = opening(words, length).zip(words.last()) else { return };
        let mut meet = Loosely::default();
        let last = last + last_run(phrase) - 1;
        let Some(found) = align(text, (first, last), phrase, &mut meet) else { return };
        let Some(needed) = meet.needed(loosening(spec.fold)) else { return };
        self.keep(spec, sought, &found, needed);
    }

    /// Phrases by the letters of their syllables.
    fn sound(&mut self, index: &Option<Index>, hearing: Hearing) {
        let Some(index) = index else { return };
        let (mut state, mut words) = (index.start(), Vec::new());
        for (word, unit) in self.text.units().iter().filter(|unit| unit.is_text()).enumerate() {
            for letter in hearing.letters(unit.ch) {
                words.push(word);
                state = index.step(state, letter);
            }
            index
                .ending_at(state)
                .for_each(|(sought, length)| self.try_sound(hearing, sought, length, &words));
        }
    }

    fn try_sound(&mut self, hearing: Hearing, sought: Sought, length: usize, words: &[usize]) {
        let Some(spec) = self.ruleset.rules.get(sought.rule as usize) else { return };
        let (text, phrase) = (self.text, self.phrase(sought));
        let Some((first, last)) = opening(words, length).zip(words.last()) else { return };
        let mut meet = BySound::new(hearing);
        let Some(found) = align(text, (first, *last), phrase, &mut meet) else { return };
        let Some(needed) = meet.needed(spec.fold) else { return };
        self.keep(spec, sought, &found, needed);
    }

    fn phrase(&mut self, sought: Sought) -> &Folded {
        let ruleset = self.ruleset;
        self.phrases.entry(sought).or_insert_with(|| Folded::of(ruleset.spelling(sought).trim()))
    }

    fn keep(&mut self, spec: &RuleSpec, sought: Sought, found: &Alignment, needed: FoldSet) {
        let via = self.via(sought, found, needed);
        let Some(find) = self.place(sought, found, via) else { return };
        let doubt = self.doubt(spec, sought, found);
        match (sought.what, doubt) {
            (What::Phrase(_) | What::Variant(_), Some(doubt)) => self.finds.dismissed.push((find, doubt)),
            (_, Some(_)) => {}
            (What::Allow(_), None) => self.finds.allows.push(find),
            (What::Term { .. } | What::Without { .. }, None) => self.finds.terms.push(find),
            (_, None) => self.finds.hits.push(find),
        }
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

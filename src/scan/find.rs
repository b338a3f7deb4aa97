//! Everything of the rules that stands in a text, before anything is excused.

use super::align::{Alignment, align};
use super::boundary::cuts_a_latin_word;
use super::compile::{Ruleset, Sought, What};
use super::gap;
use super::judge::Dismissal;
use super::rule::RuleSpec;
use crate::text::{Class, Folded, Folds, Table};
use std::collections::HashMap;

/// One thing sought and the bytes of the original where it stands.
#[derive(Debug, Clone)]
pub(super) struct Find {
    pub(super) rule: usize,
    pub(super) what: What,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The always-on folds that were needed.
    pub(super) folds: Folds,
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
}

impl Ruleset {
    /// Nothing of the rules stands in the text. This is the hot path: it allocates nothing.
    pub fn is_clean(&self, text: &str) -> bool {
        let (table, mut state, mut found) = (Table::get(), self.engine.start(), false);
        text.chars().all(|ch| {
            table.fold(ch, |piece| {
                if piece.class == Class::Text {
                    state = self.engine.step(state, piece.ch);
                    found |= self.engine.is_match(state);
                }
            });
            !found
        })
    }

    pub(super) fn find(&self, text: &Folded) -> Finds {
        let mut search = Search { ruleset: self, text, phrases: HashMap::new(), finds: Finds::default() };
        let mut state = self.engine.start();
        for (word, unit) in text.units().iter().filter(|unit| unit.is_text()).enumerate() {
            state = self.engine.step(state, unit.ch);
            for pattern in self.engine.matches(state) {
                self.sought(pattern).iter().for_each(|sought| search.try_at(*sought, word));
            }
        }
        search.finds
    }

    /// What is sought, as written in the rule.
    pub(super) fn written(&self, rule: usize, what: What) -> &str {
        let Some(rule) = self.rules.get(rule) else { return "" };
        match what {
            What::Phrase(n) => rule.phrases.get(n as usize).map_or("", |phrase| &phrase.text),
            What::Allow(n) => rule.allow.get(n as usize).map_or("", |allow| allow),
        }
    }
}

struct Search<'a> {
    ruleset: &'a Ruleset,
    text: &'a Folded,
    phrases: HashMap<(u32, What), Folded>,
    finds: Finds,
}

impl Search<'_> {
    /// The words of `sought` end at the text's word number `word`: does all of it stand there?
    fn try_at(&mut self, sought: Sought, word: usize) {
        let (rule, ruleset) = (sought.rule as usize, self.ruleset);
        let Some(spec) = ruleset.rules.get(rule) else { return };
        let fold = || Folded::of(ruleset.written(rule, sought.what).trim());
        let phrase = self.phrases.entry((sought.rule, sought.what)).or_insert_with(fold);
        let Some(found) = align(self.text, word, phrase) else { return };
        let doubt = doubt(spec, sought.what, self.text, phrase, &found);
        let Some(find) = self.at(sought, &found) else { return };
        match (sought.what, doubt) {
            (What::Allow(_), None) => self.finds.allows.push(find),
            (What::Allow(_), Some(_)) => {}
            (_, Some(doubt)) => self.finds.dismissed.push((find, doubt)),
            (_, None) => self.finds.hits.push(find),
        }
    }

    fn at(&self, sought: Sought, found: &Alignment) -> Option<Find> {
        let (first, last) = (self.text.units().get(found.first)?, self.text.units().get(found.last)?);
        Some(Find {
            rule: sought.rule as usize,
            what: sought.what,
            start: first.start as usize,
            end: last.end as usize,
            folds: found.folds,
            gap: found.widest(),
        })
    }
}

/// Why the words found are not the phrase.
fn doubt(
    rule: &RuleSpec,
    what: What,
    text: &Folded,
    phrase: &Folded,
    found: &Alignment,
) -> Option<Dismissal> {
    if cuts_a_latin_word(text, found.first, found.last) {
        return Some(Dismissal::InsideWord);
    }
    let setting = match what {
        What::Phrase(n) => rule.phrases.get(n as usize).and_then(|phrase| phrase.gap).or(rule.gap),
        What::Allow(_) => Some(0),
    };
    (!gap::is_tolerated(text, phrase, found, setting)).then_some(Dismissal::Gap)
}

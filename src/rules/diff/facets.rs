//! A rule's keys as values that can be compared, each with what more of it does.

use super::{KeyDiff, Lean};
use crate::rules::diagnostic::Words;
use crate::rules::fields::{Choices, called};
use crate::rules::pack::{
    ACTIONS, BOUNDARIES, CHANNELS, DETECTORS, FOLDS, NATIVES, NEGATIONS, SEVERITIES, STATES,
};
use crate::rules::schema::{Case, Cases, Native, Near, Phrase, Rule, RuleScope, State};
use crate::rules::source::At;
use crate::scan::{Boundary, Negation};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// One key of a rule.
pub(super) enum Facet {
    /// A single value. One with a rank is stricter the higher that is.
    One { key: &'static str, shown: Words, rank: Option<i64> },
    /// A list, of which more means `more`.
    Many { key: &'static str, items: BTreeSet<String>, more: Lean },
    /// A list that narrows: none means everybody.
    Only { key: &'static str, items: BTreeSet<String> },
}

/// What more of it leaves as it is.
const NEITHER: Lean = Lean { stricter: false, looser: false };

/// A rule's keys, in an order that is the same for every rule. Taken apart whole, so that a new key
/// can't be forgotten.
pub(super) fn of_rule(rule: &Rule) -> Vec<Facet> {
    let Rule {
        id: _,
        name,
        action,
        state,
        severity,
        basis,
        phrases,
        near: terms,
        allow,
        gap: own_gap,
        fold,
        aliases,
        boundary: borders,
        negation: negations,
        detect,
        channels,
        scope,
        valid_from,
        valid_to,
        native: pushed,
        why,
        fix,
        replies,
        require_reason,
        require_approval,
        tests: cases,
        is_sound: _,
    } = rule;
    let RuleScope { departments, exclude_departments, industries, sender_tags, contact_tags } = scope;
    vec![
        one("name", name),
        ranked("action", called(ACTIONS, *action), *action as i64),
        ranked("state", called(STATES, *state), i64::from(*state == State::Live)),
        Facet::One { key: "severity", shown: called(SEVERITIES, *severity), rank: None },
        many("basis", texts(basis), NEITHER),
        many("phrases", phrases.iter().map(phrase), Lean::STRICTER),
        many("near", terms.iter().map(near), Lean::STRICTER),
        many("detect", names(DETECTORS, detect), Lean::STRICTER),
        many("allow", texts(allow), Lean::LOOSER),
        gap(*own_gap),
        many("fold", names(FOLDS, fold), Lean::STRICTER),
        many("aliases", texts(aliases), Lean::STRICTER),
        boundary(borders.unwrap_or_default()),
        negation(negations.unwrap_or_default()),
        only("channels", names(CHANNELS, channels)),
        only("departments", departments.iter().cloned()),
        many("exclude_departments", exclude_departments.iter().cloned(), Lean::LOOSER),
        only("industries", industries.iter().cloned()),
        only("sender_tags", sender_tags.iter().cloned()),
        only("contact_tags", contact_tags.iter().cloned()),
        day("valid_from", *valid_from, Date::MIN, -1),
        day("valid_to", *valid_to, Date::MAX, 1),
        Facet::One { key: "native", shown: native(*pushed), rank: None },
        one("why", why),
        one("fix", fix),
        many("replies", texts(replies), NEITHER),
        flag("require_reason", *require_reason),
        flag("require_approval", *require_approval),
        many("tests", tests(cases), NEITHER),
    ]
}

fn one(key: &'static str, text: &str) -> Facet {
    Facet::One { key, shown: Words::from(text), rank: None }
}

fn ranked(key: &'static str, shown: Words, rank: i64) -> Facet {
    Facet::One { key, shown, rank: Some(rank) }
}

fn flag(key: &'static str, set: bool) -> Facet {
    ranked(key, Words::from(if set { "true" } else { "false" }), i64::from(set))
}

fn many(key: &'static str, items: impl Iterator<Item = String>, more: Lean) -> Facet {
    Facet::Many { key, items: items.collect(), more }
}

fn only(key: &'static str, items: impl Iterator<Item = String>) -> Facet {
    Facet::Only { key, items: items.collect() }
}

fn texts(list: &[At<String>]) -> impl Iterator<Item = String> {
    list.iter().map(|at| at.value.clone())
}

fn names<T: Copy + PartialEq>(choices: &Choices<T>, chosen: &[T]) -> impl Iterator<Item = String> {
    chosen.iter().map(|choice| called(choices, *choice).zh)
}

fn phrase(phrase: &Phrase) -> String {
    let text = &phrase.text.value;
    phrase.gap.map_or_else(|| text.clone(), |gap| format!("{text} (gap {gap})"))
}

fn near(near: &Near) -> String {
    let joined = |list: &[At<String>], between| texts(list).collect::<Vec<_>>().join(between);
    let order = if near.ordered { " → " } else { " + " };
    let without = if near.without.is_empty() {
        String::new()
    } else {
        format!(" − {}", joined(&near.without, " − "))
    };
    format!("{} ≤ {}{without}", joined(&near.all, order), near.within)
}

/// A gap that follows from the phrase's length can't be weighed against one that is given.
fn gap(gap: Option<u8>) -> Facet {
    let shown = gap.map_or_else(|| Words::new("自动", "auto"), |gap| Words::from(gap.to_string().as_str()));
    Facet::One { key: "gap", shown, rank: gap.map(i64::from) }
}

fn boundary(boundary: Boundary) -> Facet {
    let rank = match boundary {
        Boundary::Off => 2,
        Boundary::Tip => 1,
        Boundary::Strict => 0,
    };
    ranked("boundary", called(BOUNDARIES, boundary), rank)
}

fn negation(negation: Negation) -> Facet {
    let rank = match negation {
        Negation::Off => 2,
        Negation::Lower => 1,
        Negation::Drop => 0,
    };
    ranked("negation", called(NEGATIONS, negation), rank)
}

fn day(key: &'static str, day: Option<Date>, open: Date, later: i64) -> Facet {
    let shown = day.map_or_else(|| Words::new("不限", "open"), |day| Words::from(day.to_string().as_str()));
    let day = day.unwrap_or(open);
    let ordinal = i64::from(day.year()) * 366 + i64::from(day.day_of_year());
    ranked(key, shown, later * ordinal)
}

fn native(native: Option<Native>) -> Words {
    native.map_or_else(|| Words::new("自动", "auto"), |native| called(NATIVES, native))
}

fn tests(tests: &Cases) -> impl Iterator<Item = String> {
    let Cases { must_hit, must_pass, todo_hit, todo_pass, max_benign } = tests;
    let kinds =
        [("must_hit", must_hit), ("must_pass", must_pass), ("todo_hit", todo_hit), ("todo_pass", todo_pass)];
    let said = |kind, case: &Case| format!("{kind} {}", case.text.value);
    let cases =
        kinds.into_iter().flat_map(move |(kind, cases)| cases.iter().map(move |case| said(kind, case)));
    cases.chain(max_benign.map(|most| format!("max_benign {most}")))
}

fn beyond(these: &BTreeSet<String>, those: &BTreeSet<String>) -> Vec<String> {
    these.difference(those).cloned().collect()
}

impl Facet {
    /// What is different in `new`, if anything.
    pub fn against(self, new: Self) -> Option<KeyDiff> {
        match (self, new) {
            (Facet::One { key, shown, rank }, Facet::One { shown: now, rank: next, .. }) => {
                let lean = match (rank, next) {
                    (Some(rank), Some(next)) => Lean { stricter: next > rank, looser: next < rank },
                    _ => NEITHER,
                };
                (shown != now).then(|| single(key, Some(shown), Some(now), lean))
            }
            (Facet::Many { key, items, more }, Facet::Many { items: now, .. }) => {
                let (added, removed) = (beyond(&now, &items), beyond(&items, &now));
                let up = if added.is_empty() { NEITHER } else { more };
                let down = if removed.is_empty() { NEITHER } else { more.turned() };
                list(key, added, removed, up.and(down))
            }
            (Facet::Only { key, items }, Facet::Only { items: now, .. }) => {
                let (added, removed) = (beyond(&now, &items), beyond(&items, &now));
                let lean = match (items.is_empty(), now.is_empty()) {
                    (true, _) => Lean::LOOSER,
                    (_, true) => Lean::STRICTER,
                    _ => Lean { stricter: !added.is_empty(), looser: !removed.is_empty() },
                };
                list(key, added, removed, lean)
            }
            _ => None,
        }
    }

    /// As part of a rule that is new: its words and what it asks for.
    pub fn appeared(self) -> Option<KeyDiff> {
        self.whole(|key, items| list(key, items, Vec::new(), NEITHER))
    }

    /// As part of a rule that is gone.
    pub fn vanished(self) -> Option<KeyDiff> {
        self.whole(|key, items| list(key, Vec::new(), items, NEITHER))
    }

    fn whole(self, listed: impl Fn(&'static str, Vec<String>) -> Option<KeyDiff>) -> Option<KeyDiff> {
        match self {
            Facet::One { key: key @ ("action" | "state"), shown, .. } => {
                Some(single(key, None, Some(shown), NEITHER))
            }
            Facet::One { .. } => None,
            Facet::Many { key, items, .. } | Facet::Only { key, items } => {
                listed(key, items.into_iter().collect())
            }
        }
    }
}

fn single(key: &'static str, from: Option<Words>, to: Option<Words>, lean: Lean) -> KeyDiff {
    KeyDiff { key, from, to, added: Vec::new(), removed: Vec::new(), lean }
}

fn list(key: &'static str, added: Vec<String>, removed: Vec<String>, lean: Lean) -> Option<KeyDiff> {
    let changed = !added.is_empty() || !removed.is_empty();
    changed.then_some(KeyDiff { key, from: None, to: None, added, removed, lean })
}

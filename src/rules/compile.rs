//! From the files' types to the engine's: what is compiled, for whom, with which legal grounds.

use super::schema::{BasisEntry, Book, Near, Phrase, Rule, State};
use super::source::At;
use crate::model::{Basis, RuleId};
use crate::scan::{FoldSet, NearSpec, PhraseSpec, RuleSpec, RuleState, ScopeSpec};
use std::collections::HashMap;

/// The rules that judge: live ones and shadows.
pub(super) fn judging(book: &Book) -> Vec<RuleSpec> {
    let titles = Titles::of(&book.bases);
    let state = |rule: &Rule| match rule.state {
        State::Live => Some(RuleState::Live),
        State::Shadow => Some(RuleState::Shadow),
        State::Draft | State::Retired => None,
    };
    let rules = book.packs.iter().flat_map(|pack| &pack.rules);
    rules.filter_map(|rule| Some(spec(rule, state(rule)?, &titles))).collect()
}

/// How legal grounds are called.
pub(super) struct Titles<'b>(HashMap<&'b str, &'b str>);

impl<'b> Titles<'b> {
    pub fn of(bases: &'b [BasisEntry]) -> Self {
        Self(bases.iter().map(|basis| (basis.id.value.as_str(), basis.title.as_str())).collect())
    }

    /// A ground that no file describes is shown by its id.
    fn basis(&self, id: &str) -> Basis {
        let title = self.0.get(id).copied().unwrap_or(id);
        Basis { id: id.to_owned(), title: title.to_owned() }
    }
}

/// One rule for the engine.
pub(super) fn spec(rule: &Rule, state: RuleState, titles: &Titles<'_>) -> RuleSpec {
    RuleSpec {
        id: RuleId::new(rule.id.value.as_str()),
        name: rule.name.clone(),
        action: rule.action,
        severity: rule.severity,
        state,
        phrases: rule.phrases.iter().map(phrase).collect(),
        allow: texts(&rule.allow),
        near: rule.near.iter().map(near).collect(),
        gap: rule.gap,
        fold: rule.fold.iter().copied().collect::<FoldSet>(),
        aliases: texts(&rule.aliases),
        boundary: rule.boundary.unwrap_or_default(),
        negation: rule.negation.unwrap_or_default(),
        detect: rule.detect.clone(),
        scope: scope(rule),
        valid_from: rule.valid_from,
        valid_to: rule.valid_to,
        basis: rule.basis.iter().map(|id| titles.basis(&id.value)).collect(),
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        replies: texts(&rule.replies),
        require_reason: rule.require_reason,
        require_approval: rule.require_approval,
    }
}

fn texts(list: &[At<String>]) -> Vec<String> {
    list.iter().map(|at| at.value.clone()).collect()
}

fn phrase(phrase: &Phrase) -> PhraseSpec {
    PhraseSpec { text: phrase.text.value.clone(), gap: phrase.gap }
}

fn near(near: &Near) -> NearSpec {
    NearSpec {
        all: texts(&near.all),
        without: texts(&near.without),
        within: usize::from(near.within),
        ordered: near.ordered,
    }
}

fn scope(rule: &Rule) -> ScopeSpec {
    ScopeSpec {
        channels: rule.channels.clone(),
        departments: rule.scope.departments.clone(),
        exclude_departments: rule.scope.exclude_departments.clone(),
        industries: rule.scope.industries.clone(),
        sender_tags: rule.scope.sender_tags.clone(),
        contact_tags: rule.scope.contact_tags.clone(),
    }
}

//! All rules of a book as if they were live: a draft is tested before it judges, and past its last day too.

use super::compile::{self, Titles};
use super::located::Located;
use super::schema::Book;
use crate::model::{Judgement, Revision, RuleId};
use crate::scan::{BuildError, Context, Explanation, RuleState, Ruleset};
use jiff::civil::Date;
use std::collections::HashMap;

/// The rules of a book, compiled for trying them.
pub(super) struct Trial<'b> {
    rules: Vec<Located<'b>>,
    by_id: HashMap<&'b str, usize>,
    ruleset: Ruleset,
}

impl<'b> Trial<'b> {
    pub fn new(book: &'b Book) -> Result<Self, BuildError> {
        let titles = Titles::of(&book.bases);
        let rules: Vec<_> = book.sound().collect();
        let timeless = rules.iter().map(|at| {
            let mut spec = compile::spec(at.rule, RuleState::Live, &titles);
            (spec.valid_from, spec.valid_to) = (None, None);
            spec
        });
        let ruleset = Ruleset::build(Revision::new("test"), timeless.collect())?;
        let by_id = rules.iter().enumerate().map(|(n, at)| (at.id(), n)).collect();
        Ok(Self { rules, by_id, ruleset })
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = Located<'b>> {
        self.rules.iter().copied()
    }

    /// The rule of a hit.
    pub fn rule(&self, id: &RuleId) -> Option<Located<'b>> {
        self.by_id.get(id.as_str()).and_then(|n| self.rules.get(*n)).copied()
    }

    /// The engine.
    pub fn ruleset(&self) -> &Ruleset {
        &self.ruleset
    }

    /// Judges a message about which nothing else is known but perhaps its industry.
    pub fn judge(&self, text: &str, industry: Option<&str>) -> Judgement {
        self.ruleset.judge(text, &Context { industry, ..Context::default() })
    }

    /// Judges a message for which the rule is meant.
    pub fn explain_for(&self, at: Located<'_>, text: &str) -> Explanation {
        let (rule, scope) = (at.rule, &at.rule.scope);
        let context = Context {
            channel: rule.channels.first().copied(),
            industry: scope.industries.first().map(String::as_str),
            departments: Some(&scope.departments),
            sender_tags: Some(&scope.sender_tags),
            contact_tags: Some(&scope.contact_tags),
            day: Date::default(),
        };
        self.ruleset.explain(text, &context)
    }
}

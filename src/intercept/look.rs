//! A text looked at whole: what the rules say, what the company asks beyond them, what to say instead.

use crate::model::{Action, Channel, ContactSnapshot, Hit, Judgement, RuleId, Suggestion, Verdict};
use crate::rules::LiveRules;
use crate::rules::{Policy, Stance};
use crate::scan::{Context, Explanation, MAX_LISTED};
use crate::suggest::{Query, is_approved, suggest};
use crate::text::spans;
use crate::wording::{Lang, Wording, say};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The group of a customer's tags that names their industry.
const INDUSTRY_GROUP: &str = "行业";

/// What is known about a text besides its words. What is not known (`None`) excuses nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The way it came.
    pub channel: Option<Channel>,
    /// The industry, as the caller or the customer's tags name it.
    pub industry: Option<String>,
    /// The sender's departments and all above them, by name and number.
    pub departments: Option<Vec<String>>,
    /// The sender's tags.
    pub sender_tags: Option<Vec<String>>,
    /// The customer's tags.
    pub contact_tags: Option<Vec<String>>,
    /// The company's calendar day.
    pub day: Date,
}

impl Circumstances {
    /// Nothing but the day.
    pub fn on(day: Date) -> Self {
        Self { day, ..Self::default() }
    }

    /// Takes in a customer as kept: their tags, and their industry unless the caller named one.
    pub(super) fn with_contact(self, contact: &ContactSnapshot) -> Self {
        if contact.outdated {
            return self;
        }
        let tags = || contact.follow_users.iter().flat_map(|follow| &follow.tags);
        let named = tags().filter(|tag| tag.group == INDUSTRY_GROUP).map(|tag| &tag.name);
        let mut industries = named.collect::<BTreeSet<_>>().into_iter();
        let industry = industries.next().filter(|_| industries.next().is_none()).cloned();
        let contact_tags = Some(tags().map(|tag| tag.name.clone()).collect());
        Self { industry: self.industry.or(industry), contact_tags, ..self }
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            channel: self.channel,
            industry: self.industry.as_deref(),
            departments: self.departments.as_deref(),
            sender_tags: self.sender_tags.as_deref(),
            contact_tags: self.contact_tags.as_deref(),
            day: self.day,
        }
    }
}

/// Looks at texts with one set of rules, for one sender and customer.
#[derive(Clone, Copy)]
pub struct Look<'l> {
    /// The rules.
    pub live: &'l LiveRules,
    /// What is known besides the words.
    pub known: &'l Circumstances,
}

impl Look<'_> {
    /// Judges a text.
    pub fn judge(&self, text: &str) -> Judgement {
        self.policed(text, self.live.ruleset.judge(text, &self.known.context()))
    }

    /// Judges a text and tells what was found and why it counts or not.
    pub fn explain(&self, text: &str) -> Explanation {
        let explained = self.live.ruleset.explain(text, &self.known.context());
        Explanation { judgement: self.policed(text, explained.judgement), ..explained }
    }

    /// What may be said instead of a text that does not pass.
    pub fn instead_of(&self, text: &str, judgement: &Judgement) -> Vec<Suggestion> {
        match judgement.verdict {
            Verdict::Pass => Vec::new(),
            _ => self.offers(text, judgement),
        }
    }

    /// What may be said instead of a text or beside it, whatever the verdict.
    pub fn offers(&self, text: &str, judgement: &Judgement) -> Vec<Suggestion> {
        suggest(self.live, &Query { hits: &judgement.replies, ..self.query(Some(text), None) })
    }

    /// Replies to a need, without the `skip` best that were seen already.
    pub fn replies(&self, text: Option<&str>, keyword: Option<&str>, skip: usize) -> Vec<Suggestion> {
        let hits = text.map(|text| self.judge(text).replies).unwrap_or_default();
        suggest(self.live, &Query { hits: &hits, skip, ..self.query(text, keyword) })
    }

    fn query<'q>(&'q self, text: Option<&'q str>, keyword: Option<&'q str>) -> Query<'q> {
        let any = self.approved_only().is_some();
        Query { text, keyword, context: self.known.context(), any, ..Query::default() }
    }

    /// The policy under which only approved scripts may go, unless another frees this very sender.
    fn approved_only(&self) -> Option<&Policy> {
        let context = self.known.context();
        let is_free = |policy: &Policy| {
            policy.policy == Stance::Free && context.is_surely_in(&policy.departments, &policy.industries)
        };
        let binds = |policy: &&Policy| {
            policy.policy == Stance::ApprovedOnly
                && context.may_be_in(&policy.departments, &policy.industries)
        };
        let policies = &self.live.policies;
        policies.iter().find(binds).filter(|_| !policies.iter().any(is_free))
    }

    /// What the company asks beyond the rules: a text of one's own is held as by a rule that hits all
    /// of it and asks for a second person.
    fn policed(&self, text: &str, judgement: Judgement) -> Judgement {
        match self.approved_only() {
            Some(policy) if !is_approved(self.live, text, &self.known.context()) => {
                held(policy, text, judgement)
            }
            _ => judgement,
        }
    }
}

fn held(policy: &Policy, text: &str, mut judgement: Judgement) -> Judgement {
    let words = |key| say(Lang::Zh, key, &[]);
    let hit = Hit {
        rule: RuleId::new(policy.id.as_str()),
        name: words(Wording::ApprovedOnly),
        action: Action::Confirm,
        phrase: String::new(),
        matched: text.to_owned(),
        span: spans(text, 0, text.len()),
        via: Vec::new(),
        lowered_by: None,
        basis: Vec::new(),
        why: words(Wording::ApprovedOnlyWhy),
        fix: words(Wording::ApprovedOnlyFix),
    };
    judgement.hits.insert(0, hit);
    judgement.hits.truncate(MAX_LISTED);
    judgement.hits_total += 1;
    judgement.verdict = judgement.verdict.max(Verdict::Confirm);
    judgement.require_approval = true;
    judgement
}

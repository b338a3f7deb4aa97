//! Whether a rule holds for this sender, contact, way and day.

use super::rule::{RuleSpec, ScopeSpec};
use crate::model::Channel;
use jiff::civil::Date;

/// What is known about the message besides its text.
///
/// What is not known (`None`) never excuses: a rule for one industry holds when the industry is
/// unknown, a rule for one department when nobody said where the sender works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context<'a> {
    /// The way it came.
    pub channel: Option<Channel>,
    /// The industry named by the caller.
    pub industry: Option<&'a str>,
    /// The sender's departments and all departments above them, by name and id.
    pub departments: Option<&'a [String]>,
    /// The sender's tags.
    pub sender_tags: Option<&'a [String]>,
    /// The contact's tags.
    pub contact_tags: Option<&'a [String]>,
    /// The company's calendar day.
    pub day: Date,
}

impl Context<'_> {
    /// What is asked of these departments and industries is asked here: an empty list asks it of all.
    pub fn may_be_in(&self, departments: &[String], industries: &[String]) -> bool {
        shares(departments, self.departments) && self.may_be_for(industries)
    }

    /// It is known that the text belongs to one of these departments and industries, of which an
    /// empty list asks for nothing; where both are empty, nobody is named.
    pub fn is_surely_in(&self, departments: &[String], industries: &[String]) -> bool {
        let names_somebody = !(departments.is_empty() && industries.is_empty());
        let is_known = (departments.is_empty() || self.departments.is_some())
            && (industries.is_empty() || self.industry.is_some());
        names_somebody && is_known && self.may_be_in(departments, industries)
    }

    fn may_be_for(&self, industries: &[String]) -> bool {
        self.industry.is_none_or(|own| industries.is_empty() || industries.iter().any(|one| one == own))
    }
}

/// The rule holds for this context.
pub(super) fn holds(rule: &RuleSpec, context: &Context<'_>) -> bool {
    is_in_force(rule, context.day) && is_in_scope(&rule.scope, context)
}

fn is_in_force(rule: &RuleSpec, day: Date) -> bool {
    rule.valid_from.is_none_or(|first| first <= day) && rule.valid_to.is_none_or(|last| day <= last)
}

fn is_in_scope(scope: &ScopeSpec, context: &Context<'_>) -> bool {
    let channel =
        context.channel.is_none_or(|own| scope.channels.is_empty() || scope.channels.contains(&own));
    let is_exempt = |own: &[String]| scope.exclude_departments.iter().any(|one| own.contains(one));
    channel
        && context.may_be_in(&scope.departments, &scope.industries)
        && shares(&scope.sender_tags, context.sender_tags)
        && shares(&scope.contact_tags, context.contact_tags)
        && !context.departments.is_some_and(is_exempt)
}

/// Nothing is asked for, nothing is known, or one of it is there.
fn shares(asked: &[String], there: Option<&[String]>) -> bool {
    asked.is_empty() || there.is_none_or(|there| asked.iter().any(|one| there.contains(one)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;
    use jiff::civil::date;

    fn rule() -> RuleSpec {
        RuleSpec::new("FIN-001", "承诺保本", Action::Block, ["保本"])
    }

    #[test]
    fn a_rule_without_scope_holds_for_everybody() {
        assert!(holds(&rule(), &Context::default()));
    }

    #[test]
    fn a_rule_holds_on_its_first_and_last_day() {
        let rule =
            RuleSpec { valid_from: Some(date(2026, 11, 2)), valid_to: Some(date(2026, 11, 3)), ..rule() };
        let on = |day| holds(&rule, &Context { day, ..Context::default() });
        let days = [1, 2, 3, 4].map(|day| on(date(2026, 11, day)));
        assert_eq!(days, [false, true, true, false]);
    }

    #[test]
    fn an_unknown_industry_excuses_nothing_and_another_one_does() {
        let scope = ScopeSpec { industries: vec!["金融".into()], ..ScopeSpec::default() };
        let rule = RuleSpec { scope, ..rule() };
        let holds_in = |industry| holds(&rule, &Context { industry, ..Context::default() });
        assert_eq!([None, Some("金融"), Some("教育")].map(holds_in), [true, true, false]);
    }

    #[test]
    fn an_exempt_department_wins_over_one_that_is_named() {
        let scope = ScopeSpec {
            departments: vec!["华东".into()],
            exclude_departments: vec!["培训部".into()],
            ..ScopeSpec::default()
        };
        let rule = RuleSpec { scope, ..rule() };
        let holds_in = |departments: &[&str]| {
            let departments: Vec<String> = departments.iter().map(|one| (*one).to_owned()).collect();
            holds(&rule, &Context { departments: Some(&departments), ..Context::default() })
        };
        assert!(holds(&rule, &Context::default()), "an unknown department excuses nobody");
        assert!(!holds_in(&[]), "one who is known to belong nowhere is not in 华东");
        assert!(holds_in(&["上海一部", "华东"]));
        assert!(!holds_in(&["华北"]));
        assert!(!holds_in(&["培训部", "华东"]));
    }
}

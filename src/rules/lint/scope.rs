//! For whom two rules hold, compared. What a department holds besides itself is not known here, so
//! different departments count as apart; a person may have several tags, so different tags do not.

use crate::rules::schema::Rule;
use jiff::civil::Date;

/// Somebody may be under both rules.
pub(super) fn overlaps(a: &Rule, b: &Rule) -> bool {
    let exempt = |from: &Rule, other: &Rule| {
        let asked = &other.scope.departments;
        !asked.is_empty() && asked.iter().all(|one| from.scope.exclude_departments.contains(one))
    };
    meet(&a.channels, &b.channels)
        && meet(&a.scope.industries, &b.scope.industries)
        && meet(&a.scope.departments, &b.scope.departments)
        && !exempt(a, b)
        && !exempt(b, a)
        && days(a).0 <= days(b).1
        && days(b).0 <= days(a).1
}

/// Everybody under `narrow` is under `wide`.
pub(super) fn covers(wide: &Rule, narrow: &Rule) -> bool {
    let (own, other) = (&wide.scope, &narrow.scope);
    holds(&wide.channels, &narrow.channels)
        && holds(&own.industries, &other.industries)
        && holds(&own.departments, &other.departments)
        && holds(&own.sender_tags, &other.sender_tags)
        && holds(&own.contact_tags, &other.contact_tags)
        && own.exclude_departments.iter().all(|one| other.exclude_departments.contains(one))
        && days(wide).0 <= days(narrow).0
        && days(narrow).1 <= days(wide).1
}

fn days(rule: &Rule) -> (Date, Date) {
    (rule.valid_from.unwrap_or(Date::MIN), rule.valid_to.unwrap_or(Date::MAX))
}

/// An empty list means all.
fn meet<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.is_empty() || b.is_empty() || a.iter().any(|one| b.contains(one))
}

fn holds<T: PartialEq>(wide: &[T], narrow: &[T]) -> bool {
    wide.is_empty() || !narrow.is_empty() && narrow.iter().all(|one| wide.contains(one))
}

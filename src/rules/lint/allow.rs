//! Allow-phrases that no test needs.

use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::located::Located;
use crate::rules::source::{At, Fault};
use crate::rules::tests::CaseReport;
use crate::rules::trial::Trial;
use std::collections::HashSet;

/// `cases` are all tests of all rules.
pub(super) fn untested(trial: &Trial<'_>, cases: &[CaseReport]) -> Vec<Diagnostic> {
    let used: HashSet<(&str, &str)> = cases
        .iter()
        .flat_map(|case| case.excused_by.iter().map(|by| (case.rule.as_str(), by.as_str())))
        .collect();
    let allows = trial.rules().flat_map(|at| at.rule.allow.iter().map(move |allow| (at, allow)));
    let bare = allows.filter(|(at, allow)| !used.contains(&(at.id(), allow.value.as_str())));
    bare.map(|(at, allow)| told(trial, at, allow)).collect()
}

fn told(trial: &Trial<'_>, at: Located<'_>, allow: &At<String>) -> Diagnostic {
    let idle = match is_idle(trial, at, &allow.value) {
        true => Words::new(
            ",而且里面没有本规则要查的说法,不起作用",
            ", and nothing that the rule looks for stands in it",
        ),
        false => Words::from(""),
    };
    let fault = Fault::new(Code::UntestedAllow, allow.span);
    at.diagnose(fault.with("allow", allow.value.as_str()).with("idle", idle))
}

/// It excuses only what stands wholly inside it: when its rule finds nothing there, it never will.
fn is_idle(trial: &Trial<'_>, at: Located<'_>, allow: &str) -> bool {
    let explained = trial.explain_for(at, allow);
    let own = |id: &crate::model::RuleId| id.as_str() == at.id();
    !explained.judgement.hits.iter().any(|hit| own(&hit.rule))
        && !explained.dismissed.iter().any(|find| own(&find.rule))
}

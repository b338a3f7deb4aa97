//! Phrases measured against messages that no rule should mind.

use crate::model::{Action, RuleId};
use crate::rules::benign::Benign;
use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::source::Fault;
use crate::rules::trial::Trial;
use std::collections::{BTreeMap, BTreeSet};

/// One message in this many may be hit by one phrase, and one message in any case.
const TOLERATED: usize = 200;

/// Phrases that disturb too many of the messages; a hit that is only recorded disturbs nobody.
pub(super) fn too_wide(trial: &Trial<'_>, benign: &Benign) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<(RuleId, String), usize> = BTreeMap::new();
    for text in &benign.texts {
        let hits = trial.judge(text, None).hits.into_iter().filter(|hit| hit.action > Action::Log);
        let once: BTreeSet<_> = hits.map(|hit| (hit.rule, hit.phrase)).collect();
        once.into_iter().for_each(|key| *counts.entry(key).or_default() += 1);
    }
    let all = benign.texts.len();
    let wide = counts.into_iter().filter(|(_, count)| *count > (all / TOLERATED).max(1));
    wide.filter_map(|((id, phrase), count)| told(trial, &id, &phrase, (count, all))).collect()
}

fn told(trial: &Trial<'_>, id: &RuleId, phrase: &str, (count, all): (usize, usize)) -> Option<Diagnostic> {
    let at = trial.rule(id)?;
    let why = Words::new(
        format!("「{phrase}」在 {all} 条示例语料里命中 {count} 条"),
        format!("`{phrase}` hits {count} of {all} messages that are fine"),
    );
    Some(at.diagnose(Fault::new(Code::TooWide, at.phrase(phrase)).with("why", why)))
}

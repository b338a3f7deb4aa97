//! A check in words, as the bot says it.

use crate::model::{Action, Check, CheckState, Hit, Verdict};
use crate::wording::{Lang, Wording, say};

/// Rows shown before 「还有 n 处」, as far as they fit.
const ROWS: usize = 3;
/// The longest answer WeCom shows whole, in bytes.
const MAX_BYTES: usize = 2_048;

/// What a rep is told about a draft: what was found, why, on which basis, and what to do.
pub fn of_check(lang: Lang, check: &Check) -> String {
    let told = |most| match check.verdict() {
        Verdict::Pass => of_pass(lang, check, most),
        Verdict::Confirm => of_confirm(lang, check, most),
        Verdict::Block => of_block(lang, check, most),
    };
    (1..=ROWS).rev().map(told).find(|text| text.len() <= MAX_BYTES).unwrap_or_else(|| told(1))
}

/// Words with the text they hand back. A text that would be cut is better copied from where the
/// rep wrote it.
pub fn with_text(words: String, text: &str) -> String {
    if words.len() + 1 + text.len() > MAX_BYTES { words } else { format!("{words}\n{text}") }
}

fn of_pass(lang: Lang, check: &Check, most: usize) -> String {
    let mut lines = vec![say(lang, Wording::PassTitle, &[])];
    lines.extend(rows(lang, check, most));
    lines.push(say(lang, Wording::PassHandedBack, &[]));
    with_text(lines.join("\n"), check.text.as_str())
}

/// How to answer stands before the reasons: it is what must never be cut off.
fn of_confirm(lang: Lang, check: &Check, most: usize) -> String {
    let mut lines = vec![say(lang, Wording::ConfirmTitle, &[])];
    if let Some(short) = check.short {
        let short = short.to_string();
        let minutes = crate::intercept::state::CONFIRM_TTL.as_mins().to_string();
        let how =
            if check.judgement.require_reason { Wording::ConfirmNeedsReason } else { Wording::ConfirmHow };
        lines.push(say(lang, how, &[("short", &short), ("minutes", &minutes)]));
    }
    lines.extend(rows(lang, check, most));
    lines.extend(suggestions(lang, check));
    lines.join("\n")
}

fn of_block(lang: Lang, check: &Check, most: usize) -> String {
    let mut lines = vec![say(lang, Wording::BlockTitle, &[])];
    lines.extend(rows(lang, check, most));
    lines.extend(suggestions(lang, check));
    lines.join("\n")
}

/// The order on every face: worst first, then as they stand in the text. What is only recorded is
/// not for the rep.
fn worst_first(check: &Check) -> Vec<&Hit> {
    let mut hits: Vec<&Hit> = check.hits().iter().filter(|hit| hit.action > Action::Log).collect();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.action), hit.span.byte));
    hits
}

fn rows(lang: Lang, check: &Check, most: usize) -> Vec<String> {
    let hits = worst_first(check);
    let mut lines: Vec<String> = hits.iter().take(most).flat_map(|hit| row(lang, hit)).collect();
    let hidden = check.hits().len() - hits.len();
    let more = check.judgement.hits_total.saturating_sub(hidden + most);
    if more > 0 {
        lines.push(say(lang, Wording::MoreHits, &[("count", &more.to_string())]));
    }
    if let Some(first) = hits.first() {
        let revision = check.revision().to_string();
        lines.push(say(lang, Wording::RuleLine, &[("rule", first.rule.as_str()), ("revision", &revision)]));
    }
    lines
}

fn row(lang: Lang, hit: &Hit) -> Vec<String> {
    let title = match Verdict::from(hit.action) {
        Verdict::Block => say(lang, Wording::BlockRow, &[("phrase", &hit.matched)]),
        Verdict::Confirm => say(lang, Wording::ConfirmRow, &[("phrase", &hit.matched)]),
        Verdict::Pass => {
            return vec![say(lang, Wording::TipRow, &[("phrase", &hit.matched), ("why", &hit.why)])];
        }
    };
    let basis = basis_line(hit);
    let filled = [
        (Wording::Why, "why", hit.why.as_str()),
        (Wording::BasisLine, "basis", &basis),
        (Wording::Fix, "fix", &hit.fix),
    ];
    let details = filled.iter().filter(|(_, _, value)| !value.is_empty());
    std::iter::once(title)
        .chain(details.map(|(key, blank, value)| say(lang, *key, &[(blank, value)])))
        .collect()
}

/// The titles of a hit's legal grounds.
pub fn basis_line(hit: &Hit) -> String {
    hit.basis.iter().map(|basis| basis.title.as_str()).collect::<Vec<_>>().join("、")
}

fn suggestions(lang: Lang, check: &Check) -> Vec<String> {
    if check.suggestions.is_empty() {
        return vec![say(lang, Wording::NoSuggestion, &[])];
    }
    let scripts =
        check.suggestions.iter().zip(1..).map(|(suggestion, place)| format!("{place}. {}", suggestion.text));
    std::iter::once(say(lang, Wording::TrySaying, &[])).chain(scripts).collect()
}

/// A state as people read it.
pub fn state_name(lang: Lang, state: CheckState) -> String {
    let key = match state {
        CheckState::Passed => Wording::StatePassed,
        CheckState::AwaitingConfirmation => Wording::StateAwaitingConfirmation,
        CheckState::AwaitingApproval => Wording::StateAwaitingApproval,
        CheckState::Blocked => Wording::StateBlocked,
        CheckState::Confirmed => Wording::StateConfirmed,
        CheckState::Withdrawn => Wording::StateWithdrawn,
        CheckState::Expired => Wording::StateExpired,
        CheckState::Rejected => Wording::StateRejected,
        CheckState::HandedBack => Wording::StateHandedBack,
        CheckState::Sent => Wording::StateSent,
        CheckState::SendFailed => Wording::StateSendFailed,
        CheckState::SendUnknown => Wording::StateSendUnknown,
    };
    say(lang, key, &[])
}

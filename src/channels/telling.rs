//! A check in words, as the bot says it.

use crate::followup::{Todo, TodoGroup};
use crate::model::{Action, Check, CheckState, CompanyZone, EndedBy, Hit, Verdict};
use crate::text::slice;
use crate::wecom::reply::MAX_TEXT_BYTES;
use crate::wording::{Lang, Wording, say};

/// Things to do shown of each group.
const TODOS: usize = 8;
/// Characters of a hit that are shown.
const MAX_SHOWN: usize = 30;
/// Rows shown before 「还有 n 处」.
const ROWS: usize = 3;

/// How much a rep needs a line. Where all are too long for one reply, the least needed go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// What happened, what was found, what to do.
    Most,
    /// The reasons of the worst hit, one way to say it.
    More,
    /// The rest.
    Less,
}

type Line = (Need, String);

/// What a rep is told about a draft: what was found, why, on which basis, and what to do.
pub fn of_check(lang: Lang, check: &Check) -> String {
    fitted(lines(lang, check))
}

/// What a rep is told when the rules in force judge a draft more strictly than before.
pub fn of_changed(lang: Lang, check: &Check) -> String {
    let changed = (Need::Most, say(lang, Wording::VerdictChanged, &[]));
    fitted(std::iter::once(changed).chain(lines(lang, check)).collect())
}

/// A sentence and, below it, the text to copy. A piece of a text was never judged by itself, so
/// one that does not fit stays away: the rep has the original.
pub fn with_text(sentence: String, check: &Check) -> String {
    fitted(vec![(Need::Most, sentence), (Need::Less, check.text.as_str().to_owned())])
}

/// Joined to at most what WeCom shows: of the least needed lines the last go first.
fn fitted(mut lines: Vec<Line>) -> String {
    let bytes = |lines: &[Line]| lines.iter().map(|(_, line)| line.len() + 1).sum::<usize>();
    while bytes(&lines) > MAX_TEXT_BYTES + 1 {
        let needs = lines.iter().enumerate().map(|(place, (need, _))| (*need, place));
        match needs.max() {
            Some((Need::More | Need::Less, place)) => lines.remove(place),
            Some((Need::Most, _)) | None => break,
        };
    }
    lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

fn lines(lang: Lang, check: &Check) -> Vec<Line> {
    match check.verdict() {
        Verdict::Pass => of_pass(lang, check),
        Verdict::Confirm => of_confirm(lang, check),
        Verdict::Block => of_block(lang, check),
    }
}

fn of_pass(lang: Lang, check: &Check) -> Vec<Line> {
    let tips = rows(lang, check);
    let title = if tips.is_empty() { Wording::PassTitle } else { Wording::PassWithTips };
    let mut lines = vec![(Need::Most, say(lang, title, &[]))];
    lines.extend(tips);
    lines.push((Need::Most, say(lang, Wording::PassHandedBack, &[])));
    lines.push((Need::Less, check.text.as_str().to_owned()));
    lines
}

fn of_confirm(lang: Lang, check: &Check) -> Vec<Line> {
    let mut lines = vec![(Need::Most, say(lang, Wording::ConfirmTitle, &[]))];
    if let Some(short) = check.short {
        let short = short.to_string();
        let minutes = crate::intercept::state::CONFIRM_TTL.as_mins().to_string();
        let how =
            if check.judgement.require_reason { Wording::ConfirmNeedsReason } else { Wording::ConfirmHow };
        lines.push((Need::Most, say(lang, how, &[("short", &short), ("minutes", &minutes)])));
    }
    lines.extend(rows(lang, check));
    lines.extend(suggestions(lang, check));
    lines
}

fn of_block(lang: Lang, check: &Check) -> Vec<Line> {
    let mut lines = vec![(Need::Most, say(lang, Wording::BlockTitle, &[]))];
    lines.extend(rows(lang, check));
    lines.extend(suggestions(lang, check));
    lines
}

/// The order on every face: worst first, then as they stand in the text. What is only recorded is
/// not for the rep.
fn worst_first(check: &Check) -> Vec<&Hit> {
    let mut hits: Vec<&Hit> = check.hits().iter().filter(|hit| hit.action > Action::Log).collect();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.action), hit.span.byte));
    hits
}

fn rows(lang: Lang, check: &Check) -> Vec<Line> {
    let hits = worst_first(check);
    let reasons = std::iter::once(Need::More).chain(std::iter::repeat(Need::Less));
    let shown = hits.iter().take(ROWS).zip(reasons);
    let mut lines: Vec<Line> = shown.flat_map(|(hit, need)| row(lang, hit, need)).collect();
    let hidden = check.hits().len() - hits.len();
    let more = check.judgement.hits_total.saturating_sub(hidden + ROWS);
    if more > 0 {
        lines.push((Need::Most, say(lang, Wording::MoreHits, &[("count", &more.to_string())])));
    }
    if let Some(first) = hits.first() {
        let revision = check.revision().to_string();
        let rule = say(lang, Wording::RuleLine, &[("rule", first.rule.as_str()), ("revision", &revision)]);
        lines.push((Need::More, rule));
    }
    lines
}

/// `reasons` is how much those of this hit are needed.
fn row(lang: Lang, hit: &Hit, reasons: Need) -> Vec<Line> {
    let phrase = &shortened(&hit.matched);
    let title = match Verdict::from(hit.action) {
        Verdict::Block => say(lang, Wording::BlockRow, &[("phrase", phrase)]),
        Verdict::Confirm => say(lang, Wording::ConfirmRow, &[("phrase", phrase)]),
        Verdict::Pass => {
            let tip = say(lang, Wording::TipRow, &[("phrase", phrase), ("why", &hit.why)]);
            return vec![(reasons, tip)];
        }
    };
    let basis = basis_line(hit);
    let filled = [
        (Wording::Why, "why", hit.why.as_str()),
        (Wording::BasisLine, "basis", &basis),
        (Wording::Fix, "fix", &hit.fix),
    ];
    let details = filled.iter().filter(|(_, _, value)| !value.is_empty());
    std::iter::once((Need::Most, title))
        .chain(details.map(|(key, blank, value)| (reasons, say(lang, *key, &[(blank, value)]))))
        .collect()
}

/// What was found, as far as one line shows it: a hit may be as long as the text.
fn shortened(matched: &str) -> String {
    match matched.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", slice(matched, 0, end)),
        None => matched.to_owned(),
    }
}

/// The titles of a hit's legal grounds.
pub fn basis_line(hit: &Hit) -> String {
    hit.basis.iter().map(|basis| basis.title.as_str()).collect::<Vec<_>>().join("、")
}

fn suggestions(lang: Lang, check: &Check) -> Vec<Line> {
    if check.suggestions.is_empty() {
        return vec![(Need::Less, say(lang, Wording::NoSuggestion, &[]))];
    }
    let needs = std::iter::once(Need::More).chain(std::iter::repeat(Need::Less));
    let scripts = check.suggestions.iter().zip(1..).zip(needs);
    let scripts = scripts.map(|((script, place), need)| (need, format!("{place}. {}", script.text)));
    std::iter::once((Need::More, say(lang, Wording::TrySaying, &[]))).chain(scripts).collect()
}

/// What a rep has to do, under what is overdue, today's, and later.
pub fn of_todos(lang: Lang, zone: &CompanyZone, todos: &[Todo]) -> String {
    if todos.is_empty() {
        return say(lang, Wording::TodoNothing, &[]);
    }
    let mut lines = Vec::new();
    for group in TodoGroup::ALL {
        let own: Vec<_> = todos.iter().filter(|todo| todo.group == group).take(TODOS).collect();
        if !own.is_empty() {
            lines.push((Need::Most, group_name(lang, group)));
            lines.extend(own.into_iter().map(|todo| (Need::More, todo_line(lang, zone, todo))));
        }
    }
    let shown = lines.iter().filter(|(need, _)| *need == Need::More).count();
    if shown < todos.len() {
        let more = (todos.len() - shown).to_string();
        lines.push((Need::Most, say(lang, Wording::TodoMore, &[("count", &more)])));
    }
    fitted(lines)
}

fn todo_line(lang: Lang, zone: &CompanyZone, todo: &Todo) -> String {
    let when = zone.minute(todo.due_at);
    say(lang, Wording::TodoRow, &[("when", &when), ("name", &todo.name), ("title", &todo.title)])
}

/// A group of things to do as people read it.
pub fn group_name(lang: Lang, group: TodoGroup) -> String {
    let key = match group {
        TodoGroup::Overdue => Wording::TodoOverdue,
        TodoGroup::Today => Wording::TodoToday,
        TodoGroup::Later => Wording::TodoLater,
    };
    say(lang, key, &[])
}

/// What a rep is told about a customer they no longer follow.
pub fn of_parting(by: EndedBy) -> Wording {
    match by {
        EndedBy::Customer => Wording::PartedByCustomer,
        EndedBy::Rep => Wording::PartedByRep,
        EndedBy::Transfer => Wording::PartedByTransfer,
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::followup::TodoKind;

    #[test]
    fn a_long_list_is_told_in_part_with_how_much_is_left_out() {
        let todo = |no: i64, group| Todo {
            contact: format!("wm{no}").as_str().into(),
            name: format!("客户{no}"),
            kind: TodoKind::FollowUp,
            title: "跟进".to_owned(),
            due_at: jiff::Timestamp::from_second(1_790_000_000 + no * 60).unwrap(),
            group,
            dormant: false,
            link: String::new(),
        };
        let overdue = (0..12).map(|no| todo(no, TodoGroup::Overdue));
        let todos: Vec<_> = overdue.chain([todo(99, TodoGroup::Later)]).collect();
        let said = of_todos(Lang::Zh, &CompanyZone::china(), &todos);
        assert_eq!(said.lines().filter(|line| line.starts_with('·')).count(), TODOS + 1);
        assert!(said.starts_with("已超时\n") && said.contains("客户99"), "{said}");
        assert!(said.ends_with("还有 4 项,在侧边栏的待办里查看。"), "{said}");
        assert!(said.len() <= MAX_TEXT_BYTES, "{} bytes", said.len());
    }
}

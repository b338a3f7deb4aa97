//! What the people besides the rep are shown about a check, and what the rep is told of their word.

use super::bot::{AskCard, ContactCard};
use super::telling;
use crate::model::{Action, Check, CheckState, Finding, Hit, MoveCause, Review};
use crate::wording::{Lang, Wording, say};

/// Begins the key of a button by which somebody decides; the check's id follows.
pub const APPROVE_KEY: &str = "approve:";
/// The reverse of [`APPROVE_KEY`].
pub const REJECT_KEY: &str = "reject:";
/// Begins the key of a button of an officer; a finding, a colon and the check's id follow.
pub const FINDING_KEY: &str = "found:";

/// So much of a text is quoted to somebody who decides on it.
const QUOTE: usize = 40;

/// A card with two buttons, the one that stops first.
#[derive(Debug)]
pub struct DecisionCard {
    /// What is shown. Its `edit` stops or upholds, its `confirm` lets go.
    pub card: AskCard,
    /// The key of the button that stops or upholds.
    pub no: String,
    /// The key of the button that lets go.
    pub yes: String,
}

fn quote(check: &Check) -> String {
    let text = check.text.as_str();
    let cut: String = text.chars().take(QUOTE).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}

fn row(lang: Lang, key: Wording, value: impl Into<String>) -> (String, String) {
    (say(lang, key, &[]), value.into())
}

/// Who writes to whom, and what was found.
fn rows(lang: Lang, check: &Check, customer: &str) -> Vec<(String, String)> {
    let mut hits: Vec<&Hit> = check.hits().iter().filter(|hit| hit.action >= Action::Confirm).collect();
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.action), hit.span.byte));
    let found = hits.first().map(|hit| format!("「{}」{}", hit.matched, hit.rule)).unwrap_or_default();
    let basis = hits.first().map(|hit| telling::basis_line(hit)).unwrap_or_default();
    let rows = [
        row(lang, Wording::CardRep, check.sender.to_string()),
        row(lang, Wording::CardCustomer, customer),
        row(lang, Wording::CardHit, found),
        row(lang, Wording::CardBasis, basis),
    ];
    rows.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// Asks a second person whether a text may be sent.
pub fn approval_card(lang: Lang, check: &Check, customer: &str) -> DecisionCard {
    let reason = check.confirmation().and_then(|confirmation| confirmation.reason.clone());
    let mut rows = rows(lang, check, customer);
    rows.extend(reason.map(|reason| row(lang, Wording::CardReason, reason)));
    let card = AskCard {
        task: String::new(),
        title: say(lang, Wording::ApproveTitle, &[]),
        desc: format!("{} → {customer}", check.sender),
        quote: quote(check),
        rows,
        edit: say(lang, Wording::ApproveNo, &[]),
        confirm: say(lang, Wording::ApproveYes, &[]),
    };
    DecisionCard { card, no: format!("{REJECT_KEY}{}", check.id), yes: format!("{APPROVE_KEY}{}", check.id) }
}

/// Asks an officer whether a rule was right.
pub fn appeal_card(lang: Lang, check: &Check, review: &Review, customer: &str) -> DecisionCard {
    let mut rows = rows(lang, check, customer);
    let said = review.appeal.as_ref().map(|appeal| appeal.text.clone());
    rows.extend(said.map(|said| row(lang, Wording::CardReason, said)));
    let card = AskCard {
        task: String::new(),
        title: say(lang, Wording::AppealTitle, &[]),
        desc: say(lang, Wording::AppealDesc, &[("rep", check.sender.as_str())]),
        quote: quote(check),
        rows,
        edit: say(lang, Wording::FindingValid, &[]),
        confirm: say(lang, Wording::FindingFalseAlarm, &[]),
    };
    let key = |finding: Finding| format!("{FINDING_KEY}{}:{}", finding.as_str(), check.id);
    DecisionCard { card, no: key(Finding::Valid), yes: key(Finding::FalseAlarm) }
}

/// A finding in words.
pub fn finding_name(lang: Lang, finding: Finding) -> String {
    let wording = match finding {
        Finding::Valid => Wording::FindingValid,
        Finding::FalseAlarm => Wording::FindingFalseAlarm,
        Finding::Coached => Wording::FindingCoached,
        Finding::Escalated => Wording::FindingEscalated,
        Finding::NoAction => Wording::FindingNoAction,
    };
    say(lang, wording, &[])
}

/// What the second person said, for the rep. `None` while nothing was said.
pub fn decision(lang: Lang, check: &Check, public_url: &str) -> Option<ContactCard> {
    let note = check.moves.iter().rev().find_map(|step| match &step.cause {
        MoveCause::Approved => Some(None),
        MoveCause::Rejected { note } => Some(note.clone()),
        _ => None,
    })?;
    let (title, next) = match check.state {
        CheckState::Rejected => (Wording::RejectedTitle, Wording::RejectedNext),
        CheckState::HandedBack => (Wording::ApprovedTitle, Wording::PassHandedBack),
        _ => (Wording::ApprovedTitle, Wording::ApprovedNext),
    };
    let note = note.map(|note| say(lang, Wording::DecisionNote, &[("note", &note)]));
    let lines = [Some(quote(check)), note, Some(say(lang, next, &[]))];
    Some(ContactCard {
        title: say(lang, title, &[]),
        description: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        url: format!("{public_url}/sidebar#todo"),
    })
}

/// What the officer found, for the rep.
pub fn finding(lang: Lang, check: &Check, review: &Review, public_url: &str) -> Option<ContactCard> {
    let disposition = review.disposition.as_ref()?;
    let found = finding_name(lang, disposition.outcome);
    let note = disposition.note.as_ref().map(|note| say(lang, Wording::DecisionNote, &[("note", note)]));
    let lines = [Some(quote(check)), note];
    Some(ContactCard {
        title: say(lang, Wording::FindingTitle, &[("finding", &found)]),
        description: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        url: format!("{public_url}/sidebar#mine"),
    })
}

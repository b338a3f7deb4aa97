//! How the derived state's keys are made.

use crate::model::{Check, CheckId, CheckState, CorpId, Question, ShortNo, UserId};
use crate::store::draft::DraftPlace;
use jiff::{SignedDuration, Timestamp};

/// How long after a release ended a report is still waited for.
const REPORT_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// The kind of the checks' keys. It sorts behind all others, so that a check is written only once
/// everything that leads to it is: a step that stands in the check need not be taken in again.
pub const CHECK: &str = "~check";

/// The kind of the keys of revisions of the rules, by their number.
pub const REVISION: &str = "revision";
/// The kind of the keys of rule files, by the hash of their content.
pub const RULE_FILE: &str = "rule-file";

/// A key: its kind, then its parts, each ended by a zero byte so that none runs into the next.
pub fn key(kind: &str, parts: &[&str]) -> Vec<u8> {
    let mut key = Vec::with_capacity(kind.len() + 1 + parts.iter().map(|part| part.len() + 1).sum::<usize>());
    for part in std::iter::once(&kind).chain(parts) {
        // 0xFF stands in no UTF-8 text: a zero byte in a foreign id can't end its part early.
        key.extend(part.bytes().map(|byte| if byte == 0 { 0xFF } else { byte }));
        key.push(0);
    }
    key
}

/// The parts of a key after its kind.
pub fn parts(key: &[u8]) -> impl Iterator<Item = &str> {
    key.split(|byte| *byte == 0).skip(1).filter_map(|part| std::str::from_utf8(part).ok())
}

/// An instant as text that sorts by time.
pub fn sortable(at: Timestamp) -> String {
    format!("{:016x}", at.as_millisecond().max(0))
}

pub fn check_key(corp: &CorpId, id: &CheckId) -> Vec<u8> {
    key(CHECK, &[corp.as_str(), id.as_str()])
}

pub fn open_key(corp: &CorpId, sender: &UserId, short: ShortNo) -> Vec<u8> {
    key("open", &[corp.as_str(), sender.as_str(), &short.to_string()])
}

pub fn revision_key(number: u64) -> Vec<u8> {
    key(REVISION, &[&format!("{number:016x}")])
}

pub fn draft_key(place: &DraftPlace) -> Vec<u8> {
    key("draft", &[place.corp.as_str(), place.user.as_str(), &place.to])
}

pub fn review_key(corp: &CorpId, id: &CheckId) -> Vec<u8> {
    key("review", &[corp.as_str(), id.as_str()])
}

/// A check that waits for a member's word.
pub fn waits_for_key(corp: &CorpId, user: &UserId, id: &CheckId) -> Vec<u8> {
    key("waits-for", &[corp.as_str(), user.as_str(), id.as_str()])
}

pub fn asked_key(corp: &CorpId, id: &CheckId, question: Question) -> Vec<u8> {
    key("asked", &[corp.as_str(), id.as_str(), question.as_str()])
}

pub fn notice_key(corp: &CorpId, user: &UserId) -> Vec<u8> {
    key("notified", &[corp.as_str(), user.as_str()])
}

/// When a check has to be looked at again if nobody moves it.
fn due_at(check: &Check) -> Option<Timestamp> {
    let end = check.expires_at?;
    match check.state {
        CheckState::AwaitingConfirmation | CheckState::AwaitingApproval => Some(end),
        CheckState::Passed | CheckState::Confirmed => end.saturating_add(REPORT_GRACE).ok(),
        _ => None,
    }
}

pub fn due_key(check: &Check) -> Option<Vec<u8>> {
    due_at(check).map(|at| key("due", &[&sortable(at), check.corp.as_str(), check.id.as_str()]))
}

/// The last part of a key that is not the empty end.
pub trait LastPart<'a> {
    fn last_part(self) -> Option<&'a str>;
}

impl<'a, I: Iterator<Item = &'a str>> LastPart<'a> for I {
    fn last_part(self) -> Option<&'a str> {
        self.filter(|part| !part.is_empty()).last()
    }
}

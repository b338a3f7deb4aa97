//! Where a check stands, as types: each offers only the steps that may be taken from it.

use crate::model::{
    Actor, Channel, Check, CheckMove, CheckState, Confirmation, MoveCause, SentReport, Verdict,
};
use jiff::{SignedDuration, Timestamp};

/// How long a rep may think about a confirmation.
pub const CONFIRM_TTL: SignedDuration = SignedDuration::from_mins(10);
/// How long a release lives: sending must begin within it.
pub const RELEASE_TTL: SignedDuration = SignedDuration::from_secs(60);

/// A check by what can still happen to it.
pub enum Stage<'c> {
    /// Waits for the rep.
    Awaiting(Awaiting<'c>),
    /// Waits for a second person.
    Approval(Waiting<'c>),
    /// A release was given; a report is expected.
    Cleared(Cleared<'c>),
    /// Released, and nobody said whether it was sent: a late report is still taken.
    Unknown(Reportable<'c>),
    /// Nothing can happen any more, or nothing ever could.
    Ended,
}

/// A check that waits for its rep.
pub struct Awaiting<'c>(&'c Check);
/// A check that waits and may run out of time.
pub struct Waiting<'c>(&'c Check);
/// A check that was passed or confirmed: the only thing a release is made from.
pub struct Cleared<'c>(&'c Check);
/// A check whose sending may be reported.
pub struct Reportable<'c>(&'c Check);

impl<'c> Stage<'c> {
    /// Sorts a check by its state.
    pub fn of(check: &'c Check) -> Self {
        match check.state {
            CheckState::AwaitingConfirmation => Stage::Awaiting(Awaiting(check)),
            CheckState::AwaitingApproval => Stage::Approval(Waiting(check)),
            CheckState::Passed | CheckState::Confirmed => Stage::Cleared(Cleared(check)),
            CheckState::SendUnknown => Stage::Unknown(Reportable(check)),
            CheckState::Blocked
            | CheckState::Withdrawn
            | CheckState::Expired
            | CheckState::Rejected
            | CheckState::HandedBack
            | CheckState::Sent
            | CheckState::SendFailed => Stage::Ended,
        }
    }
}

/// The first state of a check, and until when it holds. The bot can't write to the customer, so a
/// text that passes there goes back to the rep at once.
pub fn opening(verdict: Verdict, channel: Channel, now: Timestamp) -> (CheckState, Option<Timestamp>) {
    match (verdict, channel) {
        (Verdict::Block, _) => (CheckState::Blocked, None),
        (Verdict::Confirm, _) => (CheckState::AwaitingConfirmation, after(now, CONFIRM_TTL)),
        (Verdict::Pass, Channel::Bot) => (CheckState::HandedBack, None),
        (Verdict::Pass, _) => (CheckState::Passed, after(now, RELEASE_TTL)),
    }
}

fn after(now: Timestamp, ttl: SignedDuration) -> Option<Timestamp> {
    now.saturating_add(ttl).ok()
}

fn step(check: &Check, to: CheckState, at: Timestamp, actor: Actor, cause: MoveCause) -> CheckMove {
    CheckMove { check: check.id.clone(), from: check.state, to, at, actor, expires_at: None, cause }
}

impl Awaiting<'_> {
    /// The rep takes the text on themselves.
    pub fn confirm(&self, confirmation: Confirmation, actor: Actor) -> CheckMove {
        let at = confirmation.at;
        let (to, expires_at) = match (self.0.judgement.require_approval, self.0.channel) {
            (true, _) => (CheckState::AwaitingApproval, after(at, CONFIRM_TTL)),
            (false, Channel::Bot) => (CheckState::HandedBack, None),
            (false, _) => (CheckState::Confirmed, after(at, RELEASE_TTL)),
        };
        CheckMove { expires_at, ..step(self.0, to, at, actor, MoveCause::Confirmed(confirmation)) }
    }

    /// The rep takes the text back.
    pub fn withdraw(&self, at: Timestamp, actor: Actor) -> CheckMove {
        step(self.0, CheckState::Withdrawn, at, actor, MoveCause::Withdrawn)
    }

    /// A stricter judgement takes its place.
    pub fn supersede(&self, by: &Check, actor: Actor) -> CheckMove {
        Waiting(self.0).supersede(by, actor)
    }

    /// Nobody answered in time.
    pub fn expire(&self, at: Timestamp) -> CheckMove {
        Waiting(self.0).expire(at)
    }
}

impl Waiting<'_> {
    /// The second person lets it go. Its rep may be elsewhere by now, so the release lives as long
    /// as they may think about a confirmation.
    pub fn approve(&self, at: Timestamp, actor: Actor) -> CheckMove {
        let (to, expires_at) = match self.0.channel {
            Channel::Bot => (CheckState::HandedBack, None),
            _ => (CheckState::Confirmed, after(at, CONFIRM_TTL)),
        };
        CheckMove { expires_at, ..step(self.0, to, at, actor, MoveCause::Approved) }
    }

    /// The second person stops it.
    pub fn reject(&self, at: Timestamp, actor: Actor, note: Option<String>) -> CheckMove {
        step(self.0, CheckState::Rejected, at, actor, MoveCause::Rejected { note })
    }

    /// A stricter judgement takes its place.
    pub fn supersede(&self, by: &Check, actor: Actor) -> CheckMove {
        let cause = MoveCause::Superseded { by: by.id.clone() };
        step(self.0, CheckState::Withdrawn, by.created_at, actor, cause)
    }

    /// Nobody answered in time.
    pub fn expire(&self, at: Timestamp) -> CheckMove {
        step(self.0, CheckState::Expired, at, Actor::System, MoveCause::TimedOut)
    }

    /// The rep takes the text back.
    pub fn withdraw(&self, at: Timestamp, actor: Actor) -> CheckMove {
        Awaiting(self.0).withdraw(at, actor)
    }
}

impl<'c> Cleared<'c> {
    /// The check that was cleared.
    pub fn check(&self) -> &'c Check {
        self.0
    }

    /// No report came in time.
    pub fn lapse(&self, at: Timestamp) -> CheckMove {
        step(self.0, CheckState::SendUnknown, at, Actor::System, MoveCause::TimedOut)
    }

    /// The sending was reported.
    pub fn report(&self, report: SentReport, actor: Actor) -> CheckMove {
        Reportable(self.0).report(report, actor)
    }
}

impl Reportable<'_> {
    /// The sending was reported, however late.
    pub fn report(&self, report: SentReport, actor: Actor) -> CheckMove {
        let to = if report.ok { CheckState::Sent } else { CheckState::SendFailed };
        step(self.0, to, report.at, actor, MoveCause::Reported(report))
    }
}

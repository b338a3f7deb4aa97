//! What happens to a check after it was recorded: confirmed, taken back, reported, timed out.

use super::draft::{Draft, Recorded};
use super::error::GateError;
use super::gate::{Gate, RIVALS, short_free};
use super::state::Stage;
use crate::model::{
    Actor, Check, CheckId, CheckMove, CheckState, Confirmation, ConfirmedBy, CorpId, MoveCause, SentReport,
    TextHash, UserId,
};
use crate::store::{Change, Entry, Precondition, StoreError, Unit};
use jiff::Timestamp;

/// A rep says that a text may go.
#[derive(Debug, Clone)]
pub struct ConfirmOrder {
    /// The company.
    pub corp: CorpId,
    /// The check.
    pub check: CheckId,
    /// Who acts, for the ledger.
    pub actor: Actor,
    /// The rep, where the caller is one; a program confirms for the rep it serves.
    pub rep: Option<UserId>,
    /// The text the rep means, where the caller can say.
    pub text: Option<TextHash>,
    /// Why, in the rep's words.
    pub reason: Option<String>,
    /// By which means.
    pub by: ConfirmedBy,
}

/// What a client says about the sending.
#[derive(Debug, Clone)]
pub struct Report {
    /// The company.
    pub corp: CorpId,
    /// The check.
    pub check: CheckId,
    /// Who says so.
    pub actor: Actor,
    /// The release it was sent with.
    pub release: String,
    /// WeCom took it.
    pub ok: bool,
    /// The client's words.
    pub detail: Option<String>,
}

/// How a step ended.
#[derive(Debug)]
pub struct Settled {
    /// The check as it is now, with its release if it has one.
    pub recorded: Recorded,
    /// Nothing changed: it had been done before.
    pub repeated: bool,
}

impl Gate {
    /// Confirms a check. Repeating it gives the same release while it lives.
    ///
    /// # Errors
    /// See [`GateError`]; the check is unchanged, but for [`GateError::VerdictChanged`].
    pub async fn confirm(&self, order: ConfirmOrder) -> Result<Settled, GateError> {
        for _ in 0..RIVALS {
            let check = self.own_check(&order.corp, &order.check, order.rep.as_ref()).await?;
            if order.text.is_some_and(|text| text != check.text_sha256) {
                return Err(GateError::TextMismatch);
            }
            let now = self.clock().now();
            let Stage::Awaiting(awaiting) = Stage::of(&check) else {
                return self.confirmed_before(check, now).await;
            };
            if check.is_overdue(now) {
                return Err(GateError::Expired);
            }
            match self.still_allowed(&check, &order.actor).await {
                Err(GateError::Store(StoreError::Stale { .. })) => continue,
                allowed => allowed?,
            }
            let reason = order.reason.clone().filter(|reason| !reason.trim().is_empty());
            if check.judgement.require_reason && reason.is_none() {
                return Err(GateError::ReasonRequired);
            }
            let step = awaiting.confirm(Confirmation { at: now, by: order.by, reason }, order.actor.clone());
            if let Some(settled) = self.take(&check, step).await? {
                return Ok(settled);
            }
        }
        Err(GateError::Store(StoreError::Retry { why: "others were faster".to_owned() }))
    }

    /// Takes a waiting check back. Repeating it changes nothing.
    ///
    /// # Errors
    /// See [`GateError`].
    pub async fn withdraw(
        &self,
        corp: &CorpId,
        id: &CheckId,
        actor: Actor,
        rep: Option<&UserId>,
    ) -> Result<Settled, GateError> {
        for _ in 0..RIVALS {
            let check = self.own_check(corp, id, rep).await?;
            let now = self.clock().now();
            let step = match Stage::of(&check) {
                Stage::Awaiting(waiting) => waiting.withdraw(now, actor.clone()),
                Stage::Approval(waiting) => waiting.withdraw(now, actor.clone()),
                _ if check.state == CheckState::Withdrawn => return Ok(self.unchanged(check)),
                _ => return Err(GateError::WrongState { state: check.state }),
            };
            if let Some(settled) = self.take(&check, step).await? {
                return Ok(settled);
            }
        }
        Err(GateError::Store(StoreError::Retry { why: "others were faster".to_owned() }))
    }

    /// Takes in what became of a released text. The same report again changes nothing.
    ///
    /// # Errors
    /// [`GateError::ReleaseUsed`] when it differs from an earlier report; see [`GateError`].
    pub async fn report(&self, report: Report) -> Result<Settled, GateError> {
        for _ in 0..RIVALS {
            let check = self.own_check(&report.corp, &report.check, None).await?;
            if !self.released_with(&check, &report.release) {
                return Err(GateError::ReleaseUnknown);
            }
            let now = self.clock().now();
            let late = check.state == CheckState::SendUnknown;
            let sent = SentReport { ok: report.ok, detail: report.detail.clone(), at: now, late };
            let step = match Stage::of(&check) {
                Stage::Cleared(cleared) => cleared.report(sent, report.actor.clone()),
                Stage::Unknown(unknown) => unknown.report(sent, report.actor.clone()),
                _ => return self.reported_before(check, &report),
            };
            if let Some(settled) = self.take(&check, step).await? {
                return Ok(settled);
            }
        }
        Err(GateError::Store(StoreError::Retry { why: "others were faster".to_owned() }))
    }

    /// Ends a check whose time has run out. Safe to run twice.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn time_out(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, GateError> {
        let Some(check) = self.store().check(corp, id).await? else { return Ok(None) };
        let now = self.clock().now();
        if !check.is_overdue(now) {
            return Ok(None);
        }
        let step = match Stage::of(&check) {
            Stage::Awaiting(waiting) => waiting.expire(now),
            Stage::Approval(waiting) => waiting.expire(now),
            Stage::Cleared(cleared) => cleared.lapse(now),
            Stage::Unknown(_) | Stage::Ended => return Ok(None),
        };
        Ok(self.take(&check, step).await?.map(|settled| settled.recorded.check))
    }

    /// The check, if it is there and belongs to the rep who asks.
    pub(super) async fn own_check(
        &self,
        corp: &CorpId,
        id: &CheckId,
        rep: Option<&UserId>,
    ) -> Result<Check, GateError> {
        let check = self.store().check(corp, id).await?.ok_or(GateError::NotFound)?;
        match rep {
            Some(rep) if *rep != check.sender => Err(GateError::NotYours),
            _ => Ok(check),
        }
    }

    /// Commits one step. `None` when somebody else was faster.
    pub(super) async fn take(&self, check: &Check, step: CheckMove) -> Result<Option<Settled>, GateError> {
        let moved = moved(check, step.clone());
        let unit = Unit {
            preconditions: vec![at_version(check)],
            entries: std::iter::once(Entry { actor: step.actor.clone(), change: moved })
                .chain(self.follows_from(check, &step))
                .collect(),
            ..Unit::default()
        };
        match self.store().commit(unit).await {
            Ok(_) => {
                let mut after = check.clone();
                after.apply(step);
                Ok(Some(Settled { recorded: self.recorded(after), repeated: false }))
            }
            Err(StoreError::Stale { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn unchanged(&self, check: Check) -> Settled {
        Settled { recorded: self.recorded(check), repeated: true }
    }

    /// A second confirmation: the same release while it lives, the same refusal after a change of
    /// the rules.
    async fn confirmed_before(&self, check: Check, now: Timestamp) -> Result<Settled, GateError> {
        if let Some(by) = superseded_by(&check) {
            let anew = self.own_check(&check.corp, by, None).await?;
            return Err(GateError::VerdictChanged { check: Box::new(anew) });
        }
        match (check.state, check.confirmation()) {
            (CheckState::Confirmed, _) if check.is_overdue(now) => Err(GateError::Expired),
            (CheckState::Confirmed | CheckState::AwaitingApproval | CheckState::HandedBack, Some(_)) => {
                Ok(self.unchanged(check))
            }
            (CheckState::SendUnknown | CheckState::Sent | CheckState::SendFailed, Some(_))
            | (CheckState::Expired, _) => Err(GateError::Expired),
            (state, _) => Err(GateError::WrongState { state }),
        }
    }

    fn reported_before(&self, check: Check, report: &Report) -> Result<Settled, GateError> {
        let Some(before) = check.sent_report() else {
            return Err(GateError::WrongState { state: check.state });
        };
        if before.ok != report.ok || before.detail != report.detail {
            return Err(GateError::ReleaseUsed);
        }
        Ok(self.unchanged(check))
    }

    /// Whether `token` is the release this check was given, now or before a report.
    fn released_with(&self, check: &Check, token: &str) -> bool {
        let mut then = check.clone();
        while matches!(then.state, CheckState::Sent | CheckState::SendFailed | CheckState::SendUnknown) {
            let Some(step) = then.moves.pop() else { return false };
            then.state = step.from;
        }
        self.recorded(then).release().is_some_and(|release| release.matches(token))
    }

    /// The rules may have changed since the check: what they now forbid can't be confirmed.
    pub(super) async fn still_allowed(&self, check: &Check, actor: &Actor) -> Result<(), GateError> {
        if self.rules().current().revision == *check.revision() {
            return Ok(());
        }
        let draft = Draft {
            corp: check.corp.clone(),
            channel: check.channel,
            origin: check.origin.clone(),
            sender: check.sender.clone(),
            recipient: check.recipient.clone(),
            text: check.text.clone(),
            industry: check.industry.clone(),
        };
        let anew = self.judge(draft).await?.0;
        if !is_stricter(&anew, check) {
            return Ok(());
        }
        let step = match Stage::of(check) {
            Stage::Awaiting(awaiting) => awaiting.supersede(&anew, actor.clone()),
            Stage::Approval(waiting) => waiting.supersede(&anew, actor.clone()),
            Stage::Cleared(_) | Stage::Unknown(_) | Stage::Ended => return Ok(()),
        };
        let entry = |change| Entry { actor: actor.clone(), change };
        let unit = Unit {
            preconditions: std::iter::once(at_version(check)).chain(short_free(&anew)).collect(),
            entries: vec![entry(Change::CheckOpened(Box::new(anew.clone()))), entry(moved(check, step))],
            ..Unit::default()
        };
        self.store().commit(unit).await?;
        self.count(&anew);
        Err(GateError::VerdictChanged { check: Box::new(anew) })
    }
}

/// Whether `anew` asks for more than `before` did: another verdict, or a reason or a second person
/// for the same one.
fn is_stricter(anew: &Check, before: &Check) -> bool {
    let asks = |check: &Check| (check.judgement.require_reason, check.judgement.require_approval);
    let ((reason, approval), (had_reason, had_approval)) = (asks(anew), asks(before));
    anew.verdict() > before.verdict()
        || anew.verdict() == before.verdict() && (reason && !had_reason || approval && !had_approval)
}

/// The check that took this one's place.
fn superseded_by(check: &Check) -> Option<&CheckId> {
    match &check.moves.last()?.cause {
        MoveCause::Superseded { by } => Some(by),
        _ => None,
    }
}

fn moved(check: &Check, step: CheckMove) -> Change {
    Change::CheckMoved { corp: check.corp.clone(), about: check.about(), step }
}

fn at_version(check: &Check) -> Precondition {
    Precondition::CheckAt { corp: check.corp.clone(), id: check.id.clone(), version: check.version() }
}

//! A second person's word on a check: approval before it is sent, an appeal after it was stopped.

use super::error::GateError;
use super::gate::{Gate, RIVALS};
use super::settle::Settled;
use super::state::Stage;
use crate::model::{
    Actor, Appeal, Check, CheckId, CheckMove, CheckState, CorpId, Disposition, Finding, MoveCause, OutboxId,
    Question, Review, UserId, chance,
};
use crate::store::{Change, Entry, OutboxDeed, OutboxItem, OutboxState, Precondition, StoreError, Unit};

/// What the second person says.
#[derive(Debug, Clone)]
pub enum Word {
    /// It may be sent.
    Approve,
    /// It may not.
    Reject {
        /// Why.
        note: Option<String>,
    },
}

/// What an officer says.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// What was found.
    pub outcome: Finding,
    /// In their words.
    pub note: Option<String>,
}

impl Gate {
    /// Takes a second person's word on a check that waits for it. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`GateError::NotFound`] for whoever was not asked, [`GateError::NotYours`] for the sender;
    /// see [`GateError`].
    pub async fn decide(
        &self,
        corp: &CorpId,
        id: &CheckId,
        by: &UserId,
        word: Word,
    ) -> Result<Settled, GateError> {
        for _ in 0..RIVALS {
            let check = self.asked_about(corp, id, by, Question::Approval).await?;
            let now = self.clock().now();
            let Stage::Approval(waiting) = Stage::of(&check) else {
                return self.decided_before(check, by, &word);
            };
            if check.is_overdue(now) {
                return Err(GateError::Expired);
            }
            let actor = Actor::User { corp: corp.clone(), user: by.clone() };
            let step = match &word {
                Word::Approve => match self.still_allowed(&check, &actor).await {
                    Err(GateError::Store(StoreError::Stale { .. })) => continue,
                    allowed => allowed.map(|()| waiting.approve(now, actor))?,
                },
                Word::Reject { note } => waiting.reject(now, actor, note.clone()),
            };
            if let Some(settled) = self.take(&check, step).await? {
                return Ok(settled);
            }
        }
        Err(GateError::Store(StoreError::Retry { why: "others were faster".to_owned() }))
    }

    /// The same word of the same person again is no error.
    fn decided_before(&self, check: Check, by: &UserId, word: &Word) -> Result<Settled, GateError> {
        let same = check.moves.iter().any(|step| {
            let is_theirs = matches!(&step.actor, Actor::User { user, .. } if user == by);
            let is_same = match word {
                Word::Approve => step.cause == MoveCause::Approved,
                Word::Reject { .. } => matches!(step.cause, MoveCause::Rejected { .. }),
            };
            is_theirs && is_same
        });
        match (same, check.state) {
            (true, _) => Ok(self.unchanged(check)),
            (false, CheckState::Expired) => Err(GateError::Expired),
            (false, state) => Err(GateError::WrongState { state }),
        }
    }

    /// The check, for somebody who was asked about it; the sender never decides on their own text.
    ///
    /// # Errors
    /// [`GateError::NotFound`], [`GateError::NotYours`]; the store's errors.
    pub async fn asked_about(
        &self,
        corp: &CorpId,
        id: &CheckId,
        by: &UserId,
        question: Question,
    ) -> Result<Check, GateError> {
        let check = self.store().check(corp, id).await?.ok_or(GateError::NotFound)?;
        if check.sender == *by {
            return Err(GateError::NotYours);
        }
        let asked = self.store().asked(corp, id, question).await?;
        if asked.contains(by) { Ok(check) } else { Err(GateError::NotFound) }
    }

    /// Lodges a rep's appeal against a block. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`GateError::WrongState`] unless the check is blocked; see [`GateError`].
    pub async fn appeal(
        &self,
        corp: &CorpId,
        id: &CheckId,
        rep: &UserId,
        text: &str,
    ) -> Result<Review, GateError> {
        let check = self.own_check(corp, id, Some(rep)).await?;
        if check.state != CheckState::Blocked {
            return Err(GateError::WrongState { state: check.state });
        }
        let review = self.store().review(corp, id).await?;
        if review.appeal.is_some() {
            return Ok(review);
        }
        let now = self.clock().now();
        let appeal = Appeal { check: id.clone(), by: rep.clone(), text: text.to_owned(), at: now };
        let lodged =
            Change::AppealLodged { corp: corp.clone(), about: check.about(), appeal: appeal.clone() };
        let deed = OutboxDeed::FindOfficers { check: id.clone() };
        self.say(&check, rep, &review, lodged, deed).await?;
        Ok(Review { appeal: Some(appeal), ..review })
    }

    /// Takes an officer's finding: the first counts. The same again changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when another officer found otherwise; see [`GateError`].
    pub async fn dispose(
        &self,
        corp: &CorpId,
        id: &CheckId,
        officer: &UserId,
        ruling: Ruling,
    ) -> Result<Review, GateError> {
        let check = self.own_check(corp, id, None).await?;
        if check.sender == *officer {
            return Err(GateError::NotYours);
        }
        let review = self.store().review(corp, id).await?;
        match &review.disposition {
            Some(before) if before.outcome == ruling.outcome => return Ok(review),
            Some(_) => return Err(StoreError::Stale { what: id.to_string() }.into()),
            None => {}
        }
        let Ruling { outcome, note } = ruling;
        let at = self.clock().now();
        let disposition = Disposition { check: id.clone(), by: officer.clone(), outcome, note, at };
        let change =
            Change::Disposed { corp: corp.clone(), about: check.about(), disposition: disposition.clone() };
        let deed = OutboxDeed::TellFinding { check: id.clone() };
        self.say(&check, officer, &review, change, deed).await?;
        Ok(Review { disposition: Some(disposition), ..review })
    }

    /// Records what was said, and in the same step what follows from it.
    async fn say(
        &self,
        check: &Check,
        by: &UserId,
        seen: &Review,
        change: Change,
        deed: OutboxDeed,
    ) -> Result<(), GateError> {
        let actor = Actor::User { corp: check.corp.clone(), user: by.clone() };
        let (corp, id, version) = (check.corp.clone(), check.id.clone(), seen.version());
        let unit = Unit {
            preconditions: vec![Precondition::ReviewAt { corp, id, version }],
            entries: std::iter::once(Entry { actor, change }).chain(self.queue(check, deed)).collect(),
            ..Unit::default()
        };
        self.store().commit(unit).await?;
        Ok(())
    }

    /// What a step of a check makes us do besides.
    pub(super) fn follows_from(&self, check: &Check, step: &CheckMove) -> Option<Entry> {
        let check_id = check.id.clone();
        match (&step.cause, step.to) {
            (_, CheckState::AwaitingApproval) => {
                self.queue(check, OutboxDeed::FindApprovers { check: check_id })
            }
            (MoveCause::Approved | MoveCause::Rejected { .. }, _) => {
                self.queue(check, OutboxDeed::TellDecision { check: check_id })
            }
            _ => None,
        }
    }

    /// A deed for the rep of a check, by the application that carries what the company's members
    /// are told; none where there is no application.
    fn queue(&self, check: &Check, deed: OutboxDeed) -> Option<Entry> {
        let app = self.parts.doors.get(&check.corp)?.clone();
        let now = self.clock().now();
        let item = OutboxItem {
            id: OutboxId::fresh(now, chance()),
            corp: check.corp.clone(),
            app,
            to: check.sender.clone(),
            deed,
            queued_at: now,
            due_at: now,
            state: OutboxState::Queued,
            attempt: 0,
        };
        Some(Entry { actor: Actor::System, change: Change::OutboxQueued(item) })
    }
}

//! Changing a following: what is written is judged, compared with what the writer saw, and recorded
//! with what was there before.

use super::error::{EditError, FollowupError};
use super::page::FollowingShown;
use super::service::{Followup, Viewer};
use crate::model::{
    Action, Actor, ExternalUserId, FollowKey, FollowMove, FollowStep, Following, Hit, TimelinePlace, Verdict,
};
use crate::scan::Context;
use crate::store::{
    Change, Committed, Entry, Happening, Idempotency, Precondition, Remembered, StoreError, TimelineItem,
    Unit,
};
use jiff::Timestamp;

/// How often a change that relies on nothing the writer saw is decided again when others are faster.
const RIVALS: usize = 8;

/// Who changes what, and what they saw.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Whose following.
    pub viewer: Viewer,
    /// Who writes: the rep, their supervisor, or a program for them.
    pub actor: Actor,
    /// Of whom.
    pub contact: ExternalUserId,
    /// What the writer saw. `None` for what is only added and takes nothing away.
    pub revision: Option<u64>,
    /// Makes a repetition harmless.
    pub once: Option<Once>,
}

/// A request's own key.
#[derive(Debug, Clone)]
pub struct Once {
    /// Unique per caller.
    pub key: String,
    /// Hash of the request's content.
    pub fingerprint: String,
}

/// A change that is on record.
#[derive(Debug, Clone)]
pub struct Written {
    /// How the following stands now.
    pub following: FollowingShown,
    /// What was put on record; empty when nothing was new.
    pub items: Vec<TimelineItem>,
    /// It was on record before: this is a repetition.
    pub repeated: bool,
}

impl Edit {
    fn key(&self) -> FollowKey {
        self.viewer.follows(&self.contact)
    }
}

impl Followup {
    /// Records what `plan` makes of the following as it stands. A change made under an old revision is
    /// refused; one that names none is planned again when somebody else was faster.
    pub(super) async fn write(
        &self,
        edit: &Edit,
        plan: impl Fn(&Following, Timestamp) -> Result<Vec<FollowMove>, EditError> + Send + Sync,
    ) -> Result<Written, EditError> {
        let (snapshot, stale) = self.followed(&edit.viewer, &edit.contact).await?;
        if stale {
            return Err(EditError::ReadOnly { since: snapshot.fetched_at });
        }
        if let Some(before) = self.before(edit).await? {
            return self.repeated(edit, &before).await;
        }
        for _ in 0..RIVALS {
            let following = self.current(edit).await?;
            if edit.revision.is_some_and(|seen| seen != following.revision) {
                return Err(EditError::Changed(Box::new(self.shown(edit, &following))));
            }
            let moves = plan(&following, self.parts.clock.now())?;
            match self.record(edit, following, moves).await {
                Err(EditError::View(FollowupError::Store(StoreError::Stale { .. }))) => {}
                done => return done,
            }
        }
        Err(StoreError::Retry { why: "others were faster".to_owned() }.into())
    }

    async fn current(&self, edit: &Edit) -> Result<Following, EditError> {
        let kept = self.parts.store.following(&edit.key()).await?;
        Ok(kept.unwrap_or_else(|| Following::begun(None, self.parts.clock.now())))
    }

    fn shown(&self, edit: &Edit, following: &Following) -> FollowingShown {
        FollowingShown::of(edit.viewer.lang, &self.parts.zone, following, None, self.parts.clock.now())
    }

    pub(super) async fn before(&self, edit: &Edit) -> Result<Option<Remembered>, EditError> {
        let Some(once) = &edit.once else { return Ok(None) };
        Ok(self.parts.store.remembered(&once.key).await?)
    }

    async fn repeated(&self, edit: &Edit, before: &Remembered) -> Result<Written, EditError> {
        if edit.once.as_ref().is_some_and(|once| once.fingerprint != before.fingerprint) {
            return Err(EditError::KeyReused);
        }
        let mut items = Vec::new();
        for place in before.answer.split_whitespace().filter_map(TimelinePlace::parse) {
            items.extend(self.parts.store.timeline_item(&edit.key(), &place).await?);
        }
        let following = self.current(edit).await?;
        Ok(Written { following: self.shown(edit, &following), items, repeated: true })
    }

    async fn record(
        &self,
        edit: &Edit,
        before: Following,
        moves: Vec<FollowMove>,
    ) -> Result<Written, EditError> {
        let steps = self.steps(edit, &before, moves);
        let mut following = before.clone();
        steps.iter().for_each(|step| following.apply(step));
        let following = self.shown(edit, &following);
        let items: Vec<_> = steps.iter().map(item_of).collect();
        if steps.is_empty() {
            return Ok(Written { following, items, repeated: false });
        }
        let unit = Unit {
            idempotency: edit.once.as_ref().map(|once| remembered_as(once, &items)),
            preconditions: vec![Precondition::FollowAt { key: edit.key(), revision: before.revision }],
            entries: steps.into_iter().map(|step| entry_of(edit, step)).collect(),
        };
        match self.parts.store.commit(unit).await? {
            Committed::Done => Ok(Written { following, items, repeated: false }),
            Committed::Repeated(before) => self.repeated(edit, &before).await,
        }
    }

    fn steps(&self, edit: &Edit, before: &Following, moves: Vec<FollowMove>) -> Vec<FollowStep> {
        let (key, at) = (edit.key(), self.parts.clock.now());
        let revisions = before.revision + 1..;
        let step =
            |(revision, what)| FollowStep { key: key.clone(), revision, at, by: edit.actor.clone(), what };
        revisions.zip(moves).map(step).collect()
    }

    /// What the rules in force say about words somebody writes down.
    ///
    /// # Errors
    /// [`EditError::Stopped`] for words that must not stand anywhere.
    pub(super) fn judge(&self, what: &'static str, text: &str) -> Result<Vec<Hit>, EditError> {
        let day = self.parts.zone.business_day(self.parts.clock.now());
        let context = Context { day, ..Context::default() };
        let judgement = self.parts.rules.current().ruleset.judge(text, &context);
        let mut hits = judgement.hits;
        if judgement.verdict == Verdict::Block {
            hits.retain(|hit| hit.action == Action::Block);
            return Err(EditError::Stopped { what, hits });
        }
        hits.retain(|hit| hit.action > Action::Log);
        Ok(hits)
    }
}

fn item_of(step: &FollowStep) -> TimelineItem {
    let what = Some(Happening::Step(Box::new(step.clone())));
    TimelineItem { place: step.place(), what }
}

fn entry_of(edit: &Edit, step: FollowStep) -> Entry {
    Entry { actor: edit.actor.clone(), change: Change::Followed(Box::new(step)) }
}

/// Only the places are remembered: the words stay under the customer's own key.
fn remembered_as(once: &Once, items: &[TimelineItem]) -> Idempotency {
    let places: Vec<_> = items.iter().map(|item| item.place.to_string()).collect();
    Idempotency { key: once.key.clone(), fingerprint: once.fingerprint.clone(), answer: places.join(" ") }
}

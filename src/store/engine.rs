//! What the adapters over a [`Medium`] have in common: every question is answered by the view.

use super::change::{OutboxItem, Remembered, RulesLive, Session};
use super::draft::{DraftPlace, KeptDraft};
use super::medium::Medium;
use super::port::{
    CheckQuery, Committed, Cursor, Health, Page, SentCard, Store, StoreError, TimelineItem, TimelinePage,
    Unit,
};
use super::view::View;
use crate::model::{
    Check, CheckId, Clock, ContactSnapshot, CorpId, ExternalUserId, FollowKey, Following, Question, Review,
    Revision, ShortNo, TimelineKind, TimelinePlace, UserId,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::Arc;

/// An adapter whose derived state is a [`View`] over ordered keys.
#[async_trait]
pub(super) trait Engine: Send + Sync {
    /// Where the derived state lies.
    type Medium: Medium;

    /// # Errors
    /// [`StoreError::Retry`] while the state is being built anew.
    fn medium(&self) -> Result<Arc<Self::Medium>, StoreError>;
    fn clock(&self) -> &Clock;
    async fn commit_unit(&self, unit: Unit) -> Result<Committed, StoreError>;
    fn state(&self) -> Health;
    async fn shut(&self);
}

#[async_trait]
impl<E: Engine> Store for E {
    async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        self.commit_unit(unit).await
    }

    async fn remembered(&self, key: &str) -> Result<Option<Remembered>, StoreError> {
        View::new(&*self.medium()?).remembered(key)
    }

    async fn check(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, StoreError> {
        View::new(&*self.medium()?).check(corp, id)
    }

    async fn checks(
        &self,
        query: CheckQuery,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Check>, StoreError> {
        View::new(&*self.medium()?).checks(&query, cursor.as_ref(), limit)
    }

    async fn open_checks(
        &self,
        corp: &CorpId,
        sender: &UserId,
    ) -> Result<Vec<(ShortNo, CheckId)>, StoreError> {
        View::new(&*self.medium()?).open_checks(corp, sender)
    }

    async fn due_checks(&self, now: Timestamp, max: usize) -> Result<Vec<(CorpId, CheckId)>, StoreError> {
        View::new(&*self.medium()?).due_checks(now, max)
    }

    async fn due_deeds(&self, now: Timestamp, max: usize) -> Result<Vec<OutboxItem>, StoreError> {
        View::new(&*self.medium()?).due_deeds(now, max)
    }

    async fn review(&self, corp: &CorpId, id: &CheckId) -> Result<Review, StoreError> {
        View::new(&*self.medium()?).review(corp, id)
    }

    async fn asked(
        &self,
        corp: &CorpId,
        id: &CheckId,
        question: Question,
    ) -> Result<Vec<UserId>, StoreError> {
        View::new(&*self.medium()?).asked(corp, id, question)
    }

    async fn approvals(&self, corp: &CorpId, user: &UserId) -> Result<Vec<Check>, StoreError> {
        View::new(&*self.medium()?).approvals(corp, user)
    }

    async fn card_of(&self, check: &CheckId) -> Result<Option<SentCard>, StoreError> {
        View::new(&*self.medium()?).card_of(check)
    }

    async fn contact(
        &self,
        corp: &CorpId,
        id: &ExternalUserId,
    ) -> Result<Option<ContactSnapshot>, StoreError> {
        View::new(&*self.medium()?).contact(corp, id)
    }

    async fn contacts_of(&self, corp: &CorpId, user: &UserId) -> Result<Vec<ContactSnapshot>, StoreError> {
        View::new(&*self.medium()?).contacts_of(corp, user)
    }

    async fn last_contact(&self, corp: &CorpId, recipient: &str) -> Result<Option<Timestamp>, StoreError> {
        View::new(&*self.medium()?).last_contact(corp, recipient)
    }

    async fn following(&self, key: &FollowKey) -> Result<Option<Following>, StoreError> {
        View::new(&*self.medium()?).following(key)
    }

    async fn followings_of(
        &self,
        corp: &CorpId,
        user: &UserId,
    ) -> Result<Vec<(ExternalUserId, Following)>, StoreError> {
        View::new(&*self.medium()?).followings_of(corp, user)
    }

    async fn timeline(
        &self,
        key: &FollowKey,
        kinds: &[TimelineKind],
        after: Option<TimelinePlace>,
        limit: usize,
    ) -> Result<TimelinePage, StoreError> {
        View::new(&*self.medium()?).timeline(key, kinds, after.as_ref(), limit)
    }

    async fn timeline_item(
        &self,
        key: &FollowKey,
        place: &TimelinePlace,
    ) -> Result<Option<TimelineItem>, StoreError> {
        View::new(&*self.medium()?).timeline_item(key, place)
    }

    async fn first_cleared(&self, key: &FollowKey) -> Result<Option<Timestamp>, StoreError> {
        View::new(&*self.medium()?).first_cleared(key)
    }

    async fn revisions(&self) -> Result<(u64, Option<Revision>), StoreError> {
        View::new(&*self.medium()?).revisions()
    }

    async fn past_rules(&self, before: Option<u64>, max: usize) -> Result<Vec<(u64, RulesLive)>, StoreError> {
        View::new(&*self.medium()?).past_rules(before, max)
    }

    async fn rule_file(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        View::new(&*self.medium()?).rule_file(sha256)
    }

    async fn keep_session(&self, key: &str, session: Session) -> Result<(), StoreError> {
        let medium = self.medium()?;
        let mut view = View::new(&*medium);
        view.keep_session(key, &session, self.clock().now())?;
        view.write()
    }

    async fn renew_session(&self, key: &str, idle_until: Timestamp) -> Result<(), StoreError> {
        View::new(&*self.medium()?).renew_session(key, idle_until, self.clock().now())
    }

    async fn session(&self, key: &str) -> Result<Option<Session>, StoreError> {
        View::new(&*self.medium()?).session(key)
    }

    async fn end_session(&self, key: &str) -> Result<(), StoreError> {
        let medium = self.medium()?;
        let mut view = View::new(&*medium);
        view.end_session(key);
        view.write()
    }

    async fn keep_draft(&self, place: &DraftPlace, draft: Option<KeptDraft>) -> Result<(), StoreError> {
        let medium = self.medium()?;
        let mut view = View::new(&*medium);
        view.keep_draft(place, draft.as_ref())?;
        view.write()
    }

    async fn draft(&self, place: &DraftPlace) -> Result<Option<KeptDraft>, StoreError> {
        View::new(&*self.medium()?).draft(place)
    }

    async fn forget_drafts(&self, before: Timestamp) -> Result<usize, StoreError> {
        let medium = self.medium()?;
        let mut view = View::new(&*medium);
        let count = view.forget_drafts(before)?;
        view.write()?;
        Ok(count)
    }

    async fn is_notified(&self, corp: &CorpId, user: &UserId) -> Result<bool, StoreError> {
        View::new(&*self.medium()?).is_notified(corp, user)
    }

    async fn forget(&self, before: Timestamp) -> Result<usize, StoreError> {
        let medium = self.medium()?;
        let mut view = View::new(&*medium);
        let count = view.forget(before)?;
        view.write()?;
        Ok(count)
    }

    fn health(&self) -> Health {
        self.state()
    }

    async fn close(&self) {
        self.shut().await;
    }
}

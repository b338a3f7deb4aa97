//! What the adapters over a [`Medium`] have in common: every question is answered by the view.

use super::change::{OutboxItem, Remembered, Session};
use super::port::{CheckQuery, Committed, Cursor, Health, Page, SentCard, Store, StoreError, Unit};
use super::view::{Medium, View};
use crate::model::{
    Check, CheckId, Clock, ContactSnapshot, CorpId, ExternalUserId, Revision, ShortNo, UserId,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// An adapter whose derived state is a [`View`] over ordered keys.
#[async_trait]
pub(super) trait Engine: Send + Sync {
    /// Where the derived state lies.
    type Medium: Medium;

    fn medium(&self) -> &Self::Medium;
    fn clock(&self) -> &Clock;
    async fn commit_unit(&self, unit: Unit) -> Result<Committed, StoreError>;
    fn state(&self) -> Health;
    async fn shut(&self);
}

fn view<E: Engine>(engine: &E) -> View<'_, E::Medium> {
    View::new(engine.medium())
}

#[async_trait]
impl<E: Engine> Store for E {
    async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        self.commit_unit(unit).await
    }

    async fn remembered(&self, key: &str) -> Result<Option<Remembered>, StoreError> {
        view(self).remembered(key)
    }

    async fn check(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, StoreError> {
        view(self).check(corp, id)
    }

    async fn checks(
        &self,
        query: CheckQuery,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Check>, StoreError> {
        view(self).checks(&query, cursor.as_ref(), limit)
    }

    async fn open_checks(
        &self,
        corp: &CorpId,
        sender: &UserId,
    ) -> Result<Vec<(ShortNo, CheckId)>, StoreError> {
        view(self).open_checks(corp, sender)
    }

    async fn due_checks(&self, now: Timestamp, max: usize) -> Result<Vec<(CorpId, CheckId)>, StoreError> {
        view(self).due_checks(now, max)
    }

    async fn due_deeds(&self, now: Timestamp, max: usize) -> Result<Vec<OutboxItem>, StoreError> {
        view(self).due_deeds(now, max)
    }

    async fn card_of(&self, check: &CheckId) -> Result<Option<SentCard>, StoreError> {
        view(self).card_of(check)
    }

    async fn contact(
        &self,
        corp: &CorpId,
        id: &ExternalUserId,
    ) -> Result<Option<ContactSnapshot>, StoreError> {
        view(self).contact(corp, id)
    }

    async fn contacts_of(&self, corp: &CorpId, user: &UserId) -> Result<Vec<ContactSnapshot>, StoreError> {
        view(self).contacts_of(corp, user)
    }

    async fn last_contact(&self, corp: &CorpId, recipient: &str) -> Result<Option<Timestamp>, StoreError> {
        view(self).last_contact(corp, recipient)
    }

    async fn revisions(&self) -> Result<(u64, Option<Revision>), StoreError> {
        view(self).revisions()
    }

    async fn keep_session(&self, key: &str, session: Session) -> Result<(), StoreError> {
        let mut view = view(self);
        view.keep_session(key, &session, self.clock().now())?;
        view.write(None)
    }

    async fn session(&self, key: &str) -> Result<Option<Session>, StoreError> {
        view(self).session(key)
    }

    async fn end_session(&self, key: &str) -> Result<(), StoreError> {
        let mut view = view(self);
        view.end_session(key);
        view.write(None)
    }

    async fn forget(&self, before: Timestamp) -> Result<usize, StoreError> {
        let mut view = view(self);
        let count = view.forget(before)?;
        view.write(None)?;
        Ok(count)
    }

    fn health(&self) -> Health {
        self.state()
    }

    async fn close(&self) {
        self.shut().await;
    }
}

//! Questions to the derived state.

use super::View;
use super::keys::{
    CHECK, LastPart, REVISION, RULE_FILE, asked_key, check_key, key, notice_key, parts, review_key,
    revision_key, sortable,
};
use crate::model::{
    Check, CheckId, ContactSnapshot, CorpId, ExternalUserId, Question, Review, Revision, ShortNo, UserId,
};
use crate::store::change::{OutboxItem, RulesLive};
use crate::store::medium::{Medium, Order};
use crate::store::port::{CheckQuery, Cursor, Page, SentCard, StoreError};
use jiff::Timestamp;
use std::ops::ControlFlow;

impl<M: Medium> View<'_, M> {
    pub fn check(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, StoreError> {
        self.check_at(&check_key(corp, id))
    }

    pub fn checks(
        &self,
        query: &CheckQuery,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Check>, StoreError> {
        let corp = query.corp.as_ref().map_or("", |corp| corp.as_str());
        let prefix = match &query.sender {
            Some(sender) => key("sent-by", &[corp, sender.as_str()]),
            None => key(CHECK, &[corp]),
        };
        let from = cursor.map(|Cursor(id)| {
            let mut from = prefix.clone();
            from.extend_from_slice(id.as_str().as_bytes());
            from
        });
        let mut items: Vec<Check> = Vec::new();
        let mut fault = None;
        self.medium.walk(&prefix, Order::FallingFrom(from.as_deref()), &mut |at, sealed| {
            let found = match (&query.sender, parts(at).last_part()) {
                (Some(_), Some(id)) => self.check(&CorpId::new(corp), &CheckId::new(id)),
                _ => self.decode(sealed),
            };
            match found {
                Ok(Some(check)) if query.from.is_some_and(|from| check.created_at < from) => {
                    return ControlFlow::Break(());
                }
                Ok(Some(check)) if query.admits(&check) => match self.found_as(query, &check) {
                    Ok(true) => items.push(check),
                    Ok(false) => {}
                    Err(error) => {
                        fault = Some(error);
                        return ControlFlow::Break(());
                    }
                },
                Ok(_) => {}
                Err(error) => {
                    fault = Some(error);
                    return ControlFlow::Break(());
                }
            }
            if items.len() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|check| Cursor(check.id.clone()));
        Ok(Page { items, next })
    }

    fn found_as(&self, query: &CheckQuery, check: &Check) -> Result<bool, StoreError> {
        let Some(wanted) = query.disposition else { return Ok(true) };
        let review = self.review(&check.corp, &check.id)?;
        Ok(review.disposition.is_some_and(|disposition| disposition.outcome == wanted))
    }

    pub fn open_checks(&self, corp: &CorpId, sender: &UserId) -> Result<Vec<(ShortNo, CheckId)>, StoreError> {
        let mut open = Vec::new();
        self.medium.walk(&key("open", &[corp.as_str(), sender.as_str()]), Order::Rising, &mut |at, id| {
            let short = parts(at).last_part().and_then(ShortNo::parse);
            let id = std::str::from_utf8(id).ok().map(CheckId::new);
            open.extend(short.zip(id));
            ControlFlow::Continue(())
        })?;
        Ok(open)
    }

    pub fn due_checks(&self, now: Timestamp, max: usize) -> Result<Vec<(CorpId, CheckId)>, StoreError> {
        let end = sortable(now);
        let mut due = Vec::new();
        self.medium.walk(&key("due", &[]), Order::Rising, &mut |at, _| {
            let mut parts = parts(at);
            match (parts.next(), parts.next(), parts.next()) {
                (Some(time), Some(corp), Some(id)) if time <= end.as_str() && due.len() < max => {
                    due.push((CorpId::new(corp), CheckId::new(id)));
                    ControlFlow::Continue(())
                }
                _ => ControlFlow::Break(()),
            }
        })?;
        Ok(due)
    }

    pub fn due_deeds(&self, now: Timestamp, max: usize) -> Result<Vec<OutboxItem>, StoreError> {
        let mut due: Vec<OutboxItem> = self.list(&key("deed", &[]))?;
        due.retain(|item| item.due_at <= now);
        due.truncate(max);
        Ok(due)
    }

    pub fn review(&self, corp: &CorpId, id: &CheckId) -> Result<Review, StoreError> {
        self.value(&review_key(corp, id)).map(Option::unwrap_or_default)
    }

    pub fn approvals(&self, corp: &CorpId, user: &UserId) -> Result<Vec<Check>, StoreError> {
        let (prefix, mut ids) = (key("waits-for", &[corp.as_str(), user.as_str()]), Vec::new());
        self.medium.walk(&prefix, Order::FallingFrom(None), &mut |at, _| {
            ids.extend(parts(at).last_part().map(CheckId::new));
            ControlFlow::Continue(())
        })?;
        let mut checks = Vec::with_capacity(ids.len());
        for id in ids {
            checks.extend(self.check(corp, &id)?);
        }
        Ok(checks)
    }

    pub fn asked(&self, corp: &CorpId, id: &CheckId, question: Question) -> Result<Vec<UserId>, StoreError> {
        self.value(&asked_key(corp, id, question)).map(Option::unwrap_or_default)
    }

    pub fn card_of(&self, check: &CheckId) -> Result<Option<SentCard>, StoreError> {
        self.value(&key("card", &[check.as_str()]))
    }

    pub fn contact(&self, corp: &CorpId, id: &ExternalUserId) -> Result<Option<ContactSnapshot>, StoreError> {
        self.value(&key("contact", &[corp.as_str(), id.as_str()]))
    }

    pub fn contacts_of(&self, corp: &CorpId, user: &UserId) -> Result<Vec<ContactSnapshot>, StoreError> {
        let mut ids = Vec::new();
        self.medium.walk(&key("follows", &[corp.as_str(), user.as_str()]), Order::Rising, &mut |at, _| {
            ids.extend(parts(at).last_part().map(ExternalUserId::new));
            ControlFlow::Continue(())
        })?;
        let mut contacts = Vec::new();
        for id in ids {
            contacts.extend(self.contact(corp, &id)?.filter(|contact| contact.follow(user).is_some()));
        }
        Ok(contacts)
    }

    pub fn last_contact(&self, corp: &CorpId, recipient: &str) -> Result<Option<Timestamp>, StoreError> {
        let value = self.raw(&key("contacted", &[corp.as_str(), recipient]))?;
        let millis = value.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        Ok(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    }

    pub fn revisions(&self) -> Result<(u64, Option<Revision>), StoreError> {
        self.tally().map(|tally| (tally.revisions, tally.live))
    }
    pub fn is_notified(&self, corp: &CorpId, user: &UserId) -> Result<bool, StoreError> {
        Ok(self.raw(&notice_key(corp, user))?.is_some())
    }

    /// The revisions below the number `before`, newest first.
    pub fn past_rules(&self, before: Option<u64>, max: usize) -> Result<Vec<(u64, RulesLive)>, StoreError> {
        let (from, mut past) = (before.map(revision_key), Vec::new());
        let mut fault = None;
        self.medium.walk(&key(REVISION, &[]), Order::FallingFrom(from.as_deref()), &mut |at, sealed| {
            let number = parts(at).last_part().and_then(|number| u64::from_str_radix(number, 16).ok());
            match self.decode(sealed) {
                _ if past.len() == max => return ControlFlow::Break(()),
                Ok(rules) => past.extend(number.zip(rules)),
                Err(error) => fault = Some(error),
            }
            if fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        fault.map_or(Ok(past), Err)
    }

    /// The content of a rule file, as far as it is kept.
    pub fn rule_file(&self, sha256: &str) -> Result<Option<String>, StoreError> {
        let parts: Vec<String> = self.list(&key(RULE_FILE, &[sha256]))?;
        Ok((!parts.is_empty()).then(|| parts.concat()))
    }
}

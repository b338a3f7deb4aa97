//! Which customer a rep means by a name.

use super::error::FollowupError;
use super::service::{Followup, Viewer};
use crate::model::{Actor, ContactSnapshot, ExternalUserId, UserId};
use crate::store::{Change, Entry, StoreError, Unit};
use jiff::SignedDuration;
use std::sync::PoisonError;
use std::time::Duration;

/// How long a name waits for the list of a rep's customers: the one who is found is fetched after.
const LIST_PATIENCE: Duration = Duration::from_millis(2_000);
/// How often a rep's list is asked for at most.
const LISTED_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The longest list we follow, in pages of a hundred.
const LIST_PAGES: usize = 50;

/// What a typed name led to.
#[derive(Debug)]
pub enum Found {
    /// Exactly one customer.
    One(ExternalUserId),
    /// Several: these.
    Many(Vec<ExternalUserId>),
    /// None.
    Nobody,
    /// None that we know, and WeCom could not be asked.
    Unsure {
        /// Why not.
        why: String,
    },
}

impl Followup {
    /// The customer a rep means by a name, a remark or an id. WeCom is asked for the rep's customers
    /// when none of those we know has this name.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn find(&self, viewer: &Viewer, wanted: &str) -> Result<Found, StoreError> {
        let known = self.known(viewer, wanted).await?;
        if !matches!(known, Found::Nobody) || self.was_listed(viewer) {
            return Ok(known);
        }
        match self.list(viewer).await {
            Ok(()) => self.known(viewer, wanted).await,
            Err(FollowupError::Store(error)) => Err(error),
            // What came before the trouble may hold the name.
            Err(error) => Ok(match self.known(viewer, wanted).await? {
                Found::Nobody => Found::Unsure { why: error.to_string() },
                found => found,
            }),
        }
    }

    fn was_listed(&self, viewer: &Viewer) -> bool {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let last = listed.get(&(viewer.corp.clone(), viewer.user.clone()));
        last.is_some_and(|at| self.parts.clock.now().duration_since(*at) < LISTED_FOR)
    }

    /// Keeps what WeCom lists of the rep's customers.
    async fn list(&self, viewer: &Viewer) -> Result<(), FollowupError> {
        let away = |why: String| FollowupError::Away { why };
        let Viewer { corp, user, .. } = viewer;
        let app = self.app_of(corp).ok_or_else(|| away(format!("no app is configured for {corp}")))?;
        let end = tokio::time::Instant::now() + LIST_PATIENCE;
        let mut cursor = None;
        for _ in 0..LIST_PAGES {
            let asked = self.parts.wecom.contacts_of(app, user, cursor.as_deref());
            let page = tokio::time::timeout_at(end, asked)
                .await
                .map_err(|_| away("no answer in time".to_owned()))?
                .map_err(|error| away(error.to_string()))?;
            self.keep(viewer, page.contacts).await?;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.retain(|_, at| self.parts.clock.now().duration_since(*at) < LISTED_FOR);
        listed.insert((corp.clone(), user.clone()), self.parts.clock.now());
        Ok(())
    }

    async fn keep(&self, viewer: &Viewer, listed: Vec<ContactSnapshot>) -> Result<(), StoreError> {
        let mut entries = Vec::new();
        for contact in listed {
            let kept = self.parts.store.contact(&viewer.corp, &contact.id).await?;
            let news = news(kept, contact, &viewer.user);
            entries
                .extend(news.map(|news| Entry { actor: Actor::Wecom, change: Change::ContactFetched(news) }));
        }
        if entries.is_empty() {
            return Ok(());
        }
        self.parts.store.commit(Unit { entries, ..Unit::default() }).await.map(drop)
    }

    async fn known(&self, viewer: &Viewer, wanted: &str) -> Result<Found, StoreError> {
        let known = self.parts.store.contacts_of(&viewer.corp, &viewer.user).await?;
        let named: Vec<_> =
            known.into_iter().filter(|contact| is_called(contact, &viewer.user, wanted)).collect();
        Ok(match named.as_slice() {
            [one] => Found::One(one.id.clone()),
            [] if looks_like_an_id(wanted) => Found::One(ExternalUserId::new(wanted)),
            [] => Found::Nobody,
            many => Found::Many(many.iter().map(|contact| contact.id.clone()).collect()),
        })
    }
}

/// What a list tells that we did not know. A profile knows more than a list and is not replaced.
fn news(kept: Option<ContactSnapshot>, listed: ContactSnapshot, by: &UserId) -> Option<ContactSnapshot> {
    let Some(mut kept) = kept else { return Some(listed) };
    let remark = |contact: &ContactSnapshot| contact.follow(by).map(|follow| follow.remark.clone());
    if kept.name == listed.name && remark(&kept) == remark(&listed) {
        return None;
    }
    kept.follow_users.retain(|follow| follow.user != *by);
    kept.follow_users.extend(listed.follow_users);
    Some(ContactSnapshot { name: listed.name, outdated: true, ..kept })
}

fn is_called(contact: &ContactSnapshot, by: &UserId, wanted: &str) -> bool {
    let remark = contact.follow(by).map(|follow| follow.remark.as_str());
    contact.id.as_str() == wanted || contact.name == wanted || remark == Some(wanted)
}

/// WeChat customers are `wm…`, WeCom ones `wo…`: enough to tell an id from a Chinese name.
fn looks_like_an_id(text: &str) -> bool {
    (text.starts_with("wm") || text.starts_with("wo")) && text.is_ascii()
}

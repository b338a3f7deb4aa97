//! Finding a customer, making sure the viewer may see them, and putting the page together.

use super::error::FollowupError;
use super::page::{ContactPage, FollowingShown, OpenAction};
use super::source_http::{CrmPage, CrmSource};
use super::team::Teams;
use crate::model::{
    Actor, Clock, CompanyZone, ContactSnapshot, CorpId, Endpoint, ExternalUserId, FirstTouch, FollowKey,
    Following, TimelineKind, TimelinePlace, TouchWay, UserId,
};
use crate::rules::Live;
use crate::store::{Change, Entry, Store, StoreError, TimelineItem, TimelinePage, Unit};
use crate::wecom::client::AppAuth;
use crate::wecom::client::Client;
use crate::wecom::fault::WecomError;
use crate::wording::Lang;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A profile younger than this is shown without asking WeCom again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// A page that is shown again within this time is no second visit.
const SAME_VISIT: SignedDuration = SignedDuration::from_mins(1);
/// What the viewer themselves does on a page.
const ON_RECORD: &[TimelineKind] = &[
    TimelineKind::Opened,
    TimelineKind::Action,
    TimelineKind::Stage,
    TimelineKind::Tags,
    TimelineKind::Note,
    TimelineKind::Appointment,
];
/// The most names of tags that are offered.
const SLOT_NAMES: usize = 20;
/// How long a click waits for WeCom: an answer within five seconds has to leave room for itself.
pub(super) const PATIENCE: Duration = Duration::from_millis(2_500);

/// What [`Followup`] stands on.
pub struct FollowupParts {
    /// Where profiles and openings are kept.
    pub store: Arc<dyn Store>,
    /// WeCom.
    pub wecom: Arc<Client>,
    /// The applications, by name: their tokens may read customers.
    pub apps: HashMap<Endpoint, AppAuth>,
    /// The company's own CRM, where it serves the page's data.
    pub crm: Option<CrmSource>,
    /// The rules in force: whatever a rep writes down is judged by them.
    pub rules: Arc<Live>,
    /// The time.
    pub clock: Clock,
    /// The company's calendar.
    pub zone: CompanyZone,
    /// Our address as browsers reach it, without a slash at the end.
    pub public_url: String,
}

/// Who looks.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Their company.
    pub corp: CorpId,
    /// The rep.
    pub user: UserId,
    /// The language they read.
    pub lang: Lang,
}

impl Viewer {
    /// Their following of a customer.
    pub fn follows(&self, contact: &ExternalUserId) -> FollowKey {
        FollowKey { corp: self.corp.clone(), contact: contact.clone(), user: self.user.clone() }
    }
}

/// A contact's page.
#[derive(Clone)]
pub struct Followup {
    pub(super) parts: Arc<FollowupParts>,
    pub(super) listed: Arc<Mutex<HashMap<(CorpId, UserId), Timestamp>>>,
    pub(super) teams: Arc<Mutex<Teams>>,
}

impl Followup {
    /// Over `parts`.
    pub fn new(parts: FollowupParts) -> Self {
        Self { parts: Arc::new(parts), listed: Arc::default(), teams: Arc::default() }
    }

    /// Opens a customer's page for one rep: our contact click. Recorded before it is shown, under the
    /// name of who made it: the rep, or a program for them.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn open(
        &self,
        viewer: &Viewer,
        actor: Actor,
        contact: &ExternalUserId,
        entry: &str,
    ) -> Result<ContactPage, FollowupError> {
        let page = self.page(viewer, contact).await?;
        let opened = Change::ContactOpened {
            corp: viewer.corp.clone(),
            contact: contact.clone(),
            user: viewer.user.clone(),
            entry: entry.to_owned(),
            at: self.parts.clock.now(),
        };
        self.parts
            .store
            .commit(Unit { entries: vec![Entry { actor, change: opened }], ..Unit::default() })
            .await?;
        Ok(page)
    }

    /// As [`Followup::open`], for a page that is shown anew after each change: whoever did something with
    /// this customer in the last minute is on record already.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn look(
        &self,
        viewer: &Viewer,
        actor: Actor,
        contact: &ExternalUserId,
        entry: &str,
    ) -> Result<ContactPage, FollowupError> {
        let last = self.parts.store.timeline(&viewer.follows(contact), ON_RECORD, None, 1).await?.items;
        let since = |item: &TimelineItem| self.parts.clock.now().duration_since(item.place.at);
        match last.first().map(since) {
            Some(since) if since < SAME_VISIT => self.page(viewer, contact).await,
            _ => self.open(viewer, actor, contact, entry).await,
        }
    }

    /// What tags are called on this customer by colleagues, and on other customers by the viewer.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn slot_names(
        &self,
        viewer: &Viewer,
        owners: &[UserId],
        contact: &ExternalUserId,
    ) -> Result<Vec<String>, StoreError> {
        let mut slots = Vec::new();
        for (_, following) in self.parts.store.followings_of(&viewer.corp, &viewer.user).await? {
            slots.extend(following.tags);
        }
        for user in owners {
            let key = FollowKey { user: user.clone(), ..viewer.follows(contact) };
            slots.extend(self.parts.store.following(&key).await?.into_iter().flat_map(|kept| kept.tags));
        }
        let mut names: Vec<_> = slots.into_iter().map(|slot| slot.name).collect();
        names.sort();
        names.dedup();
        names.truncate(SLOT_NAMES);
        Ok(names)
    }

    /// Makes sure that the viewer follows this customer: nobody writes to a stranger in our name.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn must_follow(&self, viewer: &Viewer, contact: &ExternalUserId) -> Result<(), FollowupError> {
        self.followed(viewer, contact).await.map(drop)
    }

    /// The page without an opening: for whoever already opened it and looks again.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn page(
        &self,
        viewer: &Viewer,
        contact: &ExternalUserId,
    ) -> Result<ContactPage, FollowupError> {
        let (snapshot, mut stale) = self.followed(viewer, contact).await?;
        let (following, suggested) = self.standing_of(viewer, &snapshot).await?;
        let crm = match &self.parts.crm {
            Some(crm) => match crm.fetch(&viewer.corp, contact, &viewer.user).await {
                Ok(page) => Some(page),
                Err(error) => {
                    tracing::warn!(%error, "the company's own system gave no page; showing ours");
                    stale = true;
                    None
                }
            },
            None => None,
        };
        let last = self.parts.store.last_contact(&viewer.corp, contact.as_str()).await?;
        let last = last.map(|at| self.parts.zone.minute(at));
        let now = self.parts.clock.now();
        let following = FollowingShown::of(viewer.lang, &self.parts.zone, &following, suggested, now);
        Ok(self.assemble(viewer, snapshot, following, Asked { crm, last, stale }))
    }

    /// What happened between the viewer and a customer, newest first, after `after`.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn timeline(
        &self,
        viewer: &Viewer,
        contact: &ExternalUserId,
        kinds: &[TimelineKind],
        after: Option<TimelinePlace>,
        limit: usize,
    ) -> Result<TimelinePage, FollowupError> {
        self.followed(viewer, contact).await?;
        Ok(self.parts.store.timeline(&viewer.follows(contact), kinds, after, limit).await?)
    }

    /// The customer, if the viewer follows them; `true` when WeCom is away and this is the last known.
    pub(super) async fn followed(
        &self,
        viewer: &Viewer,
        contact: &ExternalUserId,
    ) -> Result<(ContactSnapshot, bool), FollowupError> {
        match self.profile(&viewer.corp, contact).await {
            Ok((snapshot, stale)) if snapshot.follow(&viewer.user).is_some() => Ok((snapshot, stale)),
            Ok(_) => Err(self.parted(viewer, contact, FollowupError::NotFollowUser).await),
            Err(FollowupError::Unknown) => Err(self.parted(viewer, contact, FollowupError::Unknown).await),
            Err(error) => Err(error),
        }
    }

    /// Whoever followed the customer is told how that ended; for everybody else it is `otherwise`.
    async fn parted(
        &self,
        viewer: &Viewer,
        contact: &ExternalUserId,
        otherwise: FollowupError,
    ) -> FollowupError {
        match self.parts.store.following(&viewer.follows(contact)).await {
            Ok(Some(Following { ended: Some(ended), .. })) => FollowupError::Parted(ended),
            Ok(_) => otherwise,
            Err(error) => error.into(),
        }
    }

    /// The viewer's following, and what the first touch may have been while nobody said.
    async fn standing_of(
        &self,
        viewer: &Viewer,
        snapshot: &ContactSnapshot,
    ) -> Result<(Following, Option<FirstTouch>), FollowupError> {
        let key = viewer.follows(&snapshot.id);
        let follow = snapshot.follow(&viewer.user);
        let added = follow.and_then(|follow| follow.added_at);
        let kept = self.parts.store.following(&key).await?;
        let following = kept.unwrap_or_else(|| Following::begun(added, snapshot.fetched_at));
        if following.first_touch.is_some() {
            return Ok((following, None));
        }
        let wrote = self.parts.store.first_cleared(&key).await?;
        let suggested = match (wrote, follow.and_then(|follow| TouchWay::of_add_way(follow.add_way))) {
            (Some(at), _) => Some(FirstTouch { way: TouchWay::Message, at }),
            (None, way) => way.zip(added).map(|(way, at)| FirstTouch { way, at }),
        };
        Ok((following, suggested))
    }

    fn assemble(
        &self,
        viewer: &Viewer,
        snapshot: ContactSnapshot,
        following: FollowingShown,
        asked: Asked,
    ) -> ContactPage {
        let Asked { crm, last, stale } = asked;
        let actions = crm.as_ref().map(|crm| free_actions(&crm.actions));
        let crm = crm.unwrap_or_default();
        let follow = snapshot.follow(&viewer.user);
        let others =
            snapshot.follow_users.iter().map(|follow| &follow.user).filter(|user| **user != viewer.user);
        let owners = match crm.owner {
            Some(owner) => vec![UserId::new(owner)],
            None => std::iter::once(&viewer.user).chain(others).cloned().collect(),
        };
        let link = self.link(&snapshot.id);
        ContactPage {
            corp: snapshot.corp.clone(),
            name: crm.name.unwrap_or_else(|| snapshot.name.clone()),
            remark: follow.map(|follow| follow.remark.clone()).unwrap_or_default(),
            stage: crm.stage.unwrap_or_else(|| following.stage.title.clone()),
            owners,
            added_way: follow.and_then(|follow| TouchWay::of_add_way(follow.add_way)),
            tags: follow.map(|follow| follow.tags.clone()).unwrap_or_default(),
            last_contact: crm.last_contact.or(last),
            actions: actions.unwrap_or_else(|| following.required.missing.clone()),
            note: crm.note,
            link: crm.link.unwrap_or(link),
            fetched_at: snapshot.fetched_at,
            stale,
            following,
            id: snapshot.id,
        }
    }

    /// The profile, fresh if WeCom answers in time, else the last known (`true`).
    pub(super) async fn profile(
        &self,
        corp: &CorpId,
        contact: &ExternalUserId,
    ) -> Result<(ContactSnapshot, bool), FollowupError> {
        let kept = self.parts.store.contact(corp, contact).await?;
        let now = self.parts.clock.now();
        if let Some(kept) = &kept
            && !kept.outdated
            && now.duration_since(kept.fetched_at) < FRESH
        {
            return Ok((kept.clone(), false));
        }
        match self.fetch(corp, contact).await {
            Ok(fetched) => Ok((fetched, false)),
            Err(FollowupError::Away { why }) => match kept {
                Some(kept) => {
                    tracing::warn!(%why, "WeCom gave no profile; showing the last known");
                    Ok((kept, true))
                }
                None => Err(FollowupError::Away { why }),
            },
            Err(error) => Err(error),
        }
    }

    /// Fetches a profile from WeCom and keeps it.
    ///
    /// # Errors
    /// [`FollowupError::Away`] when WeCom does not answer in time, [`FollowupError::Unknown`] when
    /// it knows no such customer; the store's errors.
    pub async fn fetch(
        &self,
        corp: &CorpId,
        contact: &ExternalUserId,
    ) -> Result<ContactSnapshot, FollowupError> {
        let away = |why: String| FollowupError::Away { why };
        let app = self.app_of(corp).ok_or_else(|| away(format!("no app is configured for {corp}")))?;
        let asked = self.parts.wecom.contact(app, contact);
        let fetched = match tokio::time::timeout(PATIENCE, asked).await {
            Err(_) => return Err(away("no answer in time".to_owned())),
            Ok(Err(error)) if is_no_such_customer(&error) => return Err(FollowupError::Unknown),
            Ok(Err(error)) => return Err(away(error.to_string())),
            Ok(Ok(fetched)) => fetched,
        };
        let entry = Entry { actor: Actor::Wecom, change: Change::ContactFetched(fetched.clone()) };
        self.parts.store.commit(Unit { entries: vec![entry], ..Unit::default() }).await?;
        Ok(fetched)
    }

    /// Where a customer's page is.
    pub(super) fn link(&self, contact: &ExternalUserId) -> String {
        format!("{}/contact/{contact}", self.parts.public_url)
    }

    pub(super) fn app_of(&self, corp: &CorpId) -> Option<&AppAuth> {
        let mut apps: Vec<_> = self.parts.apps.values().filter(|app| app.corp == *corp).collect();
        apps.sort_by(|a, b| a.name.cmp(&b.name));
        apps.into_iter().next()
    }
}

/// 84061: not in the contact list of any member in range; 40096: no such id (page 90313).
fn is_no_such_customer(error: &WecomError) -> bool {
    matches!(error.code(), Some(84_061 | 40_096))
}

/// What a page is put together from besides the profile.
struct Asked {
    crm: Option<CrmPage>,
    last: Option<String>,
    stale: bool,
}

fn free_actions(titles: &[String]) -> Vec<OpenAction> {
    titles.iter().map(|title| OpenAction { key: title.clone(), title: title.clone() }).collect()
}

//! Finding a customer, making sure the viewer may see them, and putting the page together.

use super::page::{ContactPage, OpenAction};
use super::source_http::{CrmPage, CrmSource};
use crate::model::{Actor, Clock, CompanyZone, ContactSnapshot, CorpId, Endpoint, ExternalUserId, UserId};
use crate::store::{Change, Entry, Store, StoreError, Unit};
use crate::wecom::client::AppAuth;
use crate::wecom::client::Client;
use crate::wecom::fault::WecomError;
use crate::wording::{Lang, Wording, say};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A profile younger than this is shown without asking WeCom again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// How long a click waits for WeCom: an answer within five seconds has to leave room for itself.
const PATIENCE: Duration = Duration::from_millis(2_500);

/// How long a name waits for the list of a rep's customers: the one who is found is fetched after.
const LIST_PATIENCE: Duration = Duration::from_millis(2_000);
/// How often a rep's list is asked for at most.
const LISTED_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The longest list we follow, in pages of a hundred.
const LIST_PAGES: usize = 50;

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

/// Why a customer's page can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum FollowupError {
    /// The viewer does not follow this customer.
    #[error("the viewer does not follow this customer")]
    NotFollowUser,
    /// WeCom knows no such customer.
    #[error("there is no such customer")]
    Unknown,
    /// WeCom does not answer, and we have nothing of our own.
    #[error("WeCom does not answer and nothing is kept: {why}")]
    Away {
        /// What the client said.
        why: String,
    },
    /// The opening could not be recorded, so nothing is shown.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A contact's page.
#[derive(Clone)]
pub struct Followup {
    parts: Arc<FollowupParts>,
    listed: Arc<Mutex<HashMap<(CorpId, UserId), Timestamp>>>,
}

impl Followup {
    /// Over `parts`.
    pub fn new(parts: FollowupParts) -> Self {
        Self { parts: Arc::new(parts), listed: Arc::default() }
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

    /// Makes sure that the viewer follows this customer: nobody writes to a stranger in our name.
    ///
    /// # Errors
    /// See [`FollowupError`].
    pub async fn must_follow(&self, viewer: &Viewer, contact: &ExternalUserId) -> Result<(), FollowupError> {
        let (snapshot, _) = self.profile(&viewer.corp, contact).await?;
        snapshot.follow(&viewer.user).map(drop).ok_or(FollowupError::NotFollowUser)
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
        let (snapshot, mut stale) = self.profile(&viewer.corp, contact).await?;
        if snapshot.follow(&viewer.user).is_none() {
            return Err(FollowupError::NotFollowUser);
        }
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
        Ok(self.assemble(viewer, snapshot, crm, last, stale))
    }

    fn assemble(
        &self,
        viewer: &Viewer,
        snapshot: ContactSnapshot,
        crm: Option<CrmPage>,
        last: Option<String>,
        stale: bool,
    ) -> ContactPage {
        let actions = crm.as_ref().map(|crm| free_actions(&crm.actions));
        let crm = crm.unwrap_or_default();
        let follow = snapshot.follow(&viewer.user);
        let others =
            snapshot.follow_users.iter().map(|follow| &follow.user).filter(|user| **user != viewer.user);
        let owners = match crm.owner {
            Some(owner) => vec![UserId::new(owner)],
            None => std::iter::once(&viewer.user).chain(others).cloned().collect(),
        };
        let link = format!("{}/contact/{}", self.parts.public_url, snapshot.id);
        ContactPage {
            corp: snapshot.corp.clone(),
            name: crm.name.unwrap_or_else(|| snapshot.name.clone()),
            remark: follow.map(|follow| follow.remark.clone()).unwrap_or_default(),
            stage: crm.stage.unwrap_or_else(|| say(viewer.lang, Wording::StageLead, &[])),
            owners,
            tags: follow.map(|follow| follow.tags.clone()).unwrap_or_default(),
            last_contact: crm.last_contact.or(last),
            actions: actions.unwrap_or_else(|| required_actions(viewer.lang)),
            note: crm.note,
            link: crm.link.unwrap_or(link),
            fetched_at: snapshot.fetched_at,
            stale,
            id: snapshot.id,
        }
    }

    /// The profile, fresh if WeCom answers in time, else the last known (`true`).
    async fn profile(
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

    fn app_of(&self, corp: &CorpId) -> Option<&AppAuth> {
        let mut apps: Vec<_> = self.parts.apps.values().filter(|app| app.corp == *corp).collect();
        apps.sort_by(|a, b| a.name.cmp(&b.name));
        apps.into_iter().next()
    }

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

/// 84061: not in the contact list of any member in range; 40096: no such id (page 90313).
fn is_no_such_customer(error: &WecomError) -> bool {
    matches!(error.code(), Some(84_061 | 40_096))
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

/// The three things every new customer asks for within a day.
fn required_actions(lang: Lang) -> Vec<OpenAction> {
    let action = |key: &str, title| OpenAction { key: key.to_owned(), title: say(lang, title, &[]) };
    vec![
        action("first_touch", Wording::ActionFirstTouch),
        action("core_need", Wording::ActionNeed),
        action("next_follow_up", Wording::ActionNext),
    ]
}

fn free_actions(titles: &[String]) -> Vec<OpenAction> {
    titles.iter().map(|title| OpenAction { key: title.clone(), title: title.clone() }).collect()
}

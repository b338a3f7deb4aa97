//! Who works where: members, departments and their tags, as far as rules ask for them.
//!
//! Kept in memory and read from WeCom: at most a moment is waited for it, and what is not known in
//! time excuses nobody. This room must never know a text, a rule or the store. Read [`Directory`]
//! first.

mod company;

use crate::model::{Clock, CorpId, Endpoint, UserId};
use crate::wecom::client::AppAuth;
use crate::wecom::client::Client;
use crate::wecom::fault::WecomError;
use company::{Company, FRESH, LASTS};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a check waits for a sender nobody has asked for yet: the answer is due in five seconds.
const PATIENCE: Duration = Duration::from_millis(800);

/// What [`Directory`] stands on.
pub struct DirectoryParts {
    /// WeCom.
    pub wecom: Arc<Client>,
    /// The applications, by name: their tokens read what lies in their visible range.
    pub apps: HashMap<Endpoint, AppAuth>,
    /// The time.
    pub clock: Clock,
}

/// What is asked about senders. Nothing asked is nothing read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Their departments.
    pub departments: bool,
    /// Which of these tags they have.
    pub tags: BTreeSet<String>,
}

impl Asked {
    fn nothing(&self) -> bool {
        !self.departments && self.tags.is_empty()
    }
}

/// What is known of a sender; `None` is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Their departments and all above them, each by its name and by its number.
    pub departments: Option<Vec<String>>,
    /// Those of the tags asked for that they have.
    pub tags: Option<Vec<String>>,
}

/// The companies' directories. Clones share what is kept; the default one knows nobody.
#[derive(Clone, Default)]
pub struct Directory(Option<Arc<Inner>>);

struct Inner {
    parts: DirectoryParts,
    kept: Mutex<HashMap<CorpId, Company>>,
    /// Held while WeCom is asked, so that many messages of one sender ask once.
    asking: tokio::sync::Mutex<()>,
}

impl Directory {
    /// Over `parts`.
    pub fn new(parts: DirectoryParts) -> Self {
        Self(Some(Arc::new(Inner { parts, kept: Mutex::default(), asking: tokio::sync::Mutex::default() })))
    }

    /// What is known of a sender. One who is new is asked for, at most as long as a message may wait;
    /// the asking goes on afterwards, for the next message.
    pub async fn standing(&self, corp: &CorpId, user: &UserId, asked: &Asked) -> Standing {
        let Some(inner) = self.0.as_ref().filter(|_| !asked.nothing()) else { return Standing::default() };
        if inner.is_missing(corp, user, asked, LASTS) {
            let (asking, corp, user, asked) = (inner.clone(), corp.clone(), user.clone(), asked.clone());
            let asking = tokio::spawn(async move { asking.ask(&corp, &user, &asked, LASTS).await });
            let _ = tokio::time::timeout(PATIENCE, asking).await;
        }
        inner.company(corp, |company| company.standing(user, asked, inner.parts.clock.now()))
    }

    /// WeCom said that people moved: what is kept is read again when it is next asked for.
    pub fn outdated(&self, corp: &CorpId) {
        if let Some(inner) = &self.0 {
            inner.kept().remove(corp);
        }
    }

    /// Reads again what is kept and old. Safe to run twice; what can't be read stays as it was.
    pub async fn refresh(&self) {
        let Some(inner) = &self.0 else { return };
        let corps: Vec<_> = inner.kept().keys().cloned().collect();
        for corp in corps {
            let (users, asked) = inner.company(&corp, |company| company.known(inner.parts.clock.now()));
            for user in users {
                inner.ask(&corp, &user, &asked, FRESH).await;
            }
        }
    }
}

impl Inner {
    fn kept(&self) -> MutexGuard<'_, HashMap<CorpId, Company>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn company<T>(&self, corp: &CorpId, look: impl FnOnce(&mut Company) -> T) -> T {
        look(self.kept().entry(corp.clone()).or_default())
    }

    fn is_missing(&self, corp: &CorpId, user: &UserId, asked: &Asked, age: SignedDuration) -> bool {
        self.company(corp, |company| company.is_missing(user, asked, age, self.parts.clock.now()))
    }

    /// Reads what is missing or not younger than `age`.
    async fn ask(&self, corp: &CorpId, user: &UserId, asked: &Asked, age: SignedDuration) {
        let _one_at_a_time = self.asking.lock().await;
        if !self.is_missing(corp, user, asked, age) {
            return;
        }
        self.company(corp, |company| company.note_asked(user, self.parts.clock.now()));
        if let Err(error) = self.read(corp, user, asked, age).await {
            tracing::warn!(%error, %corp, %user, "WeCom does not say where a sender belongs: every rule holds for them");
        }
    }

    async fn read(
        &self,
        corp: &CorpId,
        user: &UserId,
        asked: &Asked,
        age: SignedDuration,
    ) -> Result<(), WecomError> {
        let Some(app) = self.app_of(corp) else { return Ok(()) };
        let (wecom, now) = (&self.parts.wecom, self.parts.clock.now());
        if self.company(corp, |company| company.lacks_departments(age, now)) {
            let departments = wecom.departments(app).await?;
            self.company(corp, |company| company.keep_departments(departments, now));
        }
        let member = wecom.member(app, user).await?;
        self.company(corp, |company| company.keep_member(member, now));
        let lacking = self.company(corp, |company| company.lacking_tags(asked, age, now));
        if lacking.is_empty() {
            return Ok(());
        }
        let known = wecom.member_tags(app).await?;
        for name in lacking {
            let holders = match known.iter().find(|tag| tag.name == name) {
                Some(tag) => wecom.tag_holders(app, tag.id).await?,
                None => Default::default(),
            };
            self.company(corp, |company| company.keep_tag(name, holders, now));
        }
        Ok(())
    }

    fn app_of(&self, corp: &CorpId) -> Option<&AppAuth> {
        self.parts.apps.values().filter(|app| app.corp == *corp).min_by(|a, b| a.name.cmp(&b.name))
    }
}

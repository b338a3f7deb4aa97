//! The derived state: what the facts add up to, in ordered keys and sealed values. It can always
//! be rebuilt, so nothing here is the truth.

use super::change::{Change, OutboxItem, OutboxState, OutboxStep, Remembered, Session};
use super::draft::{DraftPlace, KeptDraft};
use super::port::{CheckQuery, Cursor, Page, Precondition, SentCard, StoreError};
use crate::model::{
    Check, CheckId, CheckState, ContactSnapshot, CorpId, ExternalUserId, Revision, ShortNo, UserId,
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// How long after a release ended a report is still waited for.
const REPORT_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// Whose key seals what is about nobody.
pub(super) const SERVER: &str = "server";

/// Which way to walk.
pub(super) enum Order<'k> {
    /// Smallest key first.
    Rising,
    /// Largest key first, all below the key given.
    FallingFrom(Option<&'k [u8]>),
}

/// Looks at one key and its value, and says whether to go on.
pub(super) type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// Keys and their new values; `None` removes.
pub(super) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Under this key stands the [`Tally`]. No other key begins with a zero byte.
const TALLY: &[u8] = b"\0tally";

/// The kind of the checks' keys. It sorts behind all others, so that a check is written only once
/// everything that leads to it is: a step that stands in the check need not be taken in again.
const CHECK: &str = "~check";

/// What would go wrong if a fact were taken in twice, written in one step after all the rest: a
/// medium that was torn away in between is brought up by taking in again what comes after `upto`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// The last entry that was taken in, as the medium names it.
    pub upto: Option<String>,
    /// Checks taken in.
    checks: u64,
    /// Revisions that went live.
    revisions: u64,
    /// The last of them.
    live: Option<Revision>,
}

/// Ordered keys and values on some medium.
pub(super) trait Medium: Send + Sync + 'static {
    /// The value under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    /// Walks the keys that begin with `prefix` until told to stop.
    fn walk(&self, prefix: &[u8], order: Order<'_>, each: &mut Visit<'_>) -> Result<(), StoreError>;
    /// Writes `changes`, where `None` removes, and then `last`: if that lasts, so do they.
    fn write(&self, changes: Changes, last: Option<(&[u8], Vec<u8>)>) -> Result<(), StoreError>;
    /// Puts `new` in the place of `old`, unless something else stands there by now.
    fn replace(&self, key: &[u8], old: &[u8], new: Vec<u8>) -> Result<(), StoreError>;
    /// Makes a value unreadable to whoever holds the medium.
    fn seal(&self, subject: &str, at: Timestamp, plain: &[u8]) -> Result<Vec<u8>, StoreError>;
    /// The reverse; `None` when its key was destroyed.
    fn open(&self, sealed: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
}

pub(super) fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { why: error.to_string() }
}

/// A key: its kind, then its parts, each ended by a zero byte so that none runs into the next.
pub(super) fn key(kind: &str, parts: &[&str]) -> Vec<u8> {
    let mut key = Vec::with_capacity(kind.len() + 1 + parts.iter().map(|part| part.len() + 1).sum::<usize>());
    for part in std::iter::once(&kind).chain(parts) {
        // 0xFF stands in no UTF-8 text: a zero byte in a foreign id can't end its part early.
        key.extend(part.bytes().map(|byte| if byte == 0 { 0xFF } else { byte }));
        key.push(0);
    }
    key
}

/// The parts of a key after its kind.
pub(super) fn parts(key: &[u8]) -> impl Iterator<Item = &str> {
    key.split(|byte| *byte == 0).skip(1).filter_map(|part| std::str::from_utf8(part).ok())
}

/// An instant as text that sorts by time.
pub(super) fn sortable(at: Timestamp) -> String {
    format!("{:016x}", at.as_millisecond().max(0))
}

fn check_key(corp: &CorpId, id: &CheckId) -> Vec<u8> {
    key(CHECK, &[corp.as_str(), id.as_str()])
}

fn open_key(corp: &CorpId, sender: &UserId, short: ShortNo) -> Vec<u8> {
    key("open", &[corp.as_str(), sender.as_str(), &short.to_string()])
}

fn draft_key(place: &DraftPlace) -> Vec<u8> {
    key("draft", &[place.corp.as_str(), place.user.as_str(), &place.to])
}

fn notice_key(corp: &CorpId, user: &UserId) -> Vec<u8> {
    key("notified", &[corp.as_str(), user.as_str()])
}

/// When a check has to be looked at again if nobody moves it.
fn due_at(check: &Check) -> Option<Timestamp> {
    let end = check.expires_at?;
    match check.state {
        CheckState::AwaitingConfirmation | CheckState::AwaitingApproval => Some(end),
        CheckState::Passed | CheckState::Confirmed => end.saturating_add(REPORT_GRACE).ok(),
        _ => None,
    }
}

fn due_key(check: &Check) -> Option<Vec<u8>> {
    due_at(check).map(|at| key("due", &[&sortable(at), check.corp.as_str(), check.id.as_str()]))
}

/// Reading: the medium alone, or the medium under changes that are not written yet.
pub(super) struct View<'m, M: Medium> {
    pub(super) medium: &'m M,
    pending: Changes,
    /// Changed, and not written yet.
    tally: Option<Tally>,
}

impl<'m, M: Medium> View<'m, M> {
    pub fn new(medium: &'m M) -> Self {
        Self { medium, pending: BTreeMap::new(), tally: None }
    }

    /// Writes what is pending.
    pub fn write(self) -> Result<(), StoreError> {
        let tally = self.tally.map(|tally| serde_json::to_vec(&tally)).transpose().map_err(unreadable)?;
        self.medium.write(self.pending, tally.map(|tally| (TALLY, tally)))
    }

    /// Writes what is pending, and that everything up to `entry` is in.
    pub fn write_up_to(mut self, entry: String) -> Result<(), StoreError> {
        self.tally = Some(Tally { upto: Some(entry), ..self.tally()? });
        self.write()
    }

    /// How far the state is.
    pub fn tally(&self) -> Result<Tally, StoreError> {
        if let Some(tally) = &self.tally {
            return Ok(tally.clone());
        }
        let kept = self.medium.get(TALLY)?;
        kept.map_or(Ok(Tally::default()), |kept| serde_json::from_slice(&kept).map_err(unreadable))
    }

    pub(super) fn raw(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.pending.get(key) {
            Some(pending) => Ok(pending.clone()),
            None => self.medium.get(key),
        }
    }

    pub(super) fn value<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        let Some(sealed) = self.raw(key)? else { return Ok(None) };
        self.decode(&sealed)
    }

    pub(super) fn decode<T: DeserializeOwned>(&self, sealed: &[u8]) -> Result<Option<T>, StoreError> {
        let Some(plain) = self.medium.open(sealed)? else { return Ok(None) };
        serde_json::from_slice(&plain).map(Some).map_err(unreadable)
    }

    pub(super) fn put<T: Serialize>(
        &mut self,
        key: Vec<u8>,
        subject: &str,
        at: Timestamp,
        value: &T,
    ) -> Result<(), StoreError> {
        let plain = serde_json::to_vec(value).map_err(unreadable)?;
        let sealed = self.medium.seal(subject, at, &plain)?;
        self.pending.insert(key, Some(sealed));
        Ok(())
    }

    /// Keeps a value that is sealed already.
    pub(super) fn put_sealed(&mut self, key: Vec<u8>, sealed: Vec<u8>) {
        self.pending.insert(key, Some(sealed));
    }

    pub(super) fn mark(&mut self, key: Vec<u8>) {
        self.pending.insert(key, Some(Vec::new()));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.pending.insert(key, None);
    }

    /// All values under a prefix. Pending changes are not seen: lists are read outside a commit.
    pub(super) fn list<T: DeserializeOwned>(&self, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
        let mut found = Ok(Vec::new());
        self.medium.walk(prefix, Order::Rising, &mut |_, sealed| {
            match (&mut found, self.decode(sealed)) {
                (Ok(list), Ok(Some(value))) => list.push(value),
                (Ok(_), Ok(None)) => {}
                (Ok(_), Err(error)) => found = Err(error),
                (Err(_), _) => return ControlFlow::Break(()),
            }
            ControlFlow::Continue(())
        })?;
        found
    }

    // Changing.

    /// `None` when the precondition holds, else what was found changed.
    pub fn violated(&self, precondition: &Precondition) -> Result<Option<String>, StoreError> {
        Ok(match precondition {
            Precondition::CheckAt { corp, id, version } => {
                let found = self.check(corp, id)?.map(|check| check.version());
                (found != Some(*version)).then(|| id.to_string())
            }
            Precondition::ShortFree { corp, sender, short } => {
                self.raw(&open_key(corp, sender, *short))?.is_some().then(|| format!("short number {short}"))
            }
            Precondition::FollowAt { key, revision } => {
                let found = self.following(key)?.map_or(0, |following| following.revision);
                (found != *revision).then(|| key.about())
            }
            Precondition::OutboxAt { id, attempt } => {
                let found = self.value::<OutboxItem>(&key("deed", &[id.as_str()]))?.map(|item| item.attempt);
                (found != Some(*attempt)).then(|| id.to_string())
            }
        })
    }

    /// Takes one fact in. Taking it in twice changes nothing more. `sealed` is the body that says
    /// it, sealed already: a fresh check is kept as that, since a check can be read from either.
    pub fn apply(&mut self, change: &Change, sealed: Option<Vec<u8>>) -> Result<(), StoreError> {
        match change {
            Change::CheckOpened(check) => self.keep_check(check, None, sealed),
            Change::CheckMoved { corp, step, .. } => {
                let Some(before) = self.check(corp, &step.check)? else { return Ok(()) };
                if before.moves.contains(step) {
                    return Ok(());
                }
                let mut after = before.clone();
                after.apply(step.clone());
                self.keep_check(&after, Some(&before), None)
            }
            Change::ContactFetched(contact) => {
                let subject = change.subject();
                for follow in &contact.follow_users {
                    self.mark(key(
                        "follows",
                        &[contact.corp.as_str(), follow.user.as_str(), contact.id.as_str()],
                    ));
                }
                self.begin_followings(contact)?;
                let at = contact.fetched_at;
                self.put(key("contact", &[contact.corp.as_str(), contact.id.as_str()]), &subject, at, contact)
            }
            Change::ContactOutdated { corp, contact } => {
                let Some(mut kept) = self.contact(corp, contact)? else { return Ok(()) };
                kept.outdated = true;
                let at = kept.fetched_at;
                self.put(key("contact", &[corp.as_str(), contact.as_str()]), &change.subject(), at, &kept)
            }
            Change::ContactOpened { .. } => self.note_opening(change),
            Change::FollowBegan { key, at } => self.begin_following(key, *at),
            Change::FollowEnded { key, ended } => self.end_following(key, *ended),
            Change::Followed(step) => self.follow(step, sealed),
            Change::OutboxQueued(item) => {
                self.put(key("deed", &[item.id.as_str()]), &change.subject(), item.queued_at, item)
            }
            Change::OutboxMoved(step) => self.move_deed(step),
            Change::RulesLive { revision, .. } => {
                let tally = self.tally()?;
                if tally.live.as_ref() != Some(revision) {
                    let (revisions, live) = (tally.revisions + 1, Some(revision.clone()));
                    self.tally = Some(Tally { revisions, live, ..tally });
                }
                Ok(())
            }
            Change::NoticeRead { corp, user, .. } => {
                self.mark(notice_key(corp, user));
                Ok(())
            }
            Change::CallbackAccepted { .. }
            | Change::SessionOpened { .. }
            | Change::ServerStarted { .. }
            | Change::Refused { .. } => Ok(()),
        }
    }

    fn keep_check(
        &mut self,
        check: &Check,
        before: Option<&Check>,
        sealed: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let at = check_key(&check.corp, &check.id);
        match sealed {
            Some(_) => drop(self.pending.insert(at, sealed)),
            None => self.put(at, &check.about(), check.created_at, check)?,
        }
        if let Some(due) = before.and_then(due_key) {
            self.remove(due);
        }
        if let Some(due) = due_key(check) {
            self.mark(due);
        }
        match before {
            None => {
                self.mark(key("sent-by", &[check.corp.as_str(), check.sender.as_str(), check.id.as_str()]));
                self.note_check(check);
                let tally = self.tally()?;
                self.tally = Some(Tally { checks: tally.checks + 1, ..tally });
            }
            Some(before) if before.state.is_open() && !check.state.is_open() => {
                if let Some(short) = check.short {
                    self.remove(open_key(&check.corp, &check.sender, short));
                }
            }
            Some(_) => {}
        }
        if let (true, Some(short)) = (check.state.is_open(), check.short) {
            let id = check.id.as_str().as_bytes().to_vec();
            self.pending.insert(open_key(&check.corp, &check.sender, short), Some(id));
        }
        self.note_contact(check);
        Ok(())
    }

    /// A text that was cleared counts as contact with its recipient.
    fn note_contact(&mut self, check: &Check) {
        let cleared = matches!(
            check.state,
            CheckState::Passed | CheckState::Confirmed | CheckState::HandedBack | CheckState::Sent
        );
        if let (true, Some(recipient)) = (cleared, &check.recipient) {
            let at = check.moves.last().map_or(check.created_at, |step| step.at);
            let value = at.as_millisecond().to_be_bytes().to_vec();
            self.pending.insert(key("contacted", &[check.corp.as_str(), recipient.id()]), Some(value));
        }
    }

    fn move_deed(&mut self, step: &OutboxStep) -> Result<(), StoreError> {
        let deed_key = key("deed", &[step.id.as_str()]);
        if let Some((check, card)) = &step.card {
            self.put(key("card", &[check.as_str()]), SERVER, step.due_at, card)?;
        }
        match step.state {
            OutboxState::Sent | OutboxState::Dropped => self.remove(deed_key),
            OutboxState::Queued | OutboxState::Sending => {
                let Some(mut item) = self.value::<OutboxItem>(&deed_key)? else { return Ok(()) };
                (item.state, item.attempt, item.due_at) = (step.state, step.attempt, step.due_at);
                let subject = format!("{}/{}", item.corp, item.to);
                self.put(deed_key, &subject, item.queued_at, &item)?;
            }
        }
        Ok(())
    }

    /// Keeps an answer under its key.
    pub fn remember(&mut self, under: &str, remembered: &Remembered) -> Result<(), StoreError> {
        self.put(key("answer", &[under]), SERVER, remembered.at, remembered)
    }

    /// Keeps an answer that is sealed already.
    pub fn remember_sealed(&mut self, under: &str, sealed: Vec<u8>) {
        self.pending.insert(key("answer", &[under]), Some(sealed));
    }

    // Reading.

    pub fn remembered(&self, under: &str) -> Result<Option<Remembered>, StoreError> {
        self.value(&key("answer", &[under]))
    }

    pub fn check(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, StoreError> {
        self.value(&check_key(corp, id))
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
                Ok(Some(check)) if query.admits(&check) => items.push(check),
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

    pub fn keep_session(&mut self, id: &str, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        self.put(key("session", &[id]), SERVER, now, session)
    }

    /// Renewing races with signing out: it must never bring an ended session back.
    pub fn renew_session(&self, id: &str, idle_until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let key = key("session", &[id]);
        let Some(sealed) = self.medium.get(&key)? else { return Ok(()) };
        let Some(session) = self.decode::<Session>(&sealed)? else { return Ok(()) };
        let renewed = serde_json::to_vec(&Session { idle_until, ..session }).map_err(unreadable)?;
        self.medium.replace(&key, &sealed, self.medium.seal(SERVER, now, &renewed)?)
    }

    pub fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.value(&key("session", &[id]))
    }

    pub fn end_session(&mut self, id: &str) {
        self.remove(key("session", &[id]));
    }

    pub fn keep_draft(&mut self, place: &DraftPlace, draft: Option<&KeptDraft>) -> Result<(), StoreError> {
        match draft {
            Some(draft) => self.put(draft_key(place), &place.subject(), draft.at, draft)?,
            None => self.remove(draft_key(place)),
        }
        Ok(())
    }

    pub fn draft(&self, place: &DraftPlace) -> Result<Option<KeptDraft>, StoreError> {
        self.value(&draft_key(place))
    }

    /// Removes unfinished texts kept before `before`.
    pub fn forget_drafts(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        self.remove_old::<KeptDraft>("draft", |draft| draft.at < before)
    }

    pub fn is_notified(&self, corp: &CorpId, user: &UserId) -> Result<bool, StoreError> {
        Ok(self.raw(&notice_key(corp, user))?.is_some())
    }

    /// Removes remembered answers made before `before`.
    pub fn forget(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        self.remove_old::<Remembered>("answer", |remembered| remembered.at < before)
    }

    /// Removes values of one kind; what can't be read any more is left alone.
    fn remove_old<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        is_old: impl Fn(&T) -> bool,
    ) -> Result<usize, StoreError> {
        let mut old = Vec::new();
        self.medium.walk(&key(kind, &[]), Order::Rising, &mut |at, sealed| {
            if let Ok(Some(value)) = self.decode::<T>(sealed)
                && is_old(&value)
            {
                old.push(at.to_vec());
            }
            ControlFlow::Continue(())
        })?;
        let count = old.len();
        for key in old {
            self.remove(key);
        }
        Ok(count)
    }

    /// Whether everything can be read and no check that was taken in is missing. There may be more:
    /// those of a step that was torn away before its end.
    pub fn is_whole(&self) -> Result<bool, StoreError> {
        let (kind, mut found) = (key(CHECK, &[]), 0);
        self.medium.walk(&[], Order::Rising, &mut |at, _| {
            found += u64::from(at.starts_with(&kind));
            ControlFlow::Continue(())
        })?;
        Ok(found >= self.tally()?.checks)
    }
}

/// The last part of a key that is not the empty end.
trait LastPart<'a> {
    fn last_part(self) -> Option<&'a str>;
}

impl<'a, I: Iterator<Item = &'a str>> LastPart<'a> for I {
    fn last_part(self) -> Option<&'a str> {
        self.filter(|part| !part.is_empty()).last()
    }
}

//! Taking facts in.

use super::keys::{
    RULE_FILE, asked_key, check_key, due_key, key, notice_key, open_key, review_key, revision_key,
    waits_for_key,
};
use super::{SERVER, View};
use crate::model::{Check, CheckState, Question, Review};
use crate::store::change::{Change, OutboxItem, OutboxState, OutboxStep, RulesLive};
use crate::store::medium::Medium;
use crate::store::port::{Precondition, StoreError};

impl<M: Medium> View<'_, M> {
    /// `None` when the precondition holds, else what was found changed.
    pub fn violated(&self, precondition: &Precondition) -> Result<Option<String>, StoreError> {
        Ok(match precondition {
            Precondition::CheckAt { corp, id, version } => {
                let found = self.check(corp, id)?.map(|check| check.version());
                (found != Some(*version)).then(|| id.to_string())
            }
            Precondition::ReviewAt { corp, id, version } => {
                (self.review(corp, id)?.version() != *version).then(|| id.to_string())
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

    /// Takes one fact in. Taking it in twice changes nothing more. `entry` is its number among those
    /// that are written together, on a medium that can read entries where they stand.
    pub fn apply(&mut self, change: Change, entry: Option<usize>) -> Result<(), StoreError> {
        match change {
            Change::CheckOpened(check) => self.open_check(check, entry),
            other => self.follow(&other),
        }
    }

    /// An entry's body is kept nowhere else: a check can be read from it as well.
    fn open_check(&mut self, check: Box<Check>, entry: Option<usize>) -> Result<(), StoreError> {
        self.index(&check, None)?;
        let key = check_key(&check.corp, &check.id);
        match entry {
            Some(number) => drop(self.opened.insert(key, (number, check))),
            None => self.put(key, &check.about(), check.created_at, &check)?,
        }
        Ok(())
    }

    /// Takes in what changes something that may be there.
    fn follow(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::CheckOpened(_) => Ok(()),
            Change::CheckMoved { corp, step, .. } => {
                let Some(before) = self.check(corp, &step.check)? else { return Ok(()) };
                if before.moves.contains(step) {
                    return Ok(());
                }
                let mut after = before.clone();
                after.apply(step.clone());
                self.index(&after, Some(&before))?;
                let key = check_key(corp, &after.id);
                self.opened.remove(&key);
                self.put(key, &after.about(), after.created_at, &after)
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
            Change::Followed(step) => self.take_step(step),
            Change::OutboxQueued(item) => {
                self.put(key("deed", &[item.id.as_str()]), &change.subject(), item.queued_at, item)
            }
            Change::OutboxMoved(step) => self.move_deed(step),
            Change::RulesLive(rules) => self.rules_live(rules),
            Change::RuleFileKept { sha256, part, text, at } => {
                self.put(key(RULE_FILE, &[sha256, &format!("{part:08x}")]), SERVER, *at, text)
            }
            Change::AppealLodged { corp, about, appeal } => {
                let review = Review { appeal: Some(appeal.clone()), ..self.review(corp, &appeal.check)? };
                self.put(review_key(corp, &appeal.check), about, appeal.at, &review)
            }
            Change::Disposed { corp, about, disposition } => {
                let id = &disposition.check;
                let review = Review { disposition: Some(disposition.clone()), ..self.review(corp, id)? };
                self.put(review_key(corp, id), about, disposition.at, &review)
            }
            Change::Asked { corp, check, question, users, at } => {
                let waits = self.check(corp, check)?.is_some_and(|check| check.state.is_open());
                for user in users.iter().filter(|_| waits && *question == Question::Approval) {
                    self.mark(waits_for_key(corp, user, check));
                }
                self.put(asked_key(corp, check, *question), SERVER, *at, users)
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

    /// Makes a check findable by all that is asked for.
    fn index(&mut self, check: &Check, before: Option<&Check>) -> Result<(), StoreError> {
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
                self.tally_mut()?.checks += 1;
            }
            Some(before) if before.state.is_open() && !check.state.is_open() => {
                for user in self.asked(&check.corp, &check.id, Question::Approval)? {
                    self.remove(waits_for_key(&check.corp, &user, &check.id));
                }
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

    fn rules_live(&mut self, rules: &RulesLive) -> Result<(), StoreError> {
        let tally = self.tally_mut()?;
        if tally.live.as_ref() == Some(&rules.revision) {
            return Ok(());
        }
        (tally.revisions, tally.live) = (tally.revisions + 1, Some(rules.revision.clone()));
        let key = revision_key(tally.revisions);
        self.put(key, SERVER, rules.at.unwrap_or_default(), rules)
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
}

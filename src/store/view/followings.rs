//! The part of the derived state that is about followings: what each adds up to, and what happened in
//! which order.

use super::View;
use super::keys::{LastPart, key, parts};
use crate::model::{
    Check, CheckId, CheckState, ContactSnapshot, CorpId, Ended, ExternalUserId, FollowKey, FollowStep,
    Following, Recipient, TimelineKind, TimelinePlace, UserId,
};
use crate::store::change::Change;
use crate::store::medium::{Medium, Order};
use crate::store::port::{Happening, StoreError, TimelineItem, TimelinePage};
use jiff::Timestamp;
use std::ops::ControlFlow;

const FOLLOWING: &str = "following";
const TIMELINE: &str = "timeline";

fn following_key(follow: &FollowKey) -> Vec<u8> {
    key(FOLLOWING, &[follow.corp.as_str(), follow.user.as_str(), follow.contact.as_str()])
}

fn timeline_of(follow: &FollowKey) -> Vec<u8> {
    key(TIMELINE, &[follow.corp.as_str(), follow.user.as_str(), follow.contact.as_str()])
}

fn place_key(follow: &FollowKey, place: &TimelinePlace) -> Vec<u8> {
    let place = place.to_string();
    key(TIMELINE, &[follow.corp.as_str(), follow.user.as_str(), follow.contact.as_str(), &place])
}

/// The last part of a timeline's key.
fn place_of(key: &[u8]) -> Option<TimelinePlace> {
    parts(key).last_part().and_then(TimelinePlace::parse)
}

/// Whose following a check belongs to; one to a group or to nobody belongs to none.
fn follow_of(check: &Check) -> Option<FollowKey> {
    let contact = match check.recipient.as_ref()? {
        Recipient::Contact { id } | Recipient::Kf { id, .. } => id.clone(),
        Recipient::Group { .. } => return None,
    };
    Some(FollowKey { corp: check.corp.clone(), contact, user: check.sender.clone() })
}

/// The text went to the rep or the customer.
fn is_cleared(check: &Check) -> bool {
    matches!(
        check.state,
        CheckState::Passed | CheckState::Confirmed | CheckState::HandedBack | CheckState::Sent
    )
}

impl<M: Medium> View<'_, M> {
    // Changing.

    /// Whoever WeCom shows as a follower follows from now on, if we did not know.
    pub(super) fn begin_followings(&mut self, contact: &ContactSnapshot) -> Result<(), StoreError> {
        for follow in &contact.follow_users {
            let (corp, user) = (contact.corp.clone(), follow.user.clone());
            let key = FollowKey { corp, contact: contact.id.clone(), user };
            match self.following(&key)? {
                None => {
                    self.keep_following(&key, &Following::begun(follow.added_at, contact.fetched_at))?;
                }
                Some(kept) => {
                    let parted = kept.ended.map(|ended| ended.at);
                    if let (Some(parted), Some(added)) = (parted, follow.added_at)
                        && parted < added
                    {
                        self.begin_following(&key, added)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A following that goes on is not begun again: its clock runs on.
    pub(super) fn begin_following(&mut self, key: &FollowKey, at: Timestamp) -> Result<(), StoreError> {
        match self.following(key)? {
            None => self.keep_following(key, &Following::begun(Some(at), at)),
            Some(mut kept) if kept.ended.is_some_and(|ended| ended.at <= at) => {
                kept.begin_again(at);
                self.keep_following(key, &kept)
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn end_following(&mut self, key: &FollowKey, ended: Ended) -> Result<(), StoreError> {
        let kept = self.following(key)?.unwrap_or_else(|| Following::begun(None, ended.at));
        if kept.ended.is_some() || ended.at < kept.clock_from {
            return Ok(());
        }
        self.keep_following(key, &Following { ended: Some(ended), ..kept })
    }

    /// Takes a step.
    pub(super) fn take_step(&mut self, step: &FollowStep) -> Result<(), StoreError> {
        self.put(place_key(&step.key, &step.place()), &step.key.about(), step.at, step)?;
        let mut kept = self.following(&step.key)?.unwrap_or_else(|| Following::begun(None, step.at));
        if step.revision <= kept.revision {
            return Ok(());
        }
        kept.apply(step);
        self.keep_following(&step.key, &kept)
    }

    fn keep_following(&mut self, key: &FollowKey, following: &Following) -> Result<(), StoreError> {
        self.put(following_key(key), &key.about(), following.clock_from, following)
    }

    /// Gives a fresh check its place in the timeline.
    pub(super) fn note_check(&mut self, check: &Check) {
        if let Some(follow) = follow_of(check) {
            let id = check.id.to_string();
            let place = TimelinePlace { at: check.created_at, kind: TimelineKind::Check, id };
            self.mark(place_key(&follow, &place));
        }
    }

    /// Gives an opening of the page its place in the timeline.
    pub(super) fn note_opening(&mut self, change: &Change) -> Result<(), StoreError> {
        let Change::ContactOpened { corp, contact, user, entry, at } = change else { return Ok(()) };
        let follow = FollowKey { corp: corp.clone(), contact: contact.clone(), user: user.clone() };
        let place = TimelinePlace { at: *at, kind: TimelineKind::Opened, id: entry.clone() };
        self.put(place_key(&follow, &place), &follow.about(), *at, entry)
    }

    // Reading.

    pub fn following(&self, key: &FollowKey) -> Result<Option<Following>, StoreError> {
        self.value(&following_key(key))
    }

    pub fn followings_of(
        &self,
        corp: &CorpId,
        user: &UserId,
    ) -> Result<Vec<(ExternalUserId, Following)>, StoreError> {
        let (mut found, mut fault) = (Vec::new(), None);
        self.medium.walk(
            &key(FOLLOWING, &[corp.as_str(), user.as_str()]),
            Order::Rising,
            &mut |at, sealed| {
                let contact = parts(at).last_part().map(ExternalUserId::new);
                match self.decode(sealed) {
                    Ok(following) => found.extend(contact.zip(following)),
                    Err(error) => {
                        fault = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            },
        )?;
        fault.map_or(Ok(found), Err)
    }

    pub fn timeline(
        &self,
        follow: &FollowKey,
        kinds: &[TimelineKind],
        after: Option<&TimelinePlace>,
        limit: usize,
    ) -> Result<TimelinePage, StoreError> {
        let from = after.map(|place| place_key(follow, place));
        let (mut items, mut fault) = (Vec::new(), None);
        self.medium.walk(&timeline_of(follow), Order::FallingFrom(from.as_deref()), &mut |at, sealed| {
            let Some(place) = place_of(at) else { return ControlFlow::Continue(()) };
            if !kinds.is_empty() && !kinds.contains(&place.kind) {
                return ControlFlow::Continue(());
            }
            match self.happening(follow, &place, sealed) {
                Ok(what) => items.push(TimelineItem { place, what }),
                Err(error) => fault = Some(error),
            }
            if fault.is_some() || items.len() > limit {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|item| item.place.clone());
        Ok(TimelinePage { items, next })
    }

    pub fn timeline_item(
        &self,
        follow: &FollowKey,
        place: &TimelinePlace,
    ) -> Result<Option<TimelineItem>, StoreError> {
        let Some(sealed) = self.raw(&place_key(follow, place))? else { return Ok(None) };
        let what = self.happening(follow, place, &sealed)?;
        Ok(Some(TimelineItem { place: place.clone(), what }))
    }

    fn happening(
        &self,
        follow: &FollowKey,
        place: &TimelinePlace,
        sealed: &[u8],
    ) -> Result<Option<Happening>, StoreError> {
        Ok(match place.kind {
            TimelineKind::Check => {
                let check = self.check(&follow.corp, &CheckId::new(place.id.as_str()))?;
                check.map(|check| Happening::Check(Box::new(check)))
            }
            TimelineKind::Opened => self.decode(sealed)?.map(|entry| Happening::Opened { entry }),
            _ => self.decode(sealed)?.map(|step| Happening::Step(Box::new(step))),
        })
    }

    pub fn first_cleared(&self, follow: &FollowKey) -> Result<Option<Timestamp>, StoreError> {
        let mut found = Ok(None);
        self.medium.walk(&timeline_of(follow), Order::Rising, &mut |at, _| {
            let Some(place) = place_of(at).filter(|place| place.kind == TimelineKind::Check) else {
                return ControlFlow::Continue(());
            };
            match self.check(&follow.corp, &CheckId::new(place.id)) {
                Ok(Some(check)) if is_cleared(&check) => found = Ok(Some(check.created_at)),
                Ok(_) => return ControlFlow::Continue(()),
                Err(error) => found = Err(error),
            }
            ControlFlow::Break(())
        })?;
        found
    }
}

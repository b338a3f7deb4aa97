//! What is kept for a while only: answers under their keys, sessions, drafts.

use super::keys::{draft_key, key};
use super::{SERVER, View, unreadable};
use crate::store::change::{Remembered, Session};
use crate::store::draft::{DraftPlace, KeptDraft};
use crate::store::medium::{Medium, Order};
use crate::store::port::StoreError;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;

impl<M: Medium> View<'_, M> {
    /// Keeps an answer under its key.
    pub fn remember(&mut self, under: &str, remembered: &Remembered) -> Result<(), StoreError> {
        self.put(key("answer", &[under]), SERVER, remembered.at, remembered)
    }

    /// Keeps an answer that is sealed already.
    pub fn remember_sealed(&mut self, under: &str, sealed: Vec<u8>) {
        self.pending.insert(key("answer", &[under]), Some(sealed));
    }

    pub fn remembered(&self, under: &str) -> Result<Option<Remembered>, StoreError> {
        self.value(&key("answer", &[under]))
    }

    pub fn keep_session(&mut self, id: &str, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        self.put(key("session", &[id]), SERVER, now, session)
    }

    pub fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.value(&key("session", &[id]))
    }

    pub fn end_session(&mut self, id: &str) {
        self.remove(key("session", &[id]));
    }

    /// Renewing races with signing out: it must never bring an ended session back.
    pub fn renew_session(&self, id: &str, idle_until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let key = key("session", &[id]);
        let Some(sealed) = self.medium.get(&key)? else { return Ok(()) };
        let Some(session) = self.decode::<Session>(&sealed)? else { return Ok(()) };
        let renewed = serde_json::to_vec(&Session { idle_until, ..session }).map_err(unreadable)?;
        self.medium.replace(&key, &sealed, self.medium.seal(SERVER, now, &renewed)?)
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
}

//! What is kept for a while only: answers under their keys, and sessions.

use super::keys::key;
use super::{SERVER, View};
use crate::store::change::{Remembered, Session};
use crate::store::medium::{Medium, Order};
use crate::store::port::StoreError;
use jiff::Timestamp;
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

    /// Removes remembered answers made before `before`.
    pub fn forget(&mut self, before: Timestamp) -> Result<usize, StoreError> {
        let mut old = Vec::new();
        self.medium.walk(&key("answer", &[]), Order::Rising, &mut |at, sealed| {
            if let Ok(Some(remembered)) = self.decode::<Remembered>(sealed)
                && remembered.at < before
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

//! How many messages one member may get from one application.
//!
//! WeCom drops what is more without an error (page 90312), so we count ourselves.

use super::client::AppAuth;
use super::fault::WecomError;
use super::retry::after;
use crate::model::{CorpId, Endpoint, UserId};
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The figures of [`MemberLimit`]; WeCom may change them.
#[derive(Debug, Clone, Copy)]
pub struct MemberLimitOptions {
    /// Messages in any 60 s. Default 30.
    pub per_minute: usize,
    /// Messages in any 60 min. Default 1000.
    pub per_hour: usize,
}

impl Default for MemberLimitOptions {
    fn default() -> Self {
        Self { per_minute: 30, per_hour: 1000 }
    }
}

/// Counts the messages of the past hour for each application and member.
///
/// A message counts from the moment it is asked for, so that two at once can't share a place.
pub struct MemberLimit {
    options: MemberLimitOptions,
    sent: Mutex<HashMap<(CorpId, Endpoint, String), VecDeque<Timestamp>>>,
}

impl MemberLimit {
    /// Nothing counted yet.
    pub fn new(options: MemberLimitOptions) -> Self {
        Self { options, sent: Mutex::default() }
    }

    /// Counts one message to each of `users`, or none if one of them is full.
    ///
    /// # Errors
    /// [`WecomError::MemberFull`] with the first who is full and when a place becomes free.
    pub fn take(&self, app: &AppAuth, users: &[UserId], now: Timestamp) -> Result<(), WecomError> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|_, times| forget(times, now));
        for user in users {
            if let Some(until) = sent.get(&key(app, user)).and_then(|times| self.full(times, now)) {
                return Err(WecomError::MemberFull { user: user.clone(), until });
            }
        }
        for user in users {
            sent.entry(key(app, user)).or_default().push_back(now);
        }
        Ok(())
    }

    /// Frees the places of a message that surely went to nobody.
    pub(super) fn give_back(&self, app: &AppAuth, users: &[UserId], taken_at: Timestamp) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        for user in users {
            let Some(times) = sent.get_mut(&key(app, user)) else { continue };
            let place = times.iter().rposition(|at| *at == taken_at);
            place.and_then(|place| times.remove(place));
        }
    }

    /// Until when there is no place.
    fn full(&self, times: &VecDeque<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let frees = |most: usize, span: Duration| {
            let oldest = times.len().checked_sub(most).and_then(|place| times.get(place))?;
            Some(after(*oldest, span)).filter(|frees| now < *frees)
        };
        frees(self.options.per_minute, MINUTE).max(frees(self.options.per_hour, HOUR))
    }
}

/// WeCom does not tell the case of a member's id apart.
fn key(app: &AppAuth, user: &UserId) -> (CorpId, Endpoint, String) {
    (app.corp.clone(), app.name.clone(), user.as_str().to_lowercase())
}

/// Drops what is older than an hour; false when nothing is left.
fn forget(times: &mut VecDeque<Timestamp>, now: Timestamp) -> bool {
    while times.front().is_some_and(|first| after(*first, HOUR) <= now) {
        times.pop_front();
    }
    !times.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AgentId;
    use crate::model::Secret;

    fn app(name: &str) -> AppAuth {
        AppAuth { corp: "ww1".into(), agent: AgentId(1), secret: Secret::new("s"), name: name.into() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    #[test]
    fn the_31st_message_of_a_minute_waits_until_the_first_is_a_minute_old() {
        let limit = MemberLimit::new(MemberLimitOptions::default());
        for second in 0..30 {
            limit.take(&app("guard"), &["lisi".into()], at(second)).unwrap();
        }
        let full = limit.take(&app("guard"), &["LiSi".into()], at(30)).unwrap_err();
        assert_eq!(full, WecomError::MemberFull { user: "LiSi".into(), until: at(60) });
        limit.take(&app("guard"), &["wangwu".into()], at(30)).unwrap();
        limit.take(&app("other"), &["lisi".into()], at(30)).unwrap();
        limit.take(&app("guard"), &["lisi".into()], at(60)).unwrap();
    }

    #[test]
    fn the_1001st_message_of_an_hour_waits_until_the_first_is_an_hour_old() {
        let limit = MemberLimit::new(MemberLimitOptions::default());
        for message in 0..1000 {
            limit.take(&app("guard"), &["lisi".into()], at(message * 3)).unwrap();
        }
        let full = limit.take(&app("guard"), &["lisi".into()], at(3000)).unwrap_err();
        assert_eq!(full, WecomError::MemberFull { user: "lisi".into(), until: at(3600) });
    }

    #[test]
    fn a_message_to_two_counts_for_neither_when_one_is_full() {
        let limit = MemberLimit::new(MemberLimitOptions { per_minute: 1, per_hour: 10 });
        limit.take(&app("guard"), &["lisi".into()], at(0)).unwrap();
        assert!(limit.take(&app("guard"), &["wangwu".into(), "lisi".into()], at(1)).is_err());
        limit.take(&app("guard"), &["wangwu".into()], at(1)).unwrap();
    }

    #[test]
    fn members_who_got_nothing_for_an_hour_are_forgotten() {
        let limit = MemberLimit::new(MemberLimitOptions::default());
        limit.take(&app("guard"), &["lisi".into()], at(0)).unwrap();
        limit.take(&app("guard"), &["wangwu".into()], at(3600)).unwrap();
        assert_eq!(limit.sent.lock().unwrap().len(), 1);
    }
}

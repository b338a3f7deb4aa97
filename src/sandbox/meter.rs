//! WeCom's frequency limits (page 90312), counted as a client can observe them.

use super::api::{AGENT_TICKET, CORP_TICKET};
use crate::model::AgentId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

/// How often a thing may be done. WeCom changes the figures without notice.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Calls of one API a minute; the next is 45009, and so is every one for 60 s.
    pub api_per_minute: usize,
    /// Calls of one API an hour; the next is 45009, and so is every one for 60 min.
    pub api_per_hour: usize,
    /// Messages of one application to one member a minute; the rest vanish with errcode 0.
    pub member_per_minute: usize,
    /// The same for an hour.
    pub member_per_hour: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { api_per_minute: 10_000, api_per_hour: 150_000, member_per_minute: 30, member_per_hour: 1_000 }
    }
}

const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How long an excess is punished.
type Block = SignedDuration;

/// What happened in the last hour. WeCom does not say whether its windows slide; sliding ones are
/// the stricter.
#[derive(Debug, Default)]
struct Rate(VecDeque<Timestamp>);

impl Rate {
    fn admit(&mut self, now: Timestamp, per_minute: usize, per_hour: usize) -> Result<(), Block> {
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= HOUR) {
            self.0.pop_front();
        }
        if self.0.len() >= per_hour {
            return Err(HOUR);
        }
        let before = self.0.partition_point(|at| now.duration_since(*at) >= MINUTE);
        if self.0.len() - before >= per_minute {
            return Err(MINUTE);
        }
        self.0.push_back(now);
        Ok(())
    }
}

/// Counts calls and messages.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    limits: Limits,
    calls: HashMap<String, Rate>,
    blocked: HashMap<String, Timestamp>,
    messages: HashMap<(AgentId, String), Rate>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether one more call of `path` is answered.
    pub(crate) fn admit_call(&mut self, path: &str, now: Timestamp) -> bool {
        if self.is_blocked(path, now) {
            return false;
        }
        let Limits { api_per_minute, api_per_hour: per_hour, .. } = self.limits;
        let per_hour = match path {
            CORP_TICKET => per_hour.min(400),
            AGENT_TICKET => per_hour.min(100),
            _ => per_hour,
        };
        let rate = self.calls.entry(path.to_owned()).or_default();
        match rate.admit(now, api_per_minute, per_hour) {
            Ok(()) => true,
            Err(block) => {
                self.block(path, now, block);
                false
            }
        }
    }

    /// Whether `path` is still punished.
    pub(crate) fn is_blocked(&self, path: &str, now: Timestamp) -> bool {
        self.blocked.get(path).is_some_and(|until| now < *until)
    }

    /// Refuses every call of `path` for a while.
    pub(crate) fn block(&mut self, path: &str, now: Timestamp, block: Block) {
        let until = now.checked_add(block).unwrap_or(Timestamp::MAX);
        self.blocked.insert(path.to_owned(), until);
    }

    /// Lifts every block.
    pub(crate) fn unblock(&mut self) {
        self.blocked.clear();
    }

    /// Whether one more message of this application reaches this member.
    pub(crate) fn admit_message(&mut self, agent: AgentId, userid: &str, now: Timestamp) -> bool {
        let Limits { member_per_minute, member_per_hour, .. } = self.limits;
        let rate = self.messages.entry((agent, userid.to_owned())).or_default();
        rate.admit(now, member_per_minute, member_per_hour).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_thirty_first_message_of_a_minute_is_dropped_and_the_next_minute_is_free() {
        let mut meter = Meter::default();
        let mut admit = |seconds| meter.admit_message(AgentId(1), "lisi", after(seconds));
        assert!((0..30).all(&mut admit));
        assert!(!admit(59));
        assert!(admit(60));
    }

    #[test]
    fn the_thousand_and_first_message_of_an_hour_is_dropped() {
        let mut meter = Meter::default();
        let mut admit = |number: i64| meter.admit_message(AgentId(1), "lisi", after(number * 3));
        assert!((0..1_000).all(&mut admit));
        assert!(!admit(1_000));
    }

    #[test]
    fn an_api_called_too_often_stays_blocked_for_a_minute() {
        let limits = Limits { api_per_minute: 2, ..Limits::default() };
        let mut meter = Meter::new(limits);
        let mut admit = |seconds| meter.admit_call("/cgi-bin/user/get", after(seconds));
        assert!(admit(0) && admit(1));
        assert!(!admit(2));
        assert!(!admit(61), "the block began at the excess");
        assert!(admit(62));
    }
}

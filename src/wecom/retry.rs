//! How we behave when WeCom is busy: pauses, tries, and APIs left alone for a while.

use super::errcode::Class;
use super::fault::{Cause, WecomError};
use crate::model::CorpId;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Waits for a while. A test puts its own here and looks at the pauses instead of living them.
#[derive(Clone)]
pub struct Sleeper(Arc<dyn Fn(Duration) -> Pause + Send + Sync>);

type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Sleeper {
    /// The runtime's timer.
    pub fn timer() -> Self {
        Self::new(tokio::time::sleep)
    }

    /// Waits by way of `wait`.
    pub fn new<F: Future<Output = ()> + Send + 'static>(
        wait: impl Fn(Duration) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |pause| Box::pin(wait(pause))))
    }

    pub(super) async fn pause(&self, pause: Duration) {
        (self.0)(pause).await;
    }
}

impl fmt::Debug for Sleeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleeper")
    }
}

/// How often and how long we wait before a repeat.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// The longest first pause; each further one may be twice as long. Default 0.5 s.
    pub base: Duration,
    /// Tries in all, the first included. Default 3, the figure of page 90455 for code -1.
    pub tries: u32,
    /// The pause after "too many calls at once" (45033). Default 1 s.
    pub parallel_pause: Duration,
    /// The first stop of an API after "too many calls" (45009). Default 60 s, the block of page 90454.
    pub short_stop: Duration,
    /// The stop when that comes again within this time. Default 60 min.
    pub long_stop: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(500),
            tries: 3,
            parallel_pause: Duration::from_secs(1),
            short_stop: Duration::from_secs(60),
            long_stop: Duration::from_secs(3600),
        }
    }
}

impl RetryPolicy {
    /// Any time up to the base, doubled for each try made: full jitter, so that many callers who
    /// failed together do not come back together.
    fn pause(&self, made: u32) -> Duration {
        let most = self.base.saturating_mul(1_u32.checked_shl(made.saturating_sub(1)).unwrap_or(u32::MAX));
        most.mul_f64(chance())
    }
}

/// A number in [0, 1]. Without a source of chance, the longest pause is the polite one.
fn chance() -> f64 {
    getrandom::u32().map_or(1.0, |bits| f64::from(bits) / f64::from(u32::MAX))
}

/// The instant that lies `by` after `at`.
pub(super) fn after(at: Timestamp, by: Duration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// What a repeat of a call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it only reads.
    Read,
    /// Nothing new: WeCom recognises the repeat.
    Repeatable,
    /// The same thing twice: never repeated unless it surely was not done.
    Once,
}

/// The tries of one call.
pub(super) struct Tries<'a> {
    policy: &'a RetryPolicy,
    api: &'static str,
    effect: Effect,
    made: u32,
    maybe_done: bool,
}

impl<'a> Tries<'a> {
    pub(super) fn new(policy: &'a RetryPolicy, api: &'static str, effect: Effect) -> Self {
        Self { policy, api, effect, made: 0, maybe_done: false }
    }

    /// The pause after a try without an answer of WeCom, or the end.
    pub(super) fn lost(&mut self, cause: Cause) -> Result<Duration, WecomError> {
        let sent = cause != Cause::NoConnection;
        self.maybe_done |= sent && self.effect != Effect::Read;
        if sent && self.effect == Effect::Once {
            return Err(self.give_up(cause));
        }
        self.again(self.policy.tries, cause)
    }

    /// The pause after an answer that may pass, or the end.
    pub(super) fn busy(&mut self, class: Class, code: i64) -> Result<Duration, WecomError> {
        let most = if class == Class::RetryOnce { 2 } else { self.policy.tries };
        let pause = self.again(most, Cause::Code(code))?;
        Ok(if class == Class::Parallel { self.policy.parallel_pause } else { pause })
    }

    /// The error for an API that is stopped: whoever repeats the call must know if it may be done.
    pub(super) fn stopped(&self, stopped: WecomError) -> WecomError {
        if self.maybe_done { self.give_up(Cause::Stopped) } else { stopped }
    }

    fn again(&mut self, most: u32, cause: Cause) -> Result<Duration, WecomError> {
        self.made += 1;
        if self.made >= most {
            return Err(self.give_up(cause));
        }
        Ok(self.policy.pause(self.made))
    }

    fn give_up(&self, cause: Cause) -> WecomError {
        let api = self.api;
        if self.maybe_done {
            return WecomError::UnknownOutcome { api, cause };
        }
        WecomError::Unavailable { api, cause }
    }
}

/// The APIs that are left alone for now, for each company.
#[derive(Default)]
pub(super) struct Stops(Mutex<HashMap<(CorpId, &'static str), Stop>>);

#[derive(Clone, Copy)]
struct Stop {
    since: Timestamp,
    until: Timestamp,
}

impl Stops {
    /// Refuses while the API is stopped.
    pub(super) fn check(&self, corp: &CorpId, api: &'static str, now: Timestamp) -> Result<(), WecomError> {
        let stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stops.get(&(corp.clone(), api)) {
            Some(stop) if now < stop.until => Err(WecomError::Stopped { api, until: stop.until }),
            _ => Ok(()),
        }
    }

    /// Stops the API: for the short time, or for the long one if it was stopped not long ago.
    /// Answers that were under way while it was being stopped count as one.
    pub(super) fn stop(
        &self,
        policy: &RetryPolicy,
        corp: &CorpId,
        api: &'static str,
        now: Timestamp,
    ) -> WecomError {
        let mut stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = stops.get(&(corp.clone(), api)).copied();
        let stop = match last {
            Some(stop) if now < stop.until => stop,
            Some(stop) if now < after(stop.since, policy.long_stop) => {
                Stop { since: now, until: after(now, policy.long_stop) }
            }
            _ => Stop { since: now, until: after(now, policy.short_stop) },
        };
        stops.insert((corp.clone(), api), stop);
        WecomError::Stopped { api, until: stop.until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_under_their_bound() {
        let policy = RetryPolicy::default();
        for _ in 0..200 {
            assert!(policy.pause(1) <= Duration::from_millis(500));
            assert!(policy.pause(2) <= Duration::from_secs(1));
        }
        assert!((0..200).any(|_| policy.pause(2) > Duration::from_millis(500)));
    }

    #[test]
    fn a_write_that_was_never_sent_is_repeated_and_in_the_end_known_to_be_undone() {
        let policy = RetryPolicy::default();
        let mut tries = Tries::new(&policy, "message/send", Effect::Once);
        assert!(tries.lost(Cause::NoConnection).is_ok());
        assert!(tries.lost(Cause::NoConnection).is_ok());
        let undone = WecomError::Unavailable { api: "message/send", cause: Cause::NoConnection };
        assert_eq!(tries.lost(Cause::NoConnection), Err(undone));
    }

    #[test]
    fn a_write_that_may_have_been_done_stays_unknown_when_its_repeat_is_never_sent() {
        let policy = RetryPolicy { tries: 2, ..RetryPolicy::default() };
        let mut tries = Tries::new(&policy, "message/send", Effect::Repeatable);
        assert!(tries.lost(Cause::TimedOut).is_ok());
        let unknown = WecomError::UnknownOutcome { api: "message/send", cause: Cause::NoConnection };
        assert_eq!(tries.lost(Cause::NoConnection), Err(unknown));
    }

    #[test]
    fn a_second_stop_within_the_hour_is_long_and_a_later_one_is_short_again() {
        let (stops, policy, corp) = (Stops::default(), RetryPolicy::default(), CorpId::from("ww1"));
        let until = |at: i64| {
            let now = Timestamp::from_second(at).unwrap();
            match stops.stop(&policy, &corp, "user/get", now) {
                WecomError::Stopped { until, .. } => until.as_second() - at,
                other => panic!("{other}"),
            }
        };
        assert_eq!(until(0), 60);
        assert_eq!(until(10), 50, "an answer that was under way does not lengthen the stop");
        assert_eq!(until(61), 3600);
        assert_eq!(until(61 + 3601), 60);
    }
}

//! The clock, and the zone in which the company counts its days.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use std::sync::{Arc, Mutex};

/// Where the time comes from. Everything that needs "now" takes one of these, so that a test can
/// hold the hands.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that stands still until its hand is moved.
    pub fn manual(start: Timestamp) -> (Self, ManualClock) {
        let hand = ManualClock(Arc::new(Mutex::new(start)));
        let reader = hand.clone();
        (Self(Arc::new(move || reader.read())), hand)
    }

    /// The present instant, in UTC.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The hand of a [`Clock::manual`] clock.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    fn read(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Moves the hand, backwards too.
    pub fn advance(&self, by: SignedDuration) {
        let mut hand = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *hand = hand.saturating_add(by).unwrap_or(*hand);
    }
}

/// The zone in which days are counted and times shown.
#[derive(Clone, Debug)]
pub struct CompanyZone(TimeZone);

impl CompanyZone {
    /// China Standard Time, UTC+8 without summer time.
    pub fn china() -> Self {
        Self(TimeZone::fixed(jiff::tz::Offset::constant(8)))
    }

    /// The calendar day an instant belongs to.
    pub fn business_day(&self, at: Timestamp) -> Date {
        at.to_zoned_datetime(self.0.clone()).date()
    }

    /// `2026-11-23 09:12`, as pages and cards show an instant.
    pub fn minute(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.0.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_business_day_turns_at_midnight_in_china() {
        let zone = CompanyZone::china();
        let before: Timestamp = "2026-11-22T15:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-11-22T16:00:00Z".parse().unwrap();
        assert_eq!(zone.business_day(before).to_string(), "2026-11-22");
        assert_eq!(zone.business_day(after).to_string(), "2026-11-23");
        assert_eq!(zone.minute(after), "2026-11-23 00:00");
    }
}

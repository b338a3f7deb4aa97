//! One rep's following (跟进) of one customer: what was done, what it adds up to, what is still missing.

mod action;
mod appointment;
mod file;
mod slot;
mod stage;
mod timeline;

pub use action::{Filled, FirstTouch, RequiredAction, Standing, TouchWay};
pub use appointment::Appointment;
pub use file::StoredFile;
pub use slot::{MAX_SLOT_CHARS, MAX_SLOTS, SlotFault, SlotValue, TagSlot};
pub use stage::{Passage, Stage};
pub use timeline::{TimelineKind, TimelinePlace};

use super::{Actor, CorpId, ExternalUserId, Hit, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a rep has for the three required actions.
pub const REQUIRED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Whose following of whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FollowKey {
    /// The company.
    pub corp: CorpId,
    /// The customer.
    pub contact: ExternalUserId,
    /// The rep.
    pub user: UserId,
}

/// Why a rep no longer follows a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The customer deleted the rep.
    Customer,
    /// The rep deleted the customer.
    Rep,
    /// The customer was handed to a colleague.
    Transfer,
}

/// That a following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When we were told.
    pub at: Timestamp,
    /// Why.
    pub by: EndedBy,
}

/// A note (备注) on a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The words.
    pub text: String,
    /// The script it began with, if the rep took one over.
    pub script: Option<String>,
    /// What the rules said about it; never one that stops it.
    pub hits: Vec<Hit>,
}

/// That a supervisor let a rep off the three required actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exemption {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

impl FollowKey {
    /// Whom it is about, for the keys of its record: erasing the customer erases it.
    pub fn about(&self) -> String {
        format!("{}/{}", self.corp, self.contact)
    }
}

/// One change a person made, with what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FollowMove {
    /// How the customer was first reached.
    FirstTouch {
        /// What was said before.
        before: Option<FirstTouch>,
        /// What is said now.
        after: FirstTouch,
        /// Filled in after the deadline (补填).
        late: bool,
    },
    /// What the customer wants.
    CoreNeed {
        /// As before.
        before: Vec<String>,
        /// As now; never empty.
        after: Vec<String>,
        /// Filled in after the deadline.
        late: bool,
    },
    /// When the rep gets in touch again.
    NextFollowUp {
        /// As before.
        before: Option<Timestamp>,
        /// As now.
        after: Timestamp,
        /// Filled in after the deadline.
        late: bool,
    },
    /// A supervisor let the rep off the required actions.
    Exempted {
        /// Why.
        reason: String,
    },
    /// The customer moved on, or back.
    Stage {
        /// Where they stood.
        from: Stage,
        /// Where they stand.
        to: Stage,
        /// How long they stood there, in seconds.
        stayed_s: i64,
        /// Why, where the passage asks for it.
        reason: Option<String>,
    },
    /// The rep's own tags.
    Tags {
        /// As before.
        before: Vec<TagSlot>,
        /// As now.
        after: Vec<TagSlot>,
    },
    /// A note.
    Note(Note),
    /// An appointment was made.
    Appointment(Appointment),
    /// An appointment was called off.
    AppointmentCancelled(Appointment),
    /// A file was put on record.
    File(StoredFile),
}

impl FollowMove {
    /// The kind, as programs, filters and the record name it.
    pub fn kind(&self) -> TimelineKind {
        match self {
            FollowMove::FirstTouch { .. } | FollowMove::CoreNeed { .. } | FollowMove::NextFollowUp { .. } => {
                TimelineKind::Action
            }
            FollowMove::Exempted { .. } => TimelineKind::Exemption,
            FollowMove::Stage { .. } => TimelineKind::Stage,
            FollowMove::Tags { .. } => TimelineKind::Tags,
            FollowMove::Note(_) => TimelineKind::Note,
            FollowMove::Appointment(_) | FollowMove::AppointmentCancelled(_) => TimelineKind::Appointment,
            FollowMove::File(_) => TimelineKind::File,
        }
    }
}

/// One step of a following, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowStep {
    /// Whose, of whom.
    pub key: FollowKey,
    /// Its number, from 1 without a gap: two can't make the same one.
    pub revision: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
    /// What.
    pub what: FollowMove,
}

impl FollowStep {
    /// Its place in the customer's timeline.
    pub fn place(&self) -> TimelinePlace {
        TimelinePlace { at: self.at, kind: self.what.kind(), id: format!("{:016x}", self.revision) }
    }
}

/// What a rep's following of a customer adds up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Following {
    /// Steps taken.
    pub revision: u64,
    /// When the rep and the customer came together, as WeCom says.
    pub since: Option<Timestamp>,
    /// When the clock of the required actions began to run.
    pub clock_from: Timestamp,
    /// That it is over.
    pub ended: Option<Ended>,
    /// Required: how the customer was first reached.
    pub first_touch: Option<Filled<FirstTouch>>,
    /// Required: what the customer wants.
    pub core_need: Option<Filled<Vec<String>>>,
    /// Required: when the rep gets in touch again.
    pub next_follow_up: Option<Filled<Timestamp>>,
    /// That nothing is required any more.
    pub exemption: Option<Exemption>,
    /// Where the customer stands.
    pub stage: Stage,
    /// Since when.
    pub stage_since: Timestamp,
    /// The rep's own tags.
    pub tags: Vec<TagSlot>,
    /// Appointments that were not called off, by their beginning; those long over are forgotten here and
    /// stand in the timeline.
    pub appointments: Vec<Appointment>,
}

impl Following {
    /// As it begins. A customer who was there long before we knew them gets a day of grace from when
    /// we did: an import must not turn everybody dormant at once.
    pub fn begun(since: Option<Timestamp>, known_at: Timestamp) -> Self {
        let fresh = |since: &Timestamp| known_at.duration_since(*since) < REQUIRED_WITHIN;
        let clock_from = since.filter(fresh).unwrap_or(known_at);
        Self {
            revision: 0,
            since,
            clock_from,
            ended: None,
            first_touch: None,
            core_need: None,
            next_follow_up: None,
            exemption: None,
            stage: Stage::Lead,
            stage_since: clock_from,
            tags: Vec::new(),
            appointments: Vec::new(),
        }
    }

    /// They came together again, or for the first time: the clock begins anew, the rest stays.
    pub fn begin_again(&mut self, at: Timestamp) {
        (self.since, self.clock_from, self.ended) = (Some(at), at, None);
    }

    /// Takes one step. The caller has made sure that it is the next one.
    pub fn apply(&mut self, step: &FollowStep) {
        let at = step.at;
        self.revision = step.revision;
        match &step.what {
            FollowMove::FirstTouch { after, late, .. } => {
                self.first_touch = Some(Filled { value: *after, at, late: *late });
            }
            FollowMove::CoreNeed { after, late, .. } => {
                self.core_need = Some(Filled { value: after.clone(), at, late: *late });
            }
            FollowMove::NextFollowUp { after, late, .. } => {
                self.next_follow_up = Some(Filled { value: *after, at, late: *late });
            }
            FollowMove::Exempted { reason } => {
                self.exemption = Some(Exemption { by: step.by.clone(), at, reason: reason.clone() });
            }
            FollowMove::Stage { to, .. } => (self.stage, self.stage_since) = (*to, at),
            FollowMove::Tags { after, .. } => self.tags.clone_from(after),
            FollowMove::Appointment(appointment) => {
                self.appointments.retain(|kept| at < kept.ends_at);
                self.appointments.push(appointment.clone());
                self.appointments.sort_by_key(|appointment| appointment.starts_at);
            }
            FollowMove::AppointmentCancelled(cancelled) => {
                self.appointments.retain(|appointment| appointment.id != cancelled.id);
            }
            FollowMove::Note(_) | FollowMove::File(_) => {}
        }
    }

    /// When the three required actions have to be done.
    pub fn deadline(&self) -> Timestamp {
        self.clock_from.saturating_add(REQUIRED_WITHIN).unwrap_or(Timestamp::MAX)
    }

    /// Which of the required actions are missing, in their order.
    pub fn missing(&self) -> Vec<RequiredAction> {
        let filled = |action: &RequiredAction| match action {
            RequiredAction::FirstTouch => self.first_touch.is_some(),
            RequiredAction::CoreNeed => self.core_need.is_some(),
            RequiredAction::NextFollowUp => self.next_follow_up.is_some(),
        };
        RequiredAction::ALL.into_iter().filter(|action| !filled(action)).collect()
    }

    /// How the required actions stand now: follows from what was done and the time alone.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match () {
            () if self.missing().is_empty() => Standing::Complete,
            () if self.exemption.is_some() => Standing::Exempt,
            () if now < self.deadline() => Standing::Open,
            () => Standing::Dormant,
        }
    }

    /// What is filled in now is late.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.standing(now) == Standing::Dormant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn step(following: &Following, at: Timestamp, what: FollowMove) -> FollowStep {
        let key = FollowKey { corp: "ww1".into(), contact: "wm1".into(), user: "zhangsan".into() };
        FollowStep { key, revision: following.revision + 1, at, by: Actor::System, what }
    }

    fn fill(following: &mut Following, now: Timestamp, action: RequiredAction) {
        let late = following.is_late(now);
        let what = match action {
            RequiredAction::FirstTouch => {
                let after = FirstTouch { way: TouchWay::Phone, at: now };
                FollowMove::FirstTouch { before: None, after, late }
            }
            RequiredAction::CoreNeed => {
                FollowMove::CoreNeed { before: Vec::new(), after: vec!["医保准入".to_owned()], late }
            }
            RequiredAction::NextFollowUp => {
                FollowMove::NextFollowUp { before: None, after: now + SignedDuration::from_hours(20), late }
            }
        };
        let step = step(following, now, what);
        following.apply(&step);
    }

    #[test]
    fn dormant_follows_from_what_is_missing_and_the_time_alone() {
        let added = at("2026-11-23T01:00:00Z");
        let mut following = Following::begun(Some(added), added);
        assert_eq!(following.standing(at("2026-11-24T00:59:59Z")), Standing::Open);
        assert_eq!(following.standing(at("2026-11-24T01:00:00Z")), Standing::Dormant);
        fill(&mut following, at("2026-11-23T02:00:00Z"), RequiredAction::FirstTouch);
        fill(&mut following, at("2026-11-23T02:01:00Z"), RequiredAction::CoreNeed);
        assert_eq!(following.missing(), [RequiredAction::NextFollowUp]);
        assert_eq!(following.standing(at("2026-11-24T01:00:00Z")), Standing::Dormant);
        fill(&mut following, at("2026-11-24T01:30:00Z"), RequiredAction::NextFollowUp);
        assert_eq!(following.standing(at("2026-11-25T01:30:00Z")), Standing::Complete);
        assert!(following.next_follow_up.unwrap().late);
        assert!(!following.core_need.unwrap().late);
    }

    #[test]
    fn whoever_was_a_customer_long_before_we_knew_them_has_a_day_from_then() {
        let known = at("2026-11-23T01:00:00Z");
        let old = Following::begun(Some(at("2026-01-05T01:00:00Z")), known);
        assert_eq!(old.deadline(), at("2026-11-24T01:00:00Z"));
        let fresh = Following::begun(Some(at("2026-11-22T20:00:00Z")), known);
        assert_eq!(fresh.deadline(), at("2026-11-23T20:00:00Z"));
    }

    #[test]
    fn an_exempted_following_is_never_dormant() {
        let added = at("2026-11-23T01:00:00Z");
        let mut following = Following::begun(Some(added), added);
        let reason = "老客户转介绍,信息已在合同里".to_owned();
        let exempted = step(&following, added, FollowMove::Exempted { reason });
        following.apply(&exempted);
        assert_eq!(following.standing(at("2026-12-24T01:00:00Z")), Standing::Exempt);
    }
}

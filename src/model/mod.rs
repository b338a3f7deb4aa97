//! The nouns every room speaks: ids, people, clock, message, decision, check, contact, following.
//!
//! This room must never know files, network, stores or async code. Read [`Check`] first: it is
//! the central object, one outgoing text looked at once.

mod chance;
mod check;
mod contact;
mod decision;
mod following;
mod ids;
mod message;
mod people;
mod review;
mod secret;
mod time;

pub use chance::chance;
pub use check::{
    Check, CheckMove, CheckState, Confirmation, ConfirmedBy, MoveCause, Origin, SentReport, Suggestion,
};
pub use contact::{ContactSnapshot, FollowUser, Tag};
pub use decision::{
    Action, Basis, Hit, Judgement, Lowered, LoweredKind, Severity, Span, Spans, Suppressed, Verdict,
};
pub use following::{
    Appointment, Ended, EndedBy, Exemption, Filled, FirstTouch, FollowKey, FollowMove, FollowStep, Following,
    MAX_SLOT_CHARS, MAX_SLOTS, Note, Passage, REQUIRED_WITHIN, RequiredAction, SlotFault, SlotValue, Stage,
    Standing, StoredFile, TagSlot, TimelineKind, TimelinePlace, TouchWay,
};
pub use ids::{
    AgentId, AppointmentId, CheckId, CorpId, Endpoint, ExternalChatId, ExternalUserId, OpenKfId, OutboxId,
    Revision, RuleId, ShortNo, UserId,
};
pub use message::{Channel, MAX_TEXT_CHARS, MessageText, Recipient, TextFault, TextHash};
pub use people::{Actor, Role, Scope};
pub use review::{Appeal, Disposition, Finding, Question, Review};
pub use secret::Secret;
pub use time::{Clock, CompanyZone, ManualClock};

//! A meeting with a customer that was agreed upon.

use super::super::AppointmentId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An appointment (预约) of a rep with a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// What it is about.
    pub title: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Appointment {
    /// Whether the two take up the same time.
    pub fn meets(&self, other: &Appointment) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

//! Unfinished texts: sealed like everything else, kept for a day, never part of the record.

use crate::model::{CorpId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long an unfinished text is kept.
pub const DRAFT_TTL: SignedDuration = SignedDuration::from_hours(24);

/// Whose unfinished text, and for whom it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPlace {
    /// The rep's company.
    pub corp: CorpId,
    /// The rep.
    pub user: UserId,
    /// The customer or group; another word where there is none yet.
    pub to: String,
}

impl DraftPlace {
    /// Whose key seals it: erasing a customer erases what was going to be said to them.
    pub(super) fn subject(&self) -> String {
        format!("{}/{}", self.corp, self.to)
    }
}

/// An unfinished text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDraft {
    /// The text.
    pub text: String,
    /// When it was kept.
    pub at: Timestamp,
}

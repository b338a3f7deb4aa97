//! Places in what happened between a rep and a customer, in the order of time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimelineKind {
    /// A text was checked.
    Check,
    /// A required action was filled in.
    Action,
    /// A supervisor let the rep off.
    Exemption,
    /// The stage changed.
    Stage,
    /// The tags changed.
    Tags,
    /// A note.
    Note,
    /// An appointment was made or called off.
    Appointment,
    /// A file.
    File,
    /// The page was opened.
    Opened,
}

impl TimelineKind {
    /// Every kind, in the order of the filters.
    pub const ALL: [TimelineKind; 9] = [
        TimelineKind::Check,
        TimelineKind::Note,
        TimelineKind::Action,
        TimelineKind::Stage,
        TimelineKind::Tags,
        TimelineKind::Appointment,
        TimelineKind::File,
        TimelineKind::Opened,
        TimelineKind::Exemption,
    ];

    /// The name used in JSON, queries and the record.
    pub fn as_str(self) -> &'static str {
        match self {
            TimelineKind::Check => "check",
            TimelineKind::Action => "action",
            TimelineKind::Exemption => "exemption",
            TimelineKind::Stage => "stage",
            TimelineKind::Tags => "tags",
            TimelineKind::Note => "note",
            TimelineKind::Appointment => "appointment",
            TimelineKind::File => "file",
            TimelineKind::Opened => "opened",
        }
    }

    /// The reverse of [`TimelineKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Where in a timeline something stands: unique in it, and sorts by time when written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePlace {
    /// When it happened; milliseconds count.
    pub at: Timestamp,
    /// What kind it is.
    pub kind: TimelineKind,
    /// Unique among those of its kind at that instant.
    pub id: String,
}

impl fmt::Display for TimelinePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.{}.{}", self.at.as_millisecond().max(0), self.kind.as_str(), self.id)
    }
}

impl TimelinePlace {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let millis = parts.next().filter(|hex| hex.len() == 16)?;
        let at = Timestamp::from_millisecond(i64::from_str_radix(millis, 16).ok()?).ok()?;
        let (kind, id) = (TimelineKind::parse(parts.next()?)?, parts.next()?.to_owned());
        Some(Self { at, kind, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written_and_sorts_by_time() {
        let place = |millis| TimelinePlace {
            at: Timestamp::from_millisecond(millis).unwrap(),
            kind: TimelineKind::Note,
            id: "0000000000000001".to_owned(),
        };
        let (early, late) = (place(1_763_859_600_000), place(1_763_859_600_001));
        assert!(early.to_string() < late.to_string());
        assert_eq!(TimelinePlace::parse(&late.to_string()), Some(late));
        for bad in ["", "1.note.1", "zzzzzzzzzzzzzzzz.note.1", "0000019ac3a6d000.poem.1", "0000019ac3a6d000"]
        {
            assert_eq!(TimelinePlace::parse(bad), None, "{bad}");
        }
    }
}

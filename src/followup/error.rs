//! Why a customer's page can't be shown, or was not changed.

use super::page::FollowingShown;
use crate::model::{Appointment, Ended, Hit, SlotFault, Stage};
use crate::store::StoreError;
use jiff::Timestamp;

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 2_000;
/// The longest reason or title, in characters.
pub const MAX_LINE_CHARS: usize = 100;
/// The most needs a customer has.
pub const MAX_NEEDS: usize = 5;
/// The longest need, in characters.
pub const MAX_NEED_CHARS: usize = 12;

/// Why a customer's page can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum FollowupError {
    /// The viewer does not follow this customer.
    #[error("the viewer does not follow this customer")]
    NotFollowUser,
    /// The viewer followed this customer once: what is on record stays.
    #[error("the viewer no longer follows this customer")]
    Parted(Ended),
    /// WeCom knows no such customer.
    #[error("there is no such customer")]
    Unknown,
    /// WeCom does not answer, and we have nothing of our own.
    #[error("WeCom does not answer and nothing is kept: {why}")]
    Away {
        /// What the client said.
        why: String,
    },
    /// What was kept can't be read, or the opening could not be recorded, so nothing is shown.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a customer's page was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The page can't even be shown.
    #[error(transparent)]
    View(#[from] FollowupError),
    /// WeCom does not answer: whether the viewer still follows the customer is not known, so what is
    /// kept can be read and not changed.
    #[error("WeCom does not answer, what is kept is from {since}")]
    ReadOnly {
        /// When the customer was last fetched.
        since: Timestamp,
    },
    /// Somebody else was faster: this is how it stands now.
    #[error("the following has moved on to revision {}", .0.revision)]
    Changed(Box<FollowingShown>),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// What was written can't be kept.
    #[error(transparent)]
    Fault(#[from] EditFault),
    /// The rules stop what was written.
    #[error("the rules stop the {what}")]
    Stopped {
        /// Which part, for example `note`.
        what: &'static str,
        /// Why.
        hits: Vec<Hit>,
    },
    /// No way leads from one stage to the other.
    #[error("no way leads from {from:?} to {to:?}")]
    NoPassage {
        /// Where the customer stands.
        from: Stage,
        /// Where they were to go.
        to: Stage,
    },
    /// This way asks for a reason.
    #[error("a reason is needed")]
    ReasonRequired,
    /// The rep is busy then.
    #[error("another appointment is at that time")]
    Busy(Box<Appointment>),
    /// There is no such thing on this page.
    #[error("there is no such thing")]
    NotFound,
}

impl From<StoreError> for EditError {
    fn from(error: StoreError) -> Self {
        EditError::View(error.into())
    }
}

/// What is wrong with what somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// Nothing is said.
    #[error("nothing to change is given")]
    Nothing,
    /// A text is blank.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A text is too long.
    #[error("`{what}` has {found} characters, more than {limit}")]
    TooLong {
        /// Which.
        what: &'static str,
        /// How long it is.
        found: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Too many needs.
    #[error("{0} needs, more than {MAX_NEEDS}")]
    TooManyNeeds(usize),
    /// A time that has passed.
    #[error("`{0}` has passed")]
    Past(&'static str),
    /// A time more than a year away.
    #[error("`{0}` is more than a year away")]
    TooFar(&'static str),
    /// A time that has not come, for what has happened.
    #[error("`{0}` has not come yet")]
    NotYet(&'static str),
    /// An appointment's length.
    #[error("an appointment has 5 minutes to 24 hours")]
    Length,
    /// A tag.
    #[error(transparent)]
    Slot(#[from] SlotFault),
}

//! Why the gate refuses.

use crate::model::{Check, CheckState};
use crate::store::StoreError;

/// Why a step could not be taken. Each asks something different of the caller.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The record could not be written or read: nothing was released.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such check for this caller.
    #[error("there is no such check")]
    NotFound,
    /// The check belongs to another rep.
    #[error("the check belongs to another rep")]
    NotYours,
    /// Only the bot may leave the recipient open.
    #[error("the recipient is missing")]
    NoRecipient,
    /// The step is not possible from here.
    #[error("the check is `{}`", state.as_str())]
    WrongState {
        /// Where the check stands.
        state: CheckState,
    },
    /// The time for this step has run out.
    #[error("the time for this has run out")]
    Expired,
    /// The rules now in force judge the text more strictly: this is the new check.
    #[error("the rules now judge this text more strictly")]
    VerdictChanged {
        /// The new check.
        check: Box<Check>,
    },
    /// The rule asks for a written reason.
    #[error("a reason is required")]
    ReasonRequired,
    /// The text to be confirmed is not the text that was checked.
    #[error("the text is not the one that was checked")]
    TextMismatch,
    /// Another report was made before.
    #[error("the release was used before")]
    ReleaseUsed,
    /// The token is not this check's release.
    #[error("the release does not belong to this check")]
    ReleaseUnknown,
}

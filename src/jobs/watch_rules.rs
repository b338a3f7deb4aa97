//! Puts edited rule files in force. Reading and hashing a few hundred kilobytes costs about a
//! millisecond, so the folder is simply looked at again and again: that works on every file system
//! and with every editor.

use crate::intercept::Gate;
use crate::model::Actor;
use crate::publish::{PublishError, Published, publish};
use crate::store::StoreError;

/// Looks at the rule files once; whether there are new rules in force. Bad files leave the old ones.
///
/// # Errors
/// The store's errors; the next run goes on.
pub async fn run(gate: &Gate) -> Result<bool, StoreError> {
    match publish(gate.rules(), gate.store().as_ref(), gate.clock(), Actor::System).await {
        Ok(Published::Live(_)) => Ok(true),
        Ok(Published::Unchanged(_)) | Err(PublishError::Rules(_)) => Ok(false),
        Err(PublishError::Store(error)) => Err(error),
    }
}

//! Puts edited rule files in force. Reading and hashing a few hundred kilobytes costs about a
//! millisecond, so the folder is simply looked at again and again: that works on every file system
//! and with every editor.

use crate::intercept::Gate;
use crate::model::Actor;
use crate::publish::{PublishError, Published, publish};
use crate::rules::Refusal;
use crate::store::StoreError;
use std::sync::Arc;

/// Looks at the rule files once. A refusal is logged when it is new; `/readyz` and `/metrics` tell
/// it for as long as it lasts.
///
/// # Errors
/// The store's errors; the next run goes on.
pub async fn run(gate: &Gate) -> Result<bool, StoreError> {
    let before = gate.rules().last_refusal();
    match publish(gate.rules(), gate.store().as_ref(), gate.clock(), Actor::System).await {
        Ok(Published::Unchanged(_)) => Ok(false),
        Ok(Published::Live(_)) => Ok(true),
        Err(PublishError::Store(error)) => Err(error),
        Err(PublishError::Rules(_)) => {
            if let Some(refusal) = gate.rules().last_refusal()
                && !is_same(before.as_ref(), &refusal)
            {
                let Refusal { file, line, reason, .. } = refusal.as_ref();
                tracing::error!(
                    %file, line, zh = %reason.zh,
                    "new rules refused at `{file}`:{}: {}; still on {}",
                    line.unwrap_or_default(), reason.en, gate.rules().current().revision,
                );
            }
            Ok(false)
        }
    }
}

/// The same fault as last time, whenever it was seen.
fn is_same(before: Option<&Arc<Refusal>>, now: &Refusal) -> bool {
    before.is_some_and(|before| {
        (&before.file, before.line, &before.reason) == (&now.file, now.line, &now.reason)
    })
}

//! Ends checks whose time has run out: confirmations nobody gave, releases nobody reported on.

use crate::intercept::{Gate, GateError};

/// Checks looked at in one run.
const MAX: usize = 500;

/// Ends what is due now; returns how many.
///
/// # Errors
/// The store's errors; the next run goes on.
pub async fn run(gate: &Gate) -> Result<usize, GateError> {
    let mut ended = 0;
    for (corp, id) in gate.store().due_checks(gate.clock().now(), MAX).await? {
        if gate.time_out(&corp, &id).await?.is_some() {
            ended += 1;
        }
    }
    Ok(ended)
}

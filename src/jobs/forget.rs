//! Forgets remembered answers: WeCom retries within seconds, programs within a day.

use crate::model::Clock;
use crate::store::{Store, StoreError};
use jiff::SignedDuration;

/// How long an answer is remembered.
const KEEP: SignedDuration = SignedDuration::from_hours(72);

/// Forgets what is old; returns how much.
///
/// # Errors
/// The store's errors; the next run goes on.
pub async fn run(store: &dyn Store, clock: &Clock) -> Result<usize, StoreError> {
    let Ok(before) = clock.now().checked_sub(KEEP) else { return Ok(0) };
    store.forget(before).await
}

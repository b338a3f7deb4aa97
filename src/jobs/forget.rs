//! Forgets remembered answers, since WeCom retries within seconds and programs within a day; and
//! unfinished texts.

use crate::model::Clock;
use crate::store::{DRAFT_TTL, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

/// How long an answer is remembered.
const KEEP: SignedDuration = SignedDuration::from_hours(72);

/// Forgets what is old; returns how much.
///
/// # Errors
/// The store's errors; the next run goes on.
pub async fn run(store: &dyn Store, clock: &Clock) -> Result<usize, StoreError> {
    let before = |ttl| clock.now().saturating_sub(ttl).unwrap_or(Timestamp::MIN);
    Ok(store.forget(before(KEEP)).await? + store.forget_drafts(before(DRAFT_TTL)).await?)
}

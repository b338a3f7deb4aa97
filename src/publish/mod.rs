//! Putting rules in force: compiled off to the side, recorded, and only then switched.
//!
//! This room must never know who asked by which way. Read [`publish`] first.

use crate::model::{Actor, Clock};
use crate::rules::{Live, LiveRules, Reloaded, RulesError};
use crate::store::{Change, Entry, Store, StoreError, Unit};
use std::sync::Arc;

/// How publishing ended.
#[derive(Debug)]
pub enum Published {
    /// The files are those in force.
    Unchanged(Arc<LiveRules>),
    /// A new revision is in force.
    Live(Arc<LiveRules>),
}

/// Why nothing was published. The rules in force stay.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The files have faults.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// It could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the rule files again and puts them in force if they are good and have changed.
///
/// # Errors
/// [`PublishError`]: the rules in force stay as they are.
pub async fn publish(
    live: &Arc<Live>,
    store: &dyn Store,
    clock: &Clock,
    actor: Actor,
) -> Result<Published, PublishError> {
    let _turn = live.turn().await;
    let number = store.revisions().await?.0 + 1;
    let (off_side, now) = (live.clone(), clock.now());
    // Compiling tens of thousands of phrases takes longer than a request may hold a worker.
    let prepared = tokio::task::spawn_blocking(move || off_side.prepare(number, now))
        .await
        .map_err(|error| StoreError::Retry { why: error.to_string() })??;
    let Some(rules) = prepared else { return Ok(Published::Unchanged(live.current())) };
    store.commit(Unit { entries: vec![went_live(&rules, actor)], ..Unit::default() }).await?;
    match live.put(rules) {
        Reloaded::Swapped { from, live } => {
            tracing::info!(revision = %live.revision, %from, "new rules are in force: {} rules, {} phrases", live.rules, live.phrases);
            Ok(Published::Live(live))
        }
        Reloaded::Unchanged(live) => Ok(Published::Unchanged(live)),
    }
}

/// The fact that a set of rules went live.
pub fn went_live(rules: &LiveRules, actor: Actor) -> Entry {
    let change =
        Change::RulesLive { revision: rules.revision.clone(), rules: rules.rules, phrases: rules.phrases };
    Entry { actor, change }
}

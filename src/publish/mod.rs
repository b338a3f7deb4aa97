//! Putting rules in force: compiled off to the side, recorded with their files, and only then
//! switched; bringing back what was in force before; and what a change would do, before it is made.
//!
//! This room must never know who asked by which way. Read [`publish`] first.

mod history;
mod record;
mod replay;
mod roll_back;

pub use history::{PastRules, files_of, find, history, read_files, read_history};
pub use record::{Why, record};
pub use replay::{Effect, Replay, Sample, Text};
pub use roll_back::{MAX_REASON_CHARS, RollBack, RollBackError, roll_back, roll_back_stopped};

use crate::model::{Actor, Clock, Revision};
use crate::rules::{Live, LiveRules, Refusal, Reloaded, RulesError};
use crate::store::{Store, StoreError};
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

/// Reads the rule files again and puts them in force if they are good and have changed. A refusal
/// is logged when it is new; `/readyz` and `/metrics` tell it for as long as it lasts.
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
    let (count, last) = store.revisions().await?;
    let (off_side, now) = (live.clone(), clock.now());
    let known = live.last_refusal();
    // Compiling tens of thousands of phrases takes longer than a request may hold a worker.
    let prepared = blocking(move || {
        off_side.settle(last.as_ref(), now)?;
        off_side.prepare(count + 1, now)
    })
    .await?;
    if prepared.is_err() {
        say_refused(live, known.as_deref());
    }
    let Some(rules) = prepared? else { return Ok(Published::Unchanged(live.current())) };
    record(store, &rules, Why::by(actor)).await?;
    Ok(Published::Live(switch(live, rules)))
}

/// Work that holds a thread for a while.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| StoreError::Retry { why: error.to_string() })
}

fn switch(live: &Live, rules: LiveRules) -> Arc<LiveRules> {
    match live.put(rules) {
        Reloaded::Swapped { from, live } => {
            say(&live, &from);
            live
        }
        Reloaded::Unchanged(live) => live,
    }
}

/// A refusal is logged when it is new: the folder is looked at again and again.
fn say_refused(live: &Live, known: Option<&Refusal>) {
    let Some(refusal) = live.last_refusal() else { return };
    let Refusal { file, line, reason, .. } = refusal.as_ref();
    let same = |known: &Refusal| (&known.file, known.line, &known.reason) == (file, *line, reason);
    if !known.is_some_and(same) {
        let (line, still) = (line.unwrap_or_default(), &live.current().revision);
        tracing::error!(%file, line, zh = %reason.zh, "new rules refused at `{file}`:{line}: {}; still on {still}", reason.en);
    }
}

fn say(live: &LiveRules, from: &Revision) {
    let (rules, phrases) = (live.rules, live.phrases);
    tracing::info!(revision = %live.revision, %from, "new rules are in force: {rules} rules, {phrases} phrases");
}

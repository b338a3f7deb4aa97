//! Bringing a revision back: its files are laid ready, the new revision is recorded, then it judges
//! and the files are put in place. Wherever that is torn away, the next start ends it or undoes it.

use super::history::{files_of, find};
use super::record::{Why, record};
use super::{blocking, switch};
use crate::model::{Actor, Clock, Revision};
use crate::rules::restore::{settle, stage};
use crate::rules::{Live, LiveRules, RulesError};
use crate::store::{Store, StoreError};
use std::path::Path;
use std::sync::Arc;

/// The longest reason, in characters.
pub const MAX_REASON_CHARS: usize = 500;

/// A wish to bring a revision back.
#[derive(Debug, Clone)]
pub struct RollBack {
    /// Which.
    pub to: Revision,
    /// Why; at most [`MAX_REASON_CHARS`] and not blank.
    pub reason: String,
    /// Who wishes it.
    pub actor: Actor,
}

/// Why nothing was brought back. The rules in force stay, and so do the files.
#[derive(Debug, thiserror::Error)]
pub enum RollBackError {
    /// A roll back is reviewed later: it must say why.
    #[error("a reason of 1 to {MAX_REASON_CHARS} characters is needed")]
    NoReason,
    /// There never was such a revision.
    #[error("there never was a revision {0}")]
    Unknown(Revision),
    /// It was in force before files were kept.
    #[error("the files of {0} were not kept")]
    NotKept(Revision),
    /// Its files are refused today, or the folder can't be written.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// It could not be recorded.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Brings a revision back on a server that runs. It becomes a new revision.
///
/// # Errors
/// [`RollBackError`]: nothing changed.
pub async fn roll_back(
    live: &Arc<Live>,
    store: &dyn Store,
    clock: &Clock,
    wish: RollBack,
) -> Result<Arc<LiveRules>, RollBackError> {
    let _turn = live.turn().await;
    let rules = switch(live, ready(live.folder(), store, clock, wish).await?);
    let (settling, last, now) = (live.clone(), rules.revision.clone(), clock.now());
    // It is in force. If its files can't be put in place now, the next look at the folder does it.
    if let Err(error) = blocking(move || settling.settle(Some(&last), now)).await? {
        tracing::error!(%error, revision = %rules.revision, "the files of the rules in force could not be put in place");
    }
    Ok(rules)
}

/// Brings a revision back where no server runs; the next start finds it in force. Broken rule
/// files, which would keep a server from starting, are no obstacle.
///
/// # Errors
/// [`RollBackError`]: nothing changed, unless only the files could not be put in place; the next
/// start does that.
pub async fn roll_back_stopped(
    dir: &Path,
    store: &dyn Store,
    clock: &Clock,
    wish: RollBack,
) -> Result<LiveRules, RollBackError> {
    let rules = ready(dir, store, clock, wish).await?;
    settle(dir, Some(&rules.revision)).map_err(RulesError::from)?;
    Ok(rules)
}

/// The revision that will be in force: compiled, laid ready and recorded.
async fn ready(
    dir: &Path,
    store: &dyn Store,
    clock: &Clock,
    wish: RollBack,
) -> Result<LiveRules, RollBackError> {
    let RollBack { to, reason, actor } = wish;
    let reason = reason.trim().to_owned();
    if !(1..=MAX_REASON_CHARS).contains(&reason.chars().count()) {
        return Err(RollBackError::NoReason);
    }
    let past = find(store, &to).await?.ok_or_else(|| RollBackError::Unknown(to.clone()))?;
    let files = files_of(store, &past).await?.ok_or_else(|| RollBackError::NotKept(to.clone()))?;
    let (count, last) = store.revisions().await?;
    let (dir, now) = (dir.to_owned(), clock.now());
    let rules = blocking(move || {
        settle(&dir, last.as_ref())?;
        let rules = LiveRules::compile(files, count + 1, now)?;
        stage(&dir, &rules.folder, &rules.revision)?;
        Ok::<_, RulesError>(rules)
    })
    .await??;
    record(store, &rules, Why { actor, reason: Some(reason), restores: Some(to) }).await?;
    Ok(rules)
}

//! What was in force: when, by whom, why, and with which files.

use super::record::digest;
use crate::model::Revision;
use crate::rules::{Folder, RawFile};
use crate::store::{KeptFile, RulesLive, Store, StoreError};

/// A revision that is or was in force.
pub type PastRules = (u64, RulesLive);

/// The revisions before number `before`, newest first, at most `max`.
///
/// # Errors
/// [`StoreError`] when the record can't be read.
pub async fn history(
    store: &dyn Store,
    before: Option<u64>,
    max: usize,
) -> Result<Vec<PastRules>, StoreError> {
    store.past_rules(before, max).await
}

/// The revision of this name.
///
/// # Errors
/// [`StoreError`] when the record can't be read.
pub async fn find(store: &dyn Store, revision: &Revision) -> Result<Option<RulesLive>, StoreError> {
    let Some(number) = number(revision) else { return Ok(None) };
    let found = store.past_rules(number.checked_add(1), 1).await?;
    Ok(found.into_iter().map(|(_, rules)| rules).find(|rules| rules.revision == *revision))
}

/// 12 of `r12-9f3c`.
fn number(revision: &Revision) -> Option<u64> {
    revision.as_str().strip_prefix('r')?.split('-').next()?.parse().ok()
}

/// The files of a revision as they were; `None` for a record of old, or when one is not kept whole.
///
/// # Errors
/// [`StoreError`] when the record can't be read.
pub async fn files_of(store: &dyn Store, rules: &RulesLive) -> Result<Option<Folder>, StoreError> {
    let mut files = Vec::with_capacity(rules.files.len());
    for KeptFile { name, sha256 } in &rules.files {
        let kept = store.rule_file(sha256).await?.filter(|text| digest(text) == *sha256);
        let Some(text) = kept else { return Ok(None) };
        files.push(RawFile { name: name.clone(), path: name.clone(), bytes: text.into_bytes() });
    }
    Ok((!files.is_empty()).then_some(Folder { files }))
}

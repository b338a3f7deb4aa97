//! What was in force: when, by whom, why, and with which files.

use super::record::digest;
use crate::ledger::{LedgerError, MasterKey};
use crate::model::Revision;
use crate::rules::{Folder, RawFile};
use crate::store::{Change, Fact, Facts, KeptFile, RulesLive, Store, StoreError};
use std::collections::BTreeMap;
use std::path::Path;

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

/// The revisions of a data folder that need not be open, oldest first.
///
/// # Errors
/// [`LedgerError`] when the ledger can't be read.
pub fn read_history(dir: &Path, master: MasterKey) -> Result<Vec<RulesLive>, LedgerError> {
    let mut past: Vec<RulesLive> = Vec::new();
    for fact in Facts::read(dir, master, |head| head.kind == "rules.live")? {
        let Fact { at, change: Change::RulesLive(rules), .. } = fact? else { continue };
        // A start with the same files is no new revision.
        if past.last().is_none_or(|last| last.revision != rules.revision) {
            past.push(RulesLive { at: rules.at.or(Some(at)), ..*rules });
        }
    }
    Ok(past)
}

/// The files of a revision, from a data folder that need not be open; `None` as in [`files_of`].
///
/// # Errors
/// [`LedgerError`] when the ledger can't be read.
pub fn read_files(dir: &Path, master: MasterKey, rules: &RulesLive) -> Result<Option<Folder>, LedgerError> {
    let mut parts: BTreeMap<(String, u32), String> = BTreeMap::new();
    for fact in Facts::read(dir, master, |head| head.kind == "rules.file")? {
        let Change::RuleFileKept { sha256, part, text, .. } = fact?.change else { continue };
        if rules.files.iter().any(|file| file.sha256 == sha256) {
            parts.insert((sha256, part), text);
        }
    }
    let whole = |sha256: &str| -> String {
        let own = parts.iter().filter(|((of, _), _)| of == sha256);
        own.map(|(_, text)| text.as_str()).collect()
    };
    let files = rules.files.iter().map(|KeptFile { name, sha256 }| {
        let text = whole(sha256);
        let file = RawFile { name: name.clone(), path: name.clone(), bytes: text.clone().into_bytes() };
        (digest(&text) == *sha256).then_some(file)
    });
    Ok(files.collect::<Option<Vec<_>>>().filter(|files| !files.is_empty()).map(|files| Folder { files }))
}

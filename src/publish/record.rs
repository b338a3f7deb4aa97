//! The fact that a set of rules went live, with the content of its files: what was in force can be
//! read and brought back for as long as the record is kept.

use crate::model::{Actor, Revision};
use crate::rules::{LiveRules, RawFile};
use crate::store::{Change, Entry, KeptFile, RulesLive, Store, StoreError, Unit};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The most bytes of a rule file that stand in one entry of the record.
const PART_BYTES: usize = 1 << 20;

/// Who puts rules in force, and why.
#[derive(Debug, Clone)]
pub struct Why {
    /// Who.
    pub actor: Actor,
    /// In their words, where they were asked.
    pub reason: Option<String>,
    /// The revision whose files come back.
    pub restores: Option<Revision>,
}

impl Why {
    /// Somebody changed the files and gave no reason.
    pub fn by(actor: Actor) -> Self {
        Self { actor, reason: None, restores: None }
    }
}

/// Records that `rules` go live, their files first.
///
/// # Errors
/// [`StoreError`]: they must not go live.
pub async fn record(store: &dyn Store, rules: &LiveRules, why: Why) -> Result<(), StoreError> {
    let at = rules.loaded_at;
    let mut files = Vec::with_capacity(rules.folder.files.len());
    for file in &rules.folder.files {
        files.push(keep(store, file, at).await?);
    }
    let live = RulesLive {
        revision: rules.revision.clone(),
        rules: rules.rules,
        phrases: rules.phrases,
        at: Some(at),
        by: Some(why.actor.clone()),
        reason: why.reason,
        restores: why.restores,
        files,
    };
    let entries = vec![Entry { actor: why.actor, change: Change::RulesLive(Box::new(live)) }];
    store.commit(Unit { entries, ..Unit::default() }).await.map(drop)
}

/// Keeps a file's content, once however many revisions have it.
async fn keep(store: &dyn Store, file: &RawFile, at: Timestamp) -> Result<KeptFile, StoreError> {
    // Rules in force were read as UTF-8, so nothing is lost.
    let text = String::from_utf8_lossy(&file.bytes);
    let sha256 = digest(&text);
    if store.rule_file(&sha256).await?.is_none_or(|kept| *kept != *text) {
        for (part, text) in (0..).zip(parts(&text)) {
            let change = Change::RuleFileKept { sha256: sha256.clone(), part, text: text.to_owned(), at };
            let entries = vec![Entry { actor: Actor::System, change }];
            store.commit(Unit { entries, ..Unit::default() }).await?;
        }
    }
    Ok(KeptFile { name: file.name.clone(), sha256 })
}

/// A content's name.
pub(super) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The text in parts that fit into an entry; one part of nothing.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > PART_BYTES {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_kept_in_parts_that_make_it_up() {
        for length in [0, 1, PART_BYTES / 3, PART_BYTES] {
            let text = "保".repeat(length);
            let parts = parts(&text);
            assert!(parts.iter().all(|part| part.len() <= PART_BYTES), "{length}");
            assert_eq!((parts.concat(), parts.len()), (text, (3 * length).div_ceil(PART_BYTES - 1).max(1)));
        }
    }
}

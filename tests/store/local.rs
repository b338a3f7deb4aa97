//! The store on disk outlives its process, and its derived state is worth nothing by itself.

use super::helpers::*;
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use wecom_guard::model::Clock;
use wecom_guard::store::*;

/// A data folder with [`a_morning`] in it, closed in order, and what was answered about it.
async fn kept() -> (TempDir, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    a_morning(&store).await;
    let said = answers(&store).await;
    store.close().await;
    (dir, said)
}

async fn reopened(dir: &Path) -> Vec<String> {
    let store = open(dir).unwrap();
    let said = answers(&store).await;
    store.close().await;
    said
}

#[tokio::test]
async fn a_reopened_store_gives_the_same_answers() {
    let (dir, said) = kept().await;
    assert_eq!(said.len(), 40 + 40 + 2 * (4 + 3 * 2) + 3 + 3);
    for _ in 0..2 {
        assert_eq!(reopened(dir.path()).await, said);
    }
}

#[tokio::test]
async fn a_store_that_was_never_closed_gives_the_same_answers() {
    let (dir, said) = kept().await;
    let store = open(dir.path()).unwrap();
    store.commit(keyed("plugin/late", "x", opened(passed(50)))).await.unwrap();
    let more = answers(&store).await;
    assert_ne!(more, said);
    // What a kill leaves behind: the files as they are, and no state that knows of the last unit.
    let left = tempfile::tempdir().unwrap();
    for folder in ["ledger", "keys"] {
        fs::create_dir(left.path().join(folder)).unwrap();
        for file in files(&dir.path().join(folder)) {
            fs::copy(&file, left.path().join(folder).join(file.file_name().unwrap())).unwrap();
        }
    }
    store.close().await;
    assert_eq!(reopened(left.path()).await, more);
}

#[tokio::test]
async fn a_key_still_gives_its_first_answer_after_reopening() {
    let (dir, _) = kept().await;
    let store = open(dir.path()).unwrap();
    let again = store.commit(keyed("plugin/8", "another", opened(passed(60)))).await.unwrap();
    assert!(matches!(again, Committed::Repeated(first) if first.answer == id(8).as_str()));
    store.close().await;
}

#[tokio::test]
async fn a_closed_store_takes_nothing_more_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    store.close().await;
    let refused = store.commit(unit([opened(passed(0))])).await;
    assert!(matches!(refused, Err(StoreError::Stopped { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_deleted_state_is_built_anew_with_the_same_answers() {
    let (dir, said) = kept().await;
    fs::remove_dir_all(dir.path().join("state")).unwrap();
    assert_eq!(reopened(dir.path()).await, said);
}

#[tokio::test]
async fn a_state_that_is_behind_takes_in_the_rest() {
    let (dir, _) = kept().await;
    let (state, early) = (dir.path().join("state"), dir.path().join("early"));
    fs::create_dir(&early).unwrap();
    for file in files(&state).iter().filter(|file| file.parent() == Some(&state)) {
        fs::copy(file, early.join(file.file_name().unwrap())).unwrap();
    }
    let store = open(dir.path()).unwrap();
    for no in 50..90 {
        let check = waiting(no, no as u16);
        store.commit(keyed(&format!("plugin/{no}"), "x", opened(check.clone()))).await.unwrap();
        store.commit(unit([confirmed(&check)])).await.unwrap();
    }
    let said = answers(&store).await;
    store.close().await;
    fs::remove_dir_all(&state).unwrap();
    fs::rename(early, state).unwrap();
    assert_eq!(reopened(dir.path()).await, said);
}

/// The state's tree, once the threads of the store that had it have let go of its file.
async fn tree_of(dir: &Path) -> sled::Db {
    for _ in 0..500 {
        if let Ok(tree) = sled::open(dir.join("state")) {
            return tree;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the state stays locked");
}

#[tokio::test]
async fn a_state_that_another_version_laid_out_is_built_anew() {
    for layout in [serde_json::Value::Null, 999.into()] {
        let (dir, said) = kept().await;
        let tree = tree_of(dir.path()).await;
        for row in tree.scan_prefix(b"~check").keys() {
            tree.insert(row.unwrap(), &[9, 9, 9]).unwrap();
        }
        let mut tally: serde_json::Value =
            serde_json::from_slice(&tree.get(b"\0tally").unwrap().unwrap()).unwrap();
        tally["layout"] = layout;
        if tally["layout"].is_null() {
            tally.as_object_mut().unwrap().remove("layout");
        }
        tree.insert(b"\0tally", serde_json::to_vec(&tally).unwrap()).unwrap();
        tree.flush().unwrap();
        drop(tree);
        assert_eq!(reopened(dir.path()).await, said);
    }
}

#[tokio::test]
async fn a_state_in_whose_place_a_file_stands_is_built_anew() {
    let (dir, said) = kept().await;
    fs::remove_dir_all(dir.path().join("state")).unwrap();
    fs::write(dir.path().join("state"), "?").unwrap();
    assert_eq!(reopened(dir.path()).await, said);
}

#[tokio::test]
async fn a_state_of_another_ledger_is_built_anew() {
    let (dir, said) = kept().await;
    let other = tempfile::tempdir().unwrap();
    let store = open_with(other.path(), Clock::system()).unwrap();
    for no in 0..200 {
        store.commit(unit([opened(blocked(no))])).await.unwrap();
    }
    store.close().await;
    fs::remove_dir_all(other.path().join("state")).unwrap();
    fs::rename(dir.path().join("state"), other.path().join("state")).unwrap();
    fs::remove_dir_all(dir.path().join("ledger")).unwrap();
    let store = open_with(other.path(), Clock::system()).unwrap();
    assert_eq!(pages(&store, all(), 999).await[0].len(), 200);
    assert_ne!(answers(&store).await, said);
    store.close().await;
}

#[tokio::test]
async fn a_ruined_state_is_built_anew_with_the_same_answers() {
    let (dir, said) = kept().await;
    let mut dice = Dice(20261123);
    for round in 0..20 {
        let files = files(&dir.path().join("state"));
        for file in &files {
            let mut bytes = fs::read(file).unwrap();
            // sled sets space aside: the damage has to strike what is in use.
            let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            if used == 0 {
                continue;
            }
            if round % 2 == 0 {
                bytes.truncate(dice.roll(used));
            } else {
                for _ in 0..=dice.roll(64) {
                    bytes[dice.roll(used)] = dice.roll(256) as u8;
                }
            }
            fs::write(file, bytes).unwrap();
        }
        assert_eq!(reopened(dir.path()).await, said, "round {round}");
    }
}

/// Whether `needle` stands in any file of the folder.
fn found(dir: &Path, needle: &[u8]) -> bool {
    let holds = |bytes: Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
    files(dir).iter().any(|file| holds(fs::read(file).unwrap()))
}

#[tokio::test]
async fn no_file_holds_a_message_a_name_or_an_answer_in_plain_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let mut check = blocked(0);
    check.text = wecom_guard::model::MessageText::new("琥珀色的山羊今晚保底收益 amber-goat-7741").unwrap();
    store.commit(keyed("plugin/0", "answer-kept-3390", opened(check))).await.unwrap();
    let mut customer = contact(0, &["zhangsan"]);
    customer.name = "欧阳山羊".to_owned();
    store.commit(unit([Change::ContactFetched(customer)])).await.unwrap();
    let query = CheckQuery { text: Some("amber-goat".to_owned()), ..all() };
    assert_eq!(pages(&store, query, 9).await[0].len(), 1);
    store.close().await;
    // What may be open is found, so the search works.
    assert!(found(dir.path(), id(0).as_str().as_bytes()));
    for secret in ["amber-goat", "琥珀色", "山羊", "保底收益", "answer-kept-3390"] {
        assert!(!found(dir.path(), secret.as_bytes()), "{secret}");
    }
    let wide: Vec<u8> = "保底收益".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(!found(dir.path(), &wide));
}

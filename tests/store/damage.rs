//! A damaged ledger: the store refuses to open, says where, and changes nothing.

use super::helpers::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wecom_guard::ledger::{Fault, LedgerError};
use wecom_guard::store::*;

async fn kept() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    a_morning(&store).await;
    store.close().await;
    dir
}

fn bytes_of(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&dir.join("ledger")).into_iter().map(|file| (file.clone(), fs::read(&file).unwrap())).collect()
}

/// Opens a damaged folder, twice; gives the fault.
fn refused(dir: &Path) -> Fault {
    let before = bytes_of(dir);
    let mut faults = Vec::new();
    for _ in 0..2 {
        match open(dir).err() {
            Some(LedgerError::Damaged(fault)) => faults.push(fault),
            other => panic!("{other:?}"),
        }
        assert_eq!(bytes_of(dir), before, "what is evidence was changed");
    }
    assert_eq!(faults[0], faults[1]);
    faults.remove(0)
}

/// Start and end of each batch of a segment file.
fn batches(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 72;
    while bytes.get(at..at + 4) == Some(b"WGB1") {
        let len = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        found.push((at, at + 24 + len as usize));
        at = found[found.len() - 1].1;
    }
    found
}

#[tokio::test]
async fn a_changed_byte_anywhere_before_the_last_batch_is_refused_with_its_place() {
    let dir = kept().await;
    let whole = bytes_of(dir.path());
    assert!(whole.len() > 1, "several segments");
    let mut dice = Dice(7);
    for round in 0..20 {
        let (file, bytes) = whole.iter().nth(dice.roll(whole.len())).unwrap();
        let batches = batches(bytes);
        let end = batches[batches.len() - 1].0;
        let at = dice.roll(end);
        let mut changed = bytes.clone();
        changed[at] ^= 1 << dice.roll(8);
        fs::write(file, &changed).unwrap();
        let fault = refused(dir.path());
        assert_eq!(&fault.file, file, "round {round}: {fault}");
        assert!(fault.offset <= at as u64, "round {round}: {fault} for {at}");
        fs::write(file, bytes).unwrap();
    }
    open(dir.path()).unwrap().close().await;
}

#[tokio::test]
async fn an_end_that_was_cut_off_is_refused_once_the_state_has_seen_it() {
    let dir = kept().await;
    let (file, bytes) = bytes_of(dir.path()).pop_last().unwrap();
    let batches = batches(&bytes);
    for (start, _) in batches.iter().rev().take(5).skip(1) {
        fs::write(&file, &bytes[..*start]).unwrap();
        let fault = refused(dir.path());
        assert_eq!((&fault.file, fault.offset), (&file, *start as u64), "{fault}");
        assert_eq!(fault.what, "a record that was read before is gone");
    }
    // Half of an acknowledged batch looks like a torn write, but the state knows better.
    let (start, end) = batches[batches.len() - 2];
    fs::write(&file, &bytes[..start + (end - start) / 2]).unwrap();
    assert_eq!(refused(dir.path()).offset, start as u64);
    // Put back, it is as good as before.
    fs::write(&file, &bytes).unwrap();
    open(dir.path()).unwrap().close().await;
}

#[tokio::test]
async fn a_ledger_that_vanished_is_refused_while_the_state_remembers_it() {
    let dir = kept().await;
    let away = dir.path().join("away");
    fs::rename(dir.path().join("ledger"), &away).unwrap();
    let fault = refused(dir.path());
    assert_eq!(fault.file, dir.path().join("ledger"));
    fs::remove_dir(dir.path().join("ledger")).unwrap();
    fs::rename(away, dir.path().join("ledger")).unwrap();
    open(dir.path()).unwrap().close().await;
}

#[tokio::test]
async fn a_torn_tail_is_cut_and_everything_acknowledged_stays() {
    let dir = kept().await;
    let store = open(dir.path()).unwrap();
    let said = answers(&store).await;
    store.close().await;
    let (file, bytes) = bytes_of(dir.path()).pop_last().unwrap();
    let (start, end) = batches(&bytes)[0];
    // The last write of a server that lost power: any part of a batch after the last whole one.
    for len in [1, 3, 4, 23, 24, 25, (end - start) / 2, end - start - 1] {
        let torn = [&bytes[..], &bytes[start..start + len]].concat();
        fs::write(&file, torn).unwrap();
        let store = open(dir.path()).unwrap();
        assert_eq!(answers(&store).await, said, "{len} bytes of a batch");
        store.close().await;
        for newer in files(&dir.path().join("ledger")).into_iter().filter(|found| *found > file) {
            fs::remove_file(newer).unwrap();
        }
        fs::remove_dir_all(dir.path().join("state")).unwrap();
    }
}

#[tokio::test]
async fn two_stores_never_share_a_folder() {
    let dir = kept().await;
    let store = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()).err(), Some(LedgerError::InUse { .. })));
    store.commit(unit([opened(passed(60))])).await.unwrap();
    store.close().await;
}

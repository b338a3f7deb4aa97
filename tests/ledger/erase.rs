//! A person is erased: their words are gone, the chain is whole.

use super::helpers::*;
use std::fs;
use wecom_guard::ledger::{Body, KeyFile, LedgerError};

fn bodies_of(dir: &std::path::Path, subject: &str) -> Vec<Body> {
    let theirs = |entry: &wecom_guard::ledger::Entry| entry.head.subject.as_deref() == Some(subject);
    replay(dir).into_iter().filter(theirs).map(|entry| entry.body).collect()
}

#[test]
fn an_erased_customers_bodies_are_gone_and_the_chain_still_verifies() {
    let dir = company();
    let before = check(dir.path());
    let ledger = open(dir.path()).unwrap();
    assert_eq!(ledger.keys().shred("wm陈").unwrap(), 1);
    assert_eq!(ledger.keys().shred("wm陈").unwrap(), 0);
    ledger.close().unwrap();
    let report = check(dir.path());
    assert_eq!(report.first_fault, None);
    assert_eq!(report.heads[..2], before.heads[..2]);
    assert_eq!((report.bodies, report.erased), (24, 3));
    assert!(bodies_of(dir.path(), "wm陈").iter().all(|body| *body == Body::Erased));
    assert!(bodies_of(dir.path(), "wmBob").iter().all(|body| matches!(body, Body::Open(_))));
}

#[test]
fn an_erased_customer_who_comes_back_gets_a_new_key() {
    let dir = company();
    let mut ledger = open(dir.path()).unwrap();
    ledger.keys().shred("wmBob").unwrap();
    append(&mut ledger, 61..62);
    ledger.close().unwrap();
    let bodies = bodies_of(dir.path(), "wmBob");
    let (last, erased) = bodies.split_last().unwrap();
    assert_eq!(*last, Body::Open(text(61).into_bytes()));
    assert!(erased.iter().all(|body| *body == Body::Erased));
    assert_eq!(check(dir.path()).first_fault, None);
}

#[test]
fn a_key_is_durable_before_the_entry_that_needs_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let entry = sealed(&ledger, 0);
    let path = dir.path().join("keys/2026-11");
    assert!(!path.exists(), "sealing alone writes nothing");
    ledger.append(&[entry]).unwrap();
    assert!(path.exists());
    drop(ledger);
    assert_eq!(texts(dir.path()), [text(0)]);
}

#[test]
fn erasing_also_reaches_a_key_that_waits_for_its_first_entry() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let (hers, his) = (sealed(&ledger, 0), sealed(&ledger, 1));
    assert_eq!(ledger.keys().shred(CUSTOMERS[0]).unwrap(), 1);
    ledger.append(&[hers, his]).unwrap();
    ledger.close().unwrap();
    assert_eq!(bodies_of(dir.path(), CUSTOMERS[0]), [Body::Erased]);
    assert_eq!(texts(dir.path()), [text(1)]);
}

#[test]
fn copies_in_a_derived_store_die_with_the_customer() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let sealer = ledger.sealer();
    let hers = sealer.seal_value("wmAlice", start(), "她的草稿".as_bytes()).unwrap();
    let his = sealer.seal_value("wmBob", start(), "他的草稿".as_bytes()).unwrap();
    append(&mut ledger, 0..2);
    assert_eq!(sealer.open_value(&hers).unwrap().unwrap(), "她的草稿".as_bytes());
    ledger.keys().shred("wmAlice").unwrap();
    ledger.close().unwrap();
    let sealer = open(dir.path()).unwrap().sealer();
    assert_eq!(sealer.open_value(&hers).unwrap(), None);
    assert_eq!(sealer.open_value(&his).unwrap().unwrap(), "他的草稿".as_bytes());
}

#[test]
fn a_changed_copy_opens_as_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let sealer = open(dir.path()).unwrap().sealer();
    let good = sealer.seal_value("wmAlice", start(), b"draft").unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_eq!(sealer.open_value(&bad).unwrap(), None, "byte {at}");
        assert_eq!(sealer.open_value(&good[..at]).unwrap(), None, "cut at {at}");
    }
}

#[test]
fn no_word_and_no_key_stands_in_any_file() {
    let dir = company();
    let words = "这款产品".as_bytes();
    for folder in ["ledger", "keys"] {
        for name in fs::read_dir(dir.path().join(folder)).unwrap() {
            let bytes = fs::read(name.unwrap().path()).unwrap();
            assert!(!bytes.windows(words.len()).any(|window| window == words));
            assert!(!bytes.windows(8).any(|window| window == [7; 8]));
        }
    }
}

#[test]
fn each_month_has_its_own_keys() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let months = ["2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z"];
    let entries =
        months.map(|at| ledger.sealer().seal(&judged(0), "wmAlice", at.parse().unwrap(), b"x").unwrap());
    ledger.append(&entries).unwrap();
    assert!(dir.path().join("keys/2026-10").exists() && dir.path().join("keys/2026-11").exists());
    assert_eq!(ledger.keys().shred("wmAlice").unwrap(), 2);
}

#[test]
fn a_flipped_byte_in_a_key_file_is_never_silently_skipped() {
    let dir = company();
    let mut ledger = open(dir.path()).unwrap();
    let entry = ledger.sealer().seal(&judged(9), "wmNew", start(), b"x").unwrap();
    ledger.append(&[entry]).unwrap();
    ledger.close().unwrap();
    let path = dir.path().join("keys/2026-11");
    let good = fs::read(&path).unwrap();
    let last = good.windows(4).rposition(|window| window == b"WGB1").unwrap();
    for at in 0..last {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        let loaded = wecom_guard::ledger::Keys::load(dir.path(), master());
        assert!(matches!(loaded, Err(LedgerError::Damaged(_))), "byte {at}");
    }
}

#[test]
fn the_key_file_made_at_the_first_start_opens_the_ledger_at_the_second() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    for first in [true, false] {
        let KeyFile { key, created, .. } = wecom_guard::ledger::MasterKey::load_or_create(&path).unwrap();
        assert_eq!(created, first);
        let mut ledger = wecom_guard::ledger::Ledger::open(dir.path(), key, clock().0, OPTIONS).unwrap();
        append(&mut ledger, 0..1);
        ledger.close().unwrap();
    }
}

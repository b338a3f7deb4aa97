//! The power goes: at whatever byte a write ended, every whole batch stays and nothing else does.

use super::helpers::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One life in order, then one that was killed with three batches in its last segment.
fn killed() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 0..2);
    ledger.close().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 2..4);
    append(&mut ledger, 4..6);
    for no in 6..9 {
        append(&mut ledger, no..no + 1);
    }
    drop(ledger);
    let last = segments(dir.path()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    assert_eq!(batches(&bytes).len(), 3, "the last segment holds three batches");
    let end = batches(&bytes)[2].1;
    fs::write(&last, &bytes[..end]).unwrap();
    (dir, last)
}

/// What must still be there when only `kept` bytes of the last segment are good.
fn whole(bytes: &[u8], kept: usize) -> Vec<String> {
    let batches = batches(bytes).iter().filter(|batch| batch.1 <= kept).count();
    (0..6 + batches).map(text).collect()
}

fn assert_mended(dir: &TempDir, last: &Path, bytes: &[u8], kept: usize, found: Vec<u8>) {
    let dir = copy(dir.path());
    let last = dir.path().join("ledger").join(last.file_name().unwrap());
    fs::write(&last, &found).unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 50..51);
    drop(ledger);
    assert_eq!(texts(dir.path()), [whole(bytes, kept), vec![text(50)]].concat(), "cut at {kept}");
}

#[test]
fn a_segment_cut_at_any_byte_keeps_every_whole_batch_and_no_more() {
    let (dir, last) = killed();
    let bytes = fs::read(&last).unwrap();
    for kept in 0..=bytes.len() {
        assert_mended(&dir, &last, &bytes, kept, bytes[..kept].to_vec());
    }
}

#[test]
fn a_batch_half_written_into_space_set_aside_is_cut_away() {
    let (dir, last) = killed();
    let bytes = fs::read(&last).unwrap();
    for kept in (0..bytes.len()).step_by(5) {
        let zeros = vec![0; 3000 - kept];
        assert_mended(&dir, &last, &bytes, kept, [&bytes[..kept], &zeros].concat());
    }
}

#[test]
fn pages_of_the_last_write_that_came_down_out_of_order_are_cut_away() {
    let (dir, last) = killed();
    let bytes = fs::read(&last).unwrap();
    let (start, end) = batches(&bytes)[2];
    for hole in (start..end - 40).step_by(20) {
        let mut found = bytes.clone();
        found[hole..hole + 40].fill(0);
        assert_mended(&dir, &last, &bytes, start, found);
    }
}

#[test]
fn a_torn_tail_is_reported_before_it_is_mended() {
    let (dir, last) = killed();
    let bytes = fs::read(&last).unwrap();
    fs::write(&last, &bytes[..bytes.len() - 1]).unwrap();
    let report = check(dir.path());
    assert!(report.torn_tail);
    assert_eq!(report.records, 2 + 2 + 7);
    assert!(open(dir.path()).unwrap().was_torn());
    assert!(!open(dir.path()).unwrap().was_torn());
}

#[test]
fn a_shard_that_never_got_its_first_record_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 0..1);
    ledger.close().unwrap();
    open(dir.path()).unwrap().close().unwrap();
    let last = segments(dir.path()).pop().unwrap();
    let bytes = fs::read(&last).unwrap();
    let opened = batches(&bytes)[0].1;
    for kept in 0..opened {
        let dir = copy(dir.path());
        fs::write(dir.path().join("ledger").join(last.file_name().unwrap()), &bytes[..kept]).unwrap();
        open(dir.path()).unwrap().close().unwrap();
        let report = check(dir.path());
        assert_eq!((report.first_fault, report.shards, report.records), (None, 2, 5), "cut at {kept}");
    }
}

#[test]
fn keys_half_written_are_cut_away_and_the_rest_still_opens() {
    let (dir, _) = killed();
    let path = dir.path().join("keys/2026-11");
    let bytes = fs::read(&path).unwrap();
    for junk in 1..60 {
        let dir = copy(dir.path());
        fs::write(dir.path().join("keys/2026-11"), [&bytes[..], &bytes[16..16 + junk]].concat()).unwrap();
        let mut ledger = open(dir.path()).unwrap();
        let entry = ledger.sealer().seal(&judged(9), "wmNew", start(), text(9).as_bytes()).unwrap();
        ledger.append(&[entry]).unwrap();
        ledger.close().unwrap();
        assert_eq!(texts(dir.path()), (0..10).map(text).collect::<Vec<_>>());
    }
}

//! A small company's ledger to work on, and a reader of its files that knows only the format.

use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wecom_guard::ledger::{
    Body, Entry, Head, HeadSpan, Keys, Ledger, LedgerError, MasterKey, Options, Replay, Report, Sealed,
    verify,
};
use wecom_guard::model::{Clock, ManualClock};

/// Small enough that a few batches fill a segment.
pub const OPTIONS: Options = Options { segment_bytes: 2048 };
pub const CUSTOMERS: [&str; 3] = ["wmAlice", "wmBob", "wm陈"];

pub fn master() -> MasterKey {
    MasterKey::new([7; 32])
}

pub fn start() -> Timestamp {
    "2026-11-23T01:12:00Z".parse().unwrap()
}

pub fn clock() -> (Clock, ManualClock) {
    Clock::manual(start())
}

pub fn open(dir: &Path) -> Result<Ledger, LedgerError> {
    Ledger::open(dir, master(), clock().0, OPTIONS)
}

pub fn keys(dir: &Path) -> Keys {
    Keys::load(dir, master()).unwrap()
}

pub fn check(dir: &Path) -> Report {
    verify(dir, Some(keys(dir)), |_| ()).unwrap()
}

pub fn replay(dir: &Path) -> Vec<Entry> {
    Replay::new(dir, keys(dir), None).unwrap().collect::<Result<_, _>>().unwrap()
}

pub fn texts(dir: &Path) -> Vec<String> {
    let open = |entry: Entry| match entry.body {
        Body::Open(body) => Some(String::from_utf8(body).unwrap()),
        _ => None,
    };
    replay(dir).into_iter().filter_map(open).collect()
}

pub fn judged(no: usize) -> Head {
    Head {
        subject: Some(CUSTOMERS[no % CUSTOMERS.len()].into()),
        object: Some(format!("chk_{no}")),
        revision: Some("r12-9f3c".into()),
        decision: Some("block".into()),
        spans: vec![HeadSpan { rule: "FIN-001".into(), start: 12, end: 24 }],
        ..Head::new("check.judged", "user:ww1/zhangsan")
    }
    .attr("channel", "sidebar")
}

pub fn text(no: usize) -> String {
    format!("第{no}条:这款产品保底收益5%,放心买😀")
}

pub fn sealed(ledger: &Ledger, no: usize) -> Sealed {
    let subject = CUSTOMERS[no % CUSTOMERS.len()];
    ledger.sealer().seal(&judged(no), subject, start(), text(no).as_bytes()).unwrap()
}

pub fn append(ledger: &mut Ledger, numbers: std::ops::Range<usize>) {
    let entries: Vec<_> = numbers.map(|no| sealed(ledger, no)).collect();
    ledger.append(&entries).unwrap();
}

/// Three process lives, the second of which was killed, each of several segments and batches.
pub fn company() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for life in 0..3 {
        let mut ledger = open(dir.path()).unwrap();
        for batch in 0..5 {
            let first = life * 15 + batch * 3;
            append(&mut ledger, first..first + 1 + batch % 3);
        }
        match life {
            1 => drop(ledger),
            _ => ledger.close().unwrap(),
        }
    }
    dir
}

pub fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        fs::read_dir(dir.join("ledger")).unwrap().map(|name| name.unwrap().path()).collect();
    found.sort();
    found
}

pub const HEADER: usize = 72;
pub const BATCH_HEADER: usize = 24;

pub fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// Start and end of each batch.
pub fn batches(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = HEADER;
    while at + BATCH_HEADER <= bytes.len() && &bytes[at..at + 4] == b"WGB1" {
        let end = at + BATCH_HEADER + u32_at(bytes, at + 4);
        found.push((at, end));
        at = end;
    }
    found
}

/// Start and end of each frame of the batch at `at`.
pub fn frames(bytes: &[u8], (start, end): (usize, usize)) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = start + BATCH_HEADER;
    while at < end {
        let next = at + 8 + u32_at(bytes, at) + u32_at(bytes, at + 4);
        found.push((at, next));
        at = next;
    }
    found
}

/// Makes the batch's lengths and checksum fit its content again, as one would who knows the format.
pub fn reseal(bytes: &mut [u8], (start, end): (usize, usize)) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&bytes[HEADER - 4..HEADER].to_vec());
    crc.update(&((end - start - BATCH_HEADER) as u32).to_le_bytes());
    crc.update(&bytes[start + 12..end]);
    let payload = ((end - start - BATCH_HEADER) as u32).to_le_bytes();
    bytes[start + 4..start + 8].copy_from_slice(&payload);
    bytes[start + 8..start + 12].copy_from_slice(&crc.finalize().to_le_bytes());
}

pub fn minute() -> SignedDuration {
    SignedDuration::from_mins(1)
}

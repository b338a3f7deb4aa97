//! A ledger written by the first version of the format, which every later version must read.

use super::helpers::*;
use std::path::Path;
use wecom_guard::ledger::Body;

/// Three process lives as [`company`] makes them, the second one killed, and a fourth that erased `wmBob`.
fn v1() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ledger/v1"))
}

#[test]
fn a_ledger_of_version_1_still_verifies() {
    let report = check(v1());
    assert_eq!((report.first_fault, report.torn_tail, report.time_went_back), (None, false, 0));
    assert_eq!((report.records, report.bodies, report.erased), (34, 18, 9));
    let ends: Vec<_> = report.heads.iter().map(|head| format!("{} {}", head.position, head.hash)).collect();
    assert_eq!(ends.len(), 4);
    assert_eq!(ends[3], "4/2 4ab62e0df269b6856b1b65d25ad0ce5ff2eaefb24e49bda88912147ced9908e8");
}

#[test]
fn a_ledger_of_version_1_still_reads_the_same() {
    let numbers = (0..3).flat_map(|life| (0..5).map(move |batch| (life * 15 + batch * 3, 1 + batch % 3)));
    let numbers: Vec<_> = numbers.flat_map(|(first, count)| first..first + count).collect();
    let entries = replay(v1());
    let checks: Vec<_> = entries.iter().filter(|entry| entry.head.kind == "check.judged").collect();
    assert_eq!(checks.len(), numbers.len());
    for (entry, no) in checks.iter().zip(numbers) {
        assert_eq!((&entry.head, entry.at.at), (&judged(no), start()));
        let erased = entry.head.subject.as_deref() == Some("wmBob");
        assert_eq!(entry.body, if erased { Body::Erased } else { Body::Open(text(no).into_bytes()) });
    }
}

#[test]
fn a_ledger_of_version_1_can_be_carried_on() {
    let dir = copy(v1());
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 90..91);
    ledger.close().unwrap();
    assert_eq!(texts(dir.path()).last().unwrap(), &text(90));
    assert_eq!(check(dir.path()).heads.len(), 5);
}

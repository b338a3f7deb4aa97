//! Appending, reopening, reading back.

use super::helpers::*;
use wecom_guard::ledger::{Body, Head, Ledger, LedgerError, MAX_BATCH_BYTES, Options, Position, Sealed};

#[test]
fn what_was_appended_is_read_back_in_order_word_for_word() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 0..3);
    append(&mut ledger, 3..4);
    let head = ledger.head();
    let read: Vec<_> = ledger.replay(None).unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(read[0].head.kind, "shard.opened");
    for (no, entry) in read[1..].iter().enumerate() {
        assert_eq!(entry.head, judged(no));
        assert_eq!(entry.body, Body::Open(text(no).into_bytes()));
        assert_eq!(entry.at.position, Position { shard: 1, seq: no as u64 + 2 });
    }
    assert_eq!(read.last().unwrap().at, head);
}

#[test]
fn each_process_life_goes_on_where_the_last_one_ended() {
    let dir = company();
    let report = check(dir.path());
    assert_eq!(report.first_fault, None);
    assert!(!report.torn_tail);
    // per life: opened, 9 checks, and closed where it was not killed
    assert_eq!((report.shards, report.records, report.bodies), (3, 32, 27));
    assert!(segments(dir.path()).len() >= 6, "the lives have several segments each");
    let ends: Vec<_> = report.heads.iter().map(|head| head.position.to_string()).collect();
    assert_eq!(ends, ["1/11", "2/10", "3/11"]);
    assert_eq!(texts(dir.path()).len(), 27);
}

#[test]
fn a_killed_server_leaves_no_torn_tail_but_space_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(dir.path(), master(), clock().0, Options::default()).unwrap();
    append(&mut ledger, 0..2);
    drop(ledger);
    assert!(!check(dir.path()).torn_tail);
    open(dir.path()).unwrap().close().unwrap();
    let report = check(dir.path());
    assert_eq!((report.first_fault, report.records), (None, 5));
}

#[test]
fn replay_begins_after_any_position_and_refuses_one_that_never_was() {
    let dir = company();
    let all = replay(dir.path());
    let from = |after| wecom_guard::ledger::Replay::new(dir.path(), keys(dir.path()), Some(after)).unwrap();
    for (index, entry) in all.iter().enumerate() {
        let rest: Vec<_> = from(entry.at.position).collect::<Result<_, _>>().unwrap();
        assert_eq!(rest, all[index + 1..]);
    }
    for (shard, seq) in [(1, 12), (2, 99), (4, 1), (0, 1)] {
        let never = from(Position { shard, seq }).next().unwrap().unwrap_err();
        assert!(matches!(never, LedgerError::Damaged(_)), "{shard}/{seq}: {never}");
    }
}

#[test]
fn a_live_ledger_replays_up_to_its_head_and_can_be_verified_beside() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    append(&mut ledger, 0..2);
    let replay = ledger.replay(Some(Position { shard: 1, seq: 1 })).unwrap();
    append(&mut ledger, 2..4);
    assert_eq!(replay.count(), 2);
    let report = check(dir.path());
    assert_eq!((report.records, report.torn_tail, report.first_fault), (5, false, None));
}

#[test]
fn two_servers_never_share_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    let Err(LedgerError::InUse { path }) = open(dir.path()) else { panic!("both opened") };
    assert_eq!(path, dir.path().join("lock"));
    drop(first);
    open(dir.path()).unwrap();
}

#[test]
fn another_master_key_opens_nothing_and_changes_nothing() {
    let dir = company();
    let other = wecom_guard::ledger::MasterKey::new([8; 32]);
    let opened = Ledger::open(dir.path(), other, clock().0, OPTIONS);
    assert!(matches!(opened, Err(LedgerError::WrongMasterKey { .. })));
    assert_eq!(check(dir.path()).records, 32);
}

#[test]
fn a_clock_set_back_is_recorded_as_it_was_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (clock, hand) = clock();
    let mut ledger = Ledger::open(dir.path(), master(), clock, OPTIONS).unwrap();
    append(&mut ledger, 0..1);
    hand.advance(-minute());
    append(&mut ledger, 1..2);
    assert_eq!(ledger.head().at, start() - minute());
    let report = check(dir.path());
    assert_eq!((report.time_went_back, report.first_fault), (1, None));
}

#[test]
fn a_batch_above_the_limit_is_refused_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let entry = Sealed::bare(&Head::new("note", "system").attr("text", "保".repeat(1 << 20))).unwrap();
    let entries = vec![entry; MAX_BATCH_BYTES / (3 << 20) + 1];
    assert!(matches!(ledger.append(&entries), Err(LedgerError::TooLarge { .. })));
    append(&mut ledger, 0..1);
    assert_eq!(check(dir.path()).records, 2);
    let huge = Head::new("note", "system").attr("text", "保".repeat(2 << 20));
    assert!(matches!(Sealed::bare(&huge), Err(LedgerError::TooLarge { .. })));
}

#[test]
fn appending_nothing_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let head = ledger.head();
    assert_eq!(ledger.append(&[]).unwrap(), []);
    assert_eq!(ledger.head(), head);
}

#[test]
fn many_threads_seal_while_one_appends() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = open(dir.path()).unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (sealer, send) = (ledger.sealer(), send.clone());
            scope.spawn(move || {
                for no in 0..50 {
                    let subject = format!("wm{thread}-{}", no % 10);
                    let entry = sealer.seal(&judged(no), &subject, start(), text(no).as_bytes());
                    send.send(entry.unwrap()).unwrap();
                }
            });
        }
        drop(send);
        for entry in &receive {
            let batch: Vec<_> = std::iter::once(entry).chain(receive.try_iter()).collect();
            ledger.append(&batch).unwrap();
        }
    });
    drop(ledger);
    let report = check(dir.path());
    assert_eq!((report.first_fault, report.bodies, report.erased), (None, 200, 0));
}

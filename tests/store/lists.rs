//! What the store is asked for in lists, and what leaves them.

use super::helpers::*;
use wecom_guard::model::*;
use wecom_guard::store::*;

pub async fn pages_follow_each_other_newest_first_without_gap_or_repeat(shelf: Shelf) {
    for no in 0..25 {
        shelf.put(opened(passed(no))).await;
    }
    let newest_first: Vec<_> = (0..25).rev().map(id).collect();
    for limit in [1, 7, 24, 25, 26] {
        let found = pages(&*shelf.store, all(), limit).await;
        assert!(found.iter().all(|page| page.len() <= limit));
        assert_eq!(found.concat(), newest_first, "{limit} a page");
    }
    let of_lisi = CheckQuery { sender: Some(rep("lisi")), ..all() };
    let odd: Vec<_> = newest_first.into_iter().skip(1).step_by(2).collect();
    assert_eq!(pages(&*shelf.store, of_lisi, 5).await.concat(), odd);
}

pub async fn a_page_is_unmoved_by_what_comes_in_while_it_is_read(shelf: Shelf) {
    for no in 0..4 {
        shelf.put(opened(passed(no))).await;
    }
    let first = shelf.store.checks(all(), None, 2).await.unwrap();
    shelf.put(opened(passed(9))).await;
    let second = shelf.store.checks(all(), first.next, 2).await.unwrap();
    assert_eq!(second.items.iter().map(|check| check.id.clone()).collect::<Vec<_>>(), [id(1), id(0)]);
    assert_eq!(second.next, None);
}

pub async fn every_field_of_a_query_narrows_the_list(shelf: Shelf) {
    for check in [passed(0), blocked(1), waiting(2, 7), passed(3)] {
        shelf.put(opened(check)).await;
    }
    shelf.put(opened(Check { corp: CorpId::new("ww0"), ..passed(4) })).await;
    let cases = [
        (all(), vec![3, 2, 1, 0]),
        (CheckQuery { corp: Some(CorpId::new("ww0")), ..all() }, vec![4]),
        (CheckQuery { from: Some(minute(1)), ..all() }, vec![3, 2, 1]),
        (CheckQuery { to: Some(minute(1)), ..all() }, vec![0]),
        (CheckQuery { from: Some(minute(1)), to: Some(minute(3)), ..all() }, vec![2, 1]),
        (CheckQuery { sender: Some(rep("lisi")), ..all() }, vec![3, 1]),
        (CheckQuery { recipient: Some(customer(0).to_string()), ..all() }, vec![3, 0]),
        (CheckQuery { verdict: Some(Verdict::Block), ..all() }, vec![1]),
        (CheckQuery { state: Some(CheckState::Passed), ..all() }, vec![3, 0]),
        (CheckQuery { rule: Some(RuleId::new("FIN-001")), ..all() }, vec![1]),
        (CheckQuery { text: Some("保底".to_owned()), ..all() }, vec![1]),
        (CheckQuery { sender: Some(rep("lisi")), verdict: Some(Verdict::Confirm), ..all() }, vec![]),
    ];
    for (query, wanted) in cases {
        let wanted: Vec<_> = wanted.into_iter().map(id).collect();
        assert_eq!(pages(&*shelf.store, query.clone(), 9).await.concat(), wanted, "{query:?}");
    }
}

async fn due(shelf: &Shelf, at: i64) -> Vec<CheckId> {
    let due = shelf.store.due_checks(minute(at), 9).await.unwrap();
    due.into_iter().map(|(found, id)| if found == corp() { id } else { panic!("{found}") }).collect()
}

pub async fn checks_come_due_by_time_and_leave_when_they_are_moved(shelf: Shelf) {
    for no in [2, 0, 1] {
        shelf.put(opened(waiting(no, no as u16))).await;
    }
    shelf.put(opened(blocked(3))).await;
    assert_eq!(due(&shelf, 9).await, []);
    assert_eq!(due(&shelf, 11).await, [id(0), id(1)]);
    assert_eq!(due(&shelf, 99).await, [id(0), id(1), id(2)]);
    assert_eq!(shelf.store.due_checks(minute(99), 2).await.unwrap().len(), 2);
    shelf.put(moved(&waiting(0, 0), CheckState::Expired, MoveCause::TimedOut)).await;
    shelf.put(moved(&waiting(1, 1), CheckState::Withdrawn, MoveCause::Withdrawn)).await;
    assert_eq!(due(&shelf, 99).await, [id(2)]);
}

pub async fn a_released_check_comes_due_a_minute_after_its_release_ended(shelf: Shelf) {
    shelf.put(opened(passed(0))).await;
    assert_eq!(due(&shelf, 1).await, []);
    assert_eq!(due(&shelf, 2).await, [id(0)]);
    let report = SentReport { ok: true, detail: None, at: minute(1), late: false };
    shelf.put(moved(&passed(0), CheckState::Sent, MoveCause::Reported(report))).await;
    assert_eq!(due(&shelf, 99).await, []);
}

async fn deeds(shelf: &Shelf, at: i64) -> Vec<(OutboxId, u32)> {
    let due = shelf.store.due_deeds(minute(at), 9).await.unwrap();
    due.into_iter().map(|item| (item.id, item.attempt)).collect()
}

pub async fn deeds_come_due_again_when_their_lease_has_run_out_and_leave_when_they_are_done(shelf: Shelf) {
    for no in [1, 0, 5] {
        shelf.put(deed(no)).await;
    }
    assert_eq!(deeds(&shelf, 1).await, [(deed_id(0), 0), (deed_id(1), 0)]);
    assert_eq!(shelf.store.due_deeds(minute(9), 2).await.unwrap().len(), 2);
    shelf.put(deed_moved(0, OutboxState::Sending, 1, minute(3))).await;
    assert_eq!(deeds(&shelf, 2).await, [(deed_id(1), 0)]);
    assert_eq!(deeds(&shelf, 3).await, [(deed_id(0), 1), (deed_id(1), 0)]);
    shelf.put(deed_moved(0, OutboxState::Queued, 1, minute(4))).await;
    assert_eq!(deeds(&shelf, 3).await, [(deed_id(1), 0)]);
    shelf.put(deed_moved(0, OutboxState::Sent, 2, minute(4))).await;
    shelf.put(deed_moved(1, OutboxState::Dropped, 0, minute(4))).await;
    assert_eq!(deeds(&shelf, 99).await, [(deed_id(5), 0)]);
}

pub async fn a_taken_card_is_found_by_its_check(shelf: Shelf) {
    shelf.put(deed(0)).await;
    assert_eq!(shelf.store.card_of(&id(0)).await, Ok(None));
    shelf.put(deed_moved(0, OutboxState::Sent, 1, minute(1))).await;
    let card = shelf.store.card_of(&id(0)).await.unwrap().unwrap();
    assert_eq!(card.response_code, "code-0");
    assert_eq!(shelf.store.card_of(&id(1)).await, Ok(None));
}

pub async fn a_rep_sees_their_own_open_checks_by_number(shelf: Shelf) {
    for check in [waiting(0, 42), waiting(2, 7), waiting(1, 8), blocked(4), passed(6)] {
        shelf.put(opened(check)).await;
    }
    assert_eq!(shelf.open_of("zhangsan").await, [(7, id(2)), (42, id(0))]);
    assert_eq!(shelf.open_of("lisi").await, [(8, id(1))]);
    shelf.put(confirmed(&waiting(2, 7))).await;
    assert_eq!(shelf.open_of("zhangsan").await, [(42, id(0))]);
    assert_eq!(shelf.open_of("zhang").await, []);
}

pub async fn a_contact_is_listed_for_each_of_its_followers_and_marked_when_outdated(shelf: Shelf) {
    shelf.put(Change::ContactFetched(contact(0, &["zhangsan", "lisi"]))).await;
    shelf.put(Change::ContactFetched(contact(1, &["lisi"]))).await;
    let both = contact(0, &["zhangsan", "lisi"]);
    assert_eq!(shelf.contacts_of("lisi").await, [both.clone(), contact(1, &["lisi"])]);
    assert_eq!(shelf.contacts_of("zhangsan").await, [both]);
    // Zhang San is no longer among the followers.
    shelf.put(Change::ContactFetched(contact(0, &["lisi"]))).await;
    assert_eq!(shelf.contacts_of("zhangsan").await, []);
    shelf.put(Change::ContactOutdated { corp: corp(), contact: customer(0) }).await;
    assert!(shelf.store.contact(&corp(), &customer(0)).await.unwrap().unwrap().outdated);
    shelf.put(Change::ContactFetched(contact(0, &["lisi"]))).await;
    assert!(!shelf.store.contact(&corp(), &customer(0)).await.unwrap().unwrap().outdated);
    shelf.put(Change::ContactOutdated { corp: corp(), contact: customer(8) }).await;
    assert_eq!(shelf.store.contact(&corp(), &customer(8)).await, Ok(None));
}

pub async fn only_a_text_that_was_cleared_counts_as_contact(shelf: Shelf) {
    let last = |no| {
        let (store, id) = (shelf.store.clone(), customer(no));
        async move { store.last_contact(&corp(), id.as_str()).await.unwrap() }
    };
    shelf.put(opened(blocked(0))).await;
    shelf.put(opened(waiting(1, 7))).await;
    assert_eq!((last(0).await, last(1).await), (None, None));
    shelf.put(opened(passed(3))).await;
    assert_eq!(last(0).await, Some(minute(3)));
    let check = waiting(1, 7);
    shelf.put(confirmed(&check)).await;
    assert_eq!(last(1).await, Some(check.created_at + jiff::SignedDuration::from_secs(30)));
    assert_eq!(last(2).await, None);
}

pub async fn a_revision_that_goes_live_is_counted_once(shelf: Shelf) {
    assert_eq!(shelf.store.revisions().await, Ok((0, None)));
    for (name, count) in [("r1-9f3c", 1), ("r1-9f3c", 1), ("r2-77aa", 2), ("r1-9f3c", 3)] {
        shelf.put(live(name)).await;
        assert_eq!(shelf.store.revisions().await, Ok((count, Some(Revision::new(name)))));
    }
}

pub async fn revisions_are_listed_newest_first_with_the_files_they_were_made_of(shelf: Shelf) {
    let names = ["r1-9f3c", "r2-77aa", "r3-9f3c"];
    for name in names {
        shelf.put(live(name)).await;
    }
    let listed = |before, max| {
        let store = shelf.store.clone();
        async move { store.past_rules(before, max).await.unwrap() }
    };
    let all = listed(None, 9).await;
    assert_eq!(all.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(all[1].1, went_live("r2-77aa"));
    assert_eq!(listed(None, 2).await, all[..2]);
    assert_eq!(listed(Some(2), 9).await, all[2..]);

    let part = |part, text: &str| {
        let (sha256, text) = ("9f3c".to_owned(), text.to_owned());
        Change::RuleFileKept { sha256, part, text, at: start() }
    };
    for kept in [part(1, "= 1"), part(0, "schema "), part(0, "schema ")] {
        shelf.put(kept).await;
    }
    assert_eq!(shelf.store.rule_file("9f3c").await, Ok(Some("schema = 1".to_owned())));
    assert_eq!(shelf.store.rule_file("9f3").await, Ok(None));
}

pub async fn a_record_of_old_without_files_is_still_a_revision(shelf: Shelf) {
    let body = r#"{"change":"rules_live","revision":"r1-9f3c","rules":25,"phrases":400}"#;
    shelf.put(serde_json::from_str(body).unwrap()).await;
    let past = shelf.store.past_rules(None, 9).await.unwrap();
    let of_old = RulesLive { at: None, by: None, files: Vec::new(), ..went_live("r1-9f3c") };
    assert_eq!(past, [(1, of_old)]);
}

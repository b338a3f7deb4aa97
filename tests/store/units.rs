//! Units: all or nothing, once a key, and only where their preconditions hold.

use super::helpers::*;
use jiff::SignedDuration;
use std::collections::HashSet;
use wecom_guard::model::*;
use wecom_guard::store::*;

pub async fn what_is_committed_can_be_read_back_by_its_company_alone(shelf: Shelf) {
    for check in [passed(0), waiting(1, 7), blocked(2)] {
        shelf.put(opened(check.clone())).await;
        assert_eq!(shelf.check(&check.id).await, check);
        assert_eq!(shelf.store.check(&CorpId::new("ww0"), &check.id).await, Ok(None));
    }
    assert_eq!(shelf.store.check(&corp(), &id(9)).await, Ok(None));
}

pub async fn a_step_moves_the_check_and_is_kept(shelf: Shelf) {
    let check = waiting(0, 7);
    shelf.put(opened(check.clone())).await;
    let relied = Unit { preconditions: vec![at(&check)], ..unit([confirmed(&check)]) };
    assert_eq!(shelf.commit(relied).await, Ok(Committed::Done));
    let after = shelf.check(&check.id).await;
    assert_eq!((after.state, after.version()), (CheckState::Confirmed, 1));
    assert_eq!(after.confirmation().map(|by| by.by), Some(ConfirmedBy::Typed));
}

pub async fn a_check_may_be_opened_and_moved_in_one_unit(shelf: Shelf) {
    let check = waiting(0, 7);
    let steps = unit([opened(check.clone()), confirmed(&check)]);
    assert_eq!(shelf.commit(steps).await, Ok(Committed::Done));
    assert_eq!(shelf.check(&check.id).await.state, CheckState::Confirmed);
    assert_eq!(shelf.open_of(check.sender.as_str()).await, []);
}

pub async fn every_writer_of_many_at_once_reads_its_own_check_at_once(shelf: Shelf) {
    let writers = (0..200).map(|no| {
        let store = shelf.store.clone();
        tokio::spawn(async move {
            let check = blocked(no);
            store.commit(unit([opened(check.clone())])).await.unwrap();
            assert_eq!(store.check(&corp(), &check.id).await.unwrap().as_ref(), Some(&check));
            let own = CheckQuery { sender: Some(check.sender.clone()), ..all() };
            let listed = pages(&*store, own, 999).await;
            assert!(listed[0].contains(&check.id));
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

pub async fn a_repeated_key_gives_the_first_answer_and_changes_nothing(shelf: Shelf) {
    let first = keyed("plugin/1", "chk_first", opened(passed(0)));
    assert_eq!(shelf.commit(first).await, Ok(Committed::Done));
    let kept = shelf.store.remembered("plugin/1").await.unwrap().unwrap();
    assert_eq!((kept.answer.as_str(), kept.at), ("chk_first", start()));
    // What no longer holds does not matter to a repetition.
    let again = Unit { preconditions: vec![at(&passed(5))], ..keyed("plugin/1", "x", opened(passed(1))) };
    assert_eq!(shelf.commit(again).await, Ok(Committed::Repeated(kept)));
    assert_eq!(pages(&*shelf.store, all(), 9).await, [[id(0)]]);
    assert_eq!(shelf.store.remembered("plugin/2").await, Ok(None));
}

pub async fn of_two_at_once_under_one_key_one_happens_and_both_get_its_answer(shelf: Shelf) {
    for round in 0..50 {
        let key = format!("plugin/{round}");
        let send = |no| {
            let (store, key) = (shelf.store.clone(), key.clone());
            tokio::spawn(async move {
                let answer = id(no).to_string();
                match store.commit(keyed(&key, &answer, opened(passed(no)))).await.unwrap() {
                    Committed::Done => (answer, 1),
                    Committed::Repeated(first) => (first.answer, 0),
                }
            })
        };
        let (one, other) = (send(2 * round), send(2 * round + 1));
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        assert_eq!((one.0, one.1 + other.1), (other.0, 1));
    }
    assert_eq!(pages(&*shelf.store, all(), 99).await[0].len(), 50);
}

pub async fn a_unit_that_relies_on_an_old_version_is_refused_and_changes_nothing(shelf: Shelf) {
    let check = waiting(0, 7);
    shelf.put(opened(check.clone())).await;
    shelf.put(confirmed(&check)).await;
    let withdraw = moved(&check, CheckState::Withdrawn, MoveCause::Withdrawn);
    let late = Unit { preconditions: vec![at(&check)], ..keyed("late", "x", withdraw) };
    assert_eq!(shelf.commit(late).await, Err(StoreError::Stale { what: check.id.to_string() }));
    assert_eq!(shelf.check(&check.id).await.state, CheckState::Confirmed);
    assert_eq!(shelf.store.remembered("late").await, Ok(None));
    let unknown = Unit { preconditions: vec![at(&passed(3))], ..unit([opened(passed(4))]) };
    assert_eq!(shelf.commit(unknown).await, Err(StoreError::Stale { what: id(3).to_string() }));
    assert_eq!(shelf.store.check(&corp(), &id(4)).await, Ok(None));
}

fn free(check: &Check) -> Precondition {
    Precondition::ShortFree { corp: corp(), sender: check.sender.clone(), short: check.short.unwrap() }
}

fn opened_if_free(check: Check) -> Unit {
    Unit { preconditions: vec![free(&check)], ..unit([opened(check)]) }
}

pub async fn a_number_in_use_is_refused_until_its_check_has_ended(shelf: Shelf) {
    let first = waiting(0, 7);
    shelf.commit(opened_if_free(first.clone())).await.unwrap();
    let stale = shelf.commit(opened_if_free(waiting(2, 7))).await.unwrap_err();
    assert_eq!(stale, StoreError::Stale { what: "short number 0007".to_owned() });
    // Another rep's numbers and other numbers are their own.
    shelf.commit(opened_if_free(waiting(1, 7))).await.unwrap();
    shelf.commit(opened_if_free(waiting(4, 8))).await.unwrap();
    shelf.put(moved(&first, CheckState::Expired, MoveCause::TimedOut)).await;
    shelf.commit(opened_if_free(waiting(6, 7))).await.unwrap();
}

fn begun(no: usize, attempt: u32) -> Unit {
    let begun = deed_moved(no, OutboxState::Sending, attempt + 1, minute(no as i64 + 1));
    Unit { preconditions: vec![Precondition::OutboxAt { id: deed_id(no), attempt }], ..unit([begun]) }
}

pub async fn a_deed_is_begun_once_for_each_attempt(shelf: Shelf) {
    shelf.put(deed(0)).await;
    shelf.commit(begun(0, 0)).await.unwrap();
    assert!(matches!(shelf.commit(begun(0, 0)).await, Err(StoreError::Stale { .. })));
    shelf.commit(begun(0, 1)).await.unwrap();
    shelf.put(deed_moved(0, OutboxState::Sent, 2, minute(2))).await;
    assert!(matches!(shelf.commit(begun(0, 2)).await, Err(StoreError::Stale { .. })));
}

/// Eight tasks, each tries the same 200 units; how often each of the 200 was done.
async fn rivals(shelf: &Shelf, attempt: fn(usize, usize) -> Unit) -> Vec<usize> {
    let tasks: Vec<_> = (0..8)
        .map(|rival| {
            let store = shelf.store.clone();
            tokio::spawn(async move {
                let mut won = Vec::new();
                for no in 0..200 {
                    match store.commit(attempt(rival, no)).await {
                        Ok(done) => won.push((no, done)),
                        Err(error) => assert!(matches!(error, StoreError::Stale { .. }), "{error}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut wins = vec![0; 200];
    for task in tasks {
        task.await.unwrap().into_iter().for_each(|(no, _)| wins[no] += 1);
    }
    wins
}

pub async fn of_eight_rivals_exactly_one_moves_each_check(shelf: Shelf) {
    for no in 0..200 {
        shelf.put(opened(waiting(no, no as u16))).await;
    }
    let attempt = |rival, no| {
        let check = waiting(no, no as u16);
        let change = match rival % 3 {
            0 => confirmed(&check),
            1 => moved(&check, CheckState::Withdrawn, MoveCause::Withdrawn),
            _ => moved(&check, CheckState::Expired, MoveCause::TimedOut),
        };
        Unit { preconditions: vec![at(&check)], ..unit([change]) }
    };
    assert_eq!(rivals(&shelf, attempt).await, [1; 200]);
    for no in 0..200 {
        let check = shelf.check(&id(no)).await;
        assert_eq!((check.version(), check.state), (1, check.moves[0].to));
    }
    assert_eq!(shelf.store.open_checks(&corp(), &rep("zhangsan")).await, Ok(Vec::new()));
}

pub async fn of_eight_rivals_exactly_one_takes_each_number(shelf: Shelf) {
    let attempt =
        |rival, no| opened_if_free(Check { sender: rep("zhangsan"), ..waiting(rival * 200 + no, no as u16) });
    assert_eq!(rivals(&shelf, attempt).await, [1; 200]);
    let open = shelf.store.open_checks(&corp(), &rep("zhangsan")).await.unwrap();
    let numbers: HashSet<_> = open.iter().map(|(short, _)| *short).collect();
    assert_eq!((open.len(), numbers.len()), (200, 200));
    assert_eq!(pages(&*shelf.store, all(), 999).await[0].len(), 200);
}

pub async fn answers_older_than_a_day_are_forgotten_and_younger_ones_kept(shelf: Shelf) {
    for no in 0..4 {
        shelf.commit(keyed(&format!("plugin/{no}"), "x", opened(passed(no)))).await.unwrap();
        shelf.hand.advance(SignedDuration::from_mins(1));
    }
    assert_eq!(shelf.store.forget(minute(2)).await, Ok(2));
    let mut kept = Vec::new();
    for no in 0..4 {
        kept.push(shelf.store.remembered(&format!("plugin/{no}")).await.unwrap().is_some());
    }
    assert_eq!(kept, [false, false, true, true]);
    assert_eq!(pages(&*shelf.store, all(), 9).await[0].len(), 4);
}

pub async fn a_session_is_kept_until_it_is_ended(shelf: Shelf) {
    let (expires_at, idle_until) = (minute(60), minute(15));
    let session =
        Session { corp: corp(), user: rep("zhangsan"), roles: vec![Role::Rep], expires_at, idle_until };
    shelf.store.keep_session("a1", session.clone()).await.unwrap();
    assert_eq!(shelf.store.session("a1").await, Ok(Some(session.clone())));
    assert_eq!(shelf.store.session("a2").await, Ok(None));
    shelf.store.keep_session("a2", session).await.unwrap();
    shelf.store.end_session("a1").await.unwrap();
    assert_eq!(shelf.store.session("a1").await, Ok(None));
    assert!(shelf.store.session("a2").await.unwrap().is_some());
}

//! Followings: what they add up to, and what happened in which order.

use crate::helpers::*;
use jiff::{SignedDuration, Timestamp};
use wecom_guard::model::*;
use wecom_guard::store::*;

fn follow(user: &str, no: usize) -> FollowKey {
    FollowKey { corp: corp(), contact: customer(no), user: rep(user) }
}

fn step(key: &FollowKey, revision: u64, at: Timestamp, what: FollowMove) -> Change {
    let by = Actor::User { corp: corp(), user: key.user.clone() };
    Change::Followed(Box::new(FollowStep { key: key.clone(), revision, at, by, what }))
}

fn note(text: &str) -> FollowMove {
    FollowMove::Note(Note { text: text.to_owned(), script: None, hits: Vec::new() })
}

async fn following(shelf: &Shelf, key: &FollowKey) -> Following {
    shelf.store.following(key).await.unwrap().unwrap()
}

async fn places(shelf: &Shelf, key: &FollowKey, kinds: &[TimelineKind]) -> Vec<String> {
    let page = shelf.store.timeline(key, kinds, None, 1000).await.unwrap();
    assert_eq!(page.next, None);
    page.items.into_iter().map(|item| item.place.to_string()).collect()
}

pub async fn whoever_wecom_shows_as_a_follower_follows(shelf: Shelf) {
    shelf.put(Change::ContactFetched(contact(1, &["zhangsan", "lisi"]))).await;
    for user in ["zhangsan", "lisi"] {
        let following = following(&shelf, &follow(user, 1)).await;
        assert_eq!((following.revision, following.since), (0, Some(start())));
        assert_eq!(following.deadline(), start() + SignedDuration::from_hours(24));
    }
    assert_eq!(shelf.store.following(&follow("wangwu", 1)).await, Ok(None));
    let of = shelf.store.followings_of(&corp(), &rep("lisi")).await.unwrap();
    assert_eq!(of.into_iter().map(|(contact, _)| contact).collect::<Vec<_>>(), [customer(1)]);
}

pub async fn a_following_goes_on_through_a_second_fetch_and_begins_again_after_an_end(shelf: Shelf) {
    let key = follow("zhangsan", 1);
    shelf.put(Change::FollowBegan { key: key.clone(), at: start() }).await;
    shelf.put(step(&key, 1, minute(5), note("约了周三"))).await;
    let later = ContactSnapshot { fetched_at: minute(600), ..contact(1, &["zhangsan"]) };
    shelf.put(Change::ContactFetched(later)).await;
    shelf.put(Change::FollowBegan { key: key.clone(), at: minute(700) }).await;
    let kept = following(&shelf, &key).await;
    assert_eq!((kept.revision, kept.clock_from), (1, start()));

    let ended = Ended { at: minute(800), by: EndedBy::Customer };
    shelf.put(Change::FollowEnded { key: key.clone(), ended }).await;
    assert_eq!(following(&shelf, &key).await.ended, Some(ended));
    // A profile from before the end does not undo it.
    shelf.put(Change::ContactFetched(contact(1, &["zhangsan"]))).await;
    assert_eq!(following(&shelf, &key).await.ended, Some(ended));
    shelf.put(Change::FollowBegan { key: key.clone(), at: minute(900) }).await;
    let again = following(&shelf, &key).await;
    assert_eq!((again.ended, again.clock_from, again.revision), (None, minute(900), 1));
}

pub async fn steps_add_up_and_stand_in_the_timeline(shelf: Shelf) {
    let key = follow("zhangsan", 1);
    shelf.put(Change::ContactFetched(contact(1, &["zhangsan"]))).await;
    let need =
        FollowMove::CoreNeed { before: Vec::new(), after: vec!["医保准入".to_owned()], late: false };
    let first = step(&key, 1, minute(1), need);
    let (from, to) = (Stage::Lead, Stage::Need);
    let moved = FollowMove::Stage { from, to, stayed_s: 60, reason: Some("老客户介绍".to_owned()) };
    shelf.put(first.clone()).await;
    shelf.put(step(&key, 2, minute(2), moved)).await;
    let kept = following(&shelf, &key).await;
    assert_eq!((kept.revision, kept.stage, kept.stage_since), (2, Stage::Need, minute(2)));
    assert_eq!(kept.missing(), [RequiredAction::FirstTouch, RequiredAction::NextFollowUp]);
    // Taken in twice it changes nothing more.
    shelf.put(first).await;
    assert_eq!(following(&shelf, &key).await, kept);
    assert_eq!(places(&shelf, &key, &[]).await.len(), 2);

    let item = shelf.store.timeline(&key, &[TimelineKind::Stage], None, 9).await.unwrap().items.remove(0);
    let Some(Happening::Step(step)) = &item.what else { panic!("{item:?}") };
    assert_eq!(step.revision, 2);
    assert_eq!(shelf.store.timeline_item(&key, &item.place).await, Ok(Some(item)));
}

pub async fn of_eight_rivals_exactly_one_takes_each_step(shelf: Shelf) {
    let key = follow("zhangsan", 1);
    shelf.put(Change::ContactFetched(contact(1, &["zhangsan"]))).await;
    for revision in 0..4 {
        let rivals = (0..8).map(|rival| {
            let (store, key) = (shelf.store.clone(), key.clone());
            let change = step(&key, revision + 1, minute(rival), note(&format!("第{rival}个标签页")));
            let preconditions = vec![Precondition::FollowAt { key, revision }];
            tokio::spawn(async move { store.commit(Unit { preconditions, ..unit([change]) }).await })
        });
        let mut won = 0;
        for rival in rivals.collect::<Vec<_>>() {
            match rival.await.unwrap() {
                Ok(_) => won += 1,
                Err(StoreError::Stale { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, 1);
    }
    assert_eq!(following(&shelf, &key).await.revision, 4);
    assert_eq!(places(&shelf, &key, &[]).await.len(), 4);
}

pub async fn a_timeline_is_paged_newest_first_without_gap_or_repeat(shelf: Shelf) {
    let key = follow("zhangsan", 0);
    for no in 0..20 {
        let text = note(&format!("第{no}条"));
        // Three at the same instant: the place still tells them apart.
        shelf.put(step(&key, no + 1, minute(no as i64 / 3), text)).await;
    }
    let whole = places(&shelf, &key, &[]).await;
    assert_eq!(whole.len(), 20);
    assert!(whole.is_sorted_by(|newer, older| newer > older));
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = shelf.store.timeline(&key, &[TimelineKind::Note], after, 6).await.unwrap();
        paged.extend(page.items.into_iter().map(|item| item.place.to_string()));
        // What comes in meanwhile is newer and moves nothing.
        let revision = following(&shelf, &key).await.revision + 1;
        shelf.put(step(&key, revision, minute(500), note("刚写的"))).await;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole);
}

pub async fn a_timeline_holds_what_is_between_this_rep_and_this_customer_alone(shelf: Shelf) {
    for no in 0..12 {
        shelf.put(opened(passed(no))).await;
    }
    for user in ["zhangsan", "lisi"] {
        let (contact, entry) = (customer(1), "page".to_owned());
        let (user, at) = (rep(user), minute(99));
        shelf.put(Change::ContactOpened { corp: corp(), contact, user, entry, at }).await;
    }
    // Even numbers are zhangsan's, and each third goes to customer 1.
    let kinds = |place: &String| place.split('.').nth(1).unwrap().to_owned();
    let own = places(&shelf, &follow("zhangsan", 1), &[]).await;
    assert_eq!(own.iter().map(kinds).collect::<Vec<_>>(), ["opened", "check", "check"]);
    let checks = places(&shelf, &follow("zhangsan", 1), &[TimelineKind::Check]).await;
    assert!(checks.iter().any(|place| place.ends_with(id(4).as_str())), "{checks:?}");
    assert!(checks.iter().all(|place| !place.ends_with(id(1).as_str())), "{checks:?}");
}

pub async fn the_first_text_that_was_cleared_is_found(shelf: Shelf) {
    let key = follow("zhangsan", 2);
    assert_eq!(shelf.store.first_cleared(&key).await, Ok(None));
    // To customer 2, by zhangsan: one that was blocked, and two that passed.
    for check in [blocked(2), passed(8), passed(14)] {
        shelf.put(opened(check)).await;
    }
    assert_eq!(shelf.store.first_cleared(&key).await, Ok(Some(minute(8))));
}

//! Cards on their way to WeCom: late, doubled or refused, and the answer to the rep never waits.

use crate::helpers::{ASKED, OTHER, REP, short_in};
use crate::support::{Setup, TestApp};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use wecom_guard::model::Actor;
use wecom_guard::sandbox::{CardState, Failure};
use wecom_guard::store::{Change, Entry, OutboxState, OutboxStep, Unit};

const SEND: &str = "message/send";

/// A server that gives WeCom one second.
async fn impatient() -> TestApp {
    let replace = vec![("[wecom]\n".to_owned(), "[wecom]\ntimeout = \"1s\"\n".to_owned())];
    TestApp::with(Setup { replace, ..Setup::default() }).await
}

/// Moves the hand until the member has a card.
async fn card_comes(app: &TestApp, user: &str) {
    app.until("the card", |app| {
        app.passes(1);
        app.cards(user).pop()
    })
    .await;
}

#[tokio::test]
async fn a_slow_wecom_delays_the_card_and_nothing_else() {
    let app = impatient().await;
    app.wecom.faults().slow(SEND, Duration::from_secs(5));
    assert!(app.told(REP, ASKED).await.starts_with("发送前请确认"));
    app.until("the delay", |app| (app.facts("outbox.postponed") > 0).then_some(())).await;
    assert!(app.cards(REP).is_empty());
    app.wecom.faults().clear();
    card_comes(&app, REP).await;
    app.stop().await;
}

#[tokio::test]
async fn a_wecom_that_fails_gets_the_card_later() {
    for (failure, times) in [(Failure::Code(-1), 3), (Failure::Code(45_009), 1), (Failure::Status(502), 3)] {
        let app = TestApp::start().await;
        app.wecom.faults().fail(SEND, times, failure);
        assert!(app.told(REP, ASKED).await.starts_with("发送前请确认"));
        app.until("the delay", |app| (app.facts("outbox.postponed") > 0).then_some(())).await;
        assert!(app.cards(REP).is_empty(), "{failure:?}");
        card_comes(&app, REP).await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_token_that_expires_in_between_is_renewed() {
    let app = TestApp::start().await;
    app.told(REP, ASKED).await;
    app.card(REP, CardState::Live).await;
    app.wecom.faults().expire_tokens();
    app.told(OTHER, ASKED).await;
    app.card(OTHER, CardState::Live).await;
    assert_eq!(app.wecom.calls("gettoken"), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_card_whose_answer_was_lost_is_shown_once_and_can_still_be_greyed() {
    let app = TestApp::start().await;
    app.wecom.faults().fail(SEND, 3, Failure::CutAfterWrite);
    let short = short_in(&app.told(REP, ASKED).await);
    app.until("the delay", |app| (app.facts("outbox.postponed") > 0).then_some(())).await;
    app.passes(120);
    app.until("the end", |app| (app.facts("outbox.sent") > 0).then_some(())).await;
    assert_eq!(app.cards(REP).len(), 1);
    app.told(REP, &format!("确认 {short}")).await;
    app.card(REP, CardState::Greyed("已确认".into())).await;
    app.stop().await;
}

#[tokio::test]
async fn the_card_over_the_members_limit_comes_a_minute_later() {
    let app = TestApp::start().await;
    for _ in 0..31 {
        app.told(REP, ASKED).await;
    }
    app.until("the delay", |app| {
        (app.facts("outbox.postponed") == 1 && app.cards(REP).len() == 30).then_some(())
    })
    .await;
    app.passes(61);
    app.until("the last card", |app| (app.cards(REP).len() == 31).then_some(())).await;
    app.stop().await;
}

/// A server whose card could not be sent yet, stopped.
async fn stopped_with_a_waiting_card(begun: bool) -> (tempfile::TempDir, std::path::PathBuf) {
    let app = TestApp::start().await;
    app.wecom.faults().throttle(SEND, 1);
    app.told(REP, ASKED).await;
    app.until("the delay", |app| (app.facts("outbox.postponed") > 0).then_some(())).await;
    if begun {
        let waiting = app.running.store().due_deeds(Timestamp::MAX, 1).await.unwrap().remove(0);
        let step = OutboxStep {
            id: waiting.id,
            kind: waiting.deed.kind().to_owned(),
            state: OutboxState::Sending,
            attempt: waiting.attempt + 1,
            due_at: app.clock.now() + SignedDuration::from_secs(30),
            detail: None,
            card: None,
        };
        let entries = vec![Entry { actor: Actor::System, change: Change::OutboxMoved(step) }];
        app.running.store().commit(Unit { entries, ..Unit::default() }).await.unwrap();
    }
    let data = app.data.clone();
    (app.stop().await, data)
}

#[tokio::test]
async fn a_card_begun_before_a_crash_is_taken_up_when_its_lease_has_run_out() {
    let (_folder, data) = stopped_with_a_waiting_card(true).await;
    let app = TestApp::with(Setup { data: Some(data), ..Setup::default() }).await;
    app.passes(29);
    app.told(OTHER, ASKED).await;
    app.card(OTHER, CardState::Live).await;
    assert!(app.cards(REP).is_empty(), "somebody may still be at it");
    app.passes(1);
    app.card(REP, CardState::Live).await;
    app.stop().await;
}

#[tokio::test]
async fn a_card_of_an_application_that_is_gone_is_given_up() {
    let (_folder, data) = stopped_with_a_waiting_card(false).await;
    let replace = vec![("name = \"guard\"".to_owned(), "name = \"renamed\"".to_owned())];
    let app = TestApp::with(Setup { data: Some(data), replace, ..Setup::default() }).await;
    app.passes(60);
    app.until("the end", |app| (app.facts("outbox.dropped") == 1).then_some(())).await;
    assert!(app.cards(REP).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_card_decided_before_it_could_be_sent_is_not_sent() {
    let app = TestApp::start().await;
    app.wecom.faults().throttle(SEND, 1);
    let short = short_in(&app.told(REP, ASKED).await);
    app.until("the delay", |app| (app.facts("outbox.postponed") > 0).then_some(())).await;
    assert!(app.told(REP, &format!("确认 {short}")).await.starts_with("已确认"));
    app.passes(61);
    app.until("both ends", |app| (app.facts("outbox.dropped") == 2).then_some(())).await;
    assert!(app.cards(REP).is_empty());
    app.stop().await;
}

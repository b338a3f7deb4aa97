//! What a clock starts is safe to run twice.

use crate::helpers::{ASKED, REP};
use crate::support::{AGENT, CORP, SECRET, TestApp, write_rules};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::Arc;
use wecom_guard::channels::bot::{Bot, Door, Reply, Said, Speaker};
use wecom_guard::directory::Directory;
use wecom_guard::followup::{Followup, FollowupParts};
use wecom_guard::intercept::{Attachment, Draft, Gate, GateParts, Outcome, ReleaseKey};
use wecom_guard::jobs::outbox::Worker;
use wecom_guard::jobs::{close_stale, forget};
use wecom_guard::model::{Channel, Clock, CompanyZone, ManualClock, MessageText, Origin, Recipient, Secret};
use wecom_guard::rules::Live;
use wecom_guard::store::{Idempotency, MemoryStore, Store};
use wecom_guard::wecom::client::{AppAuth, Client, ClientOptions};

struct Room {
    gate: Gate,
    store: Arc<MemoryStore>,
    clock: Clock,
    hand: ManualClock,
    _rules: tempfile::TempDir,
}

fn room() -> Room {
    let rules = tempfile::tempdir().unwrap();
    write_rules(rules.path());
    let (clock, hand) = Clock::manual("2026-11-23T01:00:00Z".parse().unwrap());
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let gate = Gate::new(GateParts {
        store: store.clone(),
        rules: Arc::new(Live::start(rules.path().to_owned(), 1, clock.now()).unwrap()),
        clock: clock.clone(),
        zone: CompanyZone::china(),
        releases: ReleaseKey::new([7; 32]),
        directory: Directory::default(),
        doors: std::collections::HashMap::new(),
    });
    Room { gate, store, clock, hand, _rules: rules }
}

fn draft(text: &str) -> Draft {
    Draft {
        corp: CORP.into(),
        channel: Channel::Api,
        origin: Origin::Token { name: "plugin".into() },
        sender: REP.into(),
        recipient: Some(Recipient::Contact { id: "wmGuard0001".into() }),
        text: MessageText::new(text).unwrap(),
        industry: None,
    }
}

async fn state(room: &Room, text: &str, key: &str) -> wecom_guard::model::CheckId {
    let remember = Idempotency { key: key.into(), fingerprint: String::new(), answer: String::new() };
    let attach = |_: &_| Attachment { idempotency: Some(remember.clone()), ..Attachment::default() };
    match room.gate.check(draft(text), attach).await.unwrap() {
        Outcome::Recorded(recorded) => recorded.check().id.clone(),
        Outcome::Repeated(_) => panic!("made before"),
    }
}

#[tokio::test]
async fn what_ran_out_of_time_is_ended_once() {
    let room = room();
    let waiting = state(&room, ASKED, "a").await;
    let released = state(&room, "周五下午方便见面吗", "b").await;
    assert_eq!(close_stale::run(&room.gate).await.unwrap(), 0);
    room.hand.advance(SignedDuration::from_mins(10));
    assert_eq!(close_stale::run(&room.gate).await.unwrap(), 2);
    let facts = room.store.facts().len();
    assert_eq!(close_stale::run(&room.gate).await.unwrap(), 0);
    assert_eq!(room.store.facts().len(), facts);
    for (id, wanted) in [(waiting, "expired"), (released, "send_unknown")] {
        let check = room.store.check(&CORP.into(), &id).await.unwrap().unwrap();
        assert_eq!(check.state.as_str(), wanted);
    }
}

#[tokio::test]
async fn only_old_answers_are_forgotten_and_only_once() {
    let room = room();
    state(&room, "周五下午方便见面吗", "old").await;
    room.hand.advance(SignedDuration::from_hours(48));
    state(&room, "周六下午方便见面吗", "young").await;
    room.hand.advance(SignedDuration::from_hours(25));
    assert_eq!(forget::run(room.store.as_ref(), &room.clock).await.unwrap(), 1);
    assert_eq!(forget::run(room.store.as_ref(), &room.clock).await.unwrap(), 0);
    assert!(room.store.remembered("old").await.unwrap().is_none());
    assert!(room.store.remembered("young").await.unwrap().is_some());
}

#[tokio::test]
async fn two_workers_on_one_outbox_send_one_card() {
    let (app, room) = (TestApp::start().await, room());
    let options = ClientOptions { api_base: app.wecom.base_url().to_owned(), ..ClientOptions::default() };
    let wecom = Arc::new(Client::new(options, room.clock.clone()).unwrap());
    let auth = AppAuth { corp: CORP.into(), agent: AGENT, secret: Secret::new(SECRET), name: "guard".into() };
    let apps = HashMap::from([("guard".into(), auth)]);
    let followup = Followup::new(FollowupParts {
        store: room.store.clone(),
        wecom: wecom.clone(),
        apps: apps.clone(),
        crm: None,
        rules: room.gate.rules().clone(),
        clock: room.clock.clone(),
        zone: CompanyZone::china(),
        public_url: app.base.clone(),
    });
    let bot = Bot::new(room.gate.clone(), followup);
    let speaker = Speaker { corp: CORP.into(), user: REP.into(), door: Door::App("guard".into()) };
    let said = bot.text(&speaker, ASKED, "callback").await.unwrap();
    assert!(matches!(said, Said::Kept(Reply::Ask { .. })), "{said:?}");
    let worker = Worker {
        store: room.store.clone(),
        wecom,
        apps,
        bot,
        officers: Vec::new(),
        public_url: String::new(),
        clock: room.clock.clone(),
    };
    let (one, other) = tokio::join!(worker.run(), worker.run());
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    assert_eq!(worker.run().await.unwrap(), 0);
    assert_eq!(app.cards(REP).len(), 1);
    app.stop().await;
}

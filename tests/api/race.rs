//! Many hands on the same checks: each ends once.

use crate::helpers::*;
use crate::support::TestApp;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

const CLIENTS: usize = 8;
const CHECKS: usize = 50;

/// One client goes through all checks in its own order, confirming some and withdrawing others.
async fn client(app: &TestApp, checks: &[Value], number: usize, done: &AtomicUsize) {
    let hash = json!({ "text_sha256": sha256(CONFIRM) });
    for step in 0..CHECKS {
        let id = checks[(step * 7 + number * 13) % CHECKS]["id"].as_str().unwrap();
        let answer = match (step + number) % 2 {
            0 => plugin(app).post(&format!("/v1/checks/{id}/confirm"), &hash).await,
            _ => plugin(app).post(&format!("/v1/checks/{id}/withdraw"), &json!({})).await,
        };
        assert!(matches!(answer.status, 200 | 409 | 410), "{}", answer.text);
        // Half-way through, the ten minutes of whatever still waits are over.
        if done.fetch_add(1, Ordering::SeqCst) == CHECKS / 2 {
            app.hand.advance(SignedDuration::from_secs(2));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confirming_withdrawing_and_expiry_at_once_end_each_check_once() {
    let app = TestApp::start().await;
    let caller = plugin(&app);
    let draft = draft(CONFIRM);
    let checks = join_all((0..CHECKS).map(|_| caller.check(&draft))).await;
    app.hand.advance(SignedDuration::from_secs(599));
    let done = AtomicUsize::new(0);
    join_all((0..CLIENTS).map(|number| client(&app, &checks, number, &done))).await;

    let mut ends = BTreeMap::new();
    for check in &checks {
        let id = check["id"].as_str().unwrap();
        let state =
            caller.get(&format!("/v1/checks/{id}")).await.is(200)["state"].as_str().unwrap().to_owned();
        let check = match state.as_str() {
            "awaiting_confirmation" => caller.until(id, "expired").await,
            state => caller.until(id, state).await,
        };
        assert_eq!(check["trail"].as_array().unwrap().len(), 1, "{check}");
        *ends.entry(check["state"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    let known = BTreeSet::from(["confirmed", "expired", "withdrawn"]);
    assert!(ends.keys().all(|state| known.contains(state.as_str())), "{ends:?}");
    assert_eq!(ends.len(), 3, "all three ways were taken: {ends:?}");

    let data = app.data.clone();
    let _kept = app.stop().await;
    let moves = ledger(&data).into_iter().filter(|entry| entry.head.kind == "check.moved");
    let moved: Vec<_> = moves.map(|entry| entry.head.object.unwrap()).collect();
    assert_eq!((moved.len(), moved.iter().collect::<BTreeSet<_>>().len()), (CHECKS, CHECKS));
}

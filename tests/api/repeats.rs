//! `Idempotency-Key`: a repeated request makes no second record.

use crate::helpers::*;
use crate::support::{READ_TOKEN, TestApp};
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;

async fn recorded(app: &TestApp) -> usize {
    let log = token(app, READ_TOKEN).get("/v1/checks").await.is(200);
    log["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_same_request_under_one_key_is_answered_with_the_same_check() {
    let app = TestApp::start().await;
    let caller = plugin(&app).with("idempotency-key", "发送-1");
    assert_eq!(caller.post("/v1/checks", &draft(PASS)).await.refusal(), "422 invalid_value");
    let caller = plugin(&app).with("idempotency-key", "send-1");
    let first = caller.check(&draft(PASS)).await;
    assert_eq!(caller.post("/v1/checks", &draft(PASS)).await.is(200), first);
    assert_eq!(recorded(&app).await, 1);
    // A repetition that comes too late gets the check, and no dead release.
    app.hand.advance(SignedDuration::from_secs(60));
    let late = caller.post("/v1/checks", &draft(PASS)).await.is(200);
    assert_eq!((&late["id"], &late["release"]), (&first["id"], &json!(null)));
    app.stop().await;
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let app = TestApp::start().await;
    let caller = plugin(&app).with("idempotency-key", "send-1");
    caller.check(&draft(PASS)).await;
    let other = caller.post("/v1/checks", &draft(CONFIRM)).await;
    assert_eq!(other.refusal(), "422 idempotency_key_reused");
    assert_eq!(recorded(&app).await, 1);
    app.stop().await;
}

#[tokio::test]
async fn many_at_once_under_one_key_make_one_record() {
    let app = TestApp::start().await;
    let caller = plugin(&app).with("idempotency-key", "send-1");
    let draft = draft(CONFIRM);
    let answers = join_all((0..16).map(|_| caller.post("/v1/checks", &draft))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.json["id"].to_string()).collect();
    assert_eq!((created, ids.len(), recorded(&app).await), (1, 1, 1));
    app.stop().await;
}

#[tokio::test]
async fn the_keys_of_two_callers_never_meet() {
    let app = with_other().await;
    let one = plugin(&app).with("idempotency-key", "send-1").check(&draft(PASS)).await;
    let other = token(&app, OTHER_TOKEN).with("idempotency-key", "send-1").check(&draft(PASS)).await;
    assert_ne!(one["id"], other["id"]);
    app.stop().await;
}

#[tokio::test]
async fn a_key_has_one_to_two_hundred_characters() {
    let app = TestApp::start().await;
    for (len, status) in [(0, 422), (1, 201), (200, 201), (201, 422)] {
        let caller = plugin(&app).with("idempotency-key", &"k".repeat(len));
        assert_eq!(caller.post("/v1/checks", &draft(PASS)).await.status, status, "{len}");
    }
    app.stop().await;
}

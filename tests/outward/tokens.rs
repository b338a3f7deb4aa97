//! One token for many callers, fetched seldom.

use crate::functions::Function;
use crate::qyapi::{Qyapi, app, no};
use crate::server::Reply;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use std::sync::{Arc, Barrier};
use wecom_guard::wecom::fault::WecomError;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_first_calls_at_once_fetch_one_token() {
    let qyapi = Qyapi::start();
    let results = join_all((0..32).map(|_| Function::Member.call(&qyapi))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(qyapi.seen("gettoken").len(), 1);
    assert_eq!(qyapi.seen("user/get").len(), 32);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_calls_that_learn_at_once_of_a_dead_token_fetch_one_more() {
    let qyapi = Qyapi::start();
    qyapi.client.check_token(&app()).await.unwrap();
    let dead = Reply::Together(Arc::new(Barrier::new(32)), Box::new(no(42001)));
    qyapi.script("user/get", vec![dead; 32]);
    let results = join_all((0..32).map(|_| Function::Member.call(&qyapi))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(qyapi.seen("gettoken").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_calls_share_one_failure() {
    let qyapi = Qyapi::start();
    qyapi.always("gettoken", Some(no(40013)));
    let results = join_all((0..32).map(|_| Function::Member.call(&qyapi))).await;
    assert!(results.iter().all(|result| matches!(result, Err(WecomError::Config(_)))));
    assert_eq!(qyapi.seen("gettoken").len(), 1);
}

#[tokio::test]
async fn a_token_is_fetched_anew_after_6900_seconds() {
    let qyapi = Qyapi::start();
    qyapi.client.check_token(&app()).await.unwrap();
    qyapi.hand.advance(SignedDuration::from_secs(6899));
    qyapi.client.check_token(&app()).await.unwrap();
    assert_eq!(qyapi.seen("gettoken").len(), 1);
    qyapi.hand.advance(SignedDuration::from_secs(1));
    qyapi.client.check_token(&app()).await.unwrap();
    assert_eq!(qyapi.seen("gettoken").len(), 2);
}

#[tokio::test]
async fn each_application_has_its_own_token() {
    let qyapi = Qyapi::start();
    let mut other = app();
    other.name = "archive".into();
    qyapi.client.check_token(&app()).await.unwrap();
    qyapi.client.check_token(&other).await.unwrap();
    assert_eq!(qyapi.seen("gettoken").len(), 2);
}

#[tokio::test]
async fn a_wrong_secret_is_tried_ever_more_seldom_and_told_to_the_admin() {
    let qyapi = Qyapi::start();
    qyapi.always("gettoken", Some(no(40001)));
    for (asked, pause) in [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (6, 300)] {
        for _ in 0..10 {
            assert!(matches!(qyapi.client.check_token(&app()).await, Err(WecomError::Config(_))));
        }
        assert_eq!(qyapi.seen("gettoken").len(), asked);
        qyapi.hand.advance(SignedDuration::from_secs(pause));
    }
    let fault = &qyapi.client.faults(&app())[0];
    assert_eq!((fault.api, fault.code), ("gettoken", 40001));
    assert!(fault.advice().unwrap().en.contains("secret"));

    qyapi.always("gettoken", None);
    qyapi.client.check_token(&app()).await.unwrap();
    assert_eq!(qyapi.client.faults(&app()), []);
}

#[tokio::test]
async fn a_busy_gettoken_is_asked_again_after_a_second() {
    let qyapi = Qyapi::start();
    qyapi.script("gettoken", [no(-1), no(-1), no(-1)]);
    assert!(matches!(qyapi.client.check_token(&app()).await, Err(WecomError::Unavailable { .. })));
    assert!(qyapi.client.check_token(&app()).await.is_err());
    assert_eq!(qyapi.seen("gettoken").len(), 3);
    assert_eq!(qyapi.client.faults(&app()), []);
    qyapi.hand.advance(SignedDuration::from_secs(1));
    qyapi.client.check_token(&app()).await.unwrap();
}

#[tokio::test]
async fn an_answer_without_a_token_is_no_token() {
    let qyapi = Qyapi::start();
    qyapi.script("gettoken", [Reply::json(&json!({"errcode": 0, "errmsg": "ok"}))]);
    assert!(matches!(qyapi.client.check_token(&app()).await, Err(WecomError::Bug { .. })));
}

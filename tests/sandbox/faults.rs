use crate::helpers::*;
use jiff::SignedDuration;
use std::time::Duration;
use wecom_guard::sandbox::{Failure, Limits};

const USER: &str = "user/get?userid=lisi";

#[tokio::test]
async fn the_next_calls_fail_as_told_and_then_all_is_well() {
    let world = World::start().await;
    world.sandbox.faults().fail("user/get", 2, Failure::Code(-1));
    world.sandbox.faults().throttle("user/get", 1);
    world.sandbox.faults().crowd("user/get", 1);
    for expected in [-1, -1, 45009, 45033, 0] {
        assert_eq!(code(&world.ask(USER).await), expected);
    }
    assert_eq!(world.sandbox.calls("user/get"), 5);
}

#[tokio::test]
async fn a_proxy_may_answer_with_a_page_of_html() {
    let world = World::start().await;
    world.sandbox.faults().fail("getcallbackip", 1, Failure::Status(502));
    let response = world.http.get(world.url("/cgi-bin/getcallbackip")).send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().starts_with("<html>"));
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_and_does_nothing() {
    let world = World::start().await;
    let url = world.url(&format!("/cgi-bin/message/send?access_token={}", world.token().await));
    world.sandbox.faults().fail("message/send", 1, Failure::Cut);
    let send = || world.http.post(&url).json(&text_to("lisi", "提醒")).send();
    assert!(send().await.is_err());
    assert!(world.sandbox.messages_of("lisi").is_empty());
    assert!(send().await.is_ok());
}

#[tokio::test]
async fn a_call_may_be_carried_out_though_its_answer_is_lost() {
    let world = World::start().await;
    let url = world.url(&format!("/cgi-bin/message/send?access_token={}", world.token().await));
    world.sandbox.faults().fail("message/send", 1, Failure::CutAfterWrite);
    world.sandbox.faults().fail("message/send", 1, Failure::HangAfterWrite);
    let send = || world.http.post(&url).json(&text_to("lisi", "提醒"));
    assert!(send().send().await.is_err());
    assert_eq!(world.sandbox.messages_of("lisi").len(), 1);
    let waiting = tokio::spawn(send().send());
    until(|| world.sandbox.messages_of("lisi").len() == 2).await;
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn a_slow_api_outlasts_the_callers_patience() {
    let world = World::start().await;
    world.sandbox.faults().slow("getcallbackip", Duration::from_secs(600));
    let request = world.http.get(world.url("/cgi-bin/getcallbackip")).timeout(Duration::from_millis(50));
    assert!(request.send().await.unwrap_err().is_timeout());
    world.sandbox.faults().clear();
    assert_eq!(code(&world.ask("getcallbackip").await), 0);
}

#[tokio::test]
async fn tokens_expire_or_vanish_when_told() {
    let world = World::start().await;
    for (tell, expected) in [
        (wecom_guard::sandbox::Faults::expire_tokens as fn(&wecom_guard::sandbox::Faults), 42001),
        (wecom_guard::sandbox::Faults::forget_tokens, 40014),
    ] {
        let token = world.token().await;
        tell(&world.sandbox.faults());
        let answer = world.get(&format!("/cgi-bin/getcallbackip?access_token={token}")).await;
        assert_eq!(code(&answer), expected);
        assert_eq!(code(&world.ask("getcallbackip").await), 0);
    }
}

#[tokio::test]
async fn a_block_ends_by_the_clock() {
    let world = World::start().await;
    for api in ["user/get", "message/send"] {
        world.sandbox.faults().block(api, SignedDuration::from_secs(60));
    }
    assert_eq!(code(&world.ask(USER).await), 45009);
    assert_eq!(code(&world.call("message/send", text_to("lisi", "提醒")).await), 45009);
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(code(&world.ask(USER).await), 0);
}

#[tokio::test]
async fn an_api_called_too_often_in_a_minute_is_blocked_and_sending_is_not_counted() {
    let limits = Limits { api_per_minute: 2, ..Limits::default() };
    let world = World::with(|options| options.limits = limits).await;
    let token = world.token().await;
    let ask = async || code(&world.get(&format!("/cgi-bin/{USER}&access_token={token}")).await);
    assert_eq!([ask().await, ask().await, ask().await], [0, 0, 45009]);
    for _ in 0..3 {
        assert_eq!(code(&world.call_as(&token, "message/send", text_to("lisi", "提醒")).await), 0);
    }
}

#[tokio::test]
async fn more_calls_at_once_than_allowed_are_refused() {
    let world = World::start().await;
    let token = world.token().await;
    let path = format!("/cgi-bin/getcallbackip?access_token={token}");
    world.sandbox.faults().max_parallel("getcallbackip", 0);
    assert_eq!(code(&world.get(&path).await), 45033);
    world.sandbox.faults().max_parallel("getcallbackip", 1);
    assert_eq!(code(&world.get(&path).await), 0);
    assert_eq!(code(&world.get(&path).await), 0, "calls one after another are not at once");
}

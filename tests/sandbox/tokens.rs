use crate::helpers::*;
use jiff::SignedDuration;
use serde_json::json;

#[tokio::test]
async fn the_token_stays_the_same_inside_its_validity() {
    let world = World::start().await;
    let first = world.token().await;
    world.clock.advance(SignedDuration::from_secs(7_199));
    assert_eq!(world.token().await, first);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_ne!(world.token().await, first);
}

#[tokio::test]
async fn an_old_token_is_expired_and_an_unknown_one_invalid() {
    let world = World::start().await;
    let token = world.token().await;
    let ask = async |token: &str| world.get(&format!("/cgi-bin/getcallbackip?access_token={token}")).await;
    assert_eq!(code(&ask(&token).await), 0);
    world.clock.advance(SignedDuration::from_secs(7_200));
    assert_eq!(code(&ask(&token).await), 42001);
    assert_eq!(code(&ask("no-token").await), 40014);
    assert_eq!(code(&ask("").await), 41001);
    assert_eq!(code(&world.get("/cgi-bin/getcallbackip").await), 41001);
}

#[tokio::test]
async fn each_fault_of_gettoken_has_its_code() {
    let world = World::start().await;
    for (query, expected) in [
        ("corpid=ww0123456789abcdef&corpsecret=secret-of-guard", 0),
        ("corpsecret=secret-of-guard", 41002),
        ("corpid=ww0123456789abcdef", 41004),
        ("corpid=ww9&corpsecret=secret-of-guard", 40013),
        ("corpid=ww0123456789abcdef&corpsecret=nobody's", 40001),
        ("corpid=ww0123456789abcdef&corpsecret=secret-of-another-corp", 40091),
    ] {
        let answer = world.get(&format!("/cgi-bin/gettoken?{query}")).await;
        assert_eq!(code(&answer), expected, "{query}");
    }
    let good = world.get("/cgi-bin/gettoken?corpid=ww0123456789abcdef&corpsecret=secret-of-guard").await;
    assert_eq!((good["expires_in"].as_i64(), &good["errmsg"]), (Some(7200), &json!("ok")));
}

#[tokio::test]
async fn an_unknown_path_is_404_and_named() {
    let world = World::start().await;
    let response = world.http.get(world.url("/cgi-bin/externalcontact/gett")).send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.text().await.unwrap().contains("/cgi-bin/externalcontact/gett"));
}

#[tokio::test]
async fn errors_are_http_200_with_a_link_to_their_code() {
    let world = World::start().await;
    let url = world.url("/cgi-bin/getcallbackip?access_token=x");
    let response = world.http.get(url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let message = response.json::<serde_json::Value>().await.unwrap()["errmsg"].to_string();
    assert!(message.contains("from ip: 127.0.0.1") && message.contains("e=40014"), "{message}");
}

#[tokio::test]
async fn a_port_in_use_and_an_agent_named_twice_are_said_at_the_start() {
    use wecom_guard::sandbox::{Sandbox, StartError};
    let world = World::start().await;
    let port = world.sandbox.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let (mut options, _) = options();
    options.port = port;
    assert!(matches!(Sandbox::start(options.clone()).await, Err(StartError::Bind { .. })));
    options.port = 0;
    options.apps[1].agent = options.apps[0].agent;
    assert!(matches!(Sandbox::start(options).await, Err(StartError::AgentTwice(APP))));
}

#[tokio::test]
async fn a_stopped_sandbox_frees_its_port() {
    let world = World::start().await;
    let address = world.sandbox.base_url().trim_start_matches("http://").to_owned();
    world.sandbox.stop().await;
    assert!(std::net::TcpListener::bind(address).is_ok());
}

//! What each wrong request is told.

use crate::helpers::*;
use crate::support::TestApp;
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_text_has_one_to_twenty_thousand_characters() {
    let app = TestApp::start().await;
    let say = async |text: &str| plugin(&app).post("/v1/checks", &draft(text)).await;
    assert_eq!(say(&"好".repeat(20_000)).await.is(201)["state"], "passed");
    let long = say(&"好".repeat(20_001)).await;
    assert_snapshot!(shown(&long.json), @r###"
    type: "about:blank"
    title: "Unprocessable Entity"
    status: 422
    code: "text_too_long"
    detail: "`text` has 20001 characters, at most 20000 are allowed."
    zh: "text 有 20001 个字,最多 20000 个。"
    en: "`text` has 20001 characters, at most 20000 are allowed."
    request_id: "req_…"
    "###);
    for blank in ["", " \n\t", "\u{3000}"] {
        assert_eq!(say(blank).await.refusal(), "422 text_empty");
    }
    app.stop().await;
}

#[tokio::test]
async fn wrong_json_is_told_with_line_and_column() {
    let app = TestApp::start().await;
    let mut rows = Vec::new();
    for body in [
        "",
        "{\"sender\":\"zhangsan\",\n\"text\":}",
        "{\"sender\":\"zhangsan\"",
        "[]",
        "{\"sender\":5}",
        "{\"sender\":\"zhangsan\",\"channel\":\"sms\",\"text\":\"您好\"}",
        "{\"sender\":\"zhangsan\",\"channel\":\"api\",\"text\":\"您好\",\"reciever\":\"wm1\"}",
        "{\"sender\":\"zhangsan\",\"channel\":\"api\",\"text\":\"您好\",\"recipient\":{\"kind\":\"kf\",\"id\":\"wm1\"}}",
        "{\"sender\":\"zhangsan\",\"channel\":\"api\",\"text\":\"您好\",\"text\":\"再好\"}",
    ] {
        let answer = plugin(&app).send(Method::POST, "/v1/checks", body).await;
        rows.push(format!("{} {}:{}", answer.refusal(), answer.json["line"], answer.json["column"]));
    }
    assert_snapshot!(rows.join("\n"), @"
    400 malformed_json 1:0
    400 malformed_json 2:8
    400 malformed_json 1:20
    422 invalid_value 1:2
    422 invalid_value 1:11
    422 invalid_value 1:36
    422 invalid_value 1:63
    422 invalid_value 1:90
    422 invalid_value 1:59
    ");
    let bytes = plugin(&app).send(Method::POST, "/v1/checks", vec![b'"', 0xff, b'"']).await;
    assert_eq!(bytes.refusal(), "400 malformed_json");
    app.stop().await;
}

#[tokio::test]
async fn a_sender_must_be_named() {
    let app = TestApp::start().await;
    for sender in [json!(null), json!(""), json!("  ")] {
        let answer = plugin(&app).post("/v1/checks", &and(draft(PASS), "sender", sender)).await;
        assert_eq!(answer.refusal(), "422 invalid_value");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_body_over_one_mebibyte_is_not_read() {
    let app = TestApp::start().await;
    let padded = |len: usize| {
        let text = draft(PASS).to_string();
        format!("{}{text}", " ".repeat(len - text.len()))
    };
    let answer = plugin(&app).send(Method::POST, "/v1/checks", padded(1 << 20)).await;
    assert_eq!(answer.status, 201);
    let answer = plugin(&app).send(Method::POST, "/v1/checks", padded((1 << 20) + 1)).await;
    assert_eq!(answer.refusal(), "413 body_too_large");
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_never_arrives_holds_nobody_up() {
    let app = TestApp::start().await;
    let mut slow = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = "POST /v1/checks HTTP/1.1\r\nhost: guard\r\nauthorization: Bearer token-check\r\ncontent-length: 90\r\n\r\n";
    slow.write_all(format!("{head}{{\"sender\":").as_bytes()).await.unwrap();
    // Others are served meanwhile.
    plugin(&app).check(&draft(PASS)).await;
    let mut answer = vec![0; 4096];
    let read = slow.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_too_slow"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn a_stranger_is_not_told_whether_a_token_was_close() {
    let app = TestApp::start().await;
    let mut answers = Vec::new();
    for caller in [
        nobody(&app),
        nobody(&app).with("authorization", "Bearer"),
        nobody(&app).with("authorization", "Basic dG9rZW4tY2hlY2s="),
        nobody(&app).with("cookie", "__Host-guard=0123456789abcdef"),
        token(&app, ""),
        token(&app, "token-chec"),
        token(&app, "canary-b81f"),
    ] {
        let mut answer = caller.post("/v1/checks", &draft(PASS)).await.is(401);
        assert!(!answer.to_string().contains("canary"), "{answer}");
        answer["request_id"] = json!("req_…");
        answers.push(answer);
    }
    assert_snapshot!(shown(&answers[0]), @r###"
    type: "about:blank"
    title: "Unauthorized"
    status: 401
    code: "unauthorized"
    detail: "Send a valid token (Authorization: Bearer …) or sign in first."
    zh: "请带上有效的令牌(Authorization: Bearer …)或先登录。"
    en: "Send a valid token (Authorization: Bearer …) or sign in first."
    request_id: "req_…"
    "###);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // Who calls is asked before what they say.
    let nonsense = nobody(&app).send(Method::POST, "/v1/checks", "{").await;
    assert_eq!(nonsense.refusal(), "401 unauthorized");
    app.stop().await;
}

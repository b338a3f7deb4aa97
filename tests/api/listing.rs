//! `GET /v1/checks`: the log.

use crate::helpers::*;
use crate::support::{READ_TOKEN, TestApp};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The texts of a list, newest first.
fn texts(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|check| check["text"].as_str().unwrap().to_owned()).collect()
}

/// Drafts a minute apart: the hand stands at 09:00, 09:01, … Beijing time.
async fn a_morning(app: &TestApp) {
    let group = json!({"kind":"group","id":"wrGuard01"});
    for (sender, recipient, text) in [
        ("zhangsan", json!("wmGuard0001"), PASS),
        ("zhangsan", json!("wmGuard0002"), BLOCK),
        ("lisi", json!("wmGuard0001"), CONFIRM),
        ("lisi", group, "稳赚不赔,放心"),
    ] {
        let draft = json!({"sender":sender,"recipient":recipient,"channel":"api","text":text});
        plugin(app).check(&draft).await;
        app.hand.advance(SignedDuration::from_secs(30));
    }
}

#[tokio::test]
async fn every_filter_narrows_the_log() {
    let app = TestApp::start().await;
    a_morning(&app).await;
    let reader = token(&app, READ_TOKEN);
    for (query, wanted) in [
        ("", &["稳赚不赔,放心", CONFIRM, BLOCK, PASS][..]),
        ("?sender=zhangsan", &[BLOCK, PASS]),
        ("?sender=nobody", &[]),
        ("?recipient=wmGuard0001", &[CONFIRM, PASS]),
        ("?recipient=wrGuard01", &["稳赚不赔,放心"]),
        ("?verdict=block", &["稳赚不赔,放心", BLOCK]),
        ("?verdict=block&sender=zhangsan", &[BLOCK]),
        ("?state=awaiting_confirmation", &[CONFIRM]),
        ("?rule=EDU-003", &[CONFIRM]),
        ("?q=%E4%BF%9D%E5%BA%95", &[BLOCK]),
        ("?from=2026-11-23T01:00:30Z&to=2026-11-23T01:01:30Z", &[CONFIRM, BLOCK]),
        ("?from=2026-11-23T09:01:30%2B08:00", &["稳赚不赔,放心"]),
        ("?disposition=valid", &[]),
    ] {
        let list = reader.get(&format!("/v1/checks{query}")).await.is(200);
        assert_eq!(texts(&list), wanted, "{query}");
        assert!(list["items"].as_array().unwrap().iter().all(|check| check["release"].is_null()));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_filter_that_can_not_be_is_refused() {
    let app = TestApp::start().await;
    for query in [
        "verdict=maybe",
        "state=Passed",
        "from=yesterday",
        "to=2026-11-23",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=many",
        "colour=red",
        "cursor=",
        "cursor=chk_",
        "cursor=%00%ff",
        "cursor=chk_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        "cursor=rel_01KAR4GZ3Q8W5T2N9V7XEMB0CD",
    ] {
        let answer = token(&app, READ_TOKEN).get(&format!("/v1/checks?{query}")).await;
        assert_eq!(answer.refusal(), "422 invalid_value", "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_page_has_fifty_rows_unless_told_and_at_most_two_hundred() {
    let app = TestApp::start().await;
    for number in 0..51 {
        plugin(&app).check(&draft(&format!("第{number}位客户,您好"))).await;
    }
    let reader = token(&app, READ_TOKEN);
    for (query, rows, more) in
        [("", 50, true), ("?limit=1", 1, true), ("?limit=51", 51, false), ("?limit=200", 51, false)]
    {
        let list = reader.get(&format!("/v1/checks{query}")).await.is(200);
        assert_eq!((texts(&list).len(), list["next"].is_string()), (rows, more), "{query}");
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_stand_still_while_rows_arrive() {
    let app = TestApp::start().await;
    let add = async |number: usize| {
        plugin(&app).check(&draft(&format!("第{number}位客户,您好"))).await;
        app.hand.advance(SignedDuration::from_millis(1));
    };
    for number in 0..7 {
        add(number).await;
    }
    for filter in ["", "&sender=zhangsan"] {
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        let total = token(&app, READ_TOKEN).get("/v1/checks?limit=200").await.is(200);
        loop {
            let path = format!("/v1/checks?limit=3{filter}{cursor}");
            let page = token(&app, READ_TOKEN).get(&path).await.is(200);
            seen.extend(texts(&page));
            add(100 + seen.len()).await;
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, texts(&total), "each row once, newest first, none of the late ones");
    }
    app.stop().await;
}

//! What the page beside a chat asks for: drafts, the first notice, signatures, its files.

use crate::helpers::*;
use crate::support::{SECRET, TestApp};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeSet;
use wecom_guard::model::Role;
use wecom_guard::sandbox::Failure;
use wecom_guard::wecom::jssdk::sign;

#[tokio::test]
async fn a_draft_is_kept_for_a_day_for_its_writer_and_its_customer() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let other = session(&app, "lisi", Role::Rep).await;
    let kept = |text| json!({ "text": text });
    let put = async |to: &str, text| {
        let body = kept(text).to_string();
        let caller = rep.with("content-type", "application/json");
        caller.send(reqwest::Method::PUT, &format!("/v1/drafts/{to}"), body).await.status
    };
    assert_eq!(put("wmGuard0001", "您好,收益情况").await, 204);
    assert_eq!(put("none", "还没选客户").await, 204);
    assert_eq!(rep.get("/v1/drafts/wmGuard0001").await.is(200), kept("您好,收益情况"));
    assert_eq!(rep.get("/v1/drafts/wmGuard0002").await.is(200), kept(""));
    assert_eq!(other.get("/v1/drafts/wmGuard0001").await.is(200), kept(""));
    assert_eq!(put("none", "").await, 204);
    assert_eq!(rep.get("/v1/drafts/none").await.is(200), kept(""));
    assert_eq!(put("../x", "x").await, 404);
    app.hand.advance(SignedDuration::from_hours(24));
    let later = session(&app, "zhangsan", Role::Rep).await;
    assert_eq!(later.get("/v1/drafts/wmGuard0001").await.is(200), kept(""));
    app.stop().await;
}

#[tokio::test]
async fn the_first_notice_is_shown_until_it_is_read_and_recorded_once() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    assert!(rep.get("/sidebar").await.text.contains("data-testid=\"notice\""));
    for _ in 0..2 {
        assert_eq!(rep.post("/v1/notice", &json!({})).await.status, 204);
    }
    assert!(!rep.get("/sidebar").await.text.contains("data-testid=\"notice\""));
    let dir = app.stop().await;
    let read =
        ledger(&dir.path().join("data")).into_iter().filter(|entry| entry.head.kind == "notice.read").count();
    assert_eq!(read, 1);
}

#[tokio::test]
async fn a_page_of_ours_is_signed_with_the_ticket_of_its_kind_and_no_other_page() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let page = format!("{}/sidebar?x=1&y=%E5%AE%A2", app.base);
    let mut seen = BTreeSet::new();
    for (kind, ticket) in [("corp", "ticket-of-corp-"), ("agent", "ticket-of-agent-")] {
        let body = json!({"url": format!("{page}#mine"), "kind": kind});
        let signed = rep.post("/v1/jssdk/signature", &body).await.is(200);
        let (nonce, time) = (signed["nonceStr"].as_str().unwrap(), signed["timestamp"].as_i64().unwrap());
        // The sandbox numbers what it gives out; one of the first hundred tickets fits.
        let fits = (0..100)
            .any(|number| signed["signature"] == sign(&format!("{ticket}{number:016}"), nonce, time, &page));
        assert!(fits, "{signed}");
        seen.insert(nonce.to_owned());
    }
    assert_eq!(seen.len(), 2);
    for foreign in [
        "https://evil.example.com/sidebar",
        "",
        "/sidebar",
        "http://127.0.0.1/sidebar",
        &format!("{}.evil.example.com/", app.base),
        &format!("https://{}@evil.example.com", app.base.trim_start_matches("http://")),
    ] {
        let body = json!({"url": foreign, "kind": "agent"});
        assert_eq!(rep.post("/v1/jssdk/signature", &body).await.refusal(), "422 invalid_value", "{foreign}");
    }
    app.stop().await;
}

#[tokio::test]
async fn one_ticket_serves_all_who_wait_until_shortly_before_it_runs_out() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let body = json!({"url": format!("{}/sidebar", app.base), "kind": "agent"});
    let ask = async || rep.post("/v1/jssdk/signature", &body).await.status;
    assert!(futures_util::future::join_all((0..8).map(|_| ask())).await.iter().all(|status| *status == 200));
    assert_eq!(app.wecom.calls("ticket/get"), 1);
    for _ in 0..5 {
        app.hand.advance(SignedDuration::from_mins(20));
        assert_eq!(ask().await, 200);
    }
    assert_eq!(app.wecom.calls("ticket/get"), 1);
    app.hand.advance(SignedDuration::from_mins(20));
    app.wecom.faults().fail("ticket/get", 9, Failure::Status(502));
    assert_eq!(ask().await, 503);
    app.wecom.faults().clear();
    app.hand.advance(SignedDuration::from_mins(1));
    assert_eq!(ask().await, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_rep_can_not_check_a_text_for_a_customer_of_somebody_else() {
    let app = TestApp::start().await;
    let lisi = session(&app, "lisi", Role::Rep).await;
    let draft = json!({"recipient": "wmGuard0002", "channel": "sidebar", "text": PASS});
    assert_eq!(lisi.post("/v1/checks", &draft).await.refusal(), "403 not_follow_user");
    let draft = json!({"recipient": "wmNobody", "channel": "sidebar", "text": PASS});
    assert_eq!(lisi.post("/v1/checks", &draft).await.refusal(), "404 not_found");
    app.stop().await;
}

#[tokio::test]
async fn the_files_of_a_page_are_small_compressed_and_kept_for_good() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let page = rep.get("/sidebar").await;
    assert!(!page.text.contains(SECRET));
    let files: BTreeSet<_> = page.text.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    let mut weight = page.text.len();
    for file in files {
        let plain = nobody(&app).get(file).await;
        let packed = nobody(&app).with("accept-encoding", "br, gzip").get(file).await;
        assert_eq!((plain.status, packed.status), (200, 200), "{file}");
        for answer in [&plain, &packed] {
            assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
        assert!(plain.headers.get("content-encoding").is_none());
        assert_eq!(packed.headers["content-encoding"], "gzip");
        weight += packed.headers["content-length"].to_str().unwrap().parse::<usize>().unwrap();
    }
    assert!(weight < 60 * 1024, "{weight} bytes for a first load");
    assert_eq!(nobody(&app).get("/assets/guard.css").await.status, 404);
    assert_eq!(
        nobody(&app).get("/assets/guard.0000000000000000.css").await.headers["cache-control"],
        "no-store"
    );
    app.stop().await;
}

#[tokio::test]
async fn other_replies_are_shown_when_the_first_were_seen() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let items = async |skip: usize| {
        let path = format!("/v1/replies?text=%E6%94%B6%E7%9B%8A&skip={skip}");
        rep.get(&path).await.is(200)["items"].as_array().unwrap().clone()
    };
    let (first, second) = (items(0).await, items(2).await);
    assert_eq!((first.len(), &first[2..]), (3, &second[..]));
    assert!(items(3).await.is_empty());
    app.stop().await;
}

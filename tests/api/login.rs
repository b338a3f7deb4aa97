//! Signing in by link, and how a session ends.

use crate::helpers::*;
use crate::support::TestApp;
use insta::assert_snapshot;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use wecom_guard::model::Role;

fn minutes(app: &TestApp, minutes: i64) {
    app.hand.advance(SignedDuration::from_mins(minutes));
}

#[tokio::test]
async fn a_link_signs_in_once_and_looking_at_it_does_not_use_it_up() {
    let app = TestApp::start().await;
    let link = app.login_path("zhangsan", Role::Rep);
    for _ in 0..2 {
        let page = nobody(&app).get(&link).await;
        assert!(page.status == 200 && page.text.contains("登录为 zhangsan"), "{}", page.text);
        assert!(page.headers.get("set-cookie").is_none());
    }
    let signed_in = nobody(&app).send(Method::POST, &link, "").await;
    assert_eq!((signed_in.status, signed_in.headers["location"].to_str().unwrap()), (303, "/contact"));
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
    let (name, rest) = cookie.split_once('=').unwrap();
    let (id, attributes) = rest.split_once("; ").unwrap();
    assert_eq!((name, id.len()), ("__Host-guard", 64));
    assert_snapshot!(attributes, @"HttpOnly; SameSite=Lax; Secure; Path=/");

    let again = nobody(&app).send(Method::POST, &link, "").await;
    assert!(again.status == 403 && again.text.contains("已经用过或已过期"), "{}", again.text);
    assert!(again.headers.get("set-cookie").is_none());
    app.stop().await;
}

#[tokio::test]
async fn a_link_that_is_old_or_was_touched_signs_nobody_in() {
    let app = TestApp::start().await;
    let link = app.login_path("zhangsan", Role::Rep);
    let (said, signature) = link.split_once('.').unwrap();
    let officer = app.login_path("zhangsan", Role::Officer);
    let swapped = format!("{}.{signature}", officer.split_once('.').unwrap().0);
    for touched in [said.to_owned(), format!("{said}."), format!("{link}x"), swapped, "/login/x".to_owned()] {
        assert_eq!(nobody(&app).get(&touched).await.status, 403, "{touched}");
        assert_eq!(nobody(&app).send(Method::POST, &touched, "").await.status, 403, "{touched}");
    }
    minutes(&app, 10);
    assert_eq!(nobody(&app).get(&link).await.status, 403);
    assert_eq!(nobody(&app).send(Method::POST, &link, "").await.status, 403);
    app.stop().await;
}

#[tokio::test]
async fn two_at_once_with_one_link_make_one_session() {
    let app = TestApp::start().await;
    let link = app.login_path("zhangsan", Role::Rep);
    let enter = async || nobody(&app).send(Method::POST, &link, "").await.status;
    let mut answers = futures_util::future::join_all((0..4).map(|_| enter())).await;
    answers.sort_unstable();
    assert_eq!(answers, [303, 403, 403, 403]);
    app.stop().await;
}

#[tokio::test]
async fn a_customers_page_asks_for_a_session() {
    let app = TestApp::start().await;
    for page in ["/contact", "/contact/wmGuard0001"] {
        for caller in [nobody(&app), plugin(&app), nobody(&app).with("cookie", "__Host-guard=abc")] {
            let answer = caller.get(page).await;
            assert!(answer.status == 401 && answer.text.contains("请在企业微信里打开"), "{}", answer.text);
            assert!(!answer.text.contains("晨光里的茶"));
        }
    }
    let rep = session(&app, "zhangsan", Role::Rep).await;
    assert!(rep.get("/contact/wmGuard0001").await.text.contains("晨光里的茶"));
    assert!(rep.get("/contact").await.text.contains("晨光里的茶"));
    // Nobody's customers but the rep's own, and an admin's sign-in opens no customer.
    let other = session(&app, "lisi", Role::Rep).await;
    assert_eq!(other.get("/contact/wmGuard0002").await.status, 403);
    let admin = session(&app, "linxu", Role::Admin).await;
    let shut = admin.get("/contact/wmGuard0001").await;
    assert!(shut.status == 403 && shut.text.contains("没有查看这里的权限"), "{}", shut.text);
    app.stop().await;
}

#[tokio::test]
async fn an_unused_session_ends_after_half_an_hour() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    minutes(&app, 29);
    assert_eq!(rep.get("/v1/rules").await.status, 200);
    minutes(&app, 29);
    assert_eq!(rep.get("/v1/rules").await.status, 200);
    minutes(&app, 30);
    assert_eq!(rep.get("/v1/rules").await.refusal(), "401 unauthorized");
    // Gone for good, whatever the clock says.
    minutes(&app, -30);
    assert_eq!(rep.get("/v1/rules").await.refusal(), "401 unauthorized");
    app.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    for _ in 0..35 {
        minutes(&app, 20);
        assert_eq!(rep.get("/v1/rules").await.status, 200);
    }
    minutes(&app, 20);
    assert_eq!(rep.get("/v1/rules").await.refusal(), "401 unauthorized");
    app.stop().await;
}

#[tokio::test]
async fn leaving_ends_the_session_on_the_server() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let other = session(&app, "zhangsan", Role::Rep).await;
    assert_eq!(rep.without("x-csrf-token").post("/logout", &json!({})).await.refusal(), "403 csrf");
    assert_eq!(rep.get("/v1/rules").await.status, 200);
    assert_eq!(rep.post("/logout", &json!({})).await.status, 204);
    assert_eq!(rep.get("/v1/rules").await.refusal(), "401 unauthorized");
    assert_eq!(rep.post("/logout", &json!({})).await.refusal(), "401 unauthorized");
    assert_eq!(other.get("/v1/rules").await.status, 200);
    app.stop().await;
}

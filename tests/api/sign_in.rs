//! Signing in with WeCom: inside its client and by scanning, and what must not sign anybody in.

use crate::helpers::*;
use crate::support::{CORP, Setup, TestApp};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use wecom_guard::model::Role;

const WXWORK: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) wxwork/4.1.36 MicroMessenger/7.0.1 Language/zh";

/// A browser inside WeCom's client.
fn client(app: &TestApp) -> Caller<'_> {
    nobody(app).with("user-agent", WXWORK)
}

/// The cookies an answer sets, as a browser would send them back.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let kept =
        set.filter(|cookie| !cookie.contains("Max-Age=0")).map(|cookie| cookie.split(';').next().unwrap());
    kept.collect::<Vec<_>>().join("; ")
}

fn location(answer: &Answer) -> String {
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// What WeCom answers a browser that was sent to it: the way back, as a path of ours.
async fn at_wecom(app: &TestApp, address: &str) -> String {
    let answer = app.http.get(address).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{}", answer.text().await.unwrap());
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    back.strip_prefix(&app.base).unwrap().to_owned()
}

/// A sign-in up to the way back, with the cookie it is bound to.
async fn begun(app: &TestApp, browser: &Caller<'_>, to: &str) -> (String, String) {
    let away = browser.get(&format!("/login?to={to}")).await;
    assert_eq!(away.status, 302);
    (at_wecom(app, &location(&away)).await, cookies(&away))
}

#[tokio::test]
async fn inside_wecom_a_rep_is_signed_in_without_a_question_and_led_where_they_wanted() {
    let app = TestApp::start().await;
    app.wecom.signs_in(Some("zhangsan"));
    let shut = client(&app).get("/contact/wmGuard0001?entry=x").await;
    assert_eq!(
        (shut.status, location(&shut).as_str()),
        (302, "/login?to=%2Fcontact%2FwmGuard0001%3Fentry%3Dx")
    );

    let away = client(&app).get(&location(&shut)).await;
    let oauth = location(&away);
    assert!(
        oauth.starts_with(&format!("{}/connect/oauth2/authorize?appid={CORP}&", app.wecom.base_url())),
        "{oauth}"
    );
    assert!(oauth.contains("&scope=snsapi_base&") && oauth.ends_with("#wechat_redirect"), "{oauth}");
    let back = at_wecom(&app, &oauth).await;
    let browser = client(&app).with("cookie", &cookies(&away));
    let signed_in = browser.get(&back).await;
    assert_eq!((signed_in.status, location(&signed_in).as_str()), (302, "/contact/wmGuard0001?entry=x"));
    let rep = client(&app).with("cookie", &cookies(&signed_in));
    assert!(rep.get("/contact/wmGuard0001").await.text.contains("晨光里的茶"));
    app.stop().await;
}

#[tokio::test]
async fn any_other_browser_is_shown_a_code_to_scan() {
    let app = TestApp::start().await;
    let shut = nobody(&app).get("/sidebar").await;
    assert!(shut.status == 401 && shut.text.contains("href=\"/login?to=%2Fsidebar\""), "{}", shut.text);
    let away = nobody(&app).get("/login?to=%2Fsidebar").await;
    let scan = location(&away);
    assert!(
        scan.starts_with(&format!(
            "{}/wwlogin/sso/login?login_type=CorpApp&appid={CORP}&",
            app.wecom.base_url()
        )),
        "{scan}"
    );
    app.wecom.signs_in(Some("zhangsan"));
    let back = at_wecom(&app, &scan).await;
    let signed_in = nobody(&app).with("cookie", &cookies(&away)).get(&back).await;
    assert_eq!((signed_in.status, location(&signed_in).as_str()), (302, "/sidebar"));
    app.stop().await;
}

#[tokio::test]
async fn a_way_back_that_is_not_this_browsers_or_was_taken_before_signs_nobody_in() {
    let app = TestApp::start().await;
    app.wecom.signs_in(Some("zhangsan"));
    let (back, cookie) = begun(&app, &client(&app), "/sidebar").await;
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let (other, other_cookie) = begun(&app, &client(&app), "/sidebar").await;
    let wrong = [
        (back.clone(), String::new()),
        (back.clone(), other_cookie.clone()),
        (back.clone(), format!("{}x", cookie)),
        (format!("/login/wecom?code={code}"), cookie.clone()),
        (format!("/login/wecom?code={code}&state=0"), cookie.clone()),
        ("/login/wecom".to_owned(), cookie.clone()),
    ];
    for (path, cookie) in &wrong {
        let answer = client(&app).with("cookie", cookie).get(path).await;
        assert!(answer.status == 403 && !cookies(&answer).contains("__Host-guard="), "{path} {cookie}");
    }
    assert_eq!(client(&app).with("cookie", &cookie).get(&back).await.status, 302);
    // The same way back again, also with a code that was not used yet.
    assert_eq!(client(&app).with("cookie", &cookie).get(&back).await.status, 403);
    let fresh = other.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let reused = back.replace(code, fresh);
    assert_eq!(client(&app).with("cookie", &cookie).get(&reused).await.status, 403);

    let (late, cookie) = begun(&app, &client(&app), "/sidebar").await;
    app.hand.advance(SignedDuration::from_mins(10));
    assert_eq!(client(&app).with("cookie", &cookie).get(&late).await.status, 403);
    app.stop().await;
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_signing_in() {
    let app = TestApp::start().await;
    app.wecom.signs_in(Some("zhangsan"));
    for foreign in ["https:%2F%2Fevil.example.com", "%2F%2Fevil.example.com", "%2F%5Cevil.example.com"] {
        let (back, cookie) = begun(&app, &client(&app), foreign).await;
        let signed_in = client(&app).with("cookie", &cookie).get(&back).await;
        assert_eq!((signed_in.status, location(&signed_in).as_str()), (302, "/contact"), "{foreign}");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_outsider_is_not_signed_in_and_wecom_being_away_is_told() {
    let app = TestApp::start().await;
    app.wecom.signs_in(Some("a-customer"));
    let (back, cookie) = begun(&app, &client(&app), "/sidebar").await;
    let answer = client(&app).with("cookie", &cookie).get(&back).await;
    assert!(answer.status == 403 && answer.text.contains("没有对你开放"), "{}", answer.text);

    app.wecom.signs_in(Some("zhangsan"));
    let (back, cookie) = begun(&app, &client(&app), "/sidebar").await;
    app.wecom.faults().fail("auth/getuserinfo", 9, wecom_guard::sandbox::Failure::Status(502));
    let answer = client(&app).with("cookie", &cookie).get(&back).await;
    assert!(answer.status == 503 && answer.text.contains("暂时没有回应"), "{}", answer.text);
    app.stop().await;
}

#[tokio::test]
async fn signing_in_gives_the_roles_of_the_settings_too_and_ends_the_session_before() {
    let extra = format!("[[person]]\nuser = \"linxu\"\ncorp_id = \"{CORP}\"\nroles = [\"admin\"]\n");
    let app = TestApp::with(Setup { extra, ..Setup::default() }).await;
    let before = session(&app, "zhangsan", Role::Rep).await;
    app.wecom.signs_in(Some("linxu"));
    let (back, cookie) = begun(&app, &client(&app), "/contact").await;
    let both = format!("{}; {cookie}", before.header("cookie"));
    let signed_in = client(&app).with("cookie", &both).get(&back).await;
    let admin = nobody(&app).with("cookie", &cookies(&signed_in));
    // No CSRF token was sent: past the role, short of the change.
    assert_eq!(admin.post("/v1/rules/reload", &json!({})).await.refusal(), "403 csrf");
    assert_eq!(before.get("/v1/rules").await.refusal(), "401 unauthorized");
    app.stop().await;
}

#[tokio::test]
async fn what_was_written_when_the_session_ended_is_there_after_signing_in_again() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await.with("origin", &app.base);
    app.hand.advance(SignedDuration::from_mins(31));
    assert_eq!(rep.get("/v1/drafts/wmGuard0001").await.status, 401);
    let text = "这款产品的说明书我发您邮箱";
    let body =
        json!({"to": "/sidebar?lang=en", "user": "zhangsan", "recipient": "wmGuard0001", "text": text});
    for foreign in
        [rep.without("cookie"), rep.without("x-csrf-token"), rep.with("origin", "https://evil.example.com")]
    {
        assert_eq!(foreign.post("/login/again", &body).await.refusal(), "403 csrf");
    }
    // Somebody else who signs in on this browser does not get it; its writer does.
    for (user, found) in [("lisi", ""), ("zhangsan", text)] {
        let away = rep.post("/login/again", &body).await;
        let place = away.json["location"].as_str().unwrap().to_owned();
        app.wecom.signs_in(Some(user));
        let back = at_wecom(&app, &place).await;
        let signed_in = nobody(&app).with("cookie", &cookies(&away)).get(&back).await;
        assert_eq!(location(&signed_in), "/sidebar?lang=en");
        let again = nobody(&app).with("cookie", &cookies(&signed_in));
        assert_eq!(again.get("/v1/drafts/wmGuard0001").await.is(200)["text"], json!(found), "{user}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_session_that_was_left_stays_left_while_it_is_being_renewed() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        let rep = session(&app, "zhangsan", Role::Rep).await;
        // Every request from now on would renew the session.
        app.hand.advance(SignedDuration::from_mins(5));
        let used = futures_util::future::join_all((0..8).map(|_| rep.get("/v1/rules")));
        let left = rep.send(Method::POST, "/logout", "");
        futures_util::future::join(used, left).await;
        assert_eq!(rep.get("/v1/rules").await.status, 401);
    }
    app.stop().await;
}

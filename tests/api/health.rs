//! What operators and WeCom ask without a token.

use crate::helpers::*;
use crate::support::{SECRET, Setup, TestApp};
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};
use wecom_guard::sandbox::Failure;

fn part(ready: &Value, name: &str) -> Value {
    ready["parts"].as_array().unwrap().iter().find(|part| part["name"] == name).unwrap().clone()
}

#[tokio::test]
async fn a_good_start_is_alive_and_ready() {
    let app = TestApp::start().await;
    assert_eq!(nobody(&app).get("/healthz").await.is(200), json!({"alive":true}));
    let ready = nobody(&app).get("/readyz").await.is(200);
    assert_eq!(ready["ready"], true);
    assert_eq!(part(&ready, "token:guard"), json!({"name":"token:guard","ok":true,"detail":null}));
    app.stop().await;
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_what_to_do_and_without_the_secret() {
    let replace = vec![(SECRET.to_owned(), "canary-wrong-secret".to_owned())];
    let app = TestApp::with(Setup { replace, ..Setup::default() }).await;
    let answer = nobody(&app).get("/readyz").await;
    assert!(!answer.text.contains("canary"), "{}", answer.text);
    let ready = answer.is(503);
    assert_eq!((&ready["ready"], &part(&ready, "record")["ok"]), (&json!(false), &json!(true)));
    let token = part(&ready, "token:guard");
    assert!(token["detail"]["fault"].as_str().unwrap().starts_with("`gettoken` answered 40001"), "{token}");
    assert_snapshot!(shown(&token["detail"]["advice"]), @r###"
    zh: "企业 ID 与 Secret 不匹配,或应用已停用:请在管理后台核对这一对值"
    en: "The corp id and the secret do not belong together, or the app is stopped: check the pair in the admin console"
    "###);
    app.stop().await;
}

#[tokio::test]
async fn wecom_being_away_does_not_make_us_unready() {
    let app = TestApp::start().await;
    app.wecom.faults().fail("gettoken", 20, Failure::Status(502));
    let ready = nobody(&app).get("/readyz").await.is(200);
    assert!(part(&ready, "token:guard")["detail"]["away"].is_string(), "{ready}");
    assert_eq!(plugin(&app).check(&draft(PASS)).await["state"], "passed");
    app.stop().await;
}

#[tokio::test]
async fn a_closed_record_makes_us_unready_though_alive() {
    let app = TestApp::start().await;
    app.running.store().close().await;
    let ready = nobody(&app).get("/readyz").await.is(503);
    assert_eq!(part(&ready, "record")["ok"], false);
    assert!(nobody(&app).get("/metrics").await.text.contains("guard_record_writable 0"));
    nobody(&app).get("/healthz").await.is(200);
    app.stop().await;
}

#[tokio::test]
async fn the_figures_count_what_happened() {
    let app = TestApp::start().await;
    plugin(&app).check(&draft(BLOCK)).await;
    plugin(&app).check(&draft(BLOCK)).await;
    nobody(&app).get("/v1/checks").await.is(401);
    app.says("zhangsan", PASS).await;
    let figures = nobody(&app).get("/metrics").await;
    assert_eq!(figures.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let own = figures.text.lines().filter(|line| !line.starts_with('#') && !line.contains("revision"));
    assert_snapshot!(own.collect::<Vec<_>>().join("\n"), @r#"
    guard_callbacks{endpoint="guard",kind="message",outcome="new"} 1
    guard_checks{channel="api",verdict="block"} 2
    guard_checks{channel="bot",verdict="pass"} 1
    guard_http_answers{route="/callback/{app}",status="200"} 1
    guard_http_answers{route="/v1/checks",status="201"} 2
    guard_http_answers{route="/v1/checks",status="401"} 1
    guard_record_writable 1
    guard_rules_refused 0
    "#);
    app.stop().await;
}

#[tokio::test]
async fn wecoms_proof_of_the_domain_is_served_as_the_settings_have_it() {
    let app = TestApp::start().await;
    let proof = nobody(&app).get("/WW_verify_abc123.txt").await;
    assert_eq!((proof.status, proof.text.as_str()), (200, "abc123"));
    assert_eq!(nobody(&app).get("/WW_verify_other.txt").await.refusal(), "404 not_found");
    app.stop().await;
}

#[tokio::test]
async fn a_path_nobody_serves_is_a_problem_document() {
    let app = TestApp::start().await;
    let answer = nobody(&app).get("/wp-login.php").await;
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_snapshot!(shown(&answer.json), @r###"
    type: "about:blank"
    title: "Not Found"
    status: 404
    code: "not_found"
    detail: "There is no such thing."
    zh: "没有找到。"
    en: "There is no such thing."
    request_id: "req_…"
    "###);
    for path in ["/", "/v1", "/v1/checks/chk_1/nothing", "/v1/checks/%ff", "/assets/..%2fmod.rs"] {
        assert_eq!(nobody(&app).get(path).await.status / 100, 4, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    let everyone = nobody(&app);
    let answers = [
        everyone.get("/healthz").await,
        everyone.get("/v1/checks").await,
        everyone.get("/nowhere").await,
        everyone.get("/contact").await,
        everyone.get("/openapi.json").await,
        everyone.get("/callback/guard?msg_signature=x&timestamp=1&nonce=1&echostr=x").await,
        plugin(&app).send(Method::POST, "/v1/checks", "{").await,
        plugin(&app).post("/v1/checks", &draft(PASS)).await,
    ];
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 401, 404, 401, 200, 403, 400, 201]);
    for answer in &answers {
        let header = |name: &str| answer.headers[name].to_str().unwrap();
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    }
    app.stop().await;
}

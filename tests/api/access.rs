//! Who may call what.

use crate::helpers::*;
use crate::support::{READ_TOKEN, RULES_TOKEN, TestApp};
use insta::assert_snapshot;
use reqwest::Method;
use serde_json::{Value, json};
use wecom_guard::model::Role;
use wecom_guard::web::routes::ROUTES;

/// Everything below `/v1`, with something in the place of the id.
fn calls() -> impl Iterator<Item = (Method, String)> {
    let own = ROUTES.iter().filter(|(_, path)| path.starts_with("/v1/"));
    own.map(|(method, path)| {
        let path = ["{id}", "{revision}", "{to}"]
            .iter()
            .fold((*path).to_owned(), |path, part| path.replace(part, "none"));
        (method.to_uppercase().parse().unwrap(), path)
    })
}

#[tokio::test]
async fn each_route_admits_whom_it_is_for() {
    let app = TestApp::start().await;
    let mut callers = vec![nobody(&app), plugin(&app), token(&app, READ_TOKEN), token(&app, RULES_TOKEN)];
    for role in Role::ALL {
        callers.push(session(&app, "zhangsan", role).await);
    }
    let mut rows = vec!["(nobody; check, read, rules; rep, supervisor, officer, admin, auditor)".to_owned()];
    for (method, path) in calls() {
        let mut row = format!("{method} {path}");
        for caller in &callers {
            let answer = caller.send(method.clone(), &path, "").await;
            row += match answer.status {
                401 => " 401",
                403 => " 403",
                _ => " in",
            };
        }
        rows.push(row);
    }
    assert_snapshot!(rows.join("\n"), @"
    (nobody; check, read, rules; rep, supervisor, officer, admin, auditor)
    POST /v1/checks 401 in 403 403 in in 403 403 403
    GET /v1/checks 401 403 in 403 in in in 403 in
    GET /v1/checks/none 401 in in 403 in in in 403 in
    POST /v1/checks/none/confirm 401 in 403 403 in in 403 403 403
    POST /v1/checks/none/withdraw 401 in 403 403 in in 403 403 403
    POST /v1/checks/none/sent 401 in 403 403 in in 403 403 403
    POST /v1/checks/none/appeal 401 403 403 403 in in 403 403 403
    POST /v1/checks/none/approve 401 403 403 403 in in 403 403 403
    POST /v1/checks/none/reject 401 403 403 403 in in 403 403 403
    POST /v1/checks/none/disposition 401 403 403 403 403 403 in 403 403
    GET /v1/approvals 401 403 403 403 in in 403 403 403
    GET /v1/rules 401 in in in in in in in in
    POST /v1/rules/try 401 403 403 in 403 403 403 in 403
    POST /v1/rules/reload 401 403 403 in 403 403 403 in 403
    GET /v1/rules/history 401 403 403 in 403 403 403 in 403
    GET /v1/rules/history/none 401 403 403 in 403 403 403 in 403
    POST /v1/rules/rollback 401 403 403 in 403 403 403 in 403
    GET /v1/replies 401 in 403 403 in in 403 403 403
    GET /v1/contacts/none 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/opened 401 in 403 403 in in 403 403 403
    GET /v1/contacts/none/timeline 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/actions 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/exemption 401 403 403 403 403 in 403 403 403
    POST /v1/contacts/none/stage 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/tags 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/notes 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/appointments 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/appointments/{appointment}/cancel 401 in 403 403 in in 403 403 403
    POST /v1/contacts/none/files 401 in 403 403 in in 403 403 403
    GET /v1/contacts/none/files/{sha256} 401 in 403 403 in in 403 403 403
    GET /v1/todos 401 in 403 403 in in 403 403 403
    GET /v1/drafts/none 401 403 403 403 in in 403 403 403
    PUT /v1/drafts/none 401 403 403 403 in in 403 403 403
    POST /v1/notice 401 403 403 403 in in 403 403 403
    POST /v1/jssdk/signature 401 in 403 403 in in 403 403 403
    ");
    app.stop().await;
}

#[tokio::test]
async fn a_change_with_a_session_must_come_from_our_own_page() {
    let app = TestApp::start().await;
    let admin = session(&app, "linxu", Role::Admin).await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    let officer = session(&app, "heguan", Role::Officer).await;
    let origin = app.base.clone();
    for (method, path) in calls().filter(|(method, _)| method != Method::GET) {
        let (caller, other) = match path.as_str() {
            "/v1/checks/none/disposition" => (&officer, &rep),
            "/v1/contacts/none/exemption" => (&leader, &rep),
            path if path.starts_with("/v1/rules") => (&admin, &rep),
            _ => (&rep, &admin),
        };
        for foreign in [
            caller.without("x-csrf-token"),
            caller.with("x-csrf-token", ""),
            caller.with("x-csrf-token", "0123456789abcdef"),
            // Another session's token is none.
            caller.with("x-csrf-token", other.header("x-csrf-token")),
            caller.with("origin", "https://evil.example.com"),
            caller.with("origin", "null"),
            // The start of our own address, with another port.
            caller.with("origin", &origin[..origin.len() - 1]),
        ] {
            let answer = foreign.send(method.clone(), &path, "").await;
            assert_eq!(answer.refusal(), "403 csrf", "{path}");
        }
        let own = caller.with("origin", &origin).send(method.clone(), &path, "").await;
        assert_ne!(own.status, 403, "{path}: {}", own.text);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_rep_can_not_act_for_another() {
    let app = TestApp::start().await;
    let (zhangsan, lisi) =
        (session(&app, "zhangsan", Role::Rep).await, session(&app, "lisi", Role::Rep).await);
    let own = zhangsan.check(&json!({"recipient":"wmGuard0001","channel":"sidebar","text":CONFIRM})).await;
    assert_eq!((&own["sender"], &own["channel"]), (&json!("zhangsan"), &json!("sidebar")));
    assert_eq!(lisi.post("/v1/checks", &draft(PASS)).await.refusal(), "403 forbidden");

    let path = format!("/v1/checks/{}", own["id"].as_str().unwrap());
    let hash = json!({ "text_sha256": sha256(CONFIRM) });
    assert_eq!(lisi.get(&path).await.refusal(), "404 not_found");
    assert_eq!(lisi.post(&format!("{path}/confirm"), &hash).await.refusal(), "404 not_found");
    assert_eq!(lisi.post(&format!("{path}/withdraw"), &json!({})).await.refusal(), "404 not_found");
    assert_eq!(lisi.get("/v1/checks").await.is(200)["items"], json!([]));
    assert_eq!(lisi.get("/v1/checks?sender=zhangsan").await.refusal(), "403 forbidden");
    assert_eq!(lisi.get("/v1/contacts/wmGuard0001?user=zhangsan").await.refusal(), "403 forbidden");
    let opened = json!({"entry":"contact_profile","user":"zhangsan"});
    assert_eq!(lisi.post("/v1/contacts/wmGuard0001/opened", &opened).await.refusal(), "403 forbidden");

    assert_eq!(zhangsan.get("/v1/checks").await.is(200)["items"][0]["id"], own["id"]);
    let confirmed = zhangsan.post(&format!("{path}/confirm"), &hash).await.is(200);
    assert!(confirmed["release"].is_string());
    app.stop().await;
}

#[tokio::test]
async fn who_reads_all_reads_every_rep_and_gets_no_release() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft(PASS)).await;
    let path = format!("/v1/checks/{}", check["id"].as_str().unwrap());
    for role in [Role::Officer, Role::Auditor] {
        let reader = session(&app, "heguan", role).await;
        let read = reader.get(&path).await.is(200);
        assert_eq!((&read["text"], &read["release"]), (&json!(PASS), &Value::Null));
        assert_eq!(
            reader.get("/v1/checks?sender=zhangsan").await.is(200)["items"][0]["release"],
            json!(null)
        );
        let report = json!({"release":check["release"],"ok":true});
        assert_eq!(reader.post(&format!("{path}/sent"), &report).await.refusal(), "403 forbidden");
    }
    app.stop().await;
}

//! From waiting to released, reported, or over.

use crate::helpers::*;
use crate::support::{RULES, Setup, TestApp};
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn path(check: &Value, step: &str) -> String {
    format!("/v1/checks/{}/{step}", check["id"].as_str().unwrap())
}

async fn confirm(app: &TestApp, check: &Value) -> Answer {
    let text = check["text"].as_str().unwrap();
    plugin(app).post(&path(check, "confirm"), &json!({ "text_sha256": sha256(text) })).await
}

async fn withdraw(app: &TestApp, check: &Value) -> Answer {
    plugin(app).post(&path(check, "withdraw"), &json!({})).await
}

async fn report(app: &TestApp, check: &Value, ok: bool, detail: Option<&str>) -> Answer {
    let body = json!({"release":check["release"],"ok":ok,"detail":detail});
    plugin(app).post(&path(check, "sent"), &body).await
}

fn seconds(app: &TestApp, seconds: i64) {
    app.hand.advance(SignedDuration::from_secs(seconds));
}

#[tokio::test]
async fn confirming_gives_one_release_however_often_it_is_repeated() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    seconds(&app, 5);
    let confirmed = confirm(&app, &waiting).await.is(200);
    assert_snapshot!(pick(&confirmed, &["state", "release", "expires_at"]), @r#"state="confirmed" release="rel_…" expires_at="2026-11-23T01:01:05Z""#);
    assert_snapshot!(shown(&confirmed["trail"][0]), @r###"
    check: "chk_…"
    from: "awaiting_confirmation"
    to: "confirmed"
    at: "2026-11-23T01:00:05Z"
    actor: {"kind":"token","name":"plugin"}
    expires_at: "2026-11-23T01:01:05Z"
    cause: {"kind":"confirmed","at":"2026-11-23T01:00:05Z","by":"api","reason":null}
    "###);
    seconds(&app, 5);
    assert_eq!(confirm(&app, &waiting).await.is(200), confirmed);
    let read = plugin(&app).get(&format!("/v1/checks/{}", waiting["id"].as_str().unwrap())).await;
    assert_eq!(read.is(200), confirmed);
    app.stop().await;
}

#[tokio::test]
async fn a_release_is_the_same_after_a_restart() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    let confirmed = confirm(&app, &waiting).await.is(200);
    let passed = plugin(&app).check(&draft(PASS)).await;
    let kept = app.stop().await;

    let app = TestApp::with(Setup { data: Some(kept.path().join("data")), ..Setup::default() }).await;
    assert_eq!(confirm(&app, &waiting).await.is(200), confirmed);
    assert_eq!(report(&app, &passed, true, None).await.is(200)["state"], "sent");
    app.stop().await;
}

#[tokio::test]
async fn another_text_than_the_checked_one_is_not_confirmed() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    let other = json!({ "text_sha256": sha256("这门课200%通过") });
    assert_eq!(plugin(&app).post(&path(&waiting, "confirm"), &other).await.refusal(), "422 text_mismatch");
    for wrong in
        [json!({}), json!({"text_sha256":"abc"}), json!({"text_sha256":sha256(CONFIRM),"release":"rel_"})]
    {
        let refused = plugin(&app).post(&path(&waiting, "confirm"), &wrong).await;
        assert_eq!(refused.refusal(), "422 invalid_value", "{wrong}");
    }
    assert_eq!(confirm(&app, &waiting).await.is(200)["state"], "confirmed");
    app.stop().await;
}

#[tokio::test]
async fn only_a_waiting_check_can_be_confirmed_or_withdrawn() {
    let app = TestApp::start().await;
    for (text, state) in [(PASS, "passed"), (BLOCK, "blocked")] {
        let check = plugin(&app).check(&draft(text)).await;
        for refused in [confirm(&app, &check).await, withdraw(&app, &check).await] {
            assert_eq!(refused.refusal(), "409 wrong_state");
            assert_eq!(refused.json["state"], state);
        }
    }
    let back = plugin(&app).check(&and(draft(PASS), "channel", json!("bot"))).await;
    assert_eq!(confirm(&app, &back).await.refusal(), "409 wrong_state");
    app.stop().await;
}

#[tokio::test]
async fn withdrawing_is_final_and_repeating_it_changes_nothing() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    let withdrawn = withdraw(&app, &waiting).await.is(200);
    assert_snapshot!(pick(&withdrawn, &["state", "release", "expires_at"]), @r#"state="withdrawn" release=null expires_at=null"#);
    assert_eq!(withdraw(&app, &waiting).await.is(200), withdrawn);
    assert_eq!(confirm(&app, &waiting).await.refusal(), "409 wrong_state");
    app.stop().await;
}

#[tokio::test]
async fn after_ten_minutes_it_is_too_late_to_confirm() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    seconds(&app, 600);
    // Whether the job has ended it already or not.
    assert_eq!(confirm(&app, &waiting).await.refusal(), "410 expired");
    let over = plugin(&app).until(waiting["id"].as_str().unwrap(), "expired").await;
    assert_snapshot!(shown(&over["trail"][0]), @r###"
    check: "chk_…"
    from: "awaiting_confirmation"
    to: "expired"
    at: "2026-11-23T01:10:00Z"
    actor: {"kind":"system"}
    expires_at: null
    cause: {"kind":"timed_out"}
    "###);
    assert_eq!(confirm(&app, &waiting).await.refusal(), "410 expired");
    assert_eq!(withdraw(&app, &waiting).await.refusal(), "409 wrong_state");
    app.stop().await;
}

#[tokio::test]
async fn a_release_lives_sixty_seconds_and_is_not_given_again() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    confirm(&app, &waiting).await.is(200);
    seconds(&app, 59);
    assert!(confirm(&app, &waiting).await.is(200)["release"].is_string());
    seconds(&app, 1);
    assert_eq!(confirm(&app, &waiting).await.refusal(), "410 expired");
    let id = waiting["id"].as_str().unwrap();
    let dead = plugin(&app).get(&format!("/v1/checks/{id}")).await.is(200);
    assert_eq!((&dead["state"], &dead["release"]), (&json!("confirmed"), &json!(null)));
    seconds(&app, 60);
    plugin(&app).until(id, "send_unknown").await;
    assert_eq!(confirm(&app, &waiting).await.refusal(), "410 expired");
    app.stop().await;
}

#[tokio::test]
async fn stricter_rules_take_the_place_of_a_waiting_check() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    edit_rules(&app, "action = \"确认\"", "action = \"拦截\"").await.is(200);
    let changed = confirm(&app, &waiting).await;
    assert_eq!(changed.refusal(), "409 verdict_changed");
    let anew = &changed.json["check"];
    assert_snapshot!(pick(anew, &["verdict", "state", "revision", "text", "release"]), @r#"verdict="block" state="blocked" revision="r2-…" text="这门课100%通过" release=null"#);
    let old = plugin(&app).until(waiting["id"].as_str().unwrap(), "withdrawn").await;
    assert_eq!(old["trail"][0]["cause"], json!({"kind":"superseded","by":anew["id"]}));
    // Who lost the answer asks again and gets it.
    let again = confirm(&app, &waiting).await;
    assert_eq!((again.status, &again.json["check"]), (409, anew));
    app.stop().await;
}

#[tokio::test]
async fn rules_that_now_ask_for_a_reason_are_stricter_and_milder_ones_are_not() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    edit_rules(&app, "action = \"确认\"", "action = \"确认\"\nrequire_reason = true").await.is(200);
    let changed = confirm(&app, &waiting).await;
    assert_eq!(changed.refusal(), "409 verdict_changed");
    let anew = &changed.json["check"];
    assert_eq!((&anew["state"], &anew["require_reason"]), (&json!("awaiting_confirmation"), &json!(true)));
    edit_rules(&app, "action = \"确认\"", "action = \"提示\"").await.is(200);
    let reason = json!({"text_sha256":sha256(CONFIRM),"reason":"客户已知晓"});
    assert_eq!(plugin(&app).post(&path(anew, "confirm"), &reason).await.is(200)["state"], "confirmed");
    app.stop().await;
}

#[tokio::test]
async fn a_rule_may_ask_for_a_written_reason() {
    let app = TestApp::start().await;
    edit_rules(&app, "action = \"确认\"", "action = \"确认\"\nrequire_reason = true").await.is(200);
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    assert_eq!(waiting["require_reason"], true);
    let with = |reason: Value| json!({"text_sha256":sha256(CONFIRM),"reason":reason});
    for none in [json!(null), json!(""), json!(" \n")] {
        let refused = plugin(&app).post(&path(&waiting, "confirm"), &with(none)).await;
        assert_eq!(refused.refusal(), "422 reason_required");
    }
    let told = with(json!("合格率以考试机构公布为准,已向客户说明"));
    let confirmed = plugin(&app).post(&path(&waiting, "confirm"), &told).await.is(200);
    assert_eq!(confirmed["trail"][0]["cause"]["reason"], "合格率以考试机构公布为准,已向客户说明");
    app.stop().await;
}

#[tokio::test]
async fn a_rule_may_ask_for_a_second_person() {
    let app = TestApp::start().await;
    edit_rules(&app, "action = \"确认\"", "action = \"确认\"\nrequire_approval = true").await.is(200);
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    let asked = confirm(&app, &waiting).await.is(200);
    assert_snapshot!(pick(&asked, &["state", "release", "expires_at", "require_approval"]), @r#"state="awaiting_approval" release=null expires_at="2026-11-23T01:10:00Z" require_approval=true"#);
    assert_eq!(confirm(&app, &waiting).await.is(200), asked);
    assert_eq!(withdraw(&app, &waiting).await.is(200)["state"], "withdrawn");
    app.stop().await;
}

#[tokio::test]
async fn a_report_counts_once_and_another_result_is_refused() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft(PASS)).await;
    let sent = report(&app, &check, true, None).await.is(200);
    assert_snapshot!(pick(&sent, &["state", "release", "expires_at"]), @r#"state="sent" release=null expires_at=null"#);
    assert_eq!(report(&app, &check, true, None).await.is(200), sent);
    for (ok, detail) in [(false, None), (true, Some("已送达"))] {
        assert_eq!(report(&app, &check, ok, detail).await.refusal(), "409 release_used");
    }
    let failed = plugin(&app).check(&draft(PASS)).await;
    let failed = report(&app, &failed, false, Some("客户已删除好友")).await.is(200);
    assert_eq!(failed["state"], "send_failed");
    assert_snapshot!(shown(&failed["trail"][0]["cause"]), @r###"
    kind: "reported"
    ok: false
    detail: "客户已删除好友"
    at: "2026-11-23T01:00:00Z"
    late: false
    "###);
    app.stop().await;
}

#[tokio::test]
async fn a_report_needs_the_release_of_its_own_check() {
    let app = TestApp::start().await;
    let (one, other) = (plugin(&app).check(&draft(PASS)).await, plugin(&app).check(&draft(PASS)).await);
    for release in [other["release"].clone(), json!("rel_"), json!("")] {
        let refused = report(&app, &and(one.clone(), "release", release), true, None).await;
        assert_eq!(refused.refusal(), "422 release_unknown");
    }
    for text in [CONFIRM, BLOCK] {
        let stopped = plugin(&app).check(&draft(text)).await;
        let refused = report(&app, &and(stopped, "release", one["release"].clone()), true, None).await;
        assert_eq!(refused.refusal(), "422 release_unknown");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_late_report_is_taken_and_marked() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft(PASS)).await;
    seconds(&app, 120);
    plugin(&app).until(check["id"].as_str().unwrap(), "send_unknown").await;
    let sent = report(&app, &check, true, None).await.is(200);
    assert_eq!(sent["state"], "sent");
    assert_snapshot!(shown(&sent["trail"][1]["cause"]), @r###"
    kind: "reported"
    ok: true
    detail: null
    at: "2026-11-23T01:02:00Z"
    late: true
    "###);
    assert_eq!(report(&app, &check, true, None).await.is(200), sent);
    app.stop().await;
}

#[tokio::test]
async fn a_tip_is_shown_and_stops_nothing() {
    let app = TestApp::start().await;
    edit_rules(&app, "action = \"拦截\"", "action = \"提示\"").await.is(200);
    let check = plugin(&app).check(&draft(BLOCK)).await;
    assert_eq!((&check["state"], &check["hits"][0]["action"]), (&json!("passed"), &json!("tip")));
    assert!(RULES.contains("拦截"));
    app.stop().await;
}

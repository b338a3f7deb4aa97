//! `POST /v1/checks` and one check read back.

use crate::helpers::*;
use crate::support::{READ_TOKEN, RULES_TOKEN, TestApp};
use insta::assert_snapshot;
use serde_json::{Value, json};

#[tokio::test]
async fn a_clean_text_is_released_at_once() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&and(draft(PASS), "industry", json!("金融"))).await;
    assert_snapshot!(shown(&check), @r###"
    id: "chk_…"
    verdict: "pass"
    state: "passed"
    revision: "r1-…"
    hits: []
    hits_total: 0
    suppressed: []
    require_reason: false
    require_approval: false
    suggestions: []
    expires_at: "2026-11-23T01:01:00Z"
    release: "rel_…"
    sender: "zhangsan"
    recipient: {"kind":"contact","id":"wmGuard0001"}
    channel: "api"
    industry: "金融"
    text: "您好,产品说明书已发您邮箱"
    text_sha256: "b4e10d7bc2156a57975c4a1d74c387cd4b2b3d60755691c8bc4db3639d975ce4"
    short: null
    created_at: "2026-11-23T01:00:00Z"
    trail: []
    "###);
    app.stop().await;
}

#[tokio::test]
async fn a_text_to_confirm_waits_ten_minutes_without_a_release() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft(CONFIRM)).await;
    let keys = ["verdict", "state", "release", "short", "created_at", "expires_at", "suggestions"];
    assert_snapshot!(pick(&check, &keys), @r#"verdict="confirm" state="awaiting_confirmation" release=null short="0000" created_at="2026-11-23T01:00:00Z" expires_at="2026-11-23T01:10:00Z" suggestions=[]"#);
    assert_snapshot!(shown(&check["hits"][0]), @r###"
    rule: "EDU-003"
    name: "保证结果"
    action: "confirm"
    phrase: "100%通过"
    matched: "100%通过"
    span: {"byte":[9,19],"char":[3,9],"utf16":[3,9]}
    via: []
    lowered_by: null
    basis: [{"id":"ad-24","title":"《广告法》第二十四条"}]
    why: "可能被理解为保证结果"
    fix: "说明通过与否由考试机构决定"
    "###);
    app.stop().await;
}

#[tokio::test]
async fn a_blocked_text_has_reasons_and_replies_but_never_a_release() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft(BLOCK)).await;
    let keys = ["verdict", "state", "release", "short", "expires_at"];
    assert_snapshot!(pick(&check, &keys), @r#"verdict="block" state="blocked" release=null short=null expires_at=null"#);
    assert_snapshot!(shown(&check["hits"][0]), @r###"
    rule: "FIN-001"
    name: "承诺保本保收益"
    action: "block"
    phrase: "保底收益"
    matched: "保底收益"
    span: {"byte":[12,24],"char":[4,8],"utf16":[4,8]}
    via: []
    lowered_by: null
    basis: [{"id":"ad-25","title":"《广告法》第二十五条"}]
    why: "可能被理解为承诺保本保收益"
    fix: "说明收益会波动,不要承诺结果"
    "###);
    let replies: Vec<_> = check["suggestions"].as_array().unwrap().iter().map(|one| &one["text"]).collect();
    assert_eq!(replies.len(), 3);
    for reply in replies {
        assert_eq!(plugin(&app).check(&and(draft(""), "text", reply.clone())).await["verdict"], "pass");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_bot_hands_back_what_every_other_way_releases() {
    let app = TestApp::start().await;
    let mut rows = Vec::new();
    for channel in ["sidebar", "bot", "api", "kf", "template", "archive"] {
        let mut states = Vec::new();
        for text in [PASS, CONFIRM, BLOCK] {
            let check = plugin(&app).check(&and(draft(text), "channel", json!(channel))).await;
            let released = if check["release"].is_null() { "" } else { "+release" };
            states.push(format!("{}{released}", check["state"].as_str().unwrap()));
        }
        rows.push(format!("{channel}: {}", states.join(", ")));
    }
    assert_snapshot!(rows.join("\n"), @"
    sidebar: passed+release, awaiting_confirmation, blocked
    bot: handed_back, awaiting_confirmation, blocked
    api: passed+release, awaiting_confirmation, blocked
    kf: passed+release, awaiting_confirmation, blocked
    template: passed+release, awaiting_confirmation, blocked
    archive: passed+release, awaiting_confirmation, blocked
    ");
    app.stop().await;
}

#[tokio::test]
async fn a_recipient_is_a_bare_contact_or_an_object_and_always_answered_as_one() {
    let app = TestApp::start().await;
    for (given, answered) in [
        (json!("wmGuard0001"), json!({"kind":"contact","id":"wmGuard0001"})),
        (json!({"kind":"contact","id":"wmGuard0001"}), json!({"kind":"contact","id":"wmGuard0001"})),
        (json!({"kind":"group","id":"wrGuard01"}), json!({"kind":"group","id":"wrGuard01"})),
        (
            json!({"kind":"kf","id":"wmGuard0001","open_kfid":"wkGuard01"}),
            json!({"kind":"kf","id":"wmGuard0001","open_kfid":"wkGuard01"}),
        ),
    ] {
        let check = plugin(&app).check(&and(draft(PASS), "recipient", given)).await;
        assert_eq!(check["recipient"], answered);
    }
    app.stop().await;
}

#[tokio::test]
async fn only_the_bot_may_leave_the_recipient_out() {
    let app = TestApp::start().await;
    let (caller, mut to_nobody) = (plugin(&app), draft(PASS));
    for recipient in [json!(null), json!(""), json!({"kind":"group","id":" "})] {
        to_nobody["recipient"] = recipient;
        for channel in ["sidebar", "api", "kf", "template", "archive"] {
            let answer = caller.post("/v1/checks", &and(to_nobody.clone(), "channel", json!(channel))).await;
            assert_eq!(answer.refusal(), "422 recipient_required", "{channel}");
        }
        let check = caller.check(&and(to_nobody.clone(), "channel", json!("bot"))).await;
        assert_eq!((&check["recipient"], &check["state"]), (&json!(null), &json!("handed_back")));
    }
    app.stop().await;
}

/// The newest entry of the ledger.
async fn head(app: &TestApp) -> Value {
    nobody(app).get("/readyz").await.is(200)["parts"][0]["detail"]["head"].clone()
}

#[tokio::test]
async fn a_preview_judges_and_leaves_no_trace() {
    let app = TestApp::start().await;
    let before = head(&app).await;
    let live = and(draft(BLOCK), "live", json!(true));
    let preview = plugin(&app).post("/v1/checks", &live).await.is(200);
    assert_eq!(preview["verdict"], "block");
    assert_eq!(preview["hits"][0]["rule"], "FIN-001");
    assert_eq!(preview["suggestions"].as_array().unwrap().len(), 3);
    assert_eq!(preview.get("id").or(preview.get("release")), None);
    assert_eq!(head(&app).await, before);
    let log = token(&app, READ_TOKEN).get("/v1/checks").await.is(200);
    assert_eq!(log, json!({"items":[],"next":null}));
    app.stop().await;
}

#[tokio::test]
async fn an_excused_phrase_is_shown_and_does_not_count() {
    let app = TestApp::start().await;
    let check = plugin(&app).check(&draft("我们不承诺保底收益")).await;
    assert_eq!((&check["verdict"], &check["hits"]), (&json!("pass"), &json!([])));
    assert_snapshot!(shown(&check["suppressed"][0]), @r###"
    rule: "FIN-001"
    phrase: "保底收益"
    by: "不承诺保底收益"
    span: {"byte":[15,27],"char":[5,9],"utf16":[5,9]}
    "###);
    app.stop().await;
}

#[tokio::test]
async fn a_check_is_read_by_its_owner_with_the_release_and_by_the_log_reader_without() {
    let app = with_other().await;
    let check = plugin(&app).check(&draft(PASS)).await;
    let path = format!("/v1/checks/{}", check["id"].as_str().unwrap());
    assert_eq!(plugin(&app).get(&path).await.is(200), check);
    let read = token(&app, READ_TOKEN).get(&path).await.is(200);
    assert_eq!(read, and(check.clone(), "release", json!(null)));
    // What belongs to another program is not there, for reading and for moving.
    let other = token(&app, OTHER_TOKEN);
    assert_eq!(other.get(&path).await.refusal(), "404 not_found");
    assert_eq!(other.post(&format!("{path}/withdraw"), &json!({})).await.refusal(), "404 not_found");
    assert_eq!(plugin(&app).get("/v1/checks/chk_0").await.refusal(), "404 not_found");
    assert_eq!(token(&app, RULES_TOKEN).get(&path).await.refusal(), "403 forbidden");
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_released_once_the_record_is_closed() {
    let app = TestApp::start().await;
    let waiting = plugin(&app).check(&draft(CONFIRM)).await;
    app.running.store().close().await;
    let refused = plugin(&app).post("/v1/checks", &draft(PASS)).await;
    assert_eq!(refused.headers["retry-after"], "1");
    assert!(!refused.text.contains("stopping"), "the cause is for the log: {}", refused.text);
    assert_eq!(refused.refusal(), "503 not_recorded");
    let path = format!("/v1/checks/{}/confirm", waiting["id"].as_str().unwrap());
    let hash = json!({ "text_sha256": sha256(CONFIRM) });
    assert_eq!(plugin(&app).post(&path, &hash).await.refusal(), "503 not_recorded");
    app.stop().await;
}

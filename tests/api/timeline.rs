//! `/v1/contacts/{id}/timeline`: what happened, newest first, each with its source.

use crate::following::{ACTIONS, PAGE, all_three};
use crate::helpers::*;
use crate::support::{AGENT, TestApp};
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::json;
use wecom_guard::model::Role;

const TIMELINE: &str = "/v1/contacts/wmGuard0001/timeline";

#[tokio::test]
async fn everything_between_a_rep_and_a_customer_stands_in_one_line() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let tick = || app.hand.advance(SignedDuration::from_mins(1));
    rep.post(&format!("{PAGE}/opened"), &json!({"entry": "contact_profile"})).await.is(200);
    tick();
    rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": BLOCK})).await;
    tick();
    rep.post(ACTIONS, &all_three(0)).await.is(201);
    tick();
    plugin(&app).check(&draft(PASS)).await;
    tick();
    let note = json!({"text": "从旧系统带来的说明", "user": "zhangsan"});
    plugin(&app).post(&format!("{PAGE}/notes"), &note).await.is(201);
    let page = rep.get(TIMELINE).await.is(200);
    let rows: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let what = item["what"]["kind"].as_str().or(item["what"]["state"].as_str()).unwrap_or_default();
            format!("{} {} {} {what}", item["at"].as_str().unwrap(), item["kind"], item["source"])
        })
        .collect();
    assert_snapshot!(rows.join("\n"), @r#"
    2026-11-23T01:04:00Z "note" "program" note
    2026-11-23T01:03:00Z "check" "api" passed
    2026-11-23T01:02:00Z "action" "manual" next_follow_up
    2026-11-23T01:02:00Z "action" "manual" core_need
    2026-11-23T01:02:00Z "action" "manual" first_touch
    2026-11-23T01:01:00Z "check" "sidebar" blocked
    2026-11-23T01:00:00Z "opened" "manual" 
    "#);
    app.stop().await;
}

#[tokio::test]
async fn pages_follow_each_other_and_filters_narrow_them() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    for no in 0..7 {
        rep.post(&format!("{PAGE}/notes"), &json!({ "text": format!("第{no}条") })).await.is(201);
        rep.post(&format!("{PAGE}/opened"), &json!({"entry": "page"})).await.is(200);
        app.hand.advance(SignedDuration::from_secs(1));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = rep.get(&format!("{TIMELINE}?kind=note,file&limit=3{cursor}")).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["what"]["text"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["第6条", "第5条", "第4条", "第3条", "第2条", "第1条", "第0条"]);
    for bad in ["?kind=poem", "?cursor=x", "?limit=0", "?limit=201", "?page=2"] {
        assert_eq!(rep.get(&format!("{TIMELINE}{bad}")).await.refusal(), "422 invalid_value", "{bad}");
    }
    app.stop().await;
}

#[tokio::test]
async fn nobody_reads_a_timeline_of_a_customer_they_do_not_follow() {
    let app = TestApp::start().await;
    let lisi = session(&app, "lisi", Role::Rep).await;
    let foreign = "/v1/contacts/wmGuard0002/timeline";
    assert_eq!(lisi.get(foreign).await.refusal(), "403 not_follow_user");
    assert_eq!(lisi.get(&format!("{foreign}?user=zhangsan")).await.refusal(), "403 forbidden");
    let gone = app.wecom.contact_changed(AGENT, "del_follow_user", "lisi", "wmGuard0001", &[]);
    gone.await.unwrap();
    assert_eq!(lisi.get(TIMELINE).await.refusal(), "403 not_follow_user");
    app.stop().await;
}

//! Stages, tags and notes: what is written down is judged and recorded with what was before.

use crate::following::PAGE;
use crate::helpers::*;
use crate::support::TestApp;
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::json;
use std::path::Path;
use wecom_guard::model::Role;

const STAGE: &str = "/v1/contacts/wmGuard0001/stage";
const TAGS: &str = "/v1/contacts/wmGuard0001/tags";
const NOTES: &str = "/v1/contacts/wmGuard0001/notes";

#[tokio::test]
async fn a_customer_moves_on_step_by_step_and_any_other_way_needs_a_reason() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.get(PAGE).await.is(200);
    app.hand.advance(SignedDuration::from_hours(72));
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let stage = &rep.get(PAGE).await.is(200)["following"]["stage"];
    assert_snapshot!(pick(stage, &["key", "title", "days"]), @r#"key="lead" title="线索" days=3"#);

    let moved = rep.post(STAGE, &json!({"revision": 0, "to": "first_touch"})).await.is(201);
    assert_snapshot!(pick(&moved["items"][0], &["kind", "what"]), @r#"kind="stage" what={"kind":"stage","from":"lead","to":"first_touch","stayed_s":259200,"reason":null}"#);
    assert_eq!(moved["following"]["stage"]["days"], 0);
    assert_eq!(rep.get(PAGE).await.is(200)["stage"], "首触");

    let skip = json!({"revision": 1, "to": "proposal"});
    assert_eq!(rep.post(STAGE, &skip).await.refusal(), "422 reason_required");
    let promised = and(skip.clone(), "reason", json!("说了保底收益5%"));
    assert_eq!(rep.post(STAGE, &promised).await.refusal(), "422 text_stopped");
    rep.post(STAGE, &and(skip, "reason", json!("上家方案已看过,直接报价"))).await.is(201);
    let far = rep.post(STAGE, &json!({"revision": 2, "to": "lead", "reason": "重来"})).await;
    assert_eq!(far.refusal(), "409 no_passage");
    assert_eq!(far.json["zh"], "不能从「方案」直接到「线索」。");
    rep.post(STAGE, &json!({"revision": 2, "to": "won"})).await.is(201);
    // Where they are already is nothing new.
    rep.post(STAGE, &json!({"revision": 3, "to": "won"})).await.is(200);
    app.stop().await;
}

#[tokio::test]
async fn a_note_is_judged_like_any_text() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let plain = rep.post(NOTES, &json!({"text": "关注医保准入,约周三下午面谈"})).await.is(201);
    assert_eq!(plain["items"][0]["what"]["hits"], json!([]));
    let told = rep.post(NOTES, &json!({"text": "客户问这门课是不是100%通过"})).await.is(201);
    assert_eq!(told["items"][0]["what"]["hits"][0]["rule"], "EDU-003");
    let stopped = rep.post(NOTES, &json!({"text": "答应了保底收益"})).await;
    assert_eq!(stopped.refusal(), "422 text_stopped");
    assert_eq!(stopped.json["hits"][0]["rule"], "FIN-001");
    assert_eq!(stopped.json["hits"][0]["fix"], "说明收益会波动,不要承诺结果");
    assert_eq!(rep.post(NOTES, &json!({"text": " \n "})).await.refusal(), "422 invalid_value");
    let long = json!({ "text": "说".repeat(2_001) });
    assert_eq!(rep.post(NOTES, &long).await.refusal(), "422 invalid_value");
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["revision"], 2);
    app.stop().await;
}

#[tokio::test]
async fn notes_from_two_tabs_both_stand() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.get(PAGE).await.is(200);
    let bodies: Vec<_> = (0..6).map(|tab| json!({ "text": format!("第{tab}个标签页写的") })).collect();
    let written = futures_util::future::join_all(bodies.iter().map(|body| rep.post(NOTES, body))).await;
    written.into_iter().for_each(|answer| drop(answer.is(201)));
    let timeline = rep.get(&format!("{PAGE}/timeline?kind=note")).await.is(200);
    assert_eq!(timeline["items"].as_array().unwrap().len(), 6);
    app.stop().await;
}

#[tokio::test]
async fn a_customer_has_three_tags_of_the_reps_own_each_with_its_type() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let tags = json!([
        {"name": "门店数", "value": {"type": "number", "number": "3"}},
        {"name": "采购季", "value": {"type": "choice", "chosen": "春季", "options": ["春季", "秋季"]}},
        {"name": "爱喝茶", "value": {"type": "text"}},
    ]);
    let set = rep.post(TAGS, &json!({"revision": 0, "tags": tags})).await.is(201);
    assert_eq!(set["items"][0]["what"]["before"], json!([]));
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["slots"][0]["name"], "门店数");
    let mut said = Vec::new();
    for tags in [
        json!([{"name": "保底收益", "value": {"type": "text"}}]),
        json!([{"name": "十二个字以上的标签名称不行", "value": {"type": "text"}}]),
        json!([{"name": "门店数", "value": {"type": "number", "number": "三"}}]),
        json!([{"name": "采购季", "value": {"type": "choice", "chosen": "冬季", "options": ["春季", "秋季"]}}]),
        json!([{"name": "", "value": {"type": "text", "text": "x"}}]),
        json!([1, 2, 3, 4].map(|no| json!({"name": format!("标签{no}"), "value": {"type": "text"}}))),
    ] {
        let answer = rep.post(TAGS, &json!({"revision": 1, "tags": tags})).await;
        said.push(format!("{} {}", answer.refusal(), answer.json["zh"].as_str().unwrap()));
    }
    assert_snapshot!(said.join("\n"), @r"
    422 text_stopped tags 里的「保底收益」不能写进记录:可能被理解为承诺保本保收益
    422 invalid_value tags:「十二个字以上的标签名称不行」超过 12 个字
    422 invalid_value tags:「三」不是数字
    422 invalid_value tags:「冬季」不在选项里,选项要有 2 到 8 个
    422 invalid_value tags:标签要有名字
    422 invalid_value tags:有 4 个标签,最多 3 个
    ");
    app.stop().await;
}

#[tokio::test]
async fn a_need_brings_three_scripts_for_the_note() {
    let app = TestApp::start().await;
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/replies/medical.toml");
    std::fs::copy(shipped, app.rules.join("replies/medical.toml")).unwrap();
    app.hand.advance(SignedDuration::from_secs(1));
    reload(&app).await.is(200);
    let rep = session(&app, "zhangsan", Role::Rep).await;
    for (revision, need) in [(0, "医保准入"), (2, "集采目录")] {
        let chosen = json!({"revision": revision, "core_need": [need]});
        let written = rep.post("/v1/contacts/wmGuard0001/actions", &chosen).await.is(201);
        let scripts = written["suggestions"].as_array().unwrap();
        assert_eq!(scripts.len(), 3, "{need}");
        assert!(scripts.iter().any(|script| script["text"].as_str().unwrap().contains(need)), "{scripts:?}");
        let taken = json!({"text": scripts[0]["text"], "script": scripts[0]["id"]});
        // What was offered passes the rules wherever it is written.
        let note = rep.post(NOTES, &taken).await;
        assert_eq!(note.status, 201, "{}", note.text);
    }
    app.stop().await;
}

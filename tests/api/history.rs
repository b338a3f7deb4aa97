//! `/v1/rules/history` and `/v1/rules/rollback`.

use crate::helpers::*;
use crate::support::{REPLIES, RULES, RULES_TOKEN, Setup, TestApp};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;
use wecom_guard::model::Role;

async fn past(app: &TestApp, query: &str) -> Value {
    token(app, RULES_TOKEN).get(&format!("/v1/rules/history{query}")).await.is(200)
}

async fn back(app: &TestApp, revision: &Value, reason: &str) -> Answer {
    let wish = json!({"revision": revision, "reason": reason});
    token(app, RULES_TOKEN).post("/v1/rules/rollback", &wish).await
}

/// A server whose rules were edited once; the first revision's name.
async fn edited() -> (TestApp, Value) {
    let app = TestApp::start().await;
    let first = past(&app, "").await["items"][0]["revision"].clone();
    edit_rules(&app, "拦截", "确认").await.is(200);
    (app, first)
}

#[tokio::test]
async fn every_revision_is_listed_with_who_when_and_why() {
    let (app, first) = edited().await;
    back(&app, &first, "误拦太多,先退回").await.is(200);
    let list = past(&app, "").await;
    let lines: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| pick(item, &["revision", "live", "at", "by", "reason", "rules_total"]))
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
    revision="r3-…" live=true at="2026-11-23T01:00:00Z" by="token:rules" reason="误拦太多,先退回" rules_total=2
    revision="r2-…" live=false at="2026-11-23T01:00:00Z" by="token:rules" reason=null rules_total=2
    revision="r1-…" live=false at="2026-11-23T01:00:00Z" by="system" reason=null rules_total=2
    "#);
    assert_eq!(list["items"][0]["restores"], first);
    assert!(!list.to_string().contains("稳赚不赔"));

    let page = past(&app, "?limit=2").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let rest = past(&app, &format!("?limit=2&cursor={}", page["next"].as_str().unwrap())).await;
    assert_eq!((&rest["items"][0]["revision"], &rest["next"]), (&first, &Value::Null));
    app.stop().await;
}

#[tokio::test]
async fn a_past_revision_shows_its_files_as_they_were() {
    let (app, first) = edited().await;
    let path = format!("/v1/rules/history/{}", first.as_str().unwrap());
    let files = token(&app, RULES_TOKEN).get(&path).await.is(200)["files"].clone();
    let names: Vec<_> = files.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["basis.toml", "replies/replies.toml", "rules.toml"]);
    assert_eq!((&files[2]["text"], &files[1]["text"]), (&json!(RULES), &json!(REPLIES)));
    for unknown in ["r9-0000", "r1-0000", "live", "r"] {
        let answer = token(&app, RULES_TOKEN).get(&format!("/v1/rules/history/{unknown}")).await;
        assert_eq!(answer.refusal(), "404 not_found", "{unknown}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_roll_back_judges_at_once_and_brings_the_whole_folder_back() {
    let (app, first) = edited().await;
    assert_eq!(plugin(&app).check(&draft(BLOCK)).await["verdict"], "confirm");
    // A file that did not exist then, one that is gone, and one that is broken by now.
    let name = |name: &str| app.rules.join(name);
    fs::write(
        name("new.toml"),
        "[[rule]]\nid = \"N-1\"\nname = \"新\"\naction = \"提示\"\nphrases = [\"您好\"]\n",
    )
    .unwrap();
    fs::remove_file(name("replies/replies.toml")).unwrap();
    reload(&app).await.is(200);
    fs::write(name("basis.toml"), "[[basis").unwrap();

    let admin = session(&app, "linxu", Role::Admin).await;
    let wish = json!({"revision": first, "reason": " 误拦太多,先退回 "});
    let now = admin.post("/v1/rules/rollback", &wish).await.is(200);
    assert_eq!(now["restores"], first);
    assert!(now["revision"].as_str().unwrap().starts_with("r4-"), "{now}");
    let check = plugin(&app).check(&draft(BLOCK)).await;
    assert_eq!((&check["verdict"], &check["revision"]), (&json!("block"), &now["revision"]));

    assert_eq!(fs::read_to_string(name("rules.toml")).unwrap(), RULES);
    assert_eq!(fs::read_to_string(name("replies/replies.toml")).unwrap(), REPLIES);
    assert!(!name("new.toml").exists());
    let left: Vec<_> = fs::read_dir(&app.rules).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    // The files in the folder are those in force.
    assert_eq!(reload(&app).await.is(200)["changed"], false);
    assert_snapshot!(pick(&past(&app, "").await["items"][0], &["by", "reason"]), @r#"by="user:ww0123456789abcdef/linxu" reason="误拦太多,先退回""#);
    app.stop().await;
}

#[tokio::test]
async fn a_roll_back_without_a_reason_or_to_nothing_changes_nothing() {
    let (app, first) = edited().await;
    let before = past(&app, "").await;
    for reason in ["", "  ", &"长".repeat(501)] {
        assert_eq!(back(&app, &first, reason).await.refusal(), "422 reason_required");
    }
    let silent = token(&app, RULES_TOKEN).post("/v1/rules/rollback", &json!({"revision": first})).await;
    assert_eq!(silent.refusal(), "422 reason_required");
    assert_eq!(back(&app, &json!("r7-0000"), "试试").await.refusal(), "404 not_found");
    assert_eq!(past(&app, "").await, before);
    assert!(fs::read_to_string(app.rules.join("rules.toml")).unwrap().contains("确认"));
    app.stop().await;
}

#[tokio::test]
async fn a_roll_back_is_recorded_first_and_still_in_force_after_a_restart() {
    let (app, first) = edited().await;
    let now = back(&app, &first, "误拦太多,先退回").await.is(200);
    let kept = app.stop().await;
    let heads: Vec<_> = ledger(&kept.path().join("data")).into_iter().map(|entry| entry.head).collect();
    let live = heads.iter().rev().find(|head| head.kind == "rules.live").unwrap();
    assert_eq!(
        (live.revision.as_deref(), live.attrs["restores"].as_str()),
        (now["revision"].as_str(), first.as_str().unwrap())
    );
    // Three files of the first revision and the one that was edited: none is kept twice.
    assert_eq!(heads.iter().filter(|head| head.kind == "rules.file").count(), 4);

    let again = Setup { data: Some(kept.path().join("data")), ..Setup::default() };
    let app = TestApp::with(again).await;
    assert_eq!(past(&app, "").await["items"][0]["revision"], now["revision"]);
    app.stop().await;
}

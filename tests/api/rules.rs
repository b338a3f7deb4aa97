//! `/v1/rules` and `/v1/replies`.

use crate::helpers::*;
use crate::support::{RULES, RULES_TOKEN, Setup, TestApp};
use insta::assert_snapshot;
use serde_json::{Value, json};

async fn live(app: &TestApp) -> Value {
    plugin(app).get("/v1/rules").await.is(200)
}

#[tokio::test]
async fn the_rules_in_force_are_listed_without_their_phrases() {
    let app = TestApp::start().await;
    let live = live(&app).await;
    assert_snapshot!(pick(&live, &["revision", "loaded_at", "files", "rules_total", "phrases_total"]), @r#"revision="r1-…" loaded_at="2026-11-23T01:00:00Z" files=3 rules_total=2 phrases_total=3"#);
    assert_snapshot!(shown(&live["rules"][0]), @r###"
    id: "FIN-001"
    name: "承诺保本保收益"
    action: "block"
    severity: "medium"
    phrases: 2
    basis: [{"id":"ad-25","title":"《广告法》第二十五条"}]
    why: "可能被理解为承诺保本保收益"
    fix: "说明收益会波动,不要承诺结果"
    "###);
    assert!(!live.to_string().contains("稳赚不赔"));
    app.stop().await;
}

#[tokio::test]
async fn a_try_explains_and_is_not_recorded() {
    let app = TestApp::start().await;
    let text = json!({"text":"我们不承诺保底收益,不过100%通过","channel":"sidebar","industry":"教育"});
    let told = token(&app, RULES_TOKEN).post("/v1/rules/try", &text).await.is(200);
    assert_snapshot!(pick(&told, &["verdict", "hits_total", "shadow"]), @r#"verdict="confirm" hits_total=1 shadow=[]"#);
    assert_snapshot!(shown(&told["dismissed"][0]), @r###"
    rule: "FIN-001"
    phrase: "保底收益"
    span: {"byte":[15,27],"char":[5,9],"utf16":[5,9]}
    why: {"kind":"allowed","by":"不承诺保底收益"}
    "###);
    let blank = token(&app, RULES_TOKEN).post("/v1/rules/try", &json!({"text":" "})).await;
    assert_eq!(blank.refusal(), "422 text_empty");
    let log = token(&app, crate::support::READ_TOKEN).get("/v1/checks").await.is(200);
    assert_eq!(log["items"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn a_faulty_file_is_told_by_place_and_leaves_the_rules_as_they_are() {
    let app = TestApp::start().await;
    let before = live(&app).await;
    let refused = edit_rules(&app, "action = \"拦截\"", "action = \"拦截\"\ncolour = \"red\"").await;
    assert_eq!(refused.refusal(), "422 rules_refused");
    let fault = &refused.json["diagnostics"][0];
    assert!(fault["file"].as_str().unwrap().ends_with("rules.toml"), "{fault}");
    assert_snapshot!(pick(fault, &["code", "line", "col", "end_line", "end_col", "zh"]), @r#"code="R004" line=6 col=1 end_line=6 end_col=7 zh="不认识的字段 colour""#);
    assert_eq!(live(&app).await, before);
    assert_eq!(plugin(&app).check(&draft(BLOCK)).await["verdict"], "block");

    let ready = nobody(&app).get("/readyz").await.is(200);
    assert_eq!(ready["parts"][1]["detail"]["refused"]["line"], fault["line"]);
    assert!(nobody(&app).get("/metrics").await.text.contains("guard_rules_refused 1"));

    std::fs::write(app.rules.join("rules.toml"), RULES).unwrap();
    assert_eq!(reload(&app).await.is(200)["changed"], false);
    let ready = nobody(&app).get("/readyz").await.is(200);
    assert_eq!(ready["parts"][1]["detail"]["refused"], json!(null));
    assert!(nobody(&app).get("/metrics").await.text.contains("guard_rules_refused 0"));
    app.stop().await;
}

/// The number of a revision: 12 of `r12-9f3c`.
fn number(rules: &Value) -> u64 {
    rules["revision"].as_str().unwrap()[1..].split('-').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_revision_is_numbered_by_change_and_keeps_its_name_over_a_restart() {
    let app = TestApp::start().await;
    assert_eq!(number(&live(&app).await), 1);
    assert_eq!(reload(&app).await.is(200)["changed"], false);
    assert_eq!(number(&live(&app).await), 1);
    assert_eq!(number(&edit_rules(&app, "稳赚不赔", "包赚不赔").await.is(200)), 2);
    std::fs::write(app.rules.join("rules.toml"), RULES).unwrap();
    let third = reload(&app).await.is(200);
    assert_eq!((number(&third), &third["changed"]), (3, &json!(true)));
    let kept = app.stop().await;

    let again = || Setup { data: Some(kept.path().join("data")), ..Setup::default() };
    let app = TestApp::with(again()).await;
    assert_eq!(live(&app).await["revision"], third["revision"]);
    edit_rules(&app, "稳赚不赔", "包赚不赔").await.is(200);
    app.stop().await;
    // The files of the next start are others than those in force at the last stop.
    let app = TestApp::with(again()).await;
    assert_eq!(number(&live(&app).await), 5);
    app.stop().await;
}

#[tokio::test]
async fn reloads_at_once_make_one_revision() {
    let app = TestApp::start().await;
    std::fs::write(app.rules.join("rules.toml"), RULES.replacen("稳赚不赔", "包赚不赔", 1)).unwrap();
    let answers = futures_util::future::join_all((0..8).map(|_| reload(&app))).await;
    let changed = answers.into_iter().map(|answer| answer.is(200)).filter(|answer| answer["changed"] == true);
    assert_eq!(changed.count(), 1);
    assert_eq!(number(&live(&app).await), 2);
    app.stop().await;
}

#[tokio::test]
async fn at_most_three_replies_are_offered_and_each_passes() {
    let app = TestApp::start().await;
    let scripts =
        (0..6).map(|number| format!("\"收益说明第{number}版,以合同为准\"")).collect::<Vec<_>>().join(",");
    let replies = format!(
        "[[reply]]\nid = \"R-FIN-02\"\nindustries = [\"金融\"]\nkeywords = [\"收益\"]\nscripts = [\"放心,稳赚不赔\",{scripts}]\n"
    );
    std::fs::write(app.rules.join("replies/replies.toml"), replies).unwrap();
    // The rule names replies that are gone: that stops nothing.
    reload(&app).await.is(200);
    for query in [
        "keyword=%E6%94%B6%E7%9B%8A",
        "industry=%E9%87%91%E8%9E%8D",
        "text=%E6%94%B6%E7%9B%8A%E5%A4%9A%E5%B0%91",
    ] {
        let list = plugin(&app).get(&format!("/v1/replies?{query}")).await.is(200);
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 3, "{query}");
        for reply in items {
            assert_eq!(plugin(&app).check(&draft(reply["text"].as_str().unwrap())).await["verdict"], "pass");
        }
    }
    assert_eq!(
        plugin(&app).get("/v1/replies?industry=nowhere").await.is(200),
        json!({"items":[],"next":null})
    );
    assert_eq!(plugin(&app).get("/v1/replies?colour=red").await.refusal(), "422 invalid_value");
    app.stop().await;
}

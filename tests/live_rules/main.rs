//! Rule files that are edited while the server runs.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::time::Duration;
use support::{CHECK_TOKEN, RULES, RULES_TOKEN, Setup, TestApp};

async fn watched() -> TestApp {
    let replace = vec![("publish = \"approve\"".to_owned(), "publish = \"watch\"".to_owned())];
    TestApp::with(Setup { replace, ..Setup::default() }).await
}

fn edit(app: &TestApp, rules: &str) {
    std::fs::write(app.rules.join("rules.toml"), rules).unwrap();
}

/// Asks again until the answer is as wanted.
async fn until(app: &TestApp, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..500 {
        let (_, answer) = app.get(RULES_TOKEN, path).await;
        if wanted(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} did not become what was wanted");
}

#[tokio::test]
async fn an_edit_goes_live_by_itself_and_a_broken_one_leaves_the_old_rules() {
    let app = watched().await;
    let (_, before) = app.get(RULES_TOKEN, "/v1/rules").await;

    edit(&app, &RULES.replacen("拦截", "确认", 1));
    let after = until(&app, "/v1/rules", |live| live["revision"] != before["revision"]).await;
    let draft =
        json!({"sender":"zhangsan","recipient":"wmGuard0001","channel":"api","text":"这款产品保底收益5%"});
    let (_, check) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!((&check["verdict"], &check["revision"]), (&json!("confirm"), &after["revision"]));

    edit(&app, &RULES.replacen("action", "colour = \"红\"\naction", 1));
    let ready = until(&app, "/readyz", |ready| !ready["parts"][1]["detail"]["refused"].is_null()).await;
    let refused = &ready["parts"][1]["detail"]["refused"];
    assert_eq!((&ready["ready"], &refused["line"]), (&json!(true), &json!(5)));
    assert!(refused["zh"].as_str().unwrap().contains("colour"), "{refused}");
    let (_, still) = app.get(RULES_TOKEN, "/v1/rules").await;
    assert_eq!(still["revision"], after["revision"]);

    edit(&app, RULES);
    until(&app, "/readyz", |ready| ready["parts"][1]["detail"]["refused"].is_null()).await;
    app.stop().await;
}

//! A rule file edited on disk, read again, in force.

use crate::support::{CHECK_TOKEN, RULES, RULES_TOKEN, TestApp};
use serde_json::json;

#[tokio::test]
async fn one_word_in_a_rule_file_turns_a_block_into_a_confirmation() {
    let app = TestApp::start().await;
    let draft =
        json!({"sender":"zhangsan","recipient":"wmGuard0001","channel":"api","text":"这款产品保底收益5%"});
    let (_, before) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!(before["state"], "blocked");

    std::fs::write(app.rules.join("rules.toml"), RULES.replacen("拦截", "确认", 1)).unwrap();
    let (_, reloaded) = app.post(RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
    assert_eq!(reloaded["changed"], true);

    let (_, after) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!(after["state"], "awaiting_confirmation");
    assert_eq!(after["revision"], reloaded["revision"]);
    app.stop().await;
}

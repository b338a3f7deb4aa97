//! The spine from a rep's side: a draft in, a durable verdict and an answer out.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/mod.rs"]
mod support;

mod going_live;

use serde_json::json;
use support::{CHECK_TOKEN, TestApp};

#[tokio::test]
async fn a_blocked_draft_is_told_why_and_has_no_release() {
    let app = TestApp::start().await;
    let reply = app.says("zhangsan", "这款产品保底收益5%").await;
    for wanted in
        ["这条消息不能发送", "保底收益", "可能被理解为", "《广告法》第二十五条", "1. 收益会随市场波动"]
    {
        assert!(reply.contains(wanted), "{wanted} is not in {reply}");
    }
    let draft =
        json!({"sender":"zhangsan","recipient":"wmGuard0001","channel":"api","text":"这款产品保底收益5%"});
    let (status, check) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!((status, &check["state"], &check["release"]), (201, &json!("blocked"), &json!(null)));
    assert_eq!(check["hits"][0]["span"], json!({"byte":[12,24],"char":[4,8],"utf16":[4,8]}));
    app.stop().await;
}

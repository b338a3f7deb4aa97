//! 「我的待办」: what a rep has to do, said by the bot.

use crate::helpers::{BOT, REP, bot_words};
use crate::support::{AGENT, CHECK_TOKEN, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_rep_asks_for_what_they_have_to_do() {
    let app = TestApp::start().await;
    assert_eq!(app.told(REP, "我的待办").await, "没有待办。");
    for customer in ["wmGuard0001", "wmGuard0002"] {
        app.wecom.menu_click(REP, AGENT, &format!("contact:{customer}")).await.unwrap();
    }
    let filled = json!({
        "user": REP, "revision": 0, "first_touch": "phone", "core_need": ["价格"],
        "next_follow_up": "2026-11-23T08:00:00Z",
    });
    let (status, answer) = app.post(CHECK_TOKEN, "/v1/contacts/wmGuard0001/actions", &filled).await;
    assert_eq!(status, 201, "{answer}");
    let list = app.told(REP, " 我的待办 ").await;
    insta::assert_snapshot!(list, @r"
    今天
    · 2026-11-23 16:00 刘女士:跟进
    之后
    · 2026-11-24 09:00 周先生-基金定投:还缺:首次触达方式、核心诉求标签、下次跟进时间
    ");
    let (said, _) = bot_words(&app.wecom.bot_says(REP, BOT, "我的待办").await.unwrap());
    assert_eq!(said, list);
    // Asking is no draft, so nothing was checked.
    assert_eq!(app.facts("check.judged"), 0);
    app.stop().await;
}

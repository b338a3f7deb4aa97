//! The same conversation with the AI bot, whose answer carries its card.

use crate::helpers::{ASKED, BOT, MORE_RULES, REP, bot_words, claims_sent, short_in};
use crate::support::TestApp;
use wecom_guard::sandbox::PassiveReply;

async fn says(app: &TestApp, text: &str) -> (String, serde_json::Value) {
    bot_words(&app.wecom.bot_says(REP, BOT, text).await.unwrap())
}

#[tokio::test]
async fn the_bots_answer_brings_the_card_and_a_click_replaces_it() {
    let app = TestApp::start().await;
    let (said, reply) = says(&app, ASKED).await;
    assert_eq!(reply["msgtype"], "stream_with_template_card");
    assert!(said.starts_with("发送前请确认"), "{said}");
    let card = &reply["template_card"];
    let chars = |value: &serde_json::Value| value.as_str().unwrap().chars().count();
    assert!(chars(&card["main_title"]["title"]) <= 26 && chars(&card["main_title"]["desc"]) <= 30);
    assert!(card["horizontal_content_list"].as_array().unwrap().iter().all(|row| chars(&row["value"]) <= 26));
    let clicked = app.wecom.bot_clicks_card(REP, BOT, None, "confirm").await.unwrap();
    let (said, update) = bot_words(&clicked);
    assert_eq!(
        (&update["response_type"], &update["template_card"]["task_id"]),
        (&"update_template_card".into(), &card["task_id"])
    );
    assert_eq!(update["template_card"]["main_title"]["title"], "已确认");
    assert!(said.contains("请复制原文发给客户,机器人不能替你发送") && !claims_sent(&said), "{said}");
    let check = app.check_of(REP).await;
    assert_eq!((check["state"].as_str(), check["release"].is_null()), (Some("handed_back"), true));
    app.stop().await;
}

#[tokio::test]
async fn the_bots_card_can_be_sent_back_and_its_draft_taken_back_by_typing() {
    let app = TestApp::start().await;
    says(&app, ASKED).await;
    let (said, update) = bot_words(&app.wecom.bot_clicks_card(REP, BOT, None, "edit").await.unwrap());
    assert_eq!(
        (said.as_str(), &update["template_card"]["main_title"]["title"]),
        ("已取消,这条消息不会发送。", &"已返回修改".into())
    );
    app.passes(1);
    let (said, _) = says(&app, ASKED).await;
    assert_eq!(says(&app, &format!("取消 {}", short_in(&said))).await.0, "已取消,这条消息不会发送。");
    let (late, _) = bot_words(&app.wecom.bot_clicks_card(REP, BOT, None, "confirm").await.unwrap());
    assert_eq!(late, "这条消息已经处理过,状态是:已取消。");
    app.stop().await;
}

#[tokio::test]
async fn a_late_click_on_the_bots_card_is_told_so() {
    let app = TestApp::start().await;
    says(&app, ASKED).await;
    app.passes(600);
    let (said, update) = bot_words(&app.wecom.bot_clicks_card(REP, BOT, None, "confirm").await.unwrap());
    assert_eq!(
        (said.as_str(), &update["template_card"]["main_title"]["title"]),
        ("确认时间已过。请重新发送原文检查。", &"已过期".into())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_reason_is_asked_for_in_the_form_a_click_can_be_answered_with() {
    let app = TestApp::start().await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let (said, _) = says(&app, "给您按内部价来").await;
    let short = short_in(&said);
    let clicked = app.wecom.bot_clicks_card(REP, BOT, None, "confirm").await.unwrap();
    assert!(!matches!(clicked.reply(), PassiveReply::Dropped(_)), "{:?}", clicked.reply());
    assert!(bot_words(&clicked).0.contains(&format!("请回复「确认 {short}」,换行后写原因")));
    assert_eq!(app.check_of(REP).await["state"], "awaiting_confirmation");
    assert!(says(&app, &format!("确认 {short}\n老客户")).await.0.starts_with("已确认"));
    app.stop().await;
}

#[tokio::test]
async fn the_bot_greets_once_a_day_in_the_form_wecom_takes() {
    let app = TestApp::start().await;
    let (_, reply) = bot_words(&app.wecom.bot_entered(REP, BOT).await.unwrap());
    assert_eq!(reply["msgtype"], "text");
    app.passes(60);
    let again = app.wecom.bot_entered(REP, BOT).await.unwrap();
    assert_eq!(again.reply(), &PassiveReply::Empty);
    app.stop().await;
}

#[tokio::test]
async fn the_bot_shows_a_customer_with_the_link() {
    let app = TestApp::start().await;
    let (said, _) = says(&app, "客户 刘女士").await;
    assert!(said.contains("**刘女士 · 线索**") && said.contains("/contact/wmGuard0001"), "{said}");
    app.stop().await;
}

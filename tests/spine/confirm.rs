//! A draft that waits for its rep: by card, by typing, in time, once, and by nobody else.

use crate::helpers::{ASKED, MORE_RULES, OTHER, REP, claims_sent, click, short_in, words};
use crate::support::{AGENT, TestApp};
use serde_json::Value;
use wecom_guard::sandbox::{ActError, CardState, Shown};

const REASON: &str = "老客户,内部价已由店长同意";

fn greyed(with: &str) -> CardState {
    CardState::Greyed(with.to_owned())
}

/// A draft that waits, its words and its card.
async fn asked(app: &TestApp, text: &str) -> (String, Shown) {
    let said = app.told(REP, text).await;
    (said, app.card(REP, CardState::Live).await)
}

fn task(shown: &Shown) -> String {
    shown.card.as_ref().unwrap().body["task_id"].as_str().unwrap().to_owned()
}

async fn state(app: &TestApp) -> String {
    let check = app.check_of(REP).await;
    assert!(check["release"].is_null(), "the bot releases nothing: {check}");
    check["state"].as_str().unwrap().to_owned()
}

fn confirmations(check: &Value) -> usize {
    check["trail"].as_array().unwrap().iter().filter(|step| step["cause"]["kind"] == "confirmed").count()
}

#[tokio::test]
async fn the_card_has_both_buttons_and_stays_within_wecoms_limits() {
    let app = TestApp::start().await;
    let basis = format!("[[basis]]\nid = \"long\"\ntitle = \"{}\"\n", "关于进一步规范的通知".repeat(8));
    std::fs::write(app.rules.join("basis.toml"), crate::support::BASIS.to_owned() + &basis).unwrap();
    app.adds_rules("long.toml", "[[rule]]\nid = \"L-001\"\nname = \"长\"\naction = \"确认\"\nphrases = [\"包过\"]\nbasis = [\"long\"]\nwhy = \"可能被理解为保证结果\"\n").await;
    let text = format!("{ASKED}{}包过", "请您先看资料。".repeat(100));
    let (_, shown) = asked(&app, &text).await;
    let body = &shown.card.as_ref().unwrap().body;
    let chars = |value: &Value| value.as_str().unwrap().chars().count();
    assert_eq!(
        (&body["main_title"]["title"], &body["main_title"]["desc"]),
        (&"发送前请确认".into(), &"2 处需要确认".into())
    );
    let buttons: Vec<_> =
        body["button_list"].as_array().unwrap().iter().map(|one| one["text"].clone()).collect();
    assert_eq!(buttons, ["返回修改", "确认可发"]);
    let rows = body["horizontal_content_list"].as_array().unwrap();
    assert!(
        rows.len() <= 6 && rows.iter().all(|row| chars(&row["keyname"]) <= 5 && chars(&row["value"]) <= 30),
        "{rows:?}"
    );
    assert!(chars(&body["quote_area"]["quote_text"]) <= 256);
    app.stop().await;
}

#[tokio::test]
async fn a_click_confirms_once_and_hands_the_text_back() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    let clicked = app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    assert_eq!(words(&clicked), "已确认");
    app.card(REP, greyed("已确认")).await;
    app.until("the text", |app| {
        app.was_told(REP, &format!("请复制原文发给客户,机器人不能替你发送。\n{ASKED}")).then_some(())
    })
    .await;
    assert_eq!(state(&app).await, "handed_back");
    assert_eq!(
        app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap_err(),
        ActError::Greyed("已确认".into())
    );
    assert!(app.wecom.messages_of(REP).iter().all(|shown| !claims_sent(&shown.text)));
    app.stop().await;
}

#[tokio::test]
async fn a_second_click_from_another_device_changes_nothing() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    for at in 1..4 {
        let again = app.wecom.post_callback(AGENT, &click(REP, &task(&shown), "confirm", at)).await.unwrap();
        assert_eq!(words(&again), "已确认");
    }
    let other_button = app.wecom.post_callback(AGENT, &click(REP, &task(&shown), "edit", 9)).await.unwrap();
    assert_eq!(words(&other_button), "已处理");
    let check = app.check(&app.check_of(REP).await["id"]).await;
    assert_eq!((confirmations(&check), &check["state"]), (1, &"handed_back".into()));
    app.stop().await;
}

#[tokio::test]
async fn a_colleagues_click_is_refused_in_words_and_changes_nothing() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    for key in ["confirm", "edit"] {
        let clicked = app.wecom.post_callback(AGENT, &click(OTHER, &task(&shown), key, 1)).await.unwrap();
        assert!(clicked.is_accepted());
        app.until("the refusal", |app| app.was_told(OTHER, "属于别的同事").then_some(())).await;
        assert_eq!(state(&app).await, "awaiting_confirmation");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_click_after_ten_minutes_is_told_that_the_time_is_over() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    app.passes(600);
    let clicked = app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    assert_eq!(words(&clicked), "已过期");
    app.until("the reason", |app| app.was_told(REP, "确认时间已过").then_some(())).await;
    let check = app.check_of(REP).await;
    assert_ne!(check["state"], "handed_back");
    app.stop().await;
}

#[tokio::test]
async fn a_click_after_stricter_rules_is_told_the_new_judgement() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    app.adds_rules("strict.toml", "[[rule]]\nid = \"EDU-009\"\nname = \"放心报名\"\naction = \"拦截\"\nphrases = [\"放心报名\"]\nwhy = \"可能被理解为保证结果\"\n").await;
    let clicked = app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    assert_eq!(words(&clicked), "已处理");
    let told = "规则刚更新,这条消息现在按更严的规则处理:\n这条消息不能发送\n不能发送:「放心报名」";
    app.until("the new judgement", |app| app.was_told(REP, told).then_some(())).await;
    assert_eq!(state(&app).await, "blocked");
    app.stop().await;
}

#[tokio::test]
async fn a_second_person_asked_for_since_is_not_passed_by_the_old_card() {
    let app = TestApp::start().await;
    let (_, shown) = asked(&app, ASKED).await;
    let old = app.check_of(REP).await["id"].clone();
    app.adds_rules("strict.toml", "[[rule]]\nid = \"EDU-009\"\nname = \"放心报名\"\naction = \"确认\"\nphrases = [\"放心报名\"]\nrequire_approval = true\nwhy = \"可能被理解为保证结果\"\n").await;
    app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    let anew =
        app.until("the new card", |app| app.cards(REP).pop().filter(|card| card.msgid != shown.msgid)).await;
    assert_eq!(app.check(&old).await["state"], "withdrawn");
    app.wecom.rep_clicks_card(REP, Some(&anew.msgid), "confirm").await.unwrap();
    assert_eq!(state(&app).await, "awaiting_approval");
    app.stop().await;
}

#[tokio::test]
async fn a_typed_confirmation_greys_the_card_and_counts_once() {
    let app = TestApp::start().await;
    let (said, _) = asked(&app, ASKED).await;
    let short = short_in(&said);
    let told = app.told(REP, &format!("确认 {short}")).await;
    assert!(told.starts_with("已确认,2026-11-23 09:00 留下记录。") && told.ends_with(ASKED), "{told}");
    app.card(REP, greyed("已确认")).await;
    app.passes(1);
    let again = app.told(REP, &format!("确认 {short}")).await;
    assert!(again.contains("可能已处理"), "{again}");
    let check = app.check(&app.check_of(REP).await["id"]).await;
    assert_eq!((confirmations(&check), &check["state"]), (1, &"handed_back".into()));
    app.stop().await;
}

#[tokio::test]
async fn blanks_around_a_command_do_not_matter() {
    let app = TestApp::start().await;
    for form in ["  确认 N  ", "确认\u{3000}N", "\u{3000}确认  N\n", "确认\tN\r\n"] {
        let short = short_in(&app.told(REP, ASKED).await);
        let told = app.told(REP, &form.replace('N', &short)).await;
        assert!(told.starts_with("已确认"), "{form:?}: {told}");
        app.passes(1);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_command_inside_a_longer_text_is_a_draft() {
    let app = TestApp::start().await;
    let short = short_in(&app.told(REP, ASKED).await);
    let waiting = app.check_of(REP).await["id"].clone();
    for draft in [
        format!("请确认 {short}"),
        format!("确认 {short} 谢谢"),
        format!("确认 {short}\n好的"),
        format!("取消 {short}\n算了"),
    ] {
        app.passes(1);
        assert!(app.told(REP, &draft).await.starts_with("可以发送"), "{draft}");
        assert_eq!(app.check_of(REP).await["text"], draft.as_str());
    }
    assert_eq!(app.check(&waiting).await["state"], "awaiting_confirmation");
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_number_and_a_colleagues_number_are_told_apart_from_nothing() {
    let app = TestApp::start().await;
    let short = short_in(&app.told(REP, ASKED).await);
    let other = if short == "0000" { "0001" } else { "0000" };
    for (user, number) in [(REP, other), (OTHER, short.as_str())] {
        for word in ["确认", "取消"] {
            let told = app.told(user, &format!("{word} {number}")).await;
            assert!(told.starts_with(&format!("没有编号 {number} 的待确认消息")), "{told}");
        }
    }
    assert_eq!(state(&app).await, "awaiting_confirmation");
    app.stop().await;
}

#[tokio::test]
async fn a_draft_can_be_taken_back_by_typing_and_by_the_button() {
    let app = TestApp::start().await;
    let (said, _) = asked(&app, ASKED).await;
    assert_eq!(app.told(REP, &format!("取消 {}", short_in(&said))).await, "已取消,这条消息不会发送。");
    app.card(REP, greyed("已返回修改")).await;
    assert_eq!(state(&app).await, "withdrawn");
    app.passes(1);
    let (_, shown) = asked(&app, &format!("{ASKED}!")).await;
    let clicked = app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "edit").await.unwrap();
    assert_eq!(words(&clicked), "已返回修改");
    assert_eq!(state(&app).await, "withdrawn");
    let late = app.wecom.post_callback(AGENT, &click(REP, &task(&shown), "confirm", 1)).await.unwrap();
    assert_eq!(words(&late), "已处理");
    assert_eq!(state(&app).await, "withdrawn");
    app.stop().await;
}

#[tokio::test]
async fn a_rule_that_wants_a_reason_is_confirmed_by_typing_one() {
    let app = TestApp::start().await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let (said, shown) = asked(&app, "给您按内部价来").await;
    let short = short_in(&said);
    assert!(said.contains("换行后写原因"), "{said}");
    let clicked = app.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await.unwrap();
    assert!(clicked.is_accepted() && words(&clicked).is_empty());
    app.until("the way", |app| {
        app.was_told(REP, &format!("请回复「确认 {short}」,换行后写原因")).then_some(())
    })
    .await;
    assert!(app.told(REP, &format!("确认 {short}")).await.contains("换行后写原因"));
    assert_eq!(state(&app).await, "awaiting_confirmation");
    app.passes(1);
    assert!(app.told(REP, &format!("确认 {short}\n{REASON}")).await.starts_with("已确认"));
    let check = app.check(&app.check_of(REP).await["id"]).await;
    assert_eq!(
        (&check["state"], &check["trail"][0]["cause"]["reason"]),
        (&"handed_back".into(), &REASON.into())
    );
    app.stop().await;
}

#[tokio::test]
async fn a_rule_that_wants_a_second_person_leaves_the_draft_waiting_for_them() {
    let app = TestApp::start().await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let (said, _) = asked(&app, "下单就返现").await;
    let told = app.told(REP, &format!("确认 {}", short_in(&said))).await;
    assert_eq!(told, "已确认,等主管批准。");
    assert_eq!(state(&app).await, "awaiting_approval");
    app.stop().await;
}

#[tokio::test]
async fn a_click_on_a_card_we_never_sent_is_answered() {
    let app = TestApp::start().await;
    let clicked = app.wecom.post_callback(AGENT, &click(REP, "chk_unknown", "confirm", 1)).await.unwrap();
    assert!(clicked.is_accepted());
    app.until("the words", |app| app.was_told(REP, "没有找到这条待确认消息").then_some(())).await;
    app.stop().await;
}

//! A second person decides by card: in their own chat with the application, with one tap.

use crate::helpers::*;
use crate::support::{CORP, Setup, TestApp};
use serde_json::Value;
use wecom_guard::sandbox::{ActError, CardState, Shown};

const LEADER: &str = "ChenLan";

/// The key of a card's button with these words.
fn key(shown: &Shown, words: &str) -> String {
    let card = shown.card.as_ref().unwrap();
    let buttons = card.body["button_list"].as_array().unwrap();
    let button = buttons.iter().find(|button| button["text"] == words).unwrap_or_else(|| panic!("{card:?}"));
    button["key"].as_str().unwrap().to_owned()
}

/// The rep appeals on the page, signed in by link.
async fn appeal(app: &TestApp, id: &str, text: &str) {
    let at = |path: &str| format!("{}{path}", app.base);
    let link = app.login_path(REP, wecom_guard::model::Role::Rep);
    let signed_in = app.http.post(at(&link)).send().await.unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page =
        app.http.get(at("/sidebar")).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    let csrf = page.split("name=\"csrf-token\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    let request = app.http.post(at(&format!("/v1/checks/{id}/appeal"))).header("cookie", &cookie);
    let answer =
        request.header("x-csrf-token", csrf).json(&serde_json::json!({ "text": text })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

async fn waiting_for_leader(app: &TestApp) -> Shown {
    app.adds_rules("more.toml", MORE_RULES).await;
    let said = app.told(REP, "王女士,办卡当天返现50元").await;
    let confirmed = app.told(REP, &format!("确认 {}", short_in(&said))).await;
    assert!(confirmed.contains("等主管批准"), "{confirmed}");
    app.card(LEADER, CardState::Live).await
}

#[tokio::test]
async fn a_leader_approves_by_card_and_the_text_goes_back_to_the_rep() {
    let app = TestApp::start().await;
    let shown = waiting_for_leader(&app).await;
    let card = shown.card.as_ref().unwrap().body.to_string();
    for said in ["请批准发送", "王女士,办卡当天返现50元", "「返现」GEN-004"] {
        assert!(card.contains(said), "{card}");
    }
    let clicked = app.wecom.rep_clicks_card(LEADER, Some(&shown.msgid), &key(&shown, "批准")).await.unwrap();
    assert_eq!(words(&clicked), "已批准");
    assert_eq!(app.check_of(REP).await["state"], "handed_back");
    app.until("the news", |app| app.was_told(REP, "主管已批准").then_some(())).await;
    let again = app.wecom.rep_clicks_card(LEADER, Some(&shown.msgid), &key(&shown, "驳回")).await;
    assert_eq!(again.unwrap_err(), ActError::Greyed("已批准".into()));
    app.stop().await;
}

#[tokio::test]
async fn a_leader_rejects_by_card_and_a_forwarded_card_is_good_for_nobody_else() {
    let app = TestApp::start().await;
    let shown = waiting_for_leader(&app).await;
    let approve = key(&shown, "批准");
    for user in [REP, OTHER] {
        let event = click(user, "some-task", &approve, 1);
        assert!(app.wecom.post_callback(crate::support::AGENT, &event).await.unwrap().is_accepted());
        assert_eq!(app.check_of(REP).await["state"], "awaiting_approval", "{user}");
    }
    app.wecom.rep_clicks_card(LEADER, Some(&shown.msgid), &key(&shown, "驳回")).await.unwrap();
    assert_eq!(app.check_of(REP).await["state"], "rejected");
    app.until("the news", |app| app.was_told(REP, "主管驳回了这条消息").then_some(())).await;
    app.stop().await;
}

#[tokio::test]
async fn an_officer_answers_an_appeal_by_card() {
    let extra = format!("[[person]]\nuser = \"heguan\"\ncorp_id = \"{CORP}\"\nroles = [\"officer\"]\n");
    let app = TestApp::with(Setup { extra, ..Setup::default() }).await;
    app.told(REP, "这款产品保底收益5%").await;
    let id = app.check_of(REP).await["id"].as_str().unwrap().to_owned();
    appeal(&app, &id, "我在转述监管的话").await;
    let shown = app.card("heguan", CardState::Live).await;
    app.wecom.rep_clicks_card("heguan", Some(&shown.msgid), &key(&shown, "误报")).await.unwrap();
    let check = app.check(&Value::from(id)).await;
    assert_eq!(check["review"]["disposition"]["outcome"], "false_alarm");
    app.until("the news", |app| app.was_told(REP, "复核结果:误报").then_some(())).await;
    app.stop().await;
}

#[tokio::test]
async fn a_rep_without_a_leader_is_told_that_nobody_can_approve() {
    let mut company = wecom_guard::sandbox::Company::sample().unwrap();
    company.departments.iter_mut().for_each(|department| department.department_leader.clear());
    company.members.iter_mut().for_each(|member| member.direct_leader.clear());
    let app = TestApp::with(Setup { company, ..Setup::default() }).await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let said = app.told(REP, "王女士,办卡当天返现50元").await;
    app.told(REP, &format!("确认 {}", short_in(&said))).await;
    app.until("the news", |app| app.was_told(REP, "没有找到可以批准的主管").then_some(())).await;
    app.stop().await;
}

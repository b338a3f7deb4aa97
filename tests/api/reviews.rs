//! A second person's word before a text is sent, and an appeal after it was stopped, by the API.

use crate::helpers::*;
use crate::support::{CORP, READ_TOKEN, Setup, TestApp};
use jiff::SignedDuration;
use serde_json::{Value, json};
use wecom_guard::model::Role;
use wecom_guard::sandbox::Failure;

fn path(check: &Value, step: &str) -> String {
    format!("/v1/checks/{}{step}", check["id"].as_str().unwrap())
}

/// Whether a member was sent a card or words that hold this.
fn was_sent(app: &TestApp, user: &str, words: &str) -> bool {
    app.wecom.messages_of(user).iter().any(|shown| {
        let card = shown.card.as_ref().map(|card| card.body.to_string()).unwrap_or_default();
        shown.text.contains(words) || card.contains(words)
    })
}

/// A check of zhangsan's that waits for a second person who was asked.
async fn asked(app: &TestApp, rep: &Caller<'_>) -> Value {
    let wanted = "action = \"确认\"";
    edit_rules(app, wanted, &format!("{wanted}\nrequire_approval = true")).await.is(200);
    let draft = json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": CONFIRM});
    let check = rep.check(&draft).await;
    let before = app.wecom.messages_of("ChenLan").len();
    let body = json!({ "text_sha256": sha256(CONFIRM) });
    let waiting = rep.post(&path(&check, "/confirm"), &body).await.is(200);
    assert_eq!((&waiting["state"], &waiting["release"]), (&json!("awaiting_approval"), &Value::Null));
    app.until("the question", |app| (app.wecom.messages_of("ChenLan").len() > before).then_some(())).await;
    assert!(was_sent(app, "ChenLan", "请批准发送"));
    waiting
}

#[tokio::test]
async fn the_one_the_rep_answers_to_lets_a_text_go_and_the_rep_alone_may_send_it() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    let colleague = session(&app, "lisi", Role::Supervisor).await;
    let waiting = asked(&app, &rep).await;
    assert_eq!(rep.post(&path(&waiting, "/approve"), &json!({})).await.refusal(), "403 forbidden");
    assert_eq!(colleague.post(&path(&waiting, "/approve"), &json!({})).await.refusal(), "404 not_found");
    assert_eq!(leader.get(&path(&waiting, "")).await.is(200)["text"], json!(CONFIRM));
    let waits =
        async |who: &Caller<'_>| who.get("/v1/approvals").await.is(200)["items"].as_array().unwrap().len();
    assert_eq!((waits(&leader).await, waits(&colleague).await, waits(&rep).await), (1, 0, 0));

    let approved = leader.post(&path(&waiting, "/approve"), &json!({})).await.is(200);
    assert_eq!((&approved["state"], &approved["release"]), (&json!("confirmed"), &Value::Null));
    assert_eq!(leader.post(&path(&waiting, "/approve"), &json!({})).await.is(200), approved);
    assert_eq!(waits(&leader).await, 0);
    assert_eq!(leader.post(&path(&waiting, "/reject"), &json!({})).await.refusal(), "409 wrong_state");
    app.until("the news", |app| was_sent(app, "zhangsan", "主管已批准").then_some(())).await;

    // Still good when the rep comes back to it minutes later.
    app.hand.advance(SignedDuration::from_mins(9));
    assert_eq!(leader.get(&path(&waiting, "")).await.is(200)["release"], Value::Null);
    let release = rep.get(&path(&waiting, "")).await.is(200)["release"].clone();
    let report = json!({"release": release, "ok": true});
    assert_eq!(rep.post(&path(&waiting, "/sent"), &report).await.is(200)["state"], "sent");
    app.stop().await;
}

#[tokio::test]
async fn a_rejected_text_is_not_released_and_the_rep_is_told_why() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    let waiting = asked(&app, &rep).await;
    let note = json!({"note": "请先发风险揭示书"});
    let rejected = leader.post(&path(&waiting, "/reject"), &note).await.is(200);
    assert_eq!((&rejected["state"], &rejected["release"]), (&json!("rejected"), &Value::Null));
    app.until("the news", |app| was_sent(app, "zhangsan", "请先发风险揭示书").then_some(())).await;
    assert_eq!(leader.post(&path(&waiting, "/approve"), &json!({})).await.refusal(), "409 wrong_state");
    assert_eq!(rep.get(&path(&waiting, "")).await.is(200)["release"], Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn nothing_is_approved_too_late_or_against_stricter_rules() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    let waiting = asked(&app, &rep).await;
    edit_rules(&app, "action = \"确认\"", "action = \"拦截\"").await.is(200);
    let refused = leader.post(&path(&waiting, "/approve"), &json!({})).await;
    assert_eq!(
        (refused.refusal().as_str(), &refused.json["check"]["state"]),
        ("409 verdict_changed", &json!("blocked"))
    );
    assert_eq!(rep.get(&path(&waiting, "")).await.is(200)["state"], "withdrawn");

    let late = asked(&app, &rep).await;
    app.hand.advance(SignedDuration::from_mins(10));
    assert_eq!(leader.post(&path(&late, "/approve"), &json!({})).await.refusal(), "410 expired");
    app.stop().await;
}

#[tokio::test]
async fn the_question_is_asked_when_wecom_is_back() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let wanted = "action = \"确认\"";
    edit_rules(&app, wanted, &format!("{wanted}\nrequire_approval = true")).await.is(200);
    let check = rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": CONFIRM})).await;
    app.wecom.faults().fail("department/list", 999, Failure::Code(-1));
    rep.post(&path(&check, "/confirm"), &json!({ "text_sha256": sha256(CONFIRM) })).await.is(200);
    app.until("a try", |app| (app.wecom.calls("department/list") > 0).then_some(())).await;
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    assert_eq!(leader.post(&path(&check, "/approve"), &json!({})).await.refusal(), "404 not_found");
    app.wecom.faults().clear();
    app.until("the question", |app| {
        app.hand.advance(SignedDuration::from_secs(1));
        was_sent(app, "ChenLan", "请批准发送").then_some(())
    })
    .await;
    app.stop().await;
}

/// Two officers: one sees to everybody, one to another department.
async fn with_officers() -> TestApp {
    let person = |user: &str, more: &str| {
        format!("[[person]]\nuser = \"{user}\"\ncorp_id = \"{CORP}\"\nroles = [\"officer\"]\n{more}\n")
    };
    let extra =
        person("heguan", "") + &person("linxu", "departments = [2]") + &person("sunhe", "departments = [3]");
    TestApp::with(Setup { extra, ..Setup::default() }).await
}

#[tokio::test]
async fn an_appeal_reaches_the_officers_who_see_to_the_rep_and_the_first_finding_counts() {
    let app = with_officers().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let blocked = rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": BLOCK})).await;
    let said = json!({"text": "这是客户问的原话,我在解释为什么没有"});
    let lodged = rep.post(&path(&blocked, "/appeal"), &said).await.is(200);
    assert_eq!((&lodged["appeal"]["by"], &lodged["disposition"]), (&json!("zhangsan"), &Value::Null));
    // Another text under the same check is not a second appeal.
    assert_eq!(rep.post(&path(&blocked, "/appeal"), &json!({"text": "再说一次"})).await.is(200), lodged);
    for officer in ["heguan", "linxu"] {
        app.until("the question", |app| was_sent(app, officer, "我在解释为什么没有").then_some(())).await;
    }
    assert!(app.wecom.messages_of("sunhe").is_empty());

    let officer = session(&app, "heguan", Role::Officer).await;
    let found = json!({"outcome": "false_alarm", "note": "解释性语句,可以说"});
    let done = officer.post(&path(&blocked, "/disposition"), &found).await.is(200);
    assert_eq!((&done["appeal"], &done["disposition"]["by"]), (&lodged["appeal"], &json!("heguan")));
    assert_eq!(officer.post(&path(&blocked, "/disposition"), &found).await.is(200), done);
    let other = session(&app, "linxu", Role::Officer).await;
    let otherwise = other.post(&path(&blocked, "/disposition"), &json!({"outcome": "valid"})).await;
    assert_eq!(otherwise.refusal(), "409 changed_meanwhile");
    app.until("the news", |app| was_sent(app, "zhangsan", "复核结果:误报").then_some(())).await;

    // The block itself stays what it was.
    let after = rep.get(&path(&blocked, "")).await.is(200);
    assert_eq!(
        (&after["state"], &after["release"], &after["review"]),
        (&json!("blocked"), &Value::Null, &done)
    );
    let listed = async |finding: &str| {
        let list = token(&app, READ_TOKEN).get(&format!("/v1/checks?disposition={finding}")).await.is(200);
        list["items"].as_array().unwrap().len()
    };
    assert_eq!((listed("false_alarm").await, listed("valid").await), (1, 0));
    app.stop().await;
}

#[tokio::test]
async fn only_a_block_of_ones_own_can_be_appealed_against() {
    let app = with_officers().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let other = session(&app, "lisi", Role::Rep).await;
    let said = json!({"text": "可以说"});
    let passed = rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": PASS})).await;
    assert_eq!(rep.post(&path(&passed, "/appeal"), &said).await.refusal(), "409 wrong_state");
    let blocked = rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": BLOCK})).await;
    assert_eq!(other.post(&path(&blocked, "/appeal"), &said).await.refusal(), "404 not_found");
    for text in ["", "   ", &"长".repeat(501)] {
        let answer = rep.post(&path(&blocked, "/appeal"), &json!({ "text": text })).await;
        assert_eq!(answer.refusal(), "422 invalid_value");
    }
    // Nobody rules on their own text.
    let self_ruled = session(&app, "zhangsan", Role::Officer).await;
    let valid = json!({"outcome": "false_alarm"});
    assert_eq!(self_ruled.post(&path(&blocked, "/disposition"), &valid).await.refusal(), "403 forbidden");
    app.stop().await;
}

//! Appointments, and what a rep has to do.

use crate::following::{ACTIONS, PAGE};
use crate::helpers::*;
use crate::support::{AGENT, TestApp};
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wecom_guard::model::Role;

const APPOINTMENTS: &str = "/v1/contacts/wmGuard0001/appointments";

fn at(title: &str, starts_at: &str, ends_at: &str) -> Value {
    json!({"title": title, "starts_at": starts_at, "ends_at": ends_at})
}

/// The list, a line each.
async fn todos(caller: &Caller<'_>, path: &str) -> String {
    let list = caller.get(path).await.is(200);
    let row = |todo: &Value| {
        let text = |key: &str| todo[key].as_str().unwrap().to_owned();
        let dormant = if todo["dormant"] == true { " 待激活" } else { "" };
        let (group, kind, name) = (text("group"), text("kind"), text("name"));
        format!("{group} {} {kind} {name} {}{dormant}", text("due_at"), text("title"))
    };
    list["items"].as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_appointment_stands_on_the_page_until_it_is_over_or_called_off() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let wanted = at("面谈:医保准入", "2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z");
    let made = rep.post(APPOINTMENTS, &wanted).await.is(201);
    let id = made["items"][0]["what"]["id"].as_str().unwrap().to_owned();
    let own = rep.get(PAGE).await.is(200);
    assert_eq!(own["following"]["appointments"][0]["title"], "面谈:医保准入");

    let cancel = format!("{APPOINTMENTS}/{id}/cancel");
    let lisi = session(&app, "lisi", Role::Rep).await;
    assert_eq!(lisi.post(&cancel, &json!({})).await.refusal(), "404 not_found");
    let off = rep.post(&cancel, &json!({})).await.is(201);
    assert_eq!(off["items"][0]["what"]["kind"], "appointment_cancelled");
    assert_eq!(off["following"]["appointments"], json!([]));
    assert_eq!(rep.post(&cancel, &json!({})).await.refusal(), "404 not_found");

    rep.post(APPOINTMENTS, &wanted).await.is(201);
    app.hand.advance(SignedDuration::from_hours(2));
    let rep = session(&app, "zhangsan", Role::Rep).await;
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["appointments"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn an_appointment_in_the_past_or_at_a_busy_time_is_refused_in_plain_words() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await.with("idempotency-key", "tap");
    let first = at("面谈", "2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z");
    rep.post(APPOINTMENTS, &first).await.is(201);
    // A second tap does not meet the first.
    rep.post(APPOINTMENTS, &first).await.is(200);
    let rep = rep.without("idempotency-key");
    let mut said = Vec::new();
    for wanted in [
        // With another customer, at the same time.
        ("wmGuard0002", at("回访", "2026-11-23T02:59:00Z", "2026-11-23T03:30:00Z")),
        ("wmGuard0001", at("回访", "2026-11-23T00:30:00Z", "2026-11-23T01:30:00Z")),
        ("wmGuard0001", at("回访", "2026-11-23T05:00:00Z", "2026-11-23T05:04:59Z")),
        ("wmGuard0001", at("回访", "2026-11-23T05:00:00Z", "2026-11-24T05:00:01Z")),
        ("wmGuard0001", at("", "2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z")),
        ("wmGuard0001", at("谈保底收益", "2026-11-23T05:00:00Z", "2026-11-23T06:00:00Z")),
    ] {
        let answer = rep.post(&format!("/v1/contacts/{}/appointments", wanted.0), &wanted.1).await;
        said.push(format!("{} {}", answer.refusal(), answer.json["zh"].as_str().unwrap()));
    }
    assert_snapshot!(said.join("\n"), @r"
    409 appointment_conflict 这个时间和 2026-11-23 10:00 的预约「面谈」冲突。
    422 invalid_value starts_at:时间已经过了,请选以后的时间
    422 invalid_value ends_at:预约要在 5 分钟到 24 小时之间
    422 invalid_value ends_at:预约要在 5 分钟到 24 小时之间
    422 invalid_value title:不能为空
    422 text_stopped title 里的「保底收益」不能写进记录:可能被理解为承诺保本保收益
    ");
    // One ends when the other begins.
    let after = at("回访", "2026-11-23T03:00:00Z", "2026-11-23T03:30:00Z");
    rep.post("/v1/contacts/wmGuard0002/appointments", &after).await.is(201);
    app.stop().await;
}

#[tokio::test]
async fn a_reps_list_holds_what_is_open_by_its_time() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    assert_eq!(todos(&rep, "/v1/todos").await, "");
    rep.get(PAGE).await.is(200);
    rep.get("/v1/contacts/wmGuard0002").await.is(200);
    let filled = json!({
        "revision": 0, "first_touch": "phone", "core_need": ["价格"], "next_follow_up": "2026-11-23T08:00:00Z",
    });
    rep.post(ACTIONS, &filled).await.is(201);
    rep.post(APPOINTMENTS, &at("面谈", "2026-11-25T02:00:00Z", "2026-11-25T03:00:00Z")).await.is(201);
    assert_snapshot!(todos(&rep, "/v1/todos").await, @r"
    today 2026-11-23T08:00:00Z follow_up 刘女士 跟进
    later 2026-11-24T01:00:00Z required 周先生-基金定投 还缺:首次触达方式、核心诉求标签、下次跟进时间
    later 2026-11-25T02:00:00Z appointment 刘女士 面谈
    ");
    app.hand.advance(SignedDuration::from_hours(25));
    assert_snapshot!(todos(&plugin(&app), "/v1/todos?user=zhangsan").await, @r"
    overdue 2026-11-23T08:00:00Z follow_up 刘女士 跟进
    overdue 2026-11-24T01:00:00Z required 周先生-基金定投 还缺:首次触达方式、核心诉求标签、下次跟进时间 待激活
    later 2026-11-25T02:00:00Z appointment 刘女士 面谈
    ");
    // Whoever no longer follows a customer has nothing to do for them.
    let gone = app.wecom.contact_changed(AGENT, "del_follow_user", "zhangsan", "wmGuard0001", &[]);
    gone.await.unwrap();
    let left = todos(&plugin(&app), "/v1/todos?user=zhangsan").await;
    assert!(!left.contains("刘女士"), "{left}");
    app.stop().await;
}

#[tokio::test]
async fn a_list_is_the_reps_own_and_their_supervisors_to_read() {
    let app = TestApp::start().await;
    let path = "/v1/todos?user=zhangsan";
    session(&app, "zhangsan", Role::Rep).await.get(PAGE).await.is(200);
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    assert!(todos(&leader, path).await.contains("刘女士"));
    assert_eq!(todos(&leader, "/v1/todos").await, "");
    let lisi = session(&app, "lisi", Role::Rep).await;
    assert_eq!(lisi.get(path).await.refusal(), "403 forbidden");
    let other = session(&app, "sunhe", Role::Supervisor).await;
    assert_eq!(other.get(path).await.refusal(), "403 forbidden");
    assert_eq!(plugin(&app).get("/v1/todos").await.refusal(), "422 invalid_value");
    app.stop().await;
}

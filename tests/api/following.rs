//! The three required actions and their 24 hours, and who may fill them in.

use crate::helpers::*;
use crate::support::{AGENT, TestApp};
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wecom_guard::model::Role;
use wecom_guard::sandbox::Failure;

pub const PAGE: &str = "/v1/contacts/wmGuard0001";
pub const ACTIONS: &str = "/v1/contacts/wmGuard0001/actions";

/// The required actions of a page, as a rep reads them.
async fn required(caller: &Caller<'_>, path: &str) -> Value {
    caller.get(path).await.is(200)["following"]["required"].clone()
}

pub fn all_three(revision: u64) -> Value {
    json!({
        "revision": revision, "first_touch": "phone", "core_need": ["医保准入", "价格"],
        "next_follow_up": "2026-11-25T01:00:00Z",
    })
}

#[tokio::test]
async fn the_three_actions_are_filled_in_one_by_one_or_together() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let before = required(&rep, PAGE).await;
    assert_snapshot!(pick(&before, &["standing", "title", "deadline", "done"]), @r#"standing="open" title="还缺:首次触达方式、核心诉求标签、下次跟进时间" deadline="2026-11-24T01:00:00Z" done=0"#);
    // zhangsan met this customer in a group (`add_way` 4).
    assert_eq!(before["suggested_first_touch"]["way"], "group");

    let one = rep.post(ACTIONS, &json!({"revision": 0, "first_touch": "group"})).await.is(201);
    assert_snapshot!(pick(&one["following"]["required"], &["standing", "title", "done"]), @r#"standing="open" title="还缺:核心诉求标签、下次跟进时间" done=1"#);
    assert_snapshot!(pick(&one["items"][0], &["kind", "source", "what"]), @r#"kind="action" source="manual" what={"kind":"first_touch","before":null,"after":{"way":"group","at":"2026-11-23T01:00:00Z"},"late":false}"#);

    app.hand.advance(SignedDuration::from_mins(5));
    let rest = rep.post(ACTIONS, &all_three(1)).await.is(201);
    let required = &rest["following"]["required"];
    assert_snapshot!(pick(required, &["standing", "title", "done"]), @r#"standing="complete" title="三动作已完成" done=3"#);
    assert_eq!(rest["following"]["revision"], 4);
    let kinds: Vec<_> = rest["items"].as_array().unwrap().iter().map(|item| &item["what"]["kind"]).collect();
    assert_eq!(kinds, ["first_touch", "core_need", "next_follow_up"]);
    assert_eq!(rest["items"][0]["what"]["before"]["way"], "group");

    // The same again is nothing new, and leaves no entry.
    app.hand.advance(SignedDuration::from_mins(5));
    let again = rep.post(ACTIONS, &all_three(4)).await.is(200);
    assert_eq!((&again["items"], &again["following"]["revision"]), (&json!([]), &json!(4)));
    assert_eq!(rep.get(PAGE).await.is(200)["actions"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn a_text_to_the_customer_suggests_itself_as_first_touch() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.get(PAGE).await.is(200);
    app.hand.advance(SignedDuration::from_mins(3));
    rep.check(&json!({"recipient": "wmGuard0001", "channel": "sidebar", "text": PASS})).await;
    let suggested = &required(&rep, PAGE).await["suggested_first_touch"];
    assert_eq!(suggested, &json!({"way": "message", "at": "2026-11-23T01:03:00Z"}));
    app.stop().await;
}

#[tokio::test]
async fn after_a_day_a_customer_is_dormant_and_what_comes_then_is_marked_late() {
    let app = TestApp::start().await;
    let event = app.wecom.contact_changed(AGENT, "add_external_contact", "zhangsan", "wmGuard0001", &[]);
    event.await.unwrap();
    let plugin = plugin(&app);
    let path = format!("{PAGE}?user=zhangsan");
    let filled =
        json!({"revision": 0, "user": "zhangsan", "first_touch": "qr_code", "core_need": ["集采目录"]});
    plugin.post(ACTIONS, &filled).await.is(201);
    app.hand.advance(SignedDuration::from_secs(24 * 3600 - 1));
    assert_eq!(required(&plugin, &path).await["standing"], "open");
    app.hand.advance(SignedDuration::from_secs(1));
    let dormant = required(&plugin, &path).await;
    assert_snapshot!(pick(&dormant, &["standing", "title", "done"]), @r#"standing="dormant" title="待激活:缺「下次跟进时间」" done=2"#);

    let late = json!({"revision": 2, "user": "zhangsan", "next_follow_up": "2026-11-26T01:00:00Z"});
    let woken = plugin.post(ACTIONS, &late).await.is(201);
    let required = &woken["following"]["required"];
    assert_eq!(required["standing"], "complete");
    assert_eq!(
        (&required["next_follow_up"]["late"], &required["core_need"]["late"]),
        (&json!(true), &json!(false))
    );
    // Put right later, it stays late.
    let other = json!({"revision": 3, "user": "zhangsan", "next_follow_up": "2026-11-27T01:00:00Z"});
    let moved = plugin.post(ACTIONS, &other).await.is(201);
    assert_eq!(moved["items"][0]["what"]["late"], true);
    assert_eq!(moved["items"][0]["what"]["before"], "2026-11-26T01:00:00Z");
    app.stop().await;
}

#[tokio::test]
async fn each_rep_of_a_customer_has_a_clock_and_a_record_of_their_own() {
    let app = TestApp::start().await;
    let (zhangsan, lisi) =
        (session(&app, "zhangsan", Role::Rep).await, session(&app, "lisi", Role::Rep).await);
    zhangsan.get(PAGE).await.is(200);
    zhangsan.post(ACTIONS, &all_three(0)).await.is(201);
    let own = lisi.get(PAGE).await.is(200);
    assert_eq!(own["owners"], json!(["lisi", "zhangsan"]));
    assert_eq!(
        (&own["following"]["revision"], &own["following"]["required"]["done"]),
        (&json!(0), &json!(0))
    );
    let timeline = lisi.get(&format!("{PAGE}/timeline")).await.is(200);
    assert_eq!(timeline["items"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn of_two_tabs_the_slower_is_told_how_it_stands_now() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let page = rep.get(PAGE).await;
    assert_eq!(page.headers["etag"], "\"0\"");
    rep.post(ACTIONS, &json!({"revision": 0, "core_need": ["医保准入"]})).await.is(201);
    for (path, body) in [
        (ACTIONS, json!({"revision": 0, "core_need": ["价格"]})),
        ("/v1/contacts/wmGuard0001/stage", json!({"revision": 0, "to": "first_touch"})),
        ("/v1/contacts/wmGuard0001/tags", json!({"revision": 0, "tags": []})),
    ] {
        let slower = rep.post(path, &body).await;
        assert_eq!(slower.refusal(), "409 changed_meanwhile", "{path}");
        let now = &slower.json["following"];
        assert_eq!(
            (&now["revision"], &now["required"]["core_need"]["value"]),
            (&json!(1), &json!(["医保准入"]))
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_repeated_request_is_answered_with_what_it_put_on_record() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await.with("idempotency-key", "tap-1");
    let first = rep.post(ACTIONS, &all_three(0)).await.is(201);
    let again = rep.post(ACTIONS, &all_three(0)).await.is(200);
    assert_eq!(again["items"], first["items"]);
    assert_eq!(again["following"]["revision"], 3);
    let other = rep.post(ACTIONS, &json!({"revision": 3, "core_need": ["价格"]})).await;
    assert_eq!(other.refusal(), "422 idempotency_key_reused");
    let elsewhere = rep.post("/v1/contacts/wmGuard0002/actions", &all_three(0)).await;
    assert_eq!(elsewhere.refusal(), "422 idempotency_key_reused");
    app.stop().await;
}

#[tokio::test]
async fn what_can_not_be_is_refused_with_its_reason() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let mut said = Vec::new();
    for body in [
        json!({"revision": 0}),
        json!({"revision": 0, "core_need": []}),
        json!({"revision": 0, "core_need": ["十三个字的核心诉求实在太长了"]}),
        json!({"revision": 0, "core_need": ["一", "二", "三", "四", "五", "六"]}),
        json!({"revision": 0, "core_need": ["保底收益"]}),
        json!({"revision": 0, "next_follow_up": "2026-11-23T01:00:00Z"}),
        json!({"revision": 0, "next_follow_up": "2028-11-23T01:00:00Z"}),
        json!({"revision": 0, "first_touch": "phone", "first_touch_at": "2026-11-23T01:00:01Z"}),
        json!({"revision": 0, "first_touch": "pigeon"}),
        json!({"first_touch": "phone"}),
    ] {
        let answer = rep.post(ACTIONS, &body).await;
        said.push(format!("{} {}", answer.refusal(), answer.json["zh"].as_str().unwrap()));
    }
    assert_snapshot!(said.join("\n"), @r"
    422 invalid_value body:没有写要改什么
    422 invalid_value core_need:不能为空
    422 invalid_value core_need:有 14 个字,最多 12 个
    422 invalid_value core_need:有 6 个核心诉求,最多 5 个
    422 text_stopped core_need 里的「保底收益」不能写进记录:可能被理解为承诺保本保收益
    422 invalid_value next_follow_up:时间已经过了,请选以后的时间
    422 invalid_value next_follow_up:时间太远,最多一年以内
    422 invalid_value first_touch_at:时间还没到,请选已经过去的时间
    422 invalid_value 第 1 行第 36 列的值不对:unknown variant `pigeon`, expected one of `message`, `phone`, `visit`, `qr_code`, `group`, `card`, `email`, `link`, `referral`, `other` at line 1 column 36
    422 invalid_value 第 1 行第 23 列的值不对:missing field `revision` at line 1 column 23
    ");
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["revision"], 0);
    app.stop().await;
}

#[tokio::test]
async fn only_who_leads_the_rep_exempts_them_and_says_why() {
    let app = TestApp::start().await;
    let path = "/v1/contacts/wmGuard0001/exemption";
    let exempt = json!({"user": "zhangsan", "reason": "老客户转介绍,资料在合同里"});
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    for stranger in [
        session(&app, "zhangsan", Role::Rep).await,
        session(&app, "sunhe", Role::Supervisor).await,
        session(&app, "zhangsan", Role::Supervisor).await,
        plugin(&app),
    ] {
        assert_eq!(stranger.post(path, &exempt).await.refusal(), "403 forbidden");
    }
    let blank = json!({"user": "zhangsan", "reason": " "});
    assert_eq!(leader.post(path, &blank).await.refusal(), "422 invalid_value");
    leader.post(path, &exempt).await.is(201);
    app.hand.advance(SignedDuration::from_hours(48));
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let required = required(&rep, PAGE).await;
    assert_snapshot!(pick(&required, &["standing", "title", "exemption"]), @r#"standing="exempt" title="主管已豁免" exemption={"by":{"kind":"user","corp":"ww0123456789abcdef","user":"ChenLan"},"at":"2026-11-23T01:00:00Z","reason":"老客户转介绍,资料在合同里"}"#);
    app.stop().await;
}

#[tokio::test]
async fn a_supervisor_reads_the_pages_of_their_own_department_and_writes_none() {
    let app = TestApp::start().await;
    let path = format!("{PAGE}?user=zhangsan");
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    assert_eq!(leader.get(&path).await.is(200)["owners"][0], "zhangsan");
    leader.get(&format!("{PAGE}/timeline?user=zhangsan")).await.is(200);
    // WangYue has no direct leader: the department's counts.
    let none = leader.get("/v1/contacts/wmGuard0001?user=WangYue").await;
    assert_eq!(none.refusal(), "403 not_follow_user");
    assert_eq!(leader.get(PAGE).await.refusal(), "403 not_follow_user");
    let other = session(&app, "sunhe", Role::Supervisor).await;
    assert_eq!(other.get(&path).await.refusal(), "403 forbidden");
    let fills = json!({"revision": 0, "core_need": ["价格"], "user": "zhangsan"});
    assert_eq!(leader.post(ACTIONS, &fills).await.refusal(), "403 forbidden");
    // A rep who is called supervisor by nobody stays out, whoever they name.
    let rep = session(&app, "lisi", Role::Rep).await;
    assert_eq!(rep.get(&path).await.refusal(), "403 forbidden");

    app.wecom.faults().fail("user/get", 100, Failure::Status(502));
    assert_eq!(leader.get(&path).await.status, 200);
    let unknown = leader.get("/v1/contacts/wmGuard0001?user=zhaoqi").await;
    assert_eq!(unknown.refusal(), "503 wecom_away");
    app.stop().await;
}

#[tokio::test]
async fn while_wecom_is_away_the_page_is_read_and_not_changed() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.get(PAGE).await.is(200);
    app.wecom.faults().fail("externalcontact/get", 100, Failure::Status(502));
    app.hand.advance(SignedDuration::from_mins(11));
    assert_eq!(rep.get(PAGE).await.is(200)["stale"], true);
    let refused = rep.post(ACTIONS, &all_three(0)).await;
    assert_eq!(refused.refusal(), "503 wecom_away");
    assert_eq!(refused.json["zh"], "企业微信暂时没有回应,现在不能修改。最后更新 2026-11-23 09:00。");
    app.wecom.faults().clear();
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["revision"], 0);
    app.stop().await;
}

#[tokio::test]
async fn whom_a_customer_deleted_is_told_so_and_the_record_stays() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.post(ACTIONS, &all_three(0)).await.is(201);
    app.hand.advance(SignedDuration::from_mins(20));
    let gone = app.wecom.contact_changed(AGENT, "del_follow_user", "zhangsan", "wmGuard0001", &[]);
    gone.await.unwrap();
    let parted = rep.get(PAGE).await;
    assert_eq!(parted.refusal(), "403 not_follow_user");
    assert_eq!(parted.json["zh"], "这位客户在 2026-11-23 09:20 删除了你。跟进记录已保留。");
    assert_eq!(parted.json["ended"], json!({"at": "2026-11-23T01:20:00Z", "by": "customer"}));
    assert_eq!(rep.post(ACTIONS, &all_three(3)).await.refusal(), "403 not_follow_user");
    // A colleague who follows the customer still does.
    session(&app, "lisi", Role::Rep).await.get(PAGE).await.is(200);
    app.stop().await;
}

#[tokio::test]
async fn whoever_handed_a_customer_on_is_told_so() {
    let app = TestApp::start().await;
    let old = session(&app, "zhangsan", Role::Rep).await;
    old.post(ACTIONS, &all_three(0)).await.is(201);
    app.hand.advance(SignedDuration::from_hours(30));
    let more = [("Source", "DELETE_BY_TRANSFER")];
    let gone = app.wecom.contact_changed(AGENT, "del_external_contact", "zhangsan", "wmGuard0001", &more);
    gone.await.unwrap();
    let parted = session(&app, "zhangsan", Role::Rep).await.get(PAGE).await;
    assert_eq!(parted.json["zh"], "这位客户已在 2026-11-24 15:00 转给同事。你的跟进记录已保留。");
    app.stop().await;
}

#[tokio::test]
async fn a_supervisor_sees_the_reps_page_with_nothing_to_fill_in_but_the_exemption() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    rep.post("/v1/contacts/wmGuard0001/notes", &json!({"text": "<script>alert(1)</script>"})).await.is(201);
    let own = rep.get("/contact/wmGuard0001").await;
    assert!(own.text.contains("data-post=\"actions\"") && !own.text.contains("data-post=\"exemption\""));
    // What people wrote is text, never markup.
    assert!(!own.text.contains("<script>alert") && own.text.contains("alert(1)"));

    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    let path = "/contact/wmGuard0001?user=zhangsan";
    let page = leader.get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("data-post=\"exemption\"") && !page.text.contains("data-post=\"actions\""));
    assert!(page.text.contains("user=zhangsan") && page.text.contains("主管查看"), "{}", page.text);
    let other = session(&app, "sunhe", Role::Supervisor).await.get(path).await;
    assert_eq!(other.status, 403);
    assert!(!other.text.contains("刘女士"));
    // What an address says wrongly is left out.
    assert_eq!(rep.get("/contact/wmGuard0001?kind=poem&cursor=x").await.status, 200);
    app.stop().await;
}

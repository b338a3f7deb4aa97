use crate::helpers::*;
use jiff::SignedDuration;
use serde_json::{Value, json};
use wecom_guard::sandbox::{Author, CardState, Limits};

#[tokio::test]
async fn a_text_reaches_the_member_and_unknown_ones_are_named_in_lower_case() {
    let world = World::start().await;
    let answer = world.call("message/send", text_to("lisi|Nobody|WANGYUE", "您的草稿已通过")).await;
    assert_eq!((code(&answer), &answer["invaliduser"]), (0, &json!("nobody")));
    let shown = world.sandbox.messages_of("WangYue");
    assert_eq!((shown[0].text.as_str(), &shown[0].author), ("您的草稿已通过", &Author::App(APP)));
    assert_eq!(shown[0].msgid, answer["msgid"].as_str().unwrap());
}

#[tokio::test]
async fn a_department_and_everyone_can_be_written_to() {
    let world = World::start().await;
    let mut message = text_to("", "今天下午合规培训");
    message["toparty"] = json!("3|99");
    let answer = world.call("message/send", message).await;
    assert_eq!(answer["invalidparty"], "99");
    assert_eq!(world.sandbox.messages_of("fengxu").len(), 1);
    assert_eq!(world.sandbox.messages_of("lisi").len(), 0);
    world.call("message/send", text_to("@all", "明天停机")).await;
    assert_eq!(world.sandbox.messages_of("lisi").len(), 1);
}

#[tokio::test]
async fn each_fault_of_a_message_has_its_code() {
    let world = World::start().await;
    let with = |field: &str, value: Value| {
        let mut message = text_to("lisi", "好");
        message[field] = value;
        message
    };
    let typed =
        |kind: &str, body: Value| json!({"touser": "lisi", "agentid": APP.0, "msgtype": kind, kind: body});
    let many = |count: usize| json!(vec!["lisi"; count].join("|"));
    let articles = |count: usize| json!({"articles": vec![json!({"title": "t", "url": "u"}); count]});
    for (message, expected) in [
        (with("touser", json!("nobody")), 81013),
        (with("touser", json!("")), 82001),
        (with("touser", many(1001)), 40032),
        (with("toparty", many(101)), 82002),
        (with("totag", many(101)), 82003),
        (with("agentid", json!(1000003)), 40056),
        (with("agentid", json!("1000002")), 40056),
        (with("msgtype", json!("poem")), 40008),
        (typed("text", json!({})), 44004),
        (typed("markdown", json!({"content": "保".repeat(683)})), 45002),
        (typed("textcard", json!({"description": "d", "url": "u"})), 41016),
        (typed("textcard", json!({"title": "t", "description": "d"})), 40063),
        (typed("news", articles(9)), 45008),
        (typed("news", articles(0)), 40063),
        (typed("image", json!({})), 41006),
        (typed("image", json!({"media_id": "gone"})), 40007),
        (typed("template_card", json!({"card_type": "poem"})), 42031),
    ] {
        let answer = world.call("message/send", message.clone()).await;
        assert_eq!(code(&answer), expected, "{}", message["msgtype"]);
    }
    assert!(world.sandbox.messages_of("lisi").is_empty());
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_broken_json_is_said() {
    let world = World::start().await;
    let mut message = text_to("lisi", "好");
    message["colour"] = json!("red");
    assert_eq!(code(&world.call("message/send", message).await), 0);
    let url = world.url(&format!("/cgi-bin/message/send?access_token={}", world.token().await));
    let answer: Value = world.http.post(url).body("{\"touser\":").send().await.unwrap().json().await.unwrap();
    assert_eq!(code(&answer), 40008);
    assert!(answer["errmsg"].to_string().contains("Warning: wrong json format."));
}

#[tokio::test]
async fn a_text_over_2048_bytes_is_cut_between_characters() {
    let world = World::start().await;
    world.call("message/send", text_to("lisi", &"保".repeat(700))).await;
    assert_eq!(world.sandbox.messages_of("lisi")[0].text, "保".repeat(682));
}

#[tokio::test]
async fn the_thirty_first_message_of_a_minute_vanishes_with_errcode_0() {
    let world = World::start().await;
    for number in 0..31 {
        assert_eq!(code(&world.call("message/send", text_to("lisi", &format!("提醒 {number}"))).await), 0);
    }
    assert_eq!(world.sandbox.messages_of("lisi").len(), 30);
    world.clock.advance(SignedDuration::from_secs(60));
    world.call("message/send", text_to("lisi", "过了一分钟")).await;
    assert_eq!(world.sandbox.messages_of("lisi").len(), 31);
}

#[tokio::test]
async fn the_thousand_and_first_message_of_an_hour_vanishes_too() {
    let limits = Limits { member_per_hour: 3, ..Limits::default() };
    let world = World::with(|options| options.limits = limits).await;
    for number in 0..4 {
        world.call("message/send", text_to("lisi", &format!("提醒 {number}"))).await;
        world.clock.advance(SignedDuration::from_secs(120));
    }
    assert_eq!(world.sandbox.messages_of("lisi").len(), 3);
}

#[tokio::test]
async fn a_repeat_inside_its_interval_is_answered_like_the_first_and_shown_once() {
    let world = World::start().await;
    let mut message = card_to("lisi", "draft-1");
    message["enable_duplicate_check"] = json!(1);
    message["duplicate_check_interval"] = json!(60);
    let first = world.call("message/send", message.clone()).await;
    assert_eq!(world.call("message/send", message.clone()).await, first);
    assert_eq!(world.sandbox.messages_of("lisi").len(), 1);
    message["template_card"]["task_id"] = json!("draft-2");
    world.call("message/send", message).await;
    assert_eq!(world.sandbox.messages_of("lisi").len(), 2);

    let mut text = text_to("lisi", "提醒");
    text["enable_duplicate_check"] = json!(1);
    text["duplicate_check_interval"] = json!(60);
    world.call("message/send", text.clone()).await;
    world.clock.advance(SignedDuration::from_secs(60));
    world.call("message/send", text).await;
    assert_eq!(world.sandbox.messages_of("lisi").len(), 4);
}

#[tokio::test]
async fn an_application_can_not_send_more_than_200_times_its_accounts_a_day() {
    let world = World::start().await;
    for _ in 0..200 {
        assert_eq!(code(&world.call("message/send", text_to("@all", "通知")).await), 0);
    }
    assert_eq!(code(&world.call("message/send", text_to("lisi", "通知")).await), 45009);
    world.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(code(&world.call("message/send", text_to("lisi", "通知")).await), 0);
}

#[tokio::test]
async fn an_interactive_card_needs_a_callback_and_a_task_of_its_own() {
    let world = World::start().await;
    assert_eq!(code(&world.call("message/send", card_to("lisi", "draft-1")).await), 0);
    assert_eq!(code(&world.call("message/send", card_to("lisi", "draft-1")).await), 42014);
    let mute = world.token_of("secret-of-mute").await;
    let mut card = card_to("lisi", "draft-1");
    card["agentid"] = json!(OTHER_APP.0);
    assert_eq!(code(&world.call_as(&mute, "message/send", card).await), 43012);
}

#[tokio::test]
async fn only_a_card_that_calls_back_gets_a_response_code() {
    let world = World::start().await;
    let notice = json!({"touser": "lisi", "msgtype": "template_card", "agentid": APP.0, "template_card": {
        "card_type": "text_notice", "main_title": {"title": "周报"},
        "card_action": {"type": 1, "url": "https://guard.example.com"},
    }});
    assert_eq!(world.call("message/send", notice).await.get("response_code"), None);
    let card = world.call("message/send", card_to("lisi", "draft-1")).await;
    assert!(card["response_code"].is_string());
}

fn greying(users: Value, response_code: &Value) -> Value {
    let button = json!({"replace_name": "已确认"});
    json!({"userids": users, "agentid": APP.0, "response_code": response_code, "button": button})
}

#[tokio::test]
async fn a_response_code_updates_a_card_once() {
    let world = World::start().await;
    let sent = world.call("message/send", card_to("lisi|zhangsan", "draft-1")).await;
    let update = greying(json!(["LISI", "Nobody"]), &sent["response_code"]);
    let answer = world.call("message/update_template_card", update.clone()).await;
    assert_eq!((code(&answer), &answer["invaliduser"]), (0, &json!(["nobody"])));
    let state = |user: &str| world.sandbox.messages_of(user)[0].card.clone().unwrap().state;
    assert_eq!(state("lisi"), CardState::Greyed("已确认".into()));
    assert_eq!(state("zhangsan"), CardState::Live);
    assert_eq!(code(&world.call("message/update_template_card", update).await), 60140);
}

#[tokio::test]
async fn a_response_code_lives_72_hours() {
    let world = World::start().await;
    let sent = world.call("message/send", card_to("lisi", "draft-1")).await;
    world.clock.advance(SignedDuration::from_hours(72));
    let answer =
        world.call("message/update_template_card", greying(json!(["lisi"]), &sent["response_code"])).await;
    assert_eq!(code(&answer), 60140);
}

#[tokio::test]
async fn each_fault_of_an_update_has_its_code_and_spends_nothing() {
    let world = World::start().await;
    let sent = world.call("message/send", card_to("lisi", "draft-1")).await;
    let good = greying(json!(["lisi"]), &sent["response_code"]);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (body, expected) in [
        (with("agentid", json!(1)), 40056),
        (with("button", json!({})), 40063),
        (with("template_card", json!({"card_type": "poem"})), 42031),
        (with("userids", json!([])), 82101),
        (with("userids", json!(vec!["lisi"; 1001])), 40032),
        (with("response_code", json!("RC")), 60140),
    ] {
        assert_eq!(code(&world.call("message/update_template_card", body.clone()).await), expected, "{body}");
    }
    let mute = world.token_of("secret-of-mute").await;
    let foreign = with("agentid", json!(OTHER_APP.0));
    assert_eq!(code(&world.call_as(&mute, "message/update_template_card", foreign).await), 42015);
    assert_eq!(code(&world.call("message/update_template_card", good).await), 0);
}

#[tokio::test]
async fn a_whole_new_card_takes_the_place_of_the_old_one_for_everyone() {
    let world = World::start().await;
    let sent = world.call("message/send", card_to("lisi|zhangsan", "draft-1")).await;
    let mut card = card_to("", "ignored")["template_card"].clone();
    card["replace_text"] = json!("已处理");
    let update =
        json!({"atall": 1, "agentid": APP.0, "response_code": sent["response_code"], "template_card": card});
    assert_eq!(code(&world.call("message/update_template_card", update).await), 0);
    for user in ["lisi", "zhangsan"] {
        let card = world.sandbox.messages_of(user)[0].card.clone().unwrap();
        assert_eq!(card.state, CardState::Greyed("已处理".into()));
        assert_eq!(card.body["task_id"], "draft-1");
    }
}

#[tokio::test]
async fn a_message_can_be_recalled_for_a_day_by_its_own_application() {
    let world = World::start().await;
    let sent = world.call("message/send", text_to("lisi", "发错了")).await;
    let recall = json!({"msgid": sent["msgid"]});
    let mute = world.token_of("secret-of-mute").await;
    assert_eq!(code(&world.call_as(&mute, "message/recall", recall.clone()).await), 40058);
    assert_eq!(code(&world.call("message/recall", json!({})).await), 40063);
    assert_eq!(code(&world.call("message/recall", recall.clone()).await), 0);
    assert!(world.sandbox.messages_of("lisi")[0].recalled);
    world.clock.advance(SignedDuration::from_secs(24 * 3600 + 1));
    assert_eq!(code(&world.call("message/recall", recall).await), 42052);
}

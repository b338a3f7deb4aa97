//! Messages, cards, customers and members, as WeCom sees them and as we see its answers.

use crate::functions::Function;
use crate::qyapi::{Qyapi, app, no};
use crate::server::Reply;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use wecom_guard::model::UserId;
use wecom_guard::wecom::card::{Button, ButtonInteraction, Card, MainTitle};
use wecom_guard::wecom::contacts::GroupPerson;
use wecom_guard::wecom::fault::WecomError;
use wecom_guard::wecom::send::{Body, CardUpdate, Message};

fn card() -> Card {
    Card::ButtonInteraction(ButtonInteraction {
        main_title: MainTitle { title: "发现合规风险".into(), desc: "1 处,需确认".into() },
        task_id: "chk_01J".into(),
        button_list: vec![Button { text: "确认发送".into(), style: 1, key: "confirm".into() }],
        ..ButtonInteraction::default()
    })
}

fn sent(qyapi: &Qyapi, api: &str) -> Value {
    serde_json::from_str(&qyapi.seen(api)[0].body).unwrap()
}

#[tokio::test]
async fn a_card_goes_out_whole_and_its_outcome_comes_back() {
    let qyapi = Qyapi::start();
    let to = vec![UserId::from("LiSi"), UserId::from("WangWu")];
    let message = Message { to, body: Body::Card(card()), duplicate_window: Duration::from_secs(60) };
    let outcome = qyapi.client.send(&app(), &message).await.unwrap();
    assert_eq!(outcome.msgid, "m1");
    assert_eq!(outcome.response_code.as_deref(), Some("rc1"));
    assert_eq!(outcome.invalid_users, [UserId::from("WangWu")]);
    assert_eq!(outcome.unlicensed_users, []);
    let body = sent(&qyapi, "message/send");
    assert_eq!(body["touser"], "LiSi|WangWu");
    assert_eq!(body["agentid"], 1_000_002);
    assert_eq!(body["template_card"]["button_list"][0]["key"], "confirm");
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_repeated_byte_for_byte_and_seen_once() {
    let qyapi = Qyapi::start();
    qyapi.script("message/send", [Reply::HangUp]);
    Function::Send.call(&qyapi).await.unwrap();
    let requests = qyapi.seen("message/send");
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(qyapi.delivered(), 1);
}

#[tokio::test]
async fn the_31st_message_of_a_minute_is_refused_before_it_leaves() {
    let qyapi = Qyapi::start();
    for _ in 0..30 {
        Function::Send.call(&qyapi).await.unwrap();
    }
    let error = Function::Send.call(&qyapi).await.unwrap_err();
    assert!(matches!(error, WecomError::MemberFull { .. }), "{error}");
    assert_eq!(qyapi.seen("message/send").len(), 30);
    qyapi.hand.advance(SignedDuration::from_secs(60));
    Function::Send.call(&qyapi).await.unwrap();
}

#[tokio::test]
async fn a_message_that_went_to_nobody_takes_no_place() {
    let qyapi = Qyapi::start();
    qyapi.always("message/send", Some(no(81013)));
    for _ in 0..40 {
        Function::Send.call(&qyapi).await.unwrap_err();
    }
    qyapi.always("message/send", None);
    for _ in 0..30 {
        Function::Send.call(&qyapi).await.unwrap();
    }
}

#[tokio::test]
async fn a_card_that_can_not_be_right_never_leaves() {
    let qyapi = Qyapi::start();
    let Card::ButtonInteraction(mut bad) = card() else { panic!("a card with buttons") };
    bad.task_id = "chk:01J".into();
    let message = Message::to("lisi".into(), Body::Card(Card::ButtonInteraction(bad)));
    assert!(matches!(qyapi.client.send(&app(), &message).await, Err(WecomError::Bug { .. })));
    assert_eq!(qyapi.seen("message/send").len(), 0);
}

#[tokio::test]
async fn an_update_greys_the_buttons_or_brings_another_card() {
    let qyapi = Qyapi::start();
    let users = [UserId::from("lisi")];
    let grey = CardUpdate::Grey("已确认".into());
    let missed = qyapi.client.update_template_card(&app(), &users, "rc1", grey).await.unwrap();
    assert_eq!(missed, [UserId::from("wangwu")]);
    let expected = json!({
        "userids": ["lisi"], "agentid": 1_000_002, "response_code": "rc1", "enable_id_trans": 0,
        "button": {"replace_name": "已确认"},
    });
    assert_eq!(sent(&qyapi, "message/update_template_card"), expected);

    let replace = CardUpdate::Replace(Box::new(card()));
    qyapi.client.update_template_card(&app(), &users, "rc2", replace).await.unwrap();
    let second: Value = serde_json::from_str(&qyapi.seen("message/update_template_card")[1].body).unwrap();
    assert_eq!(second["template_card"]["card_type"], "button_interaction");
}

#[tokio::test]
async fn a_customer_comes_with_the_followers_of_every_page() {
    let qyapi = Qyapi::start();
    let contact = qyapi.client.contact(&app(), &"wmGUARD0001".into()).await.unwrap();
    let users: Vec<_> = contact.follow_users.iter().map(|follow| follow.user.as_str()).collect();
    assert_eq!(users, ["lisi", "wangwu"]);
    let follow = contact.follow(&"lisi".into()).unwrap();
    assert_eq!((follow.remark.as_str(), follow.add_way), ("王女士-口腔", 16));
    assert_eq!(follow.tags[0].name, "医疗");
    assert_eq!(follow.added_at.unwrap().as_second(), 1_790_000_000);
    assert_eq!(contact.name, "王女士");
    assert_eq!(qyapi.seen("externalcontact/get")[0].query.get("cursor"), None);
}

#[tokio::test]
async fn a_members_customers_come_page_by_page_and_none_is_no_error() {
    let qyapi = Qyapi::start();
    let first = qyapi.client.contacts_of(&app(), &"lisi".into(), None).await.unwrap();
    let follow = first.contacts[0].follow(&"lisi".into()).expect("under the id we asked with");
    assert_eq!((follow.remark.as_str(), first.contacts[0].outdated), ("王女士-口腔", true));
    let last = qyapi.client.contacts_of(&app(), &"lisi".into(), first.next.as_deref()).await.unwrap();
    assert_eq!((last.contacts.len(), last.next), (0, None));
    qyapi.script("externalcontact/batch/get_by_user", [no(84_061)]);
    let none = qyapi.client.contacts_of(&app(), &"lisi".into(), None).await.unwrap();
    assert_eq!((none.contacts.len(), none.next), (0, None));
}

#[tokio::test]
async fn pages_that_never_end_are_given_up() {
    let qyapi = Qyapi::start();
    let endless = json!({"errcode": 0, "group_chat_list": [], "next_cursor": "again"});
    qyapi.always("externalcontact/groupchat/list", Some(Reply::json(&endless)));
    let error = Function::Groups.call(&qyapi).await.unwrap_err();
    assert!(matches!(error, WecomError::Bug { .. }), "{error}");
}

#[tokio::test]
async fn a_group_tells_members_from_customers() {
    let qyapi = Qyapi::start();
    let groups = qyapi.client.group_chats(&app(), &["lisi".into()]).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.chat_id.as_str()).collect::<Vec<_>>(), ["wr1", "wr2"]);
    let group = qyapi.client.group_chat(&app(), &groups[0].chat_id).await.unwrap();
    assert_eq!(group.members[0].who, GroupPerson::Member("lisi".into()));
    assert_eq!(group.members[1].who, GroupPerson::External("wmGUARD0001".into()));
    assert_eq!(group.owner, UserId::from("lisi"));
}

#[tokio::test]
async fn a_supervisor_can_be_found_by_leader_or_by_department() {
    let qyapi = Qyapi::start();
    let member = qyapi.client.member(&app(), &"lisi".into()).await.unwrap();
    assert_eq!(member.direct_leader, [UserId::from("zhaoliu")]);
    let led: Vec<_> = member.departments.iter().filter(|at| at.leads).map(|at| at.department).collect();
    assert_eq!(led, [3]);
    let departments = qyapi.client.departments(&app()).await.unwrap();
    let main = departments.iter().find(|department| department.id == member.main_department).unwrap();
    assert_eq!((main.department_leader.as_slice(), main.parentid), (["zhaoliu".into()].as_slice(), 1));
    assert_eq!(qyapi.client.department_ids(&app()).await.unwrap()[0].id, 2);
    assert_eq!(qyapi.client.callback_addresses(&app()).await.unwrap(), ["101.226.103.*", "1.2.3.4"]);
}

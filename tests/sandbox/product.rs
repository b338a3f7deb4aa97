//! Our own client and our own reading of callbacks against the sandbox: both sides must agree.

use crate::helpers::*;
use serde_json::json;
use wecom_guard::model::{Clock, Endpoint, Secret, UserId};
use wecom_guard::sandbox::{CardState, Failure, PassiveReply};
use wecom_guard::wecom::bot::{BotContent, BotInbound, BotReply, Stream, parse_json};
use wecom_guard::wecom::card::{Button, ButtonInteraction, Card, MainTitle};
use wecom_guard::wecom::client::{AppAuth, Client, ClientOptions};
use wecom_guard::wecom::event::{Inbound, parse_xml};
use wecom_guard::wecom::reply::Reply;
use wecom_guard::wecom::send::{Body, CardUpdate, Message};

fn guard() -> AppAuth {
    let secret = Secret::new("secret-of-guard");
    AppAuth { corp: CORP.into(), agent: APP, secret, name: Endpoint::from("guard") }
}

fn client(world: &World) -> Client {
    let options = ClientOptions { api_base: world.sandbox.base_url().to_owned(), ..ClientOptions::default() };
    Client::new(options, Clock::system()).unwrap()
}

fn card(task_id: &str) -> Card {
    let button = |text: &str, key: &str| Button { text: text.into(), style: 1, key: key.into() };
    Card::ButtonInteraction(ButtonInteraction {
        main_title: MainTitle { title: "需要确认".into(), desc: "1 处高风险".into() },
        task_id: task_id.into(),
        button_list: vec![button("返回修改", "edit"), button("确认可发", "confirm")],
        ..ButtonInteraction::default()
    })
}

#[tokio::test]
async fn our_client_sends_a_card_and_updates_it_across_an_expired_token() {
    let world = World::start().await;
    let (client, app, lisi) = (client(&world), guard(), UserId::from("lisi"));
    let sent = client.send(&app, &Message::to(lisi.clone(), Body::Card(card("draft-1")))).await.unwrap();
    world.sandbox.faults().expire_tokens();
    let code = sent.response_code.unwrap();
    let update = CardUpdate::Grey("已确认".into());
    client.update_template_card(&app, &[lisi], &code, update).await.unwrap();
    let shown = world.sandbox.messages_of("lisi");
    assert_eq!(shown[0].card.clone().unwrap().state, CardState::Greyed("已确认".into()));
    assert_eq!(world.sandbox.calls("gettoken"), 2);
}

#[tokio::test]
async fn our_client_repeats_a_lost_answer_and_the_member_sees_one_message() {
    let world = World::start().await;
    world.sandbox.faults().fail("message/send", 1, Failure::CutAfterWrite);
    let message = Message::to("lisi".into(), Body::Text("草稿已通过".into()));
    client(&world).send(&guard(), &message).await.unwrap();
    assert_eq!(world.sandbox.calls("message/send"), 2);
    assert_eq!(world.sandbox.messages_of("lisi").len(), 1);
}

#[tokio::test]
async fn our_client_reads_the_company() {
    let world = World::start().await;
    let (client, app) = (client(&world), guard());
    let contact = client.contact(&app, &"wmGuard0001".into()).await.unwrap();
    assert_eq!((contact.name.as_str(), contact.follow_users.len()), ("晨光里的茶", 2));
    assert_eq!(client.departments(&app).await.unwrap().len(), 4);
    assert_eq!(client.group_chats(&app, &["lisi".into()]).await.unwrap().len(), 1);
    client.member(&app, &"WangYue".into()).await.unwrap();
    client.group_chat(&app, &"wrGuard01".into()).await.unwrap();
    assert_eq!(client.callback_addresses(&app).await.unwrap(), ["127.0.0.1"]);
}

#[tokio::test]
async fn every_act_of_a_member_is_an_event_we_know() {
    let (world, receiver) = World::with_receiver().await;
    let sandbox = &world.sandbox;
    world.call("message/send", card_to("lisi", "draft-1")).await;
    sandbox.rep_says("lisi", APP, "这款产品保底收益8%").await.unwrap();
    sandbox.rep_clicks_card("lisi", None, "confirm").await.unwrap();
    sandbox.menu_click("lisi", APP, "todo").await.unwrap();
    sandbox.menu_view("lisi", APP, "https://guard.example.com").await.unwrap();
    sandbox.enter_agent("lisi", APP).await.unwrap();
    sandbox.contact_changed(APP, "edit_external_contact", "lisi", "wmGuard0001", &[]).await.unwrap();
    for plaintext in receiver.got() {
        let callback = parse_xml(&plaintext).unwrap();
        assert!(!matches!(callback.kind, Inbound::Unknown { .. }), "{plaintext}");
    }
}

#[tokio::test]
async fn every_passive_reply_of_ours_is_taken() {
    let (world, receiver) = World::with_receiver().await;
    let plain =
        |reply: Reply| Answer::Reply(reply.xml(&"lisi".into(), &CORP.into(), jiff::Timestamp::UNIX_EPOCH));
    world.call("message/send", card_to("lisi", "draft-1")).await;
    let mut updated = card_to("", "draft-1")["template_card"].clone();
    updated["replace_text"] = json!("已确认");
    updated["horizontal_content_list"] = json!([{"keyname": "规则", "value": "FIN-003"}]);
    receiver.answers([plain(Reply::Text("已拦截".into())), plain(Reply::UpdateCard(updated.clone()))]);
    let said = world.sandbox.rep_says("lisi", APP, "保底收益8%").await.unwrap();
    assert!(said.reply_text().is_some(), "{:?}", said.reply());
    let clicked = world.sandbox.rep_clicks_card("lisi", None, "confirm").await.unwrap();
    assert!(clicked.reply_text().is_some(), "{:?}", clicked.reply());
    let card = world.sandbox.messages_of("lisi")[0].card.clone().unwrap();
    assert_eq!((card.body, card.state), (updated, CardState::Greyed("已确认".into())));
}

#[tokio::test]
async fn the_bot_speaks_as_we_read_and_takes_what_we_answer() {
    let (world, receiver) = World::with_receiver().await;
    let card = card_to("", "draft-1")["template_card"].clone();
    let stream = Stream { id: "s1".into(), content: "需要确认".into() };
    receiver.answers([Answer::Reply(BotReply::MessageWithCard(stream, card.clone()).json())]);
    let said = world.sandbox.bot_says("lisi", BOT, "保底收益8%").await.unwrap();
    let BotInbound::Message { content: BotContent::Text(text), .. } =
        parse_json(&said.plaintext).unwrap().kind
    else {
        unreachable!("{}", said.plaintext)
    };
    assert_eq!(text, "保底收益8%");
    for (task, taken) in [("draft-2", false), ("draft-1", true)] {
        let mut update = card.clone();
        update["task_id"] = json!(task);
        let reply = BotReply::UpdateCard { users: vec!["lisi".into()], card: update };
        receiver.answers([Answer::Reply(reply.json())]);
        let clicked = world.sandbox.bot_clicks_card("lisi", BOT, None, "confirm").await.unwrap();
        assert!(matches!(parse_json(&clicked.plaintext).unwrap().kind, BotInbound::CardClicked(_)));
        assert_eq!(matches!(clicked.reply(), PassiveReply::Plain(_)), taken, "{:?}", clicked.reply());
    }
}

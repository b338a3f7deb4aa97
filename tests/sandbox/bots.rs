use crate::helpers::*;
use serde_json::{Value, json};
use wecom_guard::sandbox::{ActError, CardState, PassiveReply};

fn last(receiver: &Receiver) -> Value {
    serde_json::from_str(receiver.got().last().unwrap()).unwrap()
}

fn stream(content: &str, finish: bool) -> Answer {
    let stream = json!({"id": "s1", "finish": finish, "content": content});
    Answer::Reply(json!({"msgtype": "stream", "stream": stream}).to_string())
}

fn with_card(receiver: &Receiver) {
    let card = card_to("", "draft-1")["template_card"].clone();
    let reply = json!({"msgtype": "stream_with_template_card",
                       "stream": {"id": "s1", "finish": true, "content": "需要确认"}, "template_card": card});
    receiver.answers([Answer::Reply(reply.to_string())]);
}

#[tokio::test]
async fn a_message_to_the_bot_is_json_and_its_stream_is_shown() {
    let (world, receiver) = World::with_receiver().await;
    receiver.answers([stream("检查中", false), stream("检查中,已通过", true)]);
    world.sandbox.bot_says("lisi", BOT, "帮我看看:保底收益8%").await.unwrap();
    let message = last(&receiver);
    assert_eq!(
        (&message["text"]["content"], &message["aibotid"]),
        (&json!("帮我看看:保底收益8%"), &json!("AIB1"))
    );
    assert_eq!(message["from"], json!({"userid": "lisi"}));
    world.sandbox.bot_refreshes("lisi", BOT, "s1").await.unwrap();
    assert_eq!(last(&receiver)["stream"]["id"], "s1");
    let shown = world.sandbox.messages_of("lisi");
    assert_eq!((shown.len(), shown[1].text.as_str()), (2, "检查中,已通过"));
}

#[tokio::test]
async fn a_reply_under_another_nonce_or_signature_is_dropped() {
    let (world, receiver) = World::with_receiver().await;
    let Answer::Reply(good) = stream("在", true) else { unreachable!() };
    receiver.answers([Answer::OtherNonce(good.clone()), Answer::Forged(good), stream("在", true)]);
    for dropped in [true, true, false] {
        let delivery = world.sandbox.bot_says("lisi", BOT, "在吗").await.unwrap();
        assert_eq!(matches!(delivery.reply(), PassiveReply::Dropped(_)), dropped);
    }
}

#[tokio::test]
async fn the_bots_address_is_checked_like_an_applications() {
    let (world, _receiver) = World::with_receiver().await;
    let check = world.sandbox.verify_bot_url(BOT).await.unwrap();
    assert!(matches!(check.reply, PassiveReply::Plain(_)));
}

#[tokio::test]
async fn a_click_on_the_bots_card_is_posted_once_only() {
    let (world, receiver) = World::with_receiver().await;
    with_card(&receiver);
    world.sandbox.bot_says("lisi", BOT, "保底收益8%").await.unwrap();
    receiver.answers([Answer::Status(500)]);
    let delivery = world.sandbox.bot_clicks_card("lisi", BOT, None, "confirm").await.unwrap();
    assert_eq!(delivery.attempts.len(), 1);
    let event = &last(&receiver)["event"];
    assert_eq!(event["template_card_event"]["task_id"], "draft-1");
}

#[tokio::test]
async fn an_update_of_the_bots_card_greys_it() {
    let (world, receiver) = World::with_receiver().await;
    with_card(&receiver);
    world.sandbox.bot_says("lisi", BOT, "保底收益8%").await.unwrap();
    let mut card = card_to("", "draft-1")["template_card"].clone();
    card["replace_text"] = json!("已确认");
    let update = json!({"response_type": "update_template_card", "userids": ["lisi"], "template_card": card});
    receiver.answers([Answer::Reply(update.to_string())]);
    world.sandbox.bot_clicks_card("lisi", BOT, None, "confirm").await.unwrap();
    let shown = world.sandbox.messages_of("lisi");
    assert_eq!(shown.last().unwrap().card.clone().unwrap().state, CardState::Greyed("已确认".into()));
    let again = world.sandbox.bot_clicks_card("lisi", BOT, None, "confirm").await;
    assert_eq!(again, Err(ActError::Greyed("已确认".into())));
}

#[tokio::test]
async fn a_response_url_takes_one_late_answer_within_the_hour() {
    let (world, receiver) = World::with_receiver().await;
    world.sandbox.bot_says("lisi", BOT, "在吗").await.unwrap();
    let url = last(&receiver)["response_url"].as_str().unwrap().to_owned();
    let answer = async |url: &str, body: Value| {
        let response = world.http.post(url).json(&body).send().await.unwrap();
        code(&response.json::<Value>().await.unwrap())
    };
    let markdown = json!({"msgtype": "markdown", "markdown": {"content": "**在**"}});
    assert_eq!(answer(&url, json!({"msgtype": "text", "text": {"content": "在"}})).await, 40008);
    let long = json!({"msgtype": "markdown", "markdown": {"content": "在".repeat(6827)}});
    assert_eq!(answer(&url, long).await, 45002);
    assert_eq!(answer(&url, markdown.clone()).await, 0);
    assert_eq!(answer(&url, markdown.clone()).await, 60140);
    assert_eq!(world.sandbox.messages_of("lisi").last().unwrap().text, "**在**");

    world.sandbox.bot_entered("lisi", BOT).await.unwrap();
    let url = last(&receiver)["response_url"].as_str().unwrap().to_owned();
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    assert_eq!(answer(&url, markdown).await, 60140);
}

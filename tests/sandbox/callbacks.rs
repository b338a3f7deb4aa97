use crate::helpers::*;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use wecom_guard::sandbox::{ActError, Author, CardState, PassiveReply, PostMode, Tamper};

const DRAFT: &str = "这款产品保底收益8% ]]> <b>";

#[tokio::test]
async fn the_receiver_proves_its_keys() {
    let (world, _receiver) = World::with_receiver().await;
    let check = world.sandbox.verify_url(APP).await.unwrap();
    assert!(matches!(check.reply, PassiveReply::Plain(_)), "{check:?}");
    let nowhere = World::start().await;
    assert_eq!(nowhere.sandbox.verify_url(APP).await.unwrap().status, None);
}

#[tokio::test]
async fn a_text_arrives_as_it_was_typed_and_the_reply_is_shown() {
    let (world, receiver) = World::with_receiver().await;
    let inside = "<MsgType>text</MsgType><Content><![CDATA[已拦截:保底收益]]></Content>";
    receiver.answers([reply_to("lisi", inside)]);
    let delivery = world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
    assert!(delivery.reply_text().unwrap().contains("已拦截"));
    assert_eq!(receiver.last("Content"), DRAFT);
    assert_eq!(receiver.last("FromUserName"), "lisi");
    assert!(receiver.last("MsgId").parse::<u64>().unwrap() > 1 << 53);
    let shown = world.sandbox.messages_of("lisi");
    assert_eq!([&shown[0].author, &shown[1].author], [&Author::Member, &Author::App(APP)]);
    assert_eq!([shown[0].text.as_str(), shown[1].text.as_str()], [DRAFT, "已拦截:保底收益"]);
}

#[tokio::test]
async fn a_failing_receiver_is_tried_three_times_with_the_same_plaintext_under_fresh_signatures() {
    let (world, receiver) = World::with_receiver().await;
    receiver.answers([Answer::Status(500), Answer::Status(302), Answer::Status(503), Answer::Empty]);
    let delivery = world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
    let statuses: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), Some(302), Some(503)]);
    assert_eq!((delivery.is_accepted(), delivery.reply()), (false, &PassiveReply::Missing));
    let got = receiver.got();
    assert!(got.iter().all(|plain| *plain == got[0]));
    let queries = receiver.queries();
    assert!(queries[0] != queries[1] && queries[1] != queries[2]);
    assert_ne!(delivery.attempts[0].body, delivery.attempts[1].body);
}

#[tokio::test]
async fn the_tries_end_with_the_first_200() {
    let (world, receiver) = World::with_receiver().await;
    receiver.answers([Answer::Status(500)]);
    let delivery = world.sandbox.enter_agent("lisi", APP).await.unwrap();
    assert_eq!(delivery.attempts.len(), 2);
    assert_eq!(delivery.reply(), &PassiveReply::Empty);
    assert_eq!(receiver.last("Event"), "enter_agent");
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_is_cut_and_tried_again() {
    let world = World::with(|options| options.callback_timeout = Duration::from_millis(300)).await;
    let receiver = Receiver::start().await;
    world.sandbox.set_callback(APP, target(&receiver.url)).unwrap();
    receiver.answers([Answer::Silence, Answer::Silence, Answer::Silence]);
    let delivery = world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
    let faults: Vec<_> = delivery.attempts.iter().map(|attempt| attempt.fault.as_deref()).collect();
    assert_eq!(faults, [Some("no answer in time"); 3]);
}

#[tokio::test]
async fn a_reply_that_wecom_would_drop_is_said_and_not_shown() {
    let (world, receiver) = World::with_receiver().await;
    let text = "<MsgType>text</MsgType><Content>好</Content>";
    let update = "<MsgType>update_button</MsgType><Button><ReplaceName>好</ReplaceName></Button>";
    for answer in [
        Answer::Raw("success".into()),
        Answer::Raw("<xml><Encrypt>x</Encrypt></xml>".into()),
        Answer::Reply("not xml".into()),
        reply_to("zhangsan", text),
        reply_to("lisi", update),
        reply_to("lisi", "<MsgType>poem</MsgType>"),
    ] {
        receiver.answers([answer]);
        let delivery = world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
        assert!(matches!(delivery.reply(), PassiveReply::Dropped(_)), "{:?}", delivery.reply());
    }
    let shown = world.sandbox.messages_of("lisi");
    assert!(shown.iter().all(|message| message.author == Author::Member));
}

#[tokio::test]
async fn a_click_names_the_card_and_its_reply_greys_it() {
    let (world, receiver) = World::with_receiver().await;
    world.call("message/send", card_to("lisi|zhangsan", "draft-1")).await;
    let button = "<MsgType>update_button</MsgType><Button><ReplaceName>已确认</ReplaceName></Button>";
    receiver.answers([reply_to("lisi", button)]);
    world.sandbox.rep_clicks_card("lisi", None, "confirm").await.unwrap();
    let names = ["Event", "EventKey", "TaskId", "CardType", "AgentID"];
    let expected = ["template_card_event", "confirm", "draft-1", "button_interaction", "1000002"];
    assert_eq!(names.map(|name| receiver.last(name)), expected);
    let state = |user| world.sandbox.messages_of(user)[0].card.clone().unwrap().state;
    assert_eq!(state("lisi"), CardState::Greyed("已确认".into()));
    assert_eq!(state("zhangsan"), CardState::Live, "a passive update is for the clicking member alone");
    let again = world.sandbox.rep_clicks_card("lisi", None, "confirm").await;
    assert_eq!(again, Err(ActError::Greyed("已确认".into())));
}

#[tokio::test]
async fn a_click_that_comes_again_updates_the_same_card() {
    let (world, receiver) = World::with_receiver().await;
    world.call("message/send", card_to("lisi", "draft-1")).await;
    let click = world.sandbox.rep_clicks_card("lisi", None, "confirm").await.unwrap();
    let button = "<MsgType>update_button</MsgType><Button><ReplaceName>已确认</ReplaceName></Button>";
    receiver.answers([reply_to("lisi", button)]);
    let again = world.sandbox.post_callback(APP, &click.plaintext).await.unwrap();
    assert!(again.reply_text().is_some(), "{again:?}");
    let state = world.sandbox.messages_of("lisi")[0].card.clone().unwrap().state;
    assert_eq!(state, CardState::Greyed("已确认".into()));
}

#[tokio::test]
async fn a_click_takes_no_text_and_its_own_response_code_updates_the_card() {
    let (world, receiver) = World::with_receiver().await;
    world.call("message/send", card_to("lisi", "draft-1")).await;
    receiver.answers([reply_to("lisi", "<MsgType>text</MsgType><Content>好</Content>")]);
    let delivery = world.sandbox.rep_clicks_card("lisi", None, "edit").await.unwrap();
    assert!(matches!(delivery.reply(), PassiveReply::Dropped(_)));
    let first = receiver.last("ResponseCode");
    world.sandbox.rep_clicks_card("lisi", None, "edit").await.unwrap();
    assert_ne!(receiver.last("ResponseCode"), first);
    let update = json!({"userids": ["lisi"], "agentid": APP.0, "response_code": first,
                        "button": {"replace_name": "已返回"}});
    assert_eq!(code(&world.call("message/update_template_card", update).await), 0);
}

#[tokio::test]
async fn a_passive_update_may_be_a_whole_card() {
    let (world, receiver) = World::with_receiver().await;
    world.call("message/send", card_to("lisi", "draft-1")).await;
    let card = "<MsgType>update_template_card</MsgType><TemplateCard><CardType>text_notice</CardType>\
                <MainTitle><Title>已确认</Title></MainTitle>\
                <CardAction><Type>1</Type><Url>https://guard.example.com</Url></CardAction></TemplateCard>";
    receiver.answers([reply_to("lisi", card)]);
    let delivery = world.sandbox.rep_clicks_card("lisi", None, "confirm").await.unwrap();
    assert!(delivery.reply_text().is_some(), "{delivery:?}");
    let card = world.sandbox.messages_of("lisi")[0].card.clone().unwrap();
    assert_eq!(card.body["main_title"]["title"], "已确认");
    let gone = world.sandbox.rep_clicks_card("lisi", None, "confirm").await;
    assert_eq!(gone, Err(ActError::NoButton("confirm".into())));
}

#[tokio::test]
async fn the_client_refuses_what_it_can_not_do() {
    let (world, _receiver) = World::with_receiver().await;
    let click = async |user, key| world.sandbox.rep_clicks_card(user, None, key).await;
    assert_eq!(click("lisi", "confirm").await, Err(ActError::NoCard("lisi".into())));
    world.call("message/send", card_to("lisi", "draft-1")).await;
    assert_eq!(click("lisi", "other").await, Err(ActError::NoButton("other".into())));
    assert_eq!(click("nobody", "confirm").await, Err(ActError::NoSuchMember("nobody".into())));
    let mute = world.sandbox.rep_says("lisi", OTHER_APP, DRAFT).await;
    assert_eq!(mute, Err(ActError::NoCallback("1000003".into())));
}

#[tokio::test]
async fn the_menu_and_the_contacts_have_their_events() {
    let (world, receiver) = World::with_receiver().await;
    world.sandbox.menu_click("lisi", APP, "todo").await.unwrap();
    assert_eq!(["Event", "EventKey"].map(|name| receiver.last(name)), ["click", "todo"]);
    world.sandbox.menu_view("lisi", APP, "https://guard.example.com").await.unwrap();
    assert_eq!(receiver.last("Event"), "view");
    let changed = world.sandbox.contact_changed(
        APP,
        "add_external_contact",
        "lisi",
        "wmGuard0001",
        &[("State", "hall")],
    );
    changed.await.unwrap();
    let names = ["FromUserName", "Event", "ChangeType", "UserID", "ExternalUserID", "State"];
    let expected = ["sys", "change_external_contact", "add_external_contact", "lisi", "wmGuard0001", "hall"];
    assert_eq!(names.map(|name| receiver.last(name)), expected);
}

#[tokio::test]
async fn a_deleted_contact_is_no_longer_followed() {
    let (world, _receiver) = World::with_receiver().await;
    let delete = world.sandbox.contact_changed(APP, "del_external_contact", "lisi", "wmGuard0001", &[]);
    delete.await.unwrap();
    let answer = world.ask("externalcontact/get?external_userid=wmGuard0001").await;
    assert_eq!(answer["follow_user"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_forged_callback_is_wrong_in_exactly_one_way() {
    let (world, receiver) = World::with_receiver().await;
    let plain = "<xml><Content>假的</Content></xml>";
    let forge = async |tamper| world.sandbox.forge(APP, plain, tamper).await.unwrap().status;
    for tamper in [
        Tamper::Signature,
        Tamper::Ciphertext,
        Tamper::SignedRubbish,
        Tamper::ReceiveId,
        Tamper::OtherKey,
        Tamper::Without("nonce"),
    ] {
        assert_eq!(forge(tamper).await, Some(403), "{tamper:?}");
    }
    assert!(receiver.got().is_empty());
    assert_eq!(forge(Tamper::Age(SignedDuration::from_hours(1))).await, Some(200));
    let hour_ago = "2026-11-23T01:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second().to_string();
    assert!(receiver.queries()[0].contains(&hour_ago));
    assert_eq!(forge(Tamper::Twice("nonce")).await, Some(200));
    assert_eq!(receiver.queries()[1].matches("nonce=").count(), 2);
}

#[tokio::test]
async fn a_replay_has_the_very_same_bytes() {
    let (world, receiver) = World::with_receiver().await;
    let delivery = world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
    let replay = world.sandbox.replay(APP, &delivery.attempts[0]).await.unwrap();
    assert_eq!(replay.body, delivery.attempts[0].body);
    let queries = receiver.queries();
    assert_eq!(queries[0], queries[1]);
}

#[tokio::test]
async fn an_accepted_callback_may_come_again() {
    let (world, receiver) = World::with_receiver().await;
    world.sandbox.set_post_mode(PostMode { repeat: 2, ..PostMode::default() });
    let text = || reply_to("lisi", "<MsgType>text</MsgType><Content>已通过</Content>");
    receiver.answers([text(), text(), text()]);
    world.sandbox.rep_says("lisi", APP, DRAFT).await.unwrap();
    assert_eq!(receiver.got().len(), 3);
    let own_and_reply = world.sandbox.messages_of("lisi");
    assert_eq!(own_and_reply.len(), 2, "the client shows one reply");
}

#[tokio::test]
async fn callbacks_held_back_arrive_in_reverse_order() {
    let (world, receiver) = World::with_receiver().await;
    world.sandbox.set_post_mode(PostMode { hold: true, ..PostMode::default() });
    for text in ["第一条", "第二条"] {
        let delivery = world.sandbox.rep_says("lisi", APP, text).await.unwrap();
        assert!(delivery.attempts.is_empty());
    }
    let deliveries = world.sandbox.release_held().await.unwrap();
    assert!(deliveries.iter().all(|delivery| delivery.is_accepted()));
    assert!(receiver.got()[0].contains("第二条") && receiver.got()[1].contains("第一条"));
}

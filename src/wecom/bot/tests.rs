//! Every variant has a fixture; both spellings are read; answers are as WeCom reads them.

use super::content::strip_mention;
use super::*;
use crate::wecom::crypto::CallbackKey;
use crate::wecom::event::Selected;
use proptest::prelude::*;
use serde_json::json;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/wecom/bot/", $name, ".json"))
    };
}

const FIXTURES: [&str; 11] = [
    file!("text"),
    file!("image"),
    file!("mixed"),
    file!("voice"),
    file!("file"),
    file!("video"),
    file!("stream"),
    file!("enter_chat"),
    file!("template_card_event"),
    file!("feedback_event"),
    file!("unknown"),
];

/// The file that shows a variant. A new variant does not compile until it has one.
fn fixture(kind: &BotInbound) -> &'static str {
    match kind {
        BotInbound::Message { content, .. } => match content {
            BotContent::Text(_) => file!("text"),
            BotContent::Image(_) => file!("image"),
            BotContent::Mixed(_) => file!("mixed"),
            BotContent::Voice(_) => file!("voice"),
            BotContent::File(_) => file!("file"),
            BotContent::Video(_) => file!("video"),
        },
        BotInbound::StreamRefresh { .. } => file!("stream"),
        BotInbound::EnterChat => file!("enter_chat"),
        BotInbound::CardClicked(_) => file!("template_card_event"),
        BotInbound::Feedback(_) => file!("feedback_event"),
        BotInbound::Unknown { .. } => file!("unknown"),
    }
}

fn kind(raw: &str) -> BotInbound {
    parse_json(raw).unwrap().kind
}

fn said(content: BotContent) -> BotInbound {
    BotInbound::Message { content, quote: None }
}

#[test]
fn every_fixture_is_the_one_that_shows_its_variant() {
    for raw in FIXTURES {
        assert_eq!(fixture(&kind(raw)), raw);
    }
}

#[test]
fn the_common_fields_are_read() {
    let message = parse_json(file!("text")).unwrap();
    assert_eq!((message.id.as_str(), message.bot.as_str()), ("CAIQ101", "AIBOT-1"));
    assert_eq!((message.chat.as_deref(), message.from.as_str()), (Some("wrkGROUP"), "lisi"));
    assert_eq!((message.corp, message.created_at), (None, None));
    assert!(message.response_url.unwrap().expose().ends_with("response_code=RC"));
    let event = parse_json(file!("enter_chat")).unwrap();
    assert_eq!(event.corp, Some("ww0000000000000000".into()));
    assert_eq!(event.created_at, Timestamp::from_second(1_790_000_108).ok());
    assert_eq!((event.chat, event.response_url), (None, None));
}

#[test]
fn every_message_is_read_without_the_mention_of_the_bot() {
    let words = "这款产品保底收益8%，能发吗？".to_owned();
    let quote = Some(BotContent::Text("客户问收益".into()));
    assert_eq!(kind(file!("text")), BotInbound::Message { content: BotContent::Text(words), quote });
    assert_eq!(kind(file!("image")), said(BotContent::Image("https://ww-aibot-img.example.com/1".into())));
    let parts = vec![
        BotContent::Text("海报能不能用".into()),
        BotContent::Image("https://ww-aibot-img.example.com/2".into()),
    ];
    assert_eq!(kind(file!("mixed")), said(BotContent::Mixed(parts)));
    assert_eq!(kind(file!("voice")), said(BotContent::Voice("帮我看看收益怎么说".into())));
    assert_eq!(kind(file!("file")), said(BotContent::File("https://ww-aibot-file.example.com/3".into())));
    assert_eq!(kind(file!("video")), said(BotContent::Video("https://ww-aibot-video.example.com/4".into())));
}

#[test]
fn only_a_mention_with_a_blank_behind_it_is_taken_off() {
    assert_eq!(strip_mention("@合规助手\u{2005}保底收益"), "保底收益");
    assert_eq!(strip_mention(" @合规助手  @张三 保底收益"), "@张三 保底收益");
    assert_eq!(strip_mention("@合规助手保底收益"), "@合规助手保底收益");
    assert_eq!(strip_mention(" 发到 a@example.com 吧"), " 发到 a@example.com 吧");
    let alone = file!("text").replace("\"group\"", "\"single\"");
    let BotInbound::Message { content, .. } = kind(&alone) else { panic!("another kind") };
    assert_eq!(
        content,
        BotContent::Text("@合规助手 这款产品保底收益8%，能发吗？".into()),
        "alone there is no mention"
    );
}

#[test]
fn a_click_is_read_in_both_spellings() {
    let click = CardClick {
        key: "submit_reason".into(),
        task_id: "chk_01J0000000000000000000000C".into(),
        card_type: "vote_interaction".into(),
        selected: vec![Selected {
            question: "q_reason".into(),
            options: vec!["opt_known".into(), "opt_wrong".into()],
        }],
    };
    let sample = file!("template_card_event");
    let mut table = sample.to_owned();
    for key in
        ["card_type", "event_key", "task_id", "selected_items", "selected_item", "question_key", "option_ids"]
    {
        table = table.replace(&format!("\"{key}\""), &format!("\"{}\"", key.replace('_', "")));
    }
    assert_eq!(kind(sample), BotInbound::CardClicked(click.clone()));
    assert_eq!(kind(&table), BotInbound::CardClicked(click));
}

#[test]
fn the_rest_is_read_too() {
    assert_eq!(kind(file!("stream")), BotInbound::StreamRefresh { id: "stream-1".into() });
    assert_eq!(kind(file!("enter_chat")), BotInbound::EnterChat);
    let feedback = Feedback {
        id: "answer-1".into(),
        verdict: 2,
        content: Some("没有说明依据".into()),
        reasons: vec![2, 4],
    };
    assert_eq!(kind(file!("feedback_event")), BotInbound::Feedback(feedback));
    assert_eq!(kind(file!("unknown")), BotInbound::Unknown { event: "new_in_2027".into() });
}

#[test]
fn a_known_message_that_lacks_its_body_is_kept_as_unknown() {
    let raw = r#"{"msgid":"M1","from":{"userid":"lisi"},"msgtype":"text"}"#;
    assert_eq!(kind(raw), BotInbound::Unknown { event: "text".into() });
}

#[test]
fn what_names_no_message_or_no_member_is_a_bad_request() {
    for raw in
        ["", "[]", "<xml/>", r#"{"msgid":"M1"}"#, r#"{"from":{"userid":"lisi"}}"#, &"[".repeat(100_000)]
    {
        assert!(matches!(parse_json(raw), Err(CallbackError::BadRequest(_))));
    }
}

#[test]
fn a_retry_has_the_same_key_and_another_bot_another() {
    let (text, image) = (parse_json(file!("text")).unwrap(), parse_json(file!("image")).unwrap());
    let (bot, other) = (Endpoint::from("guard"), Endpoint::from("guard2"));
    assert_eq!(text.dedup_key(&bot), parse_json(file!("text")).unwrap().dedup_key(&bot));
    assert_ne!(text.dedup_key(&bot), text.dedup_key(&other));
    assert_ne!(text.dedup_key(&bot), image.dedup_key(&bot));
}

#[test]
fn the_published_bot_message_is_opened_and_read() {
    let file: Value = serde_json::from_str(include_str!("../../../fixtures/wecom/vectors.json")).unwrap();
    let vector = file["vectors"].as_array().unwrap().iter().find(|v| v["id"] == "gen-aibot-text-1").unwrap();
    let text = |field: &str| vector[field].as_str().unwrap();
    let key = CallbackKey::new(text("token"), text("encoding_aes_key"), "").unwrap();
    let raw = key.decrypt(text("encrypt")).unwrap();
    assert_eq!(kind(&raw), said(BotContent::Text("帮我看看这句：保底收益8%，100%通过".into())));
}

#[test]
fn the_published_broken_json_is_decrypted_and_then_refused() {
    let file: Value = serde_json::from_str(include_str!("../../../fixtures/wecom/vectors.json")).unwrap();
    let vector =
        file["vectors"].as_array().unwrap().iter().find(|v| v["id"] == "official-php-json-decrypt").unwrap();
    let broken = parse_json(vector["plaintext"].as_str().unwrap());
    assert_eq!(broken, Err(CallbackError::BadRequest("the message is not JSON")));
}

#[test]
fn every_answer_is_written_as_wecom_reads_it() {
    let stream = Stream { id: "s1".into(), content: "命中 **保底收益**".into() };
    let card = json!({"card_type": "text_notice"});
    let written = |reply: BotReply| reply.json();
    assert_eq!(written(BotReply::Welcome("你好".into())), r#"{"msgtype":"text","text":{"content":"你好"}}"#);
    assert_eq!(
        written(BotReply::Message(stream.clone())),
        r#"{"msgtype":"stream","stream":{"id":"s1","finish":true,"content":"命中 **保底收益**"}}"#
    );
    assert_eq!(
        written(BotReply::Card(card.clone())),
        r#"{"msgtype":"template_card","template_card":{"card_type":"text_notice"}}"#
    );
    assert_eq!(
        written(BotReply::MessageWithCard(stream, card.clone())),
        r#"{"msgtype":"stream_with_template_card","stream":{"id":"s1","finish":true,"content":"命中 **保底收益**"},"template_card":{"card_type":"text_notice"}}"#
    );
    let update = |users| BotReply::UpdateCard { users, card: card.clone() };
    assert_eq!(
        written(update(vec!["lisi".into()])),
        r#"{"response_type":"update_template_card","userids":["lisi"],"template_card":{"card_type":"text_notice"}}"#
    );
    assert_eq!(
        written(update(vec![])),
        r#"{"response_type":"update_template_card","template_card":{"card_type":"text_notice"}}"#
    );
}

#[test]
fn a_long_answer_is_cut_at_20480_bytes() {
    let stream = Stream { id: "s1".into(), content: "保".repeat(10_000) };
    let answer: Value = serde_json::from_str(&BotReply::Message(stream).json()).unwrap();
    let content = answer["stream"]["content"].as_str().unwrap();
    assert!(content.len() <= 20_480 && content.ends_with("保…"), "{} bytes", content.len());
}

proptest! {
    #[test]
    fn parsing_never_panics(text in ".*", which in 0..FIXTURES.len(), at: prop::sample::Index, byte: u8) {
        let _ = parse_json(&text);
        let mut bytes = FIXTURES[which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse_json(&String::from_utf8_lossy(&bytes));
    }
}

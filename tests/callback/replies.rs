//! The passive reply as WeCom reads it: its envelope, its addressee, its length.

use crate::sender::{Sender, fresh, says};
use crate::support::{CORP, RULES_TOKEN, TestApp};
use serde_json::{Value, json};
use std::path::Path;
use wecom_guard::wecom::xml::Element;

/// The longest text that WeCom shows of a passive reply, in bytes.
const MOST: usize = 2_048;

fn names(element: &Element) -> Vec<&str> {
    element.elements().iter().map(Element::name).collect()
}

#[tokio::test]
async fn an_app_answers_by_four_elements_to_the_member_from_the_company() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let answer = sender.says(&app, &says("zhangsan", "这款产品保底收益5%")).await;
    let envelope = Element::parse(&answer.body).unwrap();
    assert_eq!(names(&envelope), ["Encrypt", "MsgSignature", "TimeStamp", "Nonce"]);
    let part = |name| envelope.child(name).unwrap().text();
    assert!(sender.key.verify(part("MsgSignature"), part("TimeStamp"), part("Nonce"), part("Encrypt")));
    assert_eq!(part("TimeStamp").parse(), Ok(app.clock.now().as_second()));
    let reply = Element::parse(&sender.open(&answer)).unwrap();
    assert_eq!(names(&reply), ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]);
    let part = |name| reply.child(name).unwrap().text();
    assert_eq!((part("ToUserName"), part("FromUserName"), part("MsgType")), ("zhangsan", CORP, "text"));
    app.stop().await;
}

#[tokio::test]
async fn two_answers_to_one_callback_have_the_same_words_in_different_ciphertexts() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let post = sender.seal(&app, &says("zhangsan", "这款产品保底收益5%"));
    let (one, two) = (sender.post(&app, &post).await, sender.post(&app, &post).await);
    assert_eq!(sender.words(&one), sender.words(&two));
    assert_ne!(one.body, two.body);
    app.stop().await;
}

#[tokio::test]
async fn a_bot_answers_in_json_with_the_nonce_of_the_address() {
    let app = TestApp::start().await;
    let sender = Sender::bot();
    let draft = json!({"msgid": fresh().to_string(), "aibotid": "aib1", "chattype": "single",
        "from": {"userid": "lisi"}, "msgtype": "text", "text": {"content": "这个班保证100%通过"}});
    let post = sender.seal(&app, &draft.to_string());
    let answer = sender.post(&app, &post).await;
    let envelope: Value = serde_json::from_str(&answer.body).unwrap();
    let keys: Vec<&String> = envelope.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["encrypt", "msgsignature", "timestamp", "nonce"]);
    let nonce = envelope["nonce"].as_str().unwrap();
    assert!(post.query.ends_with(&format!("&nonce={nonce}")), "{} {nonce}", post.query);
    let timestamp = envelope["timestamp"].as_i64().unwrap().to_string();
    let part = |name: &str| envelope[name].as_str().unwrap().to_owned();
    assert!(sender.key.verify(&part("msgsignature"), &timestamp, nonce, &part("encrypt")));
    let reply: Value = serde_json::from_str(&sender.open(&answer)).unwrap();
    assert_eq!(
        (&reply["msgtype"], &reply["stream"]["finish"]),
        (&json!("stream_with_template_card"), &json!(true))
    );
    app.stop().await;
}

#[tokio::test]
async fn both_doors_read_both_envelopes_and_answer_in_the_one_that_came() {
    let app = TestApp::start().await;
    let (guard, helper) = (Sender::app().in_json(), Sender::bot().in_xml());
    let answer = guard.says(&app, &says("zhangsan", "您好")).await;
    assert!(Element::parse(&guard.open(&answer)).unwrap().child("Content").is_some());
    let draft = json!({"msgid": fresh().to_string(), "from": {"userid": "lisi"}, "msgtype": "text", "text": {"content": "您好"}});
    let answer = helper.says(&app, &draft.to_string()).await;
    let reply: Value = serde_json::from_str(&helper.open(&answer)).unwrap();
    assert_eq!(reply["msgtype"], "stream");
    app.stop().await;
}

#[tokio::test]
async fn a_bot_greets_one_who_opens_the_chat_by_the_only_kind_of_answer_taken_then() {
    let app = TestApp::start().await;
    let entered = app.wecom.bot_entered("lisi", "helper").await.unwrap();
    let reply: Value = serde_json::from_str(entered.reply_text().expect("an answer that is taken")).unwrap();
    assert_eq!(reply["msgtype"], "text");
    assert!(reply["text"]["content"].as_str().unwrap().contains("我先检查"));
    app.stop().await;
}

/// What a member reads on the card of the bot after a click on it.
async fn card_after_click(app: &TestApp, draft: &str, key: &str) -> Value {
    app.wecom.bot_says("lisi", "helper", draft).await.unwrap();
    let clicked = app.wecom.bot_clicks_card("lisi", "helper", None, key).await.unwrap();
    let reply =
        clicked.reply_text().unwrap_or_else(|| panic!("{:?} of {:?}", clicked.reply(), clicked.plaintext));
    serde_json::from_str::<Value>(reply).unwrap()["template_card"].clone()
}

#[tokio::test]
async fn a_decided_card_of_the_bot_says_in_whole_sentences_what_happened() {
    let app = TestApp::start().await;
    let card = card_after_click(&app, "这个班保证100%通过", "confirm").await;
    assert_eq!(card["main_title"]["title"], "已确认");
    let told = card["sub_title_text"].as_str().unwrap();
    assert!(told.contains("机器人不能替你发送。\n这个班保证100%通过"), "{told}");
    let long = format!("这个班保证100%通过{}", "课程安排发您了。".repeat(20));
    let card = card_after_click(&app, &long, "confirm").await;
    let told = card["sub_title_text"].as_str().unwrap();
    assert!(told.ends_with("机器人不能替你发送。"), "{told}");
    let card = card_after_click(&app, "这个班还是100%通过", "edit").await;
    assert_eq!(card["sub_title_text"], "已取消,这条消息不会发送。");
    app.stop().await;
}

#[tokio::test]
async fn a_click_that_lacks_a_reason_turns_the_card_of_the_bot_into_the_way_to_give_one() {
    let app = TestApp::start().await;
    let rules = std::fs::read_to_string(app.rules.join("rules.toml")).unwrap();
    let strict = rules.replace("action = \"确认\"", "action = \"确认\"\nrequire_reason = true");
    std::fs::write(app.rules.join("rules.toml"), strict).unwrap();
    assert_eq!(app.post(RULES_TOKEN, "/v1/rules/reload", &json!({})).await.0, 200);
    let card = card_after_click(&app, "这个班保证100%通过", "confirm").await;
    let told = card["sub_title_text"].as_str().unwrap();
    assert!(told.contains("回复「确认 ") && told.ends_with("换行后写原因。"), "{told}");
    app.stop().await;
}

#[tokio::test]
async fn a_draft_brings_no_link_of_its_own_into_the_answer() {
    let app = TestApp::start().await;
    let told = app.says("lisi", "点<a href=\"http://x.example\">这里</a>领取").await;
    assert!(told.contains("＜a href") && !told.contains("<a href"), "{told}");
    let said = app.wecom.bot_says("lisi", "helper", "点[这里](http://x.example)领取").await.unwrap();
    let reply: Value = serde_json::from_str(said.reply_text().unwrap()).unwrap();
    assert!(!reply["stream"]["content"].as_str().unwrap().contains("](http"), "{reply}");
    app.stop().await;
}

/// Rules as wordy as a careful officer writes them: three hits do not fit one reply.
fn write_wordy_rules(dir: &Path, action: &str) {
    let why = "可能被理解为对未来结果作出保证性承诺,客户会据此作出决定,监管机构会据此追究责任。".repeat(2);
    let fix = "说明结果受多种因素影响,不由我们决定,请客户结合自己的情况判断,必要时请主管一起沟通。".repeat(2);
    let rule = |(number, phrase)| {
        format!(
            "[[rule]]\nid = \"LONG-00{number}\"\nname = \"保证结果\"\naction = \"{action}\"\nphrases = [\"{phrase}\"]\n\
             basis = [\"ad-24\", \"ad-25\"]\nwhy = \"{why}\"\nfix = \"{fix}\"\nreplies = [\"R-LONG\"]\n"
        )
    };
    let rules: String = [(1, "包过"), (2, "必中"), (3, "稳赢"), (4, "零风险")].map(rule).concat();
    let script = |start: &str| {
        format!("\"{start}{}\"", "能不能通过和基础、投入的时间都有关系,我们一起安排。".repeat(4))
    };
    let scripts = ["这样说:", "或者说:", "也可以:"].map(script).join(", ");
    std::fs::write(dir.join("rules.toml"), rules).unwrap();
    let replies = format!(
        "[[reply]]\nid = \"R-LONG\"\nindustries = [\"教育\"]\nkeywords = [\"通过\"]\nscripts = [{scripts}]\n"
    );
    std::fs::write(dir.join("replies/replies.toml"), replies).unwrap();
}

async fn told(action: &str, draft: &str) -> String {
    let app = TestApp::start().await;
    write_wordy_rules(&app.rules, action);
    let (status, answer) = app.post(RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    let sender = Sender::app();
    let words = sender.words(&sender.says(&app, &says("zhangsan", draft)).await);
    assert!(words.len() <= MOST, "{} bytes", words.len());
    app.stop().await;
    words
}

#[tokio::test]
async fn a_rep_who_must_confirm_is_told_how_and_what_however_long_the_reasons_are() {
    let words = told("确认", "这个班包过,必中,稳赢,零风险").await;
    for wanted in [
        "发送前请确认",
        "回复「确认 ",
        "回复「取消 ",
        "「包过」",
        "「必中」",
        "「稳赢」",
        "还有 1 处",
        "原因:",
        "依据:",
    ] {
        assert!(words.contains(wanted), "{wanted} is not in {words}");
    }
    assert!(!words.ends_with('…'), "{words}");
}

#[tokio::test]
async fn a_rep_who_is_stopped_is_told_what_why_and_one_way_to_say_it_however_long_the_reasons_are() {
    let words = told("拦截", "这个班包过,必中,稳赢,零风险").await;
    for wanted in [
        "这条消息不能发送",
        "「包过」",
        "「必中」",
        "「稳赢」",
        "还有 1 处",
        "原因:",
        "依据:",
        "怎么改:",
        "1. 这样说:",
    ] {
        assert!(words.contains(wanted), "{wanted} is not in {words}");
    }
    assert!(!words.ends_with('…'), "{words}");
}

/// A piece of a judged text was never judged by itself, so none is handed back.
#[tokio::test]
async fn a_text_too_long_to_hand_back_whole_is_not_handed_back_in_part() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let long = "产品说明书发您了,风险等级在第二页。".repeat(60);
    let words = sender.words(&sender.says(&app, &says("zhangsan", &long)).await);
    assert!(words.starts_with("可以发送"), "{words}");
    assert!(words.len() <= MOST && !words.contains("风险等级") && !words.ends_with('…'), "{words}");
    app.stop().await;
}

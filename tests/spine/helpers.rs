//! What the tests of the spine ask again and again.

use crate::support::{AGENT, READ_TOKEN, RULES_TOKEN, TestApp};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use wecom_guard::sandbox::{CardState, Delivery, PassiveReply, Shown};
use wecom_guard::wecom::xml::Element;

pub const REP: &str = "zhangsan";
pub const OTHER: &str = "lisi";
pub const BOT: &str = "helper";
pub const ASKED: &str = "王女士,这门课100%通过,放心报名";

/// Rules for what the usual ones don't ask.
pub const MORE_RULES: &str = r#"
[[rule]]
id = "GEN-001"
name = "催促"
action = "提示"
phrases = ["最后一天"]
why = "催促会让客户不舒服"

[[rule]]
id = "GEN-002"
name = "自有品牌"
action = "记录"
phrases = ["澄岸"]

[[rule]]
id = "GEN-003"
name = "内部价"
action = "确认"
phrases = ["内部价"]
require_reason = true
why = "可能被理解为差别定价"

[[rule]]
id = "GEN-004"
name = "返现"
action = "确认"
phrases = ["返现"]
require_approval = true
why = "可能被理解为返佣"
"#;

/// The words of an application's passive reply.
pub fn words(delivery: &Delivery) -> String {
    let PassiveReply::Plain(plain) = delivery.reply() else { return String::new() };
    let reply = Element::parse(plain).unwrap();
    let at = |path: &str| reply.at(path).map(|found| found.text().to_owned());
    let item = || Some(format!("{}\n{}", at("Articles/item/Title")?, at("Articles/item/Description")?));
    at("Content").or_else(|| at("Button/ReplaceName")).or_else(item).unwrap_or_default()
}

/// The words of a bot's passive reply, and the whole of it.
pub fn bot_words(delivery: &Delivery) -> (String, Value) {
    let PassiveReply::Plain(plain) = delivery.reply() else { panic!("{:?}", delivery.reply()) };
    let reply: Value = serde_json::from_str(plain).unwrap();
    let said = reply["stream"]["content"].as_str().or(reply["template_card"]["sub_title_text"].as_str());
    (said.unwrap_or_default().to_owned(), reply)
}

/// The number in 「确认 短号」.
pub fn short_in(said: &str) -> String {
    said.split("「确认 ").nth(1).and_then(|rest| rest.get(..4)).unwrap_or_default().to_owned()
}

/// Words without what differs from run to run.
pub fn steady(said: &str) -> String {
    let short = short_in(said);
    let said = if short.is_empty() { said.to_owned() } else { said.replace(&short, "[短号]") };
    let steady = said.lines().map(|line| line.split_once(" · 版本 ").map_or(line, |(rule, _)| rule));
    steady.collect::<Vec<_>>().join("\n")
}

impl TestApp {
    /// What a rep says to the application and the words that come back.
    pub async fn told(&self, user: &str, text: &str) -> String {
        let delivery = self.wecom.rep_says(user, AGENT, text).await.unwrap();
        assert_eq!(delivery.attempts.len(), 1, "the answer came late");
        words(&delivery)
    }

    /// Adds rules and lets them go live.
    pub async fn adds_rules(&self, name: &str, rules: &str) {
        fs::write(self.rules.join(name), rules).unwrap();
        self.passes(1);
        let (status, answer) = self.post(RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
    }

    pub fn passes(&self, seconds: i64) {
        self.hand.advance(SignedDuration::from_secs(seconds));
    }

    /// The cards a member has, oldest first.
    pub fn cards(&self, user: &str) -> Vec<Shown> {
        self.wecom.messages_of(user).into_iter().filter(|shown| shown.card.is_some()).collect()
    }

    /// Whether the application said something with these words in it.
    pub fn was_told(&self, user: &str, words: &str) -> bool {
        self.wecom.messages_of(user).iter().any(|shown| shown.text.contains(words))
    }

    /// Waits until the member's newest card is in this state.
    pub async fn card(&self, user: &str, state: CardState) -> Shown {
        self.until("the card", |app| {
            app.cards(user).pop().filter(|shown| shown.card.as_ref().is_some_and(|card| card.state == state))
        })
        .await
    }

    /// The newest check of a rep as the record has it.
    pub async fn check_of(&self, user: &str) -> Value {
        let (_, page) = self.get(READ_TOKEN, &format!("/v1/checks?sender={user}&limit=1")).await;
        page["items"][0].clone()
    }

    pub async fn check(&self, id: &Value) -> Value {
        self.get(READ_TOKEN, &format!("/v1/checks/{}", id.as_str().unwrap())).await.1
    }

    /// How many facts of a kind stand in the ledger.
    pub fn facts(&self, kind: &str) -> usize {
        let files = fs::read_dir(self.data.join("ledger")).unwrap().map(|file| file.unwrap().path());
        let count = |bytes: Vec<u8>| bytes.windows(kind.len()).filter(|at| *at == kind.as_bytes()).count();
        files.map(|path| count(written(&path))).sum()
    }
}

/// A file without the empty room that is kept ready at its end.
fn written(path: &Path) -> Vec<u8> {
    let (mut file, mut bytes, mut block) = (File::open(path).unwrap(), Vec::new(), [0; 4096]);
    loop {
        let read = file.read(&mut block).unwrap();
        if block[..read] == [0; 4096][..read] {
            return bytes;
        }
        bytes.extend_from_slice(&block[..read]);
    }
}

/// A callback's plaintext of a member's message, in WeCom's form.
pub fn message(user: &str, id: u64, fields: &str) -> String {
    let corp = crate::support::CORP;
    format!(
        "<xml><ToUserName>{corp}</ToUserName><FromUserName>{user}</FromUserName><CreateTime>1790000000</CreateTime>\
         {fields}<MsgId>{id}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    )
}

/// A click on a card, as a second device that shows the old card would send it.
pub fn click(user: &str, task: &str, key: &str, at: u64) -> String {
    let corp = crate::support::CORP;
    format!(
        "<xml><ToUserName>{corp}</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{at}</CreateTime>\
         <MsgType>event</MsgType><Event>template_card_event</Event><EventKey>{key}</EventKey>\
         <TaskId>{task}</TaskId><CardType>button_interaction</CardType><ResponseCode>rc{at}</ResponseCode>\
         <AgentID>{AGENT}</AgentID></xml>"
    )
}

/// The words that would claim that something went to the customer.
pub fn claims_sent(said: &str) -> bool {
    ["已发送", "已发出", "发送成功", "已替你发"].iter().any(|claim| said.contains(claim))
}

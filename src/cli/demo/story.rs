//! The main story, step by step: each step says what it saw, and the first that does not hold ends it.
#![expect(clippy::indexing_slicing, reason = "a member that a JSON value lacks reads as null")]

use super::shop::{AGENT, BOT, Shop};
use crate::ledger;
use crate::sandbox::{CardState, Delivery, PassiveReply, Shown};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The rep of the story.
const REP: &str = "zhangsan";
/// Their customer.
const CUSTOMER: &str = "wmGuard0001";
/// What passes.
const CLEAN: &str = "您好,产品说明书我下午发您,收益会随市场波动,有问题随时问我";
/// What is stopped.
const FORBIDDEN: &str = "这款产品保底收益5%";
/// What may be confirmed.
const CONFIRMABLE: &str = "您的材料齐全,这次100%通过";
/// How long a card may take to arrive.
const CARD_PATIENCE: Duration = Duration::from_secs(5);

/// Prints the steps as they are told.
struct Teller(usize);

impl Teller {
    fn step(&mut self, zh: &str, en: &str) {
        self.0 += 1;
        println!("✓ {:>2}. {zh}\n       {en}", self.0);
    }
}

/// Tells the story.
///
/// # Errors
/// What did not hold.
pub async fn tell(shop: &Shop) -> anyhow::Result<()> {
    let mut teller = Teller(0);
    address_is_verified(shop).await?;
    teller.step("企业微信验证了回调地址(签名、解密、回显)", "WeCom verified our callback address");
    clean_draft_passes(shop).await?;
    teller.step(&format!("张善发来「{CLEAN}」:未发现问题"), "a clean draft passes");
    let replies = forbidden_draft_is_blocked(shop).await?;
    teller.step(
        &format!("「{FORBIDDEN}」被拦下:说明原因、依据,并给出 {replies} 条合规说法"),
        &format!("a promised return is blocked, with why, its legal basis and {replies} compliant replies"),
    );
    let card = confirmable_draft_waits(shop).await?;
    teller.step(
        &format!("「{CONFIRMABLE}」需要确认:编号和卡片都到了"),
        "a confirm-level draft waits; its card arrived",
    );
    card_confirms_once(shop, &card).await?;
    teller.step(
        "点「确认可发」:确认一次,卡片变灰;换一台手机再点,什么也不变",
        "a click confirms once and the card turns grey; a second click changes nothing",
    );
    api_releases_once(shop).await?;
    teller.step(
        "同一句话走接口:确认发送 → 放行一次 → 报告已发送;不同的第二次报告被拒",
        "the same text by the API: confirmed, released once, reported sent; a second, other report is refused",
    );
    retry_counts_once(shop).await?;
    teller.step(
        "企业微信重试同一条回调:回答一样,只记一次",
        "a retried callback is answered the same and counts once",
    );
    customer_is_opened(shop).await?;
    teller.step(
        "打开客户:阶段、负责人、待办和链接;不是跟进人看不到",
        "the customer's page is shown to who follows them, and to nobody else",
    );
    bot_speaks_too(shop).await?;
    teller.step("智能机器人(JSON 回调)说同样的话", "the AI bot, over JSON callbacks, says the same");
    let (records, head) = ledger_holds(shop)?;
    teller.step(
        &format!("留痕已校验:{records} 条连续,链尾 {head}"),
        &format!("the ledger is verified: {records} records unbroken, head {head}"),
    );
    Ok(())
}

fn reply(delivery: &Delivery) -> anyhow::Result<&str> {
    delivery.reply_text().with_context(|| format!("no passive reply came: {:?}", delivery.reply()))
}

async fn say(shop: &Shop, text: &str) -> anyhow::Result<Delivery> {
    Ok(shop.wecom.rep_says(REP, AGENT, text).await?)
}

async fn address_is_verified(shop: &Shop) -> anyhow::Result<()> {
    let attempt = shop.wecom.verify_url(AGENT).await?;
    ensure!(matches!(attempt.reply, PassiveReply::Plain(_)), "the address was not verified: {attempt:?}");
    Ok(())
}

async fn clean_draft_passes(shop: &Shop) -> anyhow::Result<()> {
    let delivery = say(shop, CLEAN).await?;
    ensure!(reply(&delivery)?.contains("可以发送"), "the clean draft did not pass: {}", reply(&delivery)?);
    Ok(())
}

async fn forbidden_draft_is_blocked(shop: &Shop) -> anyhow::Result<usize> {
    let delivery = say(shop, FORBIDDEN).await?;
    let text = reply(&delivery)?;
    for wanted in ["不能发送", "保底收益", "原因:", "依据:", "广告法"] {
        ensure!(text.contains(wanted), "the block does not say {wanted}: {text}");
    }
    let replies = (1..=3).filter(|place| text.contains(&format!("\n{place}. "))).count();
    ensure!(replies > 0, "no compliant reply was offered: {text}");
    Ok(replies)
}

/// The newest card the rep has, once it is there.
async fn card(shop: &Shop, state: impl Fn(&CardState) -> bool) -> anyhow::Result<Shown> {
    let found = async {
        loop {
            let shown = shop.wecom.messages_of(REP);
            let card = shown.into_iter().rev().find(|line| line.card.is_some());
            if let Some(line) = card
                && line.card.as_ref().is_some_and(|card| state(&card.state))
            {
                return line;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(CARD_PATIENCE, found).await.context("the card did not arrive")
}

async fn confirmable_draft_waits(shop: &Shop) -> anyhow::Result<Shown> {
    let delivery = say(shop, CONFIRMABLE).await?;
    let text = reply(&delivery)?;
    ensure!(
        text.contains("发送前请确认") && text.contains("「确认 "),
        "no confirmation was asked for: {text}"
    );
    card(shop, |state| *state == CardState::Live).await
}

/// How many confirmations the record holds for a check.
async fn confirmations(shop: &Shop, id: &str) -> anyhow::Result<usize> {
    let (_, check) = shop.get(&format!("/v1/checks/{id}")).await?;
    let trail = check["trail"].as_array().context("no trail")?;
    Ok(trail.iter().filter(|step| step["cause"]["kind"] == "confirmed").count())
}

async fn card_confirms_once(shop: &Shop, shown: &Shown) -> anyhow::Result<()> {
    let body = shown.card.as_ref().map(|card| &card.body).context("no card")?;
    let check = body["task_id"].as_str().context("the card has no task")?.to_owned();
    let clicked = shop.wecom.rep_clicks_card(REP, Some(&shown.msgid), "confirm").await?;
    ensure!(clicked.is_accepted(), "the click was not taken");
    card(shop, |state| matches!(state, CardState::Greyed(_))).await?;
    // Another device shows the old card: the same event, a second later.
    let again = clicked.plaintext.replace("<CreateTime>", "<CreateTime>1");
    let again = shop.wecom.post_callback(AGENT, &again).await?;
    ensure!(again.is_accepted(), "the second click was not taken");
    ensure!(confirmations(shop, &check).await? == 1, "it was not confirmed exactly once");
    let (_, record) = shop.get(&format!("/v1/checks/{check}")).await?;
    ensure!(record["state"] == "handed_back", "a bot's draft must go back to the rep: {}", record["state"]);
    ensure!(record["release"].is_null(), "a bot's draft must never have a release");
    Ok(())
}

async fn api_releases_once(shop: &Shop) -> anyhow::Result<()> {
    let draft = json!({ "sender": REP, "recipient": CUSTOMER, "channel": "api", "text": CONFIRMABLE });
    let (status, check) = shop.post("/v1/checks", &draft).await?;
    ensure!(status == 201 && check["state"] == "awaiting_confirmation", "{status} {check}");
    ensure!(check["release"].is_null(), "released before it was confirmed");
    let id = check["id"].as_str().context("no id")?.to_owned();
    let hash = hex::encode(Sha256::digest(CONFIRMABLE.as_bytes()));
    let confirm = json!({ "text_sha256": hash });
    let (status, confirmed) = shop.post(&format!("/v1/checks/{id}/confirm"), &confirm).await?;
    ensure!(status == 200 && confirmed["state"] == "confirmed", "{status} {confirmed}");
    let (_, again) = shop.post(&format!("/v1/checks/{id}/confirm"), &confirm).await?;
    ensure!(again["release"] == confirmed["release"], "the second confirmation gave another release");
    let report = |ok: bool| json!({ "release": confirmed["release"], "ok": ok });
    let (status, sent) = shop.post(&format!("/v1/checks/{id}/sent"), &report(true)).await?;
    ensure!(status == 200 && sent["state"] == "sent", "{status} {sent}");
    let (status, other) = shop.post(&format!("/v1/checks/{id}/sent"), &report(false)).await?;
    ensure!(status == 409 && other["code"] == "release_used", "{status} {other}");
    Ok(())
}

async fn count(shop: &Shop, text: &str) -> anyhow::Result<usize> {
    let (_, page) = shop.get(&format!("/v1/checks?limit=200&sender={REP}")).await?;
    let items = page["items"].as_array().context("no list")?;
    Ok(items.iter().filter(|check| check["text"] == text).count())
}

async fn retry_counts_once(shop: &Shop) -> anyhow::Result<()> {
    let text = format!("老客户回访,{} 请留意查收资料", shop.wecom.log().len());
    let first = say(shop, &text).await?;
    let second = shop.wecom.post_callback(AGENT, &first.plaintext).await?;
    ensure!(words(reply(&first)?) == words(reply(&second)?), "the retry was answered otherwise");
    ensure!(count(shop, &text).await? == 1, "the retry made a second record");
    Ok(())
}

/// A reply without its time of making.
fn words(reply: &str) -> &str {
    reply.split_once("<Content>").map_or(reply, |(_, words)| words)
}

async fn customer_is_opened(shop: &Shop) -> anyhow::Result<()> {
    let click = shop.wecom.menu_click(REP, AGENT, &format!("contact:{CUSTOMER}")).await?;
    let text = reply(&click)?;
    for wanted in ["刘女士", "线索", "负责人", "待办", "/contact/wmGuard0001"] {
        ensure!(text.contains(wanted), "the customer's card does not say {wanted}: {text}");
    }
    let typed = say(shop, "客户 刘女士").await?;
    ensure!(reply(&typed)?.contains("/contact/wmGuard0001"), "the typed name did not find the customer");
    let (status, page) = shop.get(&format!("/v1/contacts/{CUSTOMER}?user={REP}")).await?;
    ensure!(status == 200 && page["stage"] == "线索", "{status} {page}");
    let (status, refused) = shop.get(&format!("/v1/contacts/{CUSTOMER}?user=hanyu")).await?;
    ensure!(status == 403 && refused["code"] == "not_follow_user", "{status} {refused}");
    Ok(())
}

async fn bot_speaks_too(shop: &Shop) -> anyhow::Result<()> {
    let blocked = shop.wecom.bot_says(REP, BOT, FORBIDDEN).await?;
    let text = reply(&blocked)?;
    ensure!(text.contains("不能发送"), "the bot did not block: {text}");
    let asked = shop.wecom.bot_says(REP, BOT, CONFIRMABLE).await?;
    let answer: Value = serde_json::from_str(reply(&asked)?)?;
    ensure!(answer["msgtype"] == "stream_with_template_card", "the bot sent no card: {answer}");
    let clicked = shop.wecom.bot_clicks_card(REP, BOT, None, "confirm").await?;
    if !reply(&clicked)?.contains("已确认") {
        bail!("the bot's card was not settled: {}", reply(&clicked)?);
    }
    Ok(())
}

fn ledger_holds(shop: &Shop) -> anyhow::Result<(u64, String)> {
    let report = ledger::verify(&shop.data, None, |_| {})?;
    if let Some(fault) = report.first_fault {
        bail!("the ledger does not hold: {fault}");
    }
    let head = report.heads.last().context("the ledger is empty")?;
    let hash: String = head.hash.to_string().chars().take(12).collect();
    Ok((report.records, format!("{} {hash}…", head.position)))
}

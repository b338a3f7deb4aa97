//! The same thing told more than once, late, or in another order.

use crate::mutated::Chance;
use crate::sender::{Answer, Sender, checks, metric, says};
use crate::support::{AGENT, CORP, TestApp};
use futures_util::{StreamExt, stream};
use std::collections::BTreeSet;
use wecom_guard::sandbox::{PassiveReply, PostMode};
use wecom_guard::wecom::xml::Element;

/// The words of every try's answer.
fn words(replies: impl IntoIterator<Item = PassiveReply>) -> Vec<String> {
    let word = |reply| match reply {
        PassiveReply::Plain(xml) => Element::parse(&xml).unwrap().child("Content").unwrap().text().to_owned(),
        other => format!("{other:?}"),
    };
    replies.into_iter().map(word).collect()
}

#[tokio::test]
async fn a_recorded_callback_sent_again_is_answered_with_the_same_words_and_counts_once() {
    let app = TestApp::start().await;
    let said = app.wecom.rep_says("zhangsan", AGENT, "这个班保证100%通过").await.unwrap();
    let again = app.wecom.replay(AGENT, &said.attempts[0]).await.unwrap();
    assert_eq!((again.url.as_str(), again.status), (said.attempts[0].url.as_str(), Some(200)));
    let [first, second] = words([said.reply().clone(), again.reply]).try_into().unwrap();
    assert!(first.contains("回复「确认 "), "{first}");
    assert_eq!(first, second);
    assert_eq!(checks(&app).await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn three_tries_of_one_message_are_one_check_with_one_answer() {
    let app = TestApp::start().await;
    app.wecom.set_post_mode(PostMode { repeat: 2, ..PostMode::default() });
    let said = app.wecom.rep_says("zhangsan", AGENT, "这款产品保底收益5%").await.unwrap();
    let urls: BTreeSet<&str> = said.attempts.iter().map(|attempt| attempt.url.as_str()).collect();
    assert_eq!((urls.len(), said.attempts.iter().filter(|one| one.is_accepted()).count()), (3, 3));
    let told: BTreeSet<String> = words(said.attempts.into_iter().map(|one| one.reply)).into_iter().collect();
    assert_eq!(told.len(), 1);
    assert_eq!(checks(&app).await.len(), 1);
    let count =
        |outcome| format!(r#"guard_callbacks{{endpoint="guard",kind="message",outcome="{outcome}"}}"#);
    assert_eq!((metric(&app, &count("new")).await, metric(&app, &count("repeated")).await), (1, 2));
    app.stop().await;
}

#[tokio::test]
async fn messages_that_arrive_slowly_and_in_reverse_are_each_checked_once() {
    let app = TestApp::start().await;
    app.wecom.set_post_mode(PostMode { hold: true, slow_ms: 20, repeat: 1 });
    let texts = ["您好", "这款产品保底收益5%", "这个班保证100%通过", "稍后给您回电"];
    for text in texts {
        assert!(!app.wecom.rep_says("lisi", AGENT, text).await.unwrap().is_accepted());
    }
    let released = app.wecom.release_held().await.unwrap();
    assert!(released.iter().all(|delivery| delivery.attempts.len() == 2 && delivery.is_accepted()));
    let checked = checks(&app).await;
    let told: BTreeSet<&str> = checked.iter().map(|check| check.text.as_str()).collect();
    assert_eq!((checked.len(), told), (4, BTreeSet::from(texts)));
    app.stop().await;
}

#[tokio::test]
async fn of_two_identical_posts_at_once_only_one_has_an_effect_200_times() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    for round in 0..200 {
        let plaintext = says("zhangsan", &format!("第{round}遍:这个班保证100%通过"));
        let posts = [sender.seal(&app, &plaintext), sender.seal(&app, &plaintext)];
        let (one, two) = tokio::join!(sender.post(&app, &posts[0]), sender.post(&app, &posts[1]));
        assert_eq!((one.status, two.status), (200, 200));
        assert_eq!(sender.words(&one), sender.words(&two));
    }
    assert_eq!(checks(&app).await.len(), 200);
    let count =
        |outcome| format!(r#"guard_callbacks{{endpoint="guard",kind="message",outcome="{outcome}"}}"#);
    assert_eq!((metric(&app, &count("new")).await, metric(&app, &count("repeated")).await), (200, 200));
    app.stop().await;
}

/// A menu entry that opens a customer, as a member presses it.
fn menu(user: &str, second: u64) -> String {
    format!(
        "<xml><ToUserName>{CORP}</ToUserName><FromUserName>{user}</FromUserName><CreateTime>{second}</CreateTime>\
         <MsgType>event</MsgType><Event>click</Event><EventKey>contact:wmGuard0001</EventKey>\
         <AgentID>1000002</AgentID></xml>"
    )
}

#[tokio::test]
async fn a_customer_opened_by_two_identical_posts_at_once_was_opened_once() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    for second in 0..20 {
        let plaintext = menu("lisi", 1_790_000_000 + second);
        let posts = [sender.seal(&app, &plaintext), sender.seal(&app, &plaintext)];
        let (one, two) = tokio::join!(sender.post(&app, &posts[0]), sender.post(&app, &posts[1]));
        assert_eq!((one.status, two.status), (200, 200));
    }
    let data = app.data.clone();
    let _dir = app.stop().await;
    let kinds = crate::events::kinds(&data);
    assert_eq!(kinds.iter().filter(|kind| *kind == "contact.opened").count(), 20);
}

/// What became of a server's checks, whatever the order they came in.
async fn outcome(app: &TestApp) -> BTreeSet<(String, String, String)> {
    let row = |check: &wecom_guard::model::Check| {
        let state = format!("{:?} {:?}", check.verdict(), check.state);
        (check.sender.to_string(), check.text.as_str().to_owned(), state)
    };
    checks(app).await.iter().map(row).collect()
}

#[tokio::test]
async fn a_thousand_callbacks_thrice_over_and_shuffled_end_as_the_ordered_ones_did() {
    let draft = |number: usize| {
        let text = ["这款产品保底收益", "这个班保证100%通过,第", "产品说明书发您了,第"][number % 3];
        says(["zhangsan", "lisi", "wangwu"][number / 3 % 3], &format!("{text}{number}"))
    };
    let distinct: Vec<String> = (0..333).map(draft).collect();
    let mut thrice = [distinct.clone(), distinct.clone(), distinct.clone()].concat();
    let mut chance = Chance(7);
    (1..thrice.len()).rev().for_each(|place| thrice.swap(place, chance.below(place + 1)));
    let (ordered, shuffled, sender) = (TestApp::start().await, TestApp::start().await, Sender::app());
    for plaintext in &distinct {
        sender.says(&ordered, plaintext).await;
    }
    let answers: Vec<Answer> = stream::iter(&thrice)
        .map(|plaintext| sender.says(&shuffled, plaintext))
        .buffer_unordered(32)
        .collect()
        .await;
    assert_eq!(answers.len(), 999);
    assert_eq!(checks(&shuffled).await.len(), 333);
    assert_eq!(outcome(&shuffled).await, outcome(&ordered).await);
    ordered.stop().await;
    shuffled.stop().await;
}

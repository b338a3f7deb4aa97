//! The contact click, by every way that leads to it.

use crate::helpers::{REP, click, words};
use crate::support::{AGENT, CORP, Setup, TestApp};
use std::time::Duration;
use wecom_guard::model::{Actor, ContactSnapshot, FollowUser};
use wecom_guard::sandbox::{Company, Failure, PassiveReply};
use wecom_guard::store::{Change, Entry, Unit};

const CUSTOMER: &str = "wmGuard0001";
const LIST: &str = "externalcontact/batch/get_by_user";
const GET: &str = "externalcontact/get";
const AWAY: &str = "企业微信暂时没有回应,本地也还没有这位客户的资料。请稍后再试。";

fn contact(id: &str, name: &str, follower: &str, remark: &str) -> ContactSnapshot {
    let follow = FollowUser {
        user: follower.into(),
        remark: remark.to_owned(),
        description: String::new(),
        added_at: None,
        tags: Vec::new(),
        add_way: 1,
        state: String::new(),
    };
    ContactSnapshot {
        corp: CORP.into(),
        id: id.into(),
        name: name.to_owned(),
        corp_name: String::new(),
        kind: 1,
        follow_users: vec![follow],
        fetched_at: "2026-11-23T01:00:00Z".parse().unwrap(),
        outdated: false,
    }
}

async fn knows(app: &TestApp, contact: ContactSnapshot) {
    let entries = vec![Entry { actor: Actor::Wecom, change: Change::ContactFetched(contact) }];
    app.running.store().commit(Unit { entries, ..Unit::default() }).await.unwrap();
}

async fn opens(app: &TestApp, user: &str, id: &str) -> String {
    app.passes(1);
    let clicked = app.wecom.menu_click(user, AGENT, &format!("contact:{id}")).await.unwrap();
    assert_eq!(clicked.attempts.len(), 1, "the answer came late");
    words(&clicked)
}

/// Customers that were pushed to the member.
fn pushed(app: &TestApp, user: &str) -> Vec<String> {
    let shown = app.wecom.messages_of(user).into_iter();
    shown.filter(|shown| shown.kind == "textcard").map(|shown| shown.text).collect()
}

#[tokio::test]
async fn a_menu_opens_the_customer_and_the_record_says_so() {
    let app = TestApp::start().await;
    let said = opens(&app, REP, CUSTOMER).await;
    insta::assert_snapshot!(said, @r#"
    刘女士 · 线索
    负责人:zhangsan、lisi
    最近联系:还没有联系记录
    待办 3 项:首次触达方式、核心诉求标签、下次跟进时间
    资料时间:2026-11-23 09:00
    "#);
    assert_eq!(app.facts("contact.opened"), 1);
    let delivery =
        app.wecom.menu_view(REP, AGENT, &format!("{}/contact/{CUSTOMER}?from=menu", app.base)).await.unwrap();
    let PassiveReply::Plain(plain) = delivery.reply() else { panic!("{:?}", delivery.reply()) };
    assert!(plain.contains(&format!("{}/contact/{CUSTOMER}", app.base)), "{plain}");
    assert_eq!(app.facts("contact.opened"), 2);
    let elsewhere = app.wecom.menu_view(REP, AGENT, "https://example.com/contact/wmGuard0001").await.unwrap();
    assert_eq!(elsewhere.reply(), &PassiveReply::Empty);
    assert_eq!(app.facts("contact.opened"), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_card_that_names_a_customer_sends_theirs_after_it() {
    let app = TestApp::start().await;
    let clicked =
        app.wecom.post_callback(AGENT, &click(REP, "todo_1", "contact:wmGuard0001", 1)).await.unwrap();
    assert_eq!(clicked.reply(), &PassiveReply::Empty);
    let card = app.until("the card", |app| pushed(app, REP).pop()).await;
    assert!(card.contains("刘女士"), "{card}");
    assert_eq!(app.facts("contact.opened"), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_new_customer_is_shown_to_their_rep_once() {
    let app = TestApp::start().await;
    let added =
        app.wecom.contact_changed(AGENT, "add_external_contact", REP, "wmGuard0002", &[]).await.unwrap();
    app.wecom.post_callback(AGENT, &added.plaintext).await.unwrap();
    app.until("the card", |app| pushed(app, REP).pop()).await;
    app.wecom.contact_changed(AGENT, "add_external_contact", "lisi", "wmGuard0003", &[]).await.unwrap();
    app.until("the next card", |app| pushed(app, "lisi").pop()).await;
    assert_eq!(pushed(&app, REP).len(), 1);
    assert_eq!(app.facts("contact.opened"), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_customer_a_colleague_opened_a_minute_ago_is_fetched_anew_when_somebody_adds_them() {
    let app = TestApp::start().await;
    knows(&app, contact(CUSTOMER, "晨光里的茶", "lisi", "刘女士-稳健理财")).await;
    app.wecom.contact_changed(AGENT, "add_external_contact", REP, CUSTOMER, &[]).await.unwrap();
    let card = app.until("the card", |app| pushed(app, REP).pop()).await;
    assert!(card.contains("刘女士 · 线索"), "{card}");
    app.stop().await;
}

#[tokio::test]
async fn a_new_customer_is_shown_when_wecom_is_back_even_after_hours() {
    let app = TestApp::start().await;
    app.wecom.faults().block(GET, jiff::SignedDuration::from_hours(3));
    app.wecom.contact_changed(AGENT, "add_external_contact", REP, "wmGuard0002", &[]).await.unwrap();
    app.until("three hours of waiting", |app| {
        app.passes(30);
        pushed(app, REP).pop()
    })
    .await;
    assert!(app.facts("outbox.postponed") > 8);
    assert_eq!(app.facts("contact.opened"), 1);
    app.stop().await;
}

#[tokio::test]
async fn an_edited_customer_is_fetched_again_and_an_unchanged_one_is_not() {
    let app = TestApp::start().await;
    opens(&app, REP, CUSTOMER).await;
    opens(&app, REP, CUSTOMER).await;
    assert_eq!(app.wecom.calls(GET), 1);
    app.wecom.contact_changed(AGENT, "edit_external_contact", REP, CUSTOMER, &[]).await.unwrap();
    opens(&app, REP, CUSTOMER).await;
    assert_eq!(app.wecom.calls(GET), 2);
    assert_eq!(app.facts("contact.opened"), 3);
    app.stop().await;
}

#[tokio::test]
async fn a_customer_who_left_is_shown_to_who_still_follows_them_alone() {
    let app = TestApp::start().await;
    opens(&app, REP, CUSTOMER).await;
    app.wecom.contact_changed(AGENT, "del_external_contact", REP, CUSTOMER, &[]).await.unwrap();
    assert_eq!(opens(&app, REP, CUSTOMER).await, "你在 2026-11-23 09:00 删除了这位客户。跟进记录已保留。");
    assert!(opens(&app, "lisi", CUSTOMER).await.contains("刘女士-稳健理财"));
    opens(&app, REP, "wmGuard0002").await;
    app.wecom.contact_changed(AGENT, "del_follow_user", REP, "wmGuard0002", &[]).await.unwrap();
    assert!(opens(&app, REP, "wmGuard0002").await.contains("删除了你"));
    app.stop().await;
}

#[tokio::test]
async fn who_does_not_follow_a_customer_is_refused_in_words_and_shown_nothing() {
    let app = TestApp::start().await;
    assert_eq!(opens(&app, "hanyu", CUSTOMER).await, "你不是这位客户的跟进人,不能查看。");
    assert!(app.told("hanyu", "客户 刘女士").await.starts_with("没有找到客户「刘女士」"));
    assert_eq!(app.told("hanyu", &format!("客户 {CUSTOMER}")).await, "你不是这位客户的跟进人,不能查看。");
    assert_eq!(app.facts("contact.opened"), 0);
    app.stop().await;
}

#[tokio::test]
async fn a_typed_name_finds_a_customer_nobody_has_opened_yet() {
    for name in ["刘女士", "晨光里的茶", CUSTOMER] {
        let app = TestApp::start().await;
        let said = app.told(REP, &format!("客户 {name}")).await;
        assert!(said.starts_with("刘女士 · 线索"), "{name}: {said}");
        assert!(
            said.contains("zhangsan、lisi"),
            "the whole profile is fetched for the one who is meant: {said}"
        );
        assert_eq!(app.facts("contact.opened"), 1);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_name_on_a_later_page_of_the_list_is_found_too() {
    let mut company = Company::sample().unwrap();
    let model = company.customers.iter().find(|one| one.follow_user[0].userid == REP).unwrap().clone();
    for number in 0..150 {
        let mut customer = model.clone();
        customer.external_contact.external_userid = format!("wmMany{number:04}");
        customer.follow_user[0].remark = format!("老客户{number}");
        company.customers.push(customer);
    }
    let app = TestApp::with(Setup { company, ..Setup::default() }).await;
    assert!(app.told(REP, "客户 老客户149").await.starts_with("老客户149 · 线索"));
    assert_eq!(app.wecom.calls(LIST), 2);
    assert!(app.told(REP, "客户 老客户3").await.starts_with("老客户3 · 线索"));
    assert_eq!(app.wecom.calls(LIST), 2, "the first name brought the whole list");
    app.stop().await;
}

#[tokio::test]
async fn an_ambiguous_name_lists_the_ids() {
    let app = TestApp::start().await;
    knows(&app, contact("wmTwin1", "小雨", REP, "王女士")).await;
    knows(&app, contact("wmTwin2", "王女士", REP, "")).await;
    knows(&app, contact("wmTwin3", "王女士", "lisi", "")).await;
    assert_eq!(app.told(REP, "客户 王女士").await, "有 2 位客户叫这个名字,请用客户编号:wmTwin1、wmTwin2");
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_name_asks_wecom_once_in_ten_minutes() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        assert!(app.told(REP, "客户 诸葛先生").await.starts_with("没有找到客户「诸葛先生」"));
        app.passes(60);
    }
    assert_eq!(app.wecom.calls(LIST), 1);
    app.passes(600);
    app.told(REP, "客户 诸葛先生").await;
    assert_eq!(app.wecom.calls(LIST), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_rep_without_customers_is_told_that_there_is_none() {
    let app = TestApp::start().await;
    app.wecom.faults().fail(LIST, 1, Failure::Code(84_061));
    assert!(app.told("heguan", "客户 刘女士").await.starts_with("没有找到客户「刘女士」"));
    app.stop().await;
}

#[tokio::test]
async fn an_away_wecom_is_said_to_be_away_and_asked_again_next_time() {
    let app = TestApp::start().await;
    app.wecom.faults().fail(LIST, 3, Failure::Status(502));
    assert_eq!(app.told(REP, "客户 周先生-基金定投").await, AWAY);
    app.wecom.faults().slow(LIST, Duration::from_secs(4));
    app.passes(1);
    assert_eq!(app.told(REP, "客户 周先生-基金定投").await, AWAY);
    app.wecom.faults().clear();
    app.passes(1);
    assert!(app.told(REP, "客户 周先生-基金定投").await.starts_with("周先生-基金定投 · 线索"));
    app.stop().await;
}

#[tokio::test]
async fn while_wecom_is_away_the_last_known_is_shown_with_its_age() {
    let app = TestApp::start().await;
    app.wecom.faults().fail(GET, 3, Failure::Status(502));
    assert_eq!(opens(&app, REP, CUSTOMER).await, AWAY);
    app.wecom.faults().clear();
    opens(&app, REP, CUSTOMER).await;
    app.passes(660);
    app.wecom.faults().slow(GET, Duration::from_secs(4));
    let said = opens(&app, REP, CUSTOMER).await;
    assert!(
        said.contains("企业微信暂时没有回应,以下是 2026-11-23 09:00 的资料。") && said.starts_with("刘女士"),
        "{said}"
    );
    assert_eq!(app.facts("contact.opened"), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_name_that_a_rule_stops_is_a_draft() {
    let app = TestApp::start().await;
    assert!(app.told(REP, "客户 保底收益").await.starts_with("这条消息不能发送"));
    assert_eq!(app.check_of(REP).await["text"], "客户 保底收益");
    app.stop().await;
}

//! A draft and what the rep is told about it.

use crate::helpers::{ASKED, MORE_RULES, REP, claims_sent, message, steady, words};
use crate::support::{AGENT, TestApp};

#[tokio::test]
async fn a_clean_draft_is_handed_back_and_nothing_is_claimed_to_be_sent() {
    let app = TestApp::start().await;
    let said = app.told(REP, "周先生,您要的资料我下午带过去").await;
    insta::assert_snapshot!(steady(&said), @r#"
    可以发送:未发现问题。
    机器人不能替你发给客户,请复制原文发送。
    周先生,您要的资料我下午带过去
    "#);
    let check = app.check_of(REP).await;
    assert_eq!((check["state"].as_str(), check["release"].is_null()), (Some("handed_back"), true));
    assert!(!claims_sent(&said));
    app.stop().await;
}

#[tokio::test]
async fn a_blocked_draft_is_told_why_and_has_no_release() {
    let app = TestApp::start().await;
    let said = app.told(REP, "这款产品保底收益5%").await;
    insta::assert_snapshot!(steady(&said), @r#"
    这条消息不能发送
    不能发送:「保底收益」
    原因:可能被理解为承诺保本保收益
    依据:《广告法》第二十五条
    怎么改:说明收益会波动,不要承诺结果
    规则 FIN-001
    可以这样说:
    1. 收益会随市场波动,过往业绩不代表未来表现
    2. 我先把产品说明书发您,风险等级在第二页
    3. 这类产品有风险,您方便时我给您讲讲
    "#);
    let check = app.check_of(REP).await;
    assert_eq!((check["state"].as_str(), check["release"].is_null()), (Some("blocked"), true));
    app.stop().await;
}

#[tokio::test]
async fn a_draft_to_be_confirmed_says_how_before_it_says_why() {
    let app = TestApp::start().await;
    let said = app.told(REP, ASKED).await;
    insta::assert_snapshot!(steady(&said), @r#"
    发送前请确认
    点卡片上的「确认可发」,或回复「确认 [短号]」;不发了回复「取消 [短号]」。10 分钟内有效,确认会留下记录备查。
    需要确认:「100%通过」
    原因:可能被理解为保证结果
    依据:《广告法》第二十四条
    怎么改:说明通过与否由考试机构决定
    规则 EDU-003
    没有匹配的推荐话术
    "#);
    app.stop().await;
}

#[tokio::test]
async fn a_tip_is_shown_and_stops_nothing_and_what_is_only_recorded_is_not_shown() {
    let app = TestApp::start().await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let said = app.told(REP, "澄岸的活动今天最后一天").await;
    insta::assert_snapshot!(steady(&said), @r#"
    可以发送,发之前请看提示:
    提示:「最后一天」催促会让客户不舒服
    规则 GEN-001
    机器人不能替你发给客户,请复制原文发送。
    澄岸的活动今天最后一天
    "#);
    let said = app.told(REP, "澄岸祝您周末愉快").await;
    insta::assert_snapshot!(steady(&said), @r#"
    可以发送:未发现问题。
    机器人不能替你发给客户,请复制原文发送。
    澄岸祝您周末愉快
    "#);
    app.stop().await;
}

#[tokio::test]
async fn of_many_hits_the_worst_three_are_told_and_the_rest_counted() {
    let app = TestApp::start().await;
    app.adds_rules("more.toml", MORE_RULES).await;
    let said = app.told(REP, "今天最后一天,内部价再返现,100%通过,保底收益,稳赚不赔").await;
    insta::assert_snapshot!(steady(&said), @r#"
    这条消息不能发送
    不能发送:「保底收益」
    原因:可能被理解为承诺保本保收益
    依据:《广告法》第二十五条
    怎么改:说明收益会波动,不要承诺结果
    不能发送:「稳赚不赔」
    原因:可能被理解为承诺保本保收益
    依据:《广告法》第二十五条
    怎么改:说明收益会波动,不要承诺结果
    需要确认:「内部价」
    原因:可能被理解为差别定价
    还有 3 处
    规则 FIN-001
    可以这样说:
    1. 收益会随市场波动,过往业绩不代表未来表现
    2. 我先把产品说明书发您,风险等级在第二页
    3. 这类产品有风险,您方便时我给您讲讲
    "#);
    app.stop().await;
}

#[tokio::test]
async fn a_long_text_is_judged_whole_and_copied_from_where_it_was_written() {
    let app = TestApp::start().await;
    let long = "我们的产品说明很长。".repeat(600);
    let said = app.told(REP, &long).await;
    assert!(said.contains("请复制原文发送") && !said.contains("产品说明"), "{said}");
    let said = app.told(REP, &format!("{long}保底收益")).await;
    assert!(said.contains("不能发送:「保底收益」"), "{said}");
    app.stop().await;
}

#[tokio::test]
async fn a_text_over_the_limit_is_refused_with_both_figures() {
    let app = TestApp::start().await;
    let said = app.told(REP, &"好".repeat(20_001)).await;
    insta::assert_snapshot!(said, @"这条消息有 20001 个字,超过 20000 字,请分开发给我检查。");
    assert!(app.check_of(REP).await.is_null());
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_text_is_said_not_to_be_checked() {
    let app = TestApp::start().await;
    let media = "<MediaId>m1</MediaId>";
    for (id, fields) in [
        (1, format!("<MsgType>image</MsgType><PicUrl>http://pic</PicUrl>{media}")),
        (2, format!("<MsgType>voice</MsgType>{media}<Format>amr</Format>")),
        (3, format!("<MsgType>video</MsgType>{media}<ThumbMediaId>t1</ThumbMediaId>")),
        (4, "<MsgType>link</MsgType><Title>资料</Title><Description>保底收益</Description><Url>https://example.com</Url><PicUrl></PicUrl>".to_owned()),
    ] {
        let delivery = app.wecom.post_callback(AGENT, &message(REP, id, &fields)).await.unwrap();
        assert!(words(&delivery).starts_with("我只能检查文字"), "{fields}: {:?}", delivery.reply());
    }
    app.stop().await;
}

#[tokio::test]
async fn a_blank_text_is_answered_with_help_and_makes_no_check() {
    let app = TestApp::start().await;
    assert!(app.told(REP, " \u{3000}\n").await.starts_with("把要发给客户的话发给我"));
    assert!(app.check_of(REP).await.is_null());
    app.stop().await;
}

#[tokio::test]
async fn a_rep_who_opens_the_app_ten_times_a_day_is_told_how_it_works_once() {
    let app = TestApp::start().await;
    let mut told = Vec::new();
    for _ in 0..10 {
        let opened = app.wecom.enter_agent(REP, AGENT).await.unwrap();
        assert!(opened.is_accepted());
        told.push(words(&opened));
        app.passes(60);
    }
    assert!(told.remove(0).starts_with("把要发给客户的话发给我"));
    assert!(told.iter().all(String::is_empty), "{told:?}");
    assert!(!words(&app.wecom.enter_agent("lisi", AGENT).await.unwrap()).is_empty(), "each has their own");
    app.passes(24 * 3600);
    assert!(!words(&app.wecom.enter_agent(REP, AGENT).await.unwrap()).is_empty(), "tomorrow again");
    app.stop().await;
}

#[tokio::test]
async fn a_retried_opening_is_answered_like_the_first() {
    let app = TestApp::start().await;
    let first = app.wecom.enter_agent(REP, AGENT).await.unwrap();
    let again = app.wecom.post_callback(AGENT, &first.plaintext).await.unwrap();
    assert_eq!(words(&first), words(&again));
    app.stop().await;
}

#[tokio::test]
async fn a_menu_that_leads_nowhere_else_gives_help_every_time() {
    let app = TestApp::start().await;
    for _ in 0..2 {
        let clicked = app.wecom.menu_click(REP, AGENT, "help").await.unwrap();
        assert!(words(&clicked).starts_with("把要发给客户的话发给我"));
        app.passes(1);
    }
    app.stop().await;
}

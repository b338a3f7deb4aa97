//! Rules and policies that are not for everybody.

use crate::helpers::steady;
use crate::support::{CHECK_TOKEN, REPLIES, RULES, RULES_TOKEN, Setup, TestApp};
use serde_json::{Value, json};
use std::time::Duration;
use wecom_guard::sandbox::{Company, Department, MemberTag};

/// In 财富与保险部, the second department.
const ADVISER: &str = "zhangsan";
/// In 教育与健康部, the third.
const TEACHER: &str = "zhouning";
const PROMISE: &str = "这款产品保底收益5%";
const OWN_WORDS: &str = "周先生,您要的资料我下午带过去";

/// The usual company, with a team inside 财富与保险部 and a tag on some.
fn company() -> Company {
    let mut company = Company::sample().unwrap();
    let team =
        Department { id: 21, name: "理财一组".to_owned(), parentid: 2, ..company.departments[1].clone() };
    company.departments.push(team);
    company.members.iter_mut().find(|one| one.userid == "lisi").unwrap().department = vec![21];
    let (tagname, userlist) = ("未持证".to_owned(), vec![ADVISER.to_owned()]);
    company.tags.push(MemberTag { tagid: 7, tagname, userlist, partylist: vec![3] });
    company
}

/// A server whose rule FIN-001 has this scope.
async fn scoped(scope: &str) -> TestApp {
    let app = TestApp::with(Setup { company: company(), ..Setup::default() }).await;
    let rules = RULES.replacen("replies = [", &format!("scope = {{ {scope} }}\nreplies = ["), 1);
    put(&app, "rules.toml", &rules).await;
    app
}

async fn put(app: &TestApp, file: &str, text: &str) {
    std::fs::write(app.rules.join(file), text).unwrap();
    let (status, reloaded) = app.post(RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
    assert_eq!((status, &reloaded["changed"]), (200, &json!(true)), "{reloaded}");
}

async fn checked(app: &TestApp, sender: &str, recipient: &str, text: &str) -> Value {
    let draft = json!({"sender": sender, "recipient": recipient, "channel": "api", "text": text});
    let (status, check) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!(status, 201, "{check}");
    check
}

async fn verdict(app: &TestApp, sender: &str, text: &str) -> String {
    checked(app, sender, "wmGuard0002", text).await["verdict"].as_str().unwrap().to_owned()
}

/// Whether a text passes once the directory has answered, which on a busy machine may take longer
/// than a message waits.
async fn passes(app: &TestApp, sender: &str, text: &str) -> bool {
    for _ in 0..300 {
        if verdict(app, sender, text).await == "pass" {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn a_rule_for_a_department_holds_there_and_below_and_for_those_we_know_nothing_of() {
    let app = scoped(r#"departments = ["财富与保险部"]"#).await;
    assert_eq!(verdict(&app, ADVISER, PROMISE).await, "block");
    assert_eq!(verdict(&app, "lisi", PROMISE).await, "block", "理财一组 lies in 财富与保险部");
    assert!(passes(&app, TEACHER, PROMISE).await);
    assert_eq!(verdict(&app, "nobody", PROMISE).await, "block");
    app.stop().await;
}

#[tokio::test]
async fn an_exempt_department_is_exempt_by_name_or_number_with_all_below_it() {
    let app = scoped(r#"exclude_departments = ["2"]"#).await;
    for exempt in [ADVISER, "lisi"] {
        assert!(passes(&app, exempt, PROMISE).await);
    }
    assert_eq!(verdict(&app, TEACHER, PROMISE).await, "block");
    app.stop().await;
}

#[tokio::test]
async fn a_rule_for_a_tag_holds_for_those_who_have_it_by_name_or_by_department() {
    let app = scoped(r#"sender_tags = ["未持证"]"#).await;
    assert_eq!(verdict(&app, ADVISER, PROMISE).await, "block");
    assert_eq!(verdict(&app, TEACHER, PROMISE).await, "block");
    assert!(passes(&app, "lisi", PROMISE).await);
    app.stop().await;
}

#[tokio::test]
async fn a_sender_is_asked_for_once_and_only_where_a_rule_wants_to_know() {
    let app = TestApp::start().await;
    assert_eq!(verdict(&app, ADVISER, PROMISE).await, "block");
    assert_eq!(app.wecom.calls("user/get"), 0);
    app.stop().await;
    let app = scoped(r#"departments = ["财富与保险部"]"#).await;
    for _ in 0..3 {
        assert!(passes(&app, TEACHER, PROMISE).await);
    }
    assert_eq!((app.wecom.calls("user/get"), app.wecom.calls("department/list")), (1, 1));
    app.stop().await;
}

#[tokio::test]
async fn a_slow_directory_excuses_nobody_and_holds_up_no_later_message() {
    let app = scoped(r#"departments = ["财富与保险部"]"#).await;
    app.wecom.faults().slow("department/list", Duration::from_secs(2));
    assert_eq!(verdict(&app, TEACHER, PROMISE).await, "block");
    app.until("the answer of a slow directory", |app| (app.wecom.calls("user/get") > 0).then_some(())).await;
    assert!(passes(&app, TEACHER, PROMISE).await);
    app.stop().await;
}

#[tokio::test]
async fn a_rule_for_a_tag_of_the_customer_holds_until_the_customer_is_known_without_it() {
    let app = scoped(r#"contact_tags = ["爱砍价"]"#).await;
    let verdict = async |customer| checked(&app, ADVISER, customer, PROMISE).await["verdict"].clone();
    for customer in ["wmGuard0002", "wmGuard0004"] {
        assert_eq!(verdict(customer).await, "block");
        let opened = json!({"user": ADVISER, "entry": "contact_profile"});
        let (status, page) = app.post(CHECK_TOKEN, &format!("/v1/contacts/{customer}/opened"), &opened).await;
        assert_eq!(status, 200, "{page}");
    }
    assert_eq!((verdict("wmGuard0002").await, verdict("wmGuard0004").await), (json!("pass"), json!("block")));
    app.stop().await;
}

/// Approved scripts only, for 财富与保险部; and who is freed from it.
const POLICY: &str = r#"
[[policy]]
id = "POL-01"
departments = ["财富与保险部"]
policy = "仅限话术"
"#;
const WITH_BLANKS: &str = r#"
[[reply]]
id = "R-FIN-02"
scripts = ["{称呼|您}好,{产品}的说明书我下午带过去"]
"#;

async fn approved_only(policy: &str) -> TestApp {
    let app = TestApp::with(Setup { company: company(), ..Setup::default() }).await;
    std::fs::write(app.rules.join("replies/replies.toml"), format!("{REPLIES}{WITH_BLANKS}")).unwrap();
    put(&app, "policy.toml", policy).await;
    app
}

#[tokio::test]
async fn where_approved_scripts_only_may_go_own_words_ask_for_a_second_person_and_scripts_are_offered() {
    let app = approved_only(POLICY).await;
    let check = checked(&app, ADVISER, "wmGuard0002", OWN_WORDS).await;
    assert_eq!((check["verdict"].as_str(), check["release"].is_null()), (Some("confirm"), true));
    assert_eq!(
        (check["require_approval"].as_bool(), check["state"].as_str()),
        (Some(true), Some("awaiting_confirmation"))
    );
    assert_eq!((check["hits"][0]["rule"].as_str(), check["hits_total"].as_u64()), (Some("POL-01"), Some(1)));
    assert_eq!(check["hits"][0]["span"]["char"], json!([0, OWN_WORDS.chars().count()]));
    let offered = check["suggestions"].as_array().unwrap();
    assert_eq!(offered.len(), 3);
    for script in offered {
        assert_eq!(verdict(&app, ADVISER, script["text"].as_str().unwrap()).await, "pass");
    }
    assert!(passes(&app, TEACHER, OWN_WORDS).await);
    assert_eq!(verdict(&app, "nobody", OWN_WORDS).await, "confirm");
    app.stop().await;
}

#[tokio::test]
async fn a_script_with_its_blanks_filled_may_go_and_one_with_more_words_may_not() {
    let app = approved_only(POLICY).await;
    for (text, expected) in [
        ("您好,稳盈三号的说明书我下午带过去", "pass"),
        ("李姐好,稳盈三号的说明书我下午带过去", "pass"),
        ("李姐好,稳盈三号的说明书我下午带过去,这款肯定涨", "confirm"),
        ("李姐好,保底收益的说明书我下午带过去", "block"),
    ] {
        assert_eq!(verdict(&app, ADVISER, text).await, expected, "{text}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_department_that_is_known_to_be_free_is_free() {
    let all = "[[policy]]\nid = \"POL-01\"\npolicy = \"仅限话术\"\n";
    let free = "[[policy]]\nid = \"POL-02\"\ndepartments = [\"教育与健康部\"]\npolicy = \"自由\"\n";
    let usual = "[[policy]]\nid = \"POL-03\"\npolicy = \"自由\"\n";
    let app = approved_only(&format!("{all}{free}{usual}")).await;
    assert_eq!(
        verdict(&app, ADVISER, OWN_WORDS).await,
        "confirm",
        "what is free for all frees nobody from more"
    );
    assert!(passes(&app, TEACHER, OWN_WORDS).await);
    assert_eq!(verdict(&app, "nobody", OWN_WORDS).await, "confirm", "nobody knows where they belong");
    app.stop().await;
}

#[tokio::test]
async fn a_rep_is_told_what_may_be_sent_instead() {
    let app = approved_only(POLICY).await;
    let said = app.told(ADVISER, OWN_WORDS).await;
    insta::assert_snapshot!(steady(&said), @r#"
    发送前请确认
    点卡片上的「确认可发」,或回复「确认 [短号]」;不发了回复「取消 [短号]」。10 分钟内有效,确认会留下记录备查。
    需要确认:「周先生,您要的资料我下午带过去」
    原因:你所在的部门或这个行业只能发送已审核的话术,这条不是
    怎么改:选用下面的已审话术,只填写其中的空;或者请主管批准
    规则 POL-01
    可以这样说:
    1. 收益会随市场波动,过往业绩不代表未来表现
    2. 我先把产品说明书发您,风险等级在第二页
    3. 这类产品有风险,您方便时我给您讲讲
    "#);
    // A name is a name, not a text of one's own.
    let found = app.told(ADVISER, "客户 王女士").await;
    assert!(!found.contains("不能发送"), "{found}");
    app.stop().await;
}

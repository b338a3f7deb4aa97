//! Writing beside a chat: what is found while typing, what is offered, what is kept.

use crate::driver::{Look, USUAL, browse};
use serde_json::json;

const BLOCK: &str = "这款产品保底收益5%";
const CONFIRM: &str = "这门课100%通过";

#[tokio::test]
async fn a_phrase_is_marked_at_its_own_letters_behind_a_wide_sign_and_a_tap_leads_to_it() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        assert!(page.text("customer").await.contains("刘女士"));
        page.types(&format!("😀{BLOCK},{CONFIRM}")).await;
        page.until("document.querySelectorAll('.mirror mark').length === 2").await;
        let marked = page.eval("[...document.querySelectorAll('.mirror mark')].map(m => m.className + ' ' + m.textContent)").await;
        assert_eq!(marked, json!(["block 保底收益", "confirm 100%通过"]));
        // The copy stands exactly behind the text.
        let same = page.eval("document.querySelector('.mirror').textContent === document.querySelector('#draft').value + '\\n' && document.querySelector('.mirror').clientHeight === document.querySelector('#draft').clientHeight").await;
        assert_eq!(same, json!(true));
        let rows = page.eval("[...document.querySelectorAll('[data-testid=hit]')].map(row => row.innerText)").await;
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
        assert!(rows[0].starts_with("不能发送:「保底收益」") && rows[0].contains("可能被理解为承诺保本保收益 · 《广告法》第二十五条"), "{rows:?}");
        assert!(rows[1].starts_with("需要确认:「100%通过」"), "{rows:?}");
        page.says("send", "先改再发").await;
        page.shot("writing").await;
        page.tap("hit").await;
        let chosen = page.eval("document.querySelector('#draft').value.slice(document.querySelector('#draft').selectionStart, document.querySelector('#draft').selectionEnd)").await;
        assert_eq!(chosen, json!("保底收益"));
        assert!(page.recorded().await.is_empty(), "typing is not recorded");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_checked_while_an_input_method_composes() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.eval("document.querySelector('#draft').focus()").await;
        for step in ["b", "bao", "保底", "保底收"] {
            let params = json!({"text": step, "selectionStart": step.chars().count(), "selectionEnd": step.chars().count()});
            page.devtools("Input.imeSetComposition", params).await;
        }
        // Longer than the pause before a check.
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert_eq!(page.eval("client.checks").await, json!([]));
        page.types("保底收益").await;
        page.until("document.querySelector('.mirror mark.block')").await;
        assert_eq!(page.eval("client.checks.map(check => [check.text, check.live])").await, json!([["保底收益", true]]));
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_after_a_newer_one_is_dropped() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        // The first check is held back until the second was answered.
        page.eval(
            "(() => { const fetch = window.fetch; let first = true; window.fetch = (path, options) => { \
            const answer = fetch(path, options); \
            if (path !== '/v1/checks' || !first) return answer; \
            first = false; \
            return new Promise(done => { window.letGo = () => answer.then(done); }); }; })()",
        )
        .await;
        page.types("保底收益").await;
        page.until("window.letGo").await;
        page.eval("document.querySelector('#draft').select()").await;
        page.types("您好,说明书已发您邮箱").await;
        page.says("verdict", "未发现问题").await;
        page.eval("window.letGo().then(() => new Promise(done => setTimeout(done, 50)))").await;
        assert!(!page.is(".mirror mark").await && !page.is("[data-testid=hit]").await);
        assert_eq!(page.text("send").await, "检查并发送");
    })
    .await;
}

#[tokio::test]
async fn a_tapped_reply_is_inserted_can_be_undone_and_others_can_be_asked_for() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types("收益").await;
        page.settled().await;
        let first = page.text("reply").await;
        // Behind the last three come the first again.
        page.eval("document.querySelector('[data-testid=replies]').replaceChildren()").await;
        page.tap("more-replies").await;
        assert_eq!(page.text("reply").await, first);
        page.tap("reply").await;
        assert_eq!(page.draft().await, format!("收益\n{first}"));
        page.says("toast", "已插入").await;
        page.tap("toast-action").await;
        assert_eq!(page.draft().await, "收益");
        // A selection is replaced; the third reply by its key.
        page.settled().await;
        let third = page.eval("document.querySelectorAll('[data-testid=reply]')[2].innerText").await;
        page.eval("document.querySelector('#draft').select()").await;
        page.key("3", 51, 1).await;
        page.until(&format!("document.querySelector('#draft').value === {third}")).await;
    })
    .await;
}

#[tokio::test]
async fn a_draft_waits_on_the_server_for_its_customer() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types("写到一半").await;
        page.until("!document.querySelector('.banner')").await;
        // Another page takes this one's place only when the draft is kept.
        page.goto("/contact").await;
        page.goto("/sidebar").await;
        page.until("document.querySelector('#draft')?.value === '写到一半'").await;
        assert_eq!(page.eval("localStorage.length + sessionStorage.length").await, json!(0));
    })
    .await;
}

#[tokio::test]
async fn what_was_written_survives_the_end_of_the_session() {
    browse(USUAL, &["401"], async |page| {
        page.sidebar().await;
        page.app.hand.advance(jiff::SignedDuration::from_mins(31));
        page.types("会话过期时还没发出去的话").await;
        page.says("banner-session", "登录过期").await;
        page.shot("session-over").await;
        page.tap("banner-session-go").await;
        page.until("!document.querySelector('[data-testid=banner-session]') && document.querySelector('#draft')?.value === '会话过期时还没发出去的话'").await;
    })
    .await;
}

#[tokio::test]
async fn outside_wecom_one_can_write_and_check_and_is_told_where_to_send() {
    browse(Look { entry: "", touch: false, ..USUAL }, &[], async |page| {
        page.sign_in_by_link().await;
        page.sidebar().await;
        page.says("banner-wecom", "请在企业微信里打开").await;
        page.types(BLOCK).await;
        page.says("hit", "不能发送").await;
        page.tap("send").await;
        page.says("toast", "请从客户聊天的工具栏打开本页再发送").await;
        assert!(page.recorded().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_answer_leaves_a_page_that_checks_and_does_not_send() {
    browse(USUAL, &["Failed to load resource"], async |page| {
        page.app.wecom.faults().fail("ticket/get", 99, wecom_guard::sandbox::Failure::Status(502));
        page.goto("/sidebar").await;
        page.types(BLOCK).await;
        page.says("hit", "不能发送").await;
        page.says("banner-wecom", "企业微信没有回应").await;
        page.shot("not-connected").await;
        page.tap("send").await;
        page.says("toast", "请从客户聊天的工具栏打开本页再发送").await;
        assert!(page.handed().await.as_array().unwrap().is_empty() && page.recorded().await.is_empty());
    })
    .await;
}

//! A customer's page: what a rep fills in, what they are told, and every state of it in every setting.

use crate::driver::{Look, OTHERS, Page, USUAL, browse};
use crate::looks::look_at;
use crate::support::{AGENT, CHECK_TOKEN};
use jiff::SignedDuration;
use serde_json::{Value, json};
use wecom_guard::sandbox::Failure;

const PAGE: &str = "/contact/wmGuard0001";
const API: &str = "/v1/contacts/wmGuard0001";

/// Puts a value into a field, as typing or choosing does.
async fn put(page: &Page, id: &str, value: &str) {
    page.until(&format!("document.querySelector('[data-testid={id}]')")).await;
    page.eval(&format!("(document.querySelector('[data-testid={id}]').value = {})", json!(value))).await;
}

/// Opens what is folded.
async fn unfold(page: &Page, id: &str) {
    page.eval(&format!("(document.querySelector('[data-testid={id}]').open = true)")).await;
}

async fn following(page: &Page) -> Value {
    let (status, contact) = page.app.get(CHECK_TOKEN, &format!("{API}?user=zhangsan")).await;
    assert_eq!(status, 200, "{contact}");
    contact["following"].clone()
}

/// As another tab would.
async fn elsewhere(page: &Page, what: &str, body: Value) {
    let mut body = body;
    body["user"] = json!("zhangsan");
    let (status, answer) = page.app.post(CHECK_TOKEN, &format!("{API}/{what}"), &body).await;
    assert_eq!(status, 201, "{answer}");
}

#[tokio::test]
async fn a_rep_fills_in_the_three_actions_and_takes_a_script_into_the_note() {
    browse(USUAL, &[], async |page| {
        page.goto(PAGE).await;
        assert!(page.text("name").await.starts_with("刘女士"));
        assert!(page.text("owners").await.contains("zhangsan、lisi"));
        assert_eq!(page.text("clock").await, "剩 24:00(截止 2026-11-24 09:00)");
        // Chosen already by how the customer was added: the rep only confirms.
        assert_eq!(
            page.eval("document.querySelector('[data-testid=first-touch]').value").await,
            json!("group")
        );
        page.shot("contact-fresh").await;
        put(page, "need", "收益").await;
        page.tap("tomorrow-morning").await;
        page.tap("actions-save").await;
        page.until("document.querySelector('main').dataset.revision === '3'").await;
        assert!(page.text("action-next_follow_up").await.contains(":00"));
        assert!(page.text("required").await.contains("三动作 3/3"));
        let kept = &following(page).await["required"];
        assert_eq!(
            (&kept["first_touch"]["value"]["way"], &kept["core_need"]["value"]),
            (&json!("group"), &json!(["收益"]))
        );

        page.until("document.querySelectorAll('[data-testid=script]').length === 3").await;
        page.tap("script").await;
        let note = page.eval("document.querySelector('[data-testid=note]').value").await;
        assert_eq!(note, json!("收益会随市场波动,过往业绩不代表未来表现"));
        page.tap("note-save").await;
        page.until("document.querySelector('[data-testid=item-note]')").await;
        assert!(page.text("item-note").await.contains("手工"));
        page.shot("contact-filled").await;
        // One visit, however often the page was shown.
        let (_, opened) =
            page.app.get(CHECK_TOKEN, &format!("{API}/timeline?user=zhangsan&kind=opened")).await;
        assert_eq!(opened["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_told_beside_the_form_and_what_was_written_stays() {
    let refusals = ["422", "409"];
    browse(USUAL, &refusals, async |page| {
        page.goto(PAGE).await;
        put(page, "note", "答应了保底收益").await;
        page.tap("note-save").await;
        page.says("note-told", "「保底收益」不能写进记录").await;
        assert_eq!(
            page.eval("document.querySelector('[data-testid=note]').value").await,
            json!("答应了保底收益")
        );
        page.shot("contact-stopped").await;

        elsewhere(page, "actions", json!({"revision": 0, "core_need": ["价格"]})).await;
        put(page, "need", "收益").await;
        page.tap("actions-save").await;
        page.says("actions-told", "刚刚在别处改动过").await;
        assert_eq!(following(page).await["required"]["core_need"]["value"], json!(["价格"]));
    })
    .await;
}

#[tokio::test]
async fn stage_tags_and_appointments_are_changed_on_the_page() {
    browse(USUAL, &["422"], async |page| {
        page.goto(PAGE).await;
        unfold(page, "stage-change").await;
        put(page, "stage-to", "need").await;
        page.tap("stage-save").await;
        page.until("document.querySelector('[data-testid=stage-change] .told').innerText.includes('要写明原因')").await;
        put(page, "stage-reason", "老客户,需求已清楚").await;
        page.tap("stage-save").await;
        page.says("stage", "需求确认 · 今天进入").await;

        unfold(page, "tags-change").await;
        page.eval("[...document.querySelectorAll('.slot')][0].querySelectorAll('[data-part]').forEach(part => { part.value = { name: '门店数', type: 'number', value: '3', options: '' }[part.dataset.part]; })").await;
        page.tap("tags-save").await;
        page.says("tags", "门店数 3").await;

        unfold(page, "appoint").await;
        put(page, "appointment-title", "面谈").await;
        put(page, "appointment-start", "2026-11-24T14:00").await;
        put(page, "appointment-end", "2026-11-24T15:00").await;
        page.tap("appointment-save").await;
        page.says("appointment", "2026-11-24 14:00 · 面谈").await;
        page.shot("contact-worked").await;
        page.tap("filter-stage").await;
        page.until("location.search === '?kind=stage'").await;
        assert_eq!(page.eval("document.querySelectorAll('[data-testid^=item-]').length").await, json!(1));
        assert!(page.text("item-stage").await.contains("线索 → 需求确认\n老客户,需求已清楚"));
    })
    .await;
}

#[tokio::test]
async fn a_customers_profile_leads_to_their_page_and_the_record_says_from_where() {
    browse(Look { entry: "contact_profile", ..USUAL }, &[], async |page| {
        page.goto("/contact").await;
        page.until("location.pathname === '/contact/wmGuard0001'").await;
        assert!(page.text("name").await.starts_with("刘女士"));
        assert!(page.text("item-opened").await.contains("客户资料页"));
    })
    .await;
}

#[tokio::test]
async fn a_file_is_put_on_record_from_the_page() {
    browse(USUAL, &["415"], async |page| {
        page.goto(PAGE).await;
        let choose = |name: &str, content: &str| {
            format!(
                "(() => {{ const files = new DataTransfer(); files.items.add(new File([{}], {})); \
                document.querySelector('[data-testid=file]').files = files.files; return true; }})()",
                json!(content),
                json!(name)
            )
        };
        page.eval(&choose("page.html", "<script>alert(1)</script>")).await;
        page.tap("file-save").await;
        page.says("file-told", "只能上传这些文件").await;
        page.eval(&choose("说明书.pdf", "%PDF-1.7 产品说明书")).await;
        page.tap("file-save").await;
        page.until("document.querySelector('[data-testid=item-file]')").await;
        assert!(page.text("item-file").await.contains("说明书.pdf(24 B,未检查)"));
        page.eval("document.querySelector('#timeline').scrollIntoView()").await;
        page.shot("contact-file").await;
    })
    .await;
}

#[tokio::test]
async fn every_state_of_a_customers_page_fits_and_speaks_its_language_in_every_setting() {
    for (name, look) in OTHERS {
        browse(look, &[], async |page| {
            page.goto(PAGE).await;
            page.text("required").await;
            look_at(page, name, "contact-fresh").await;

            elsewhere(page, "actions", json!({"revision": 0, "first_touch": "phone", "core_need": ["价格"]})).await;
            elsewhere(page, "notes", json!({"text": "客户问这门课是不是100%通过"})).await;
            let draft = json!({"sender": "zhangsan", "recipient": "wmGuard0001", "channel": "sidebar", "text": "这款产品保底收益5%"});
            page.app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
            page.app.hand.advance(SignedDuration::from_hours(25));
            page.goto(PAGE).await;
            page.until("document.querySelector('.dormant')").await;
            look_at(page, name, "contact-dormant").await;
            page.eval("document.querySelector('#timeline').scrollIntoView()").await;
            look_at(page, name, "contact-timeline").await;

            page.app.wecom.faults().fail("externalcontact/get", 100, Failure::Status(502));
            page.app.hand.advance(SignedDuration::from_mins(11));
            page.goto(PAGE).await;
            page.until("document.querySelector('[data-testid=notice]') && !document.querySelector('form')").await;
            look_at(page, name, "contact-stale").await;

            page.app.wecom.faults().clear();
            let gone = page.app.wecom.contact_changed(AGENT, "del_follow_user", "zhangsan", "wmGuard0001", &[]);
            gone.await.unwrap();
            page.goto("/contact/wmGuard0002").await;
            page.text("required").await;
        })
        .await;
    }
}

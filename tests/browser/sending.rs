//! Sending beside a chat: nothing leaves unchecked, and every outcome is told.

use crate::driver::{Look, USUAL, browse};
use serde_json::json;

const PASS: &str = "您好,产品说明书已发您邮箱";
const CONFIRM: &str = "这门课100%通过";
const BLOCK: &str = "这款产品保底收益5%";
const SETTLED: &str = "Failed to load resource";

#[tokio::test]
async fn a_clean_text_is_sent_once_and_reported() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(PASS).await;
        page.says("verdict", "未发现问题").await;
        page.eval("(() => { const send = document.querySelector('[data-testid=send]'); send.click(); send.click(); })()").await;
        page.says("toast", "已交给企业微信发送").await;
        page.shot("sent").await;
        assert_eq!(page.handed().await, json!([PASS]));
        page.recorded_as(&["sent"]).await;
        assert_eq!((page.draft().await.as_str(), page.eval("document.activeElement.id").await), ("", json!("draft")));
        page.tap("toast-action").await;
        page.says("mine", "已交给企业微信发送").await;
        page.shot("mine").await;
    })
    .await;
}

#[tokio::test]
async fn a_blocked_text_leaves_by_no_way_and_the_replacement_passes() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(BLOCK).await;
        page.says("send", "先改再发").await;
        page.key("Enter", 13, 2).await;
        page.says("block-sheet", "这条消息不能发送").await;
        let sheet = page.text("block-sheet").await;
        for said in ["可能被理解为承诺保本保收益", "《广告法》第二十五条", "怎么改:说明收益会波动", "FIN-001"] {
            assert!(sheet.contains(said), "{sheet}");
        }
        let attributes = page.eval("(() => { const sheet = document.querySelector('[data-testid=block-sheet]'); return [sheet.getAttribute('role'), document.activeElement.dataset.testid]; })()").await;
        assert_eq!(attributes, json!(["alertdialog", "block-back"]));
        page.shot("blocked").await;
        // No button of the sheet sends, and Escape gives the text back at the place that was found.
        page.key("Escape", 27, 0).await;
        page.until("!document.querySelector('[data-testid=block-sheet]')").await;
        assert_eq!(page.draft().await, BLOCK);
        page.tap("send").await;
        page.tap("block-use").await;
        page.says("verdict", "未发现问题").await;
        assert_ne!(page.draft().await, BLOCK);
        assert_eq!(page.handed().await, json!([]));
        assert_eq!(page.recorded().await, ["blocked", "blocked"]);
        page.tap("send").await;
        page.recorded_as(&["blocked", "blocked", "sent"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_block_can_be_appealed_against_in_one_line_and_the_answer_is_shown() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(BLOCK).await;
        page.tap("send").await;
        page.tap("appeal-open").await;
        page.devtools("Input.insertText", json!({"text": "我在转述客户的问题"})).await;
        page.tap("appeal-send").await;
        page.says("appeal-done", "已提交复核").await;
        page.shot("appealed").await;
        page.tap("block-back").await;
        page.tap("tab-mine").await;
        page.says("mine", "复核中").await;
        let (_, list) = page.app.get(crate::support::READ_TOKEN, "/v1/checks").await;
        let id = wecom_guard::model::CheckId::new(list["items"][0]["id"].as_str().unwrap());
        page.finds(&id, wecom_guard::model::Finding::FalseAlarm).await;
        page.tap("tab-write").await;
        page.tap("tab-mine").await;
        page.says("mine", "复核结果:误报").await;
        page.shot("mine-reviewed").await;
    })
    .await;
}

#[tokio::test]
async fn an_approved_text_is_sent_from_what_waits() {
    browse(USUAL, &[SETTLED], async |page| {
        let rules = crate::support::RULES.replacen(
            "action = \"确认\"",
            "action = \"确认\"\nrequire_approval = true\nrequire_reason = true",
            1,
        );
        std::fs::write(page.app.rules.join("rules.toml"), rules).unwrap();
        let (status, answer) =
            page.app.post(crate::support::RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        page.sidebar().await;
        page.types(CONFIRM).await;
        page.tap("send").await;
        page.says("confirm-go", "请主管批准").await;
        assert_eq!(
            page.eval("document.querySelector('[data-testid=confirm-go]').disabled").await,
            json!(true)
        );
        page.tap("confirm-reason").await;
        page.devtools("Input.insertText", json!({"text": "客户已签风险告知"})).await;
        page.shot("approval").await;
        page.tap("confirm-go").await;
        page.says("toast", "已请主管批准").await;
        page.recorded_as(&["awaiting_approval"]).await;
        let card = page.app.until("the question", |app| {
            app.wecom
                .messages_of("ChenLan")
                .into_iter()
                .find_map(|shown| Some((shown.msgid, shown.card?.body)))
        });
        let (msgid, body) = card.await;
        assert!(body.to_string().contains("客户已签风险告知"), "{body}");
        let key = body["button_list"][1]["key"].as_str().unwrap().to_owned();
        // What the leader sees under their own 待办.
        page.browser_of("ChenLan").await;
        page.tap("tab-todo").await;
        page.says("todo", "客户已签风险告知").await;
        page.shot("approve").await;
        page.browser_of("zhangsan").await;
        page.app.wecom.rep_clicks_card("ChenLan", Some(&msgid), &key).await.unwrap();
        page.recorded_as(&["confirmed"]).await;
        page.tap("tab-todo").await;
        page.shot("approved").await;
        page.tap("send-approved").await;
        page.says("toast", "已交给企业微信发送").await;
        page.recorded_as(&["sent"]).await;
        assert_eq!(page.handed().await, json!([CONFIRM]));
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_takes_a_second_and_a_press_and_never_a_key_that_is_still_down() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(CONFIRM).await;
        page.says("hit", "需要确认").await;
        page.tap("send").await;
        page.says("confirm-sheet", "发送前请确认").await;
        assert_eq!(page.eval("[document.querySelector('[data-testid=confirm-go]').disabled, document.activeElement.dataset.testid]").await, json!([true, "confirm-back"]));
        page.shot("confirm").await;
        page.until("!document.querySelector('[data-testid=confirm-go]').disabled").await;
        page.eval("document.querySelector('[data-testid=confirm-go]').focus()").await;
        page.key("Enter", 13, 0).await;
        assert_eq!(page.eval("client.paths.filter(path => path.endsWith('/confirm'))").await, json!([]));
        assert_eq!(page.handed().await, json!([]));
        page.eval("(() => { const go = document.querySelector('[data-testid=confirm-go]'); go.click(); go.click(); })()").await;
        page.says("toast", "已交给企业微信发送").await;
        assert_eq!(page.handed().await, json!([CONFIRM]));
        page.recorded_as(&["sent"]).await;
    })
    .await;
}

#[tokio::test]
async fn going_back_from_a_confirmation_takes_the_check_back_and_keeps_the_text() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(CONFIRM).await;
        page.tap("send").await;
        page.tap("confirm-back").await;
        page.recorded_as(&["withdrawn"]).await;
        assert_eq!((page.draft().await.as_str(), page.handed().await), (CONFIRM, json!([])));
    })
    .await;
}

#[tokio::test]
async fn every_answer_of_the_client_is_told_and_recorded() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.types(PASS).await;
        for (index, (answer, told)) in [
            ("cancel", "你取消了发送,内容还在"),
            ("fail no permission", "没有发送权限"),
            ("fail without context of external contact", "请从客户聊天的工具栏打开本页再发送"),
            ("fail invalid", "没有发出,内容还在"),
        ]
        .into_iter()
        .enumerate()
        {
            page.eval(&format!("client.answers.sendChatMessage = '{answer}'")).await;
            page.tap("send").await;
            page.says("toast", told).await;
            page.recorded_as(&vec!["send_failed"; index + 1]).await;
            assert_eq!(page.draft().await, PASS);
        }
        // Nothing is said for five seconds: nobody knows, and nothing is claimed.
        page.eval("client.answers.sendChatMessage = 'silence'").await;
        page.tap("send").await;
        page.says("toast", "不确定是否发出,请看一眼聊天窗口").await;
        assert_eq!(page.recorded().await[0], "passed");
        assert_eq!(page.draft().await, PASS);
    })
    .await;
}

#[tokio::test]
async fn without_the_server_nothing_is_sent_and_the_text_stays() {
    browse(USUAL, &[SETTLED, "ERR_INTERNET_DISCONNECTED"], async |page| {
        page.sidebar().await;
        page.types(PASS).await;
        page.says("verdict", "未发现问题").await;
        page.offline(true).await;
        page.tap("send").await;
        page.says("banner-away", "检查服务连不上").await;
        page.shot("server-away").await;
        assert_eq!((page.draft().await.as_str(), page.handed().await), (PASS, json!([])));
        page.offline(false).await;
        page.tap("send").await;
        page.says("toast", "已交给企业微信发送").await;
        page.until("!document.querySelector('[data-testid=banner-away]')").await;
    })
    .await;
}

#[tokio::test]
async fn rules_that_became_stricter_meanwhile_are_told_and_hold() {
    browse(USUAL, &[SETTLED], async |page| {
        page.sidebar().await;
        page.types(CONFIRM).await;
        page.tap("send").await;
        page.says("confirm-sheet", "发送前请确认").await;
        let rules = crate::support::RULES.replacen("action = \"确认\"", "action = \"拦截\"", 1);
        std::fs::write(page.app.rules.join("rules.toml"), rules).unwrap();
        let (status, answer) =
            page.app.post(crate::support::RULES_TOKEN, "/v1/rules/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        page.tap("confirm-go").await;
        page.says("block-sheet", "这条消息不能发送").await;
        page.says("toast", "规则刚更新").await;
        assert_eq!(page.handed().await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn each_entry_names_its_customer_and_a_profile_has_no_send_button() {
    for (entry, kind, shown) in [
        ("group_chat_tools", "group", "客户群"),
        ("chat_attachment", "contact", "刘女士"),
        ("single_kf_tools", "contact", "刘女士"),
    ] {
        browse(Look { entry, ..USUAL }, &[], async |page| {
            page.sidebar().await;
            assert!(page.text("customer").await.contains(shown));
            page.types(PASS).await;
            page.tap("send").await;
            page.says("toast", "已交给企业微信发送").await;
            assert_eq!(page.eval("client.checks.pop().recipient.kind").await, json!(kind), "{entry}");
        })
        .await;
    }
    browse(Look { entry: "contact_profile", ..USUAL }, &[], async |page| {
        page.goto("/sidebar").await;
        page.says("banner-profile", "这里不能直接发送").await;
        page.types(PASS).await;
        page.says("verdict", "未发现问题").await;
        page.shot("profile").await;
        page.key("Enter", 13, 2).await;
        assert_eq!(
            page.eval("getComputedStyle(document.querySelector('[data-testid=send]')).display").await,
            json!("none")
        );
        page.tap("banner-profile-go").await;
        page.until("client.calls.some(call => call.name === 'openEnterpriseChat')").await;
        assert!(page.handed().await.as_array().unwrap().is_empty() && page.recorded().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_waits_can_be_taken_up_again_or_taken_back() {
    browse(USUAL, &[], async |page| {
        page.sidebar().await;
        page.tap("tab-todo").await;
        // Nothing waits to be sent; what this customer still asks for stands here, and leads to their page.
        page.says("todo", "之后 · 刘女士").await;
        assert_eq!(
            page.eval("document.querySelector('[data-testid=task] a').pathname").await,
            json!("/contact/wmGuard0001")
        );
        let draft =
            json!({"sender": "zhangsan", "recipient": "wmGuard0001", "channel": "api", "text": CONFIRM});
        for _ in 0..2 {
            let (status, check) = page.app.post(crate::support::CHECK_TOKEN, "/v1/checks", &draft).await;
            assert_eq!(status, 201, "{check}");
        }
        page.tap("tab-write").await;
        page.tap("tab-todo").await;
        page.until("document.querySelectorAll('[data-testid=record]').length === 2").await;
        page.shot("todo").await;
        page.tap("go-on").await;
        page.tap("confirm-go").await;
        page.recorded_as(&["awaiting_confirmation", "sent"]).await;
        page.tap("tab-write").await;
        page.tap("tab-todo").await;
        page.until("document.querySelectorAll('[data-testid=record]').length === 1").await;
        page.tap("take-back").await;
        page.until(&format!("document.querySelector('#draft').value === '{CONFIRM}'")).await;
    })
    .await;
}

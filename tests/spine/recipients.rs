//! Customers, groups and 微信客服 are recipients alike, by the API.

use crate::helpers::{ASKED, REP};
use crate::support::{CHECK_TOKEN, READ_TOKEN, TestApp};
use serde_json::{Value, json};

fn everyone() -> [Value; 3] {
    [
        json!({"kind":"contact","id":"wmGuard0001"}),
        json!({"kind":"group","id":"wrGuard01"}),
        json!({"kind":"kf","id":"wmGuard0001","open_kfid":"wkGuard01"}),
    ]
}

async fn check(app: &TestApp, recipient: &Value, channel: &str, text: &str) -> Value {
    let draft = json!({"sender":REP,"recipient":recipient,"channel":channel,"text":text});
    let (status, check) = app.post(CHECK_TOKEN, "/v1/checks", &draft).await;
    assert_eq!(status, 201, "{check}");
    check
}

#[tokio::test]
async fn a_blocked_draft_has_no_release_whoever_it_is_for() {
    let app = TestApp::start().await;
    for recipient in everyone() {
        let check = check(&app, &recipient, "api", "这款产品保底收益5%").await;
        assert_eq!((&check["state"], &check["release"]), (&json!("blocked"), &json!(null)));
        assert_eq!(check["hits"][0]["span"], json!({"byte":[12,24],"char":[4,8],"utf16":[4,8]}));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_confirmed_text_is_released_once_whoever_it_is_for() {
    let app = TestApp::start().await;
    for recipient in everyone() {
        let asked = check(&app, &recipient, "api", ASKED).await;
        let path = format!("/v1/checks/{}", asked["id"].as_str().unwrap());
        assert_eq!((&asked["state"], &asked["release"]), (&json!("awaiting_confirmation"), &json!(null)));
        let (status, confirmed) =
            app.post(CHECK_TOKEN, &format!("{path}/confirm"), &json!({"text_sha256": sha256(ASKED)})).await;
        assert_eq!((status, &confirmed["state"]), (200, &json!("confirmed")), "{confirmed}");
        let (status, sent) = app
            .post(CHECK_TOKEN, &format!("{path}/sent"), &json!({"release": confirmed["release"], "ok": true}))
            .await;
        assert_eq!((status, &sent["state"]), (200, &json!("sent")), "{sent}");
        assert_eq!(app.get(READ_TOKEN, &path).await.1["recipient"], recipient);
    }
    app.stop().await;
}

#[tokio::test]
async fn a_release_for_one_recipient_is_none_for_another() {
    let app = TestApp::start().await;
    let [contact, group, kf] = everyone();
    let given = check(&app, &contact, "api", "周五下午方便见面吗").await["release"].clone();
    for other in [group, kf] {
        let id = check(&app, &other, "api", "周五下午方便见面吗").await["id"].as_str().unwrap().to_owned();
        let (status, refused) = app
            .post(CHECK_TOKEN, &format!("/v1/checks/{id}/sent"), &json!({"release": given, "ok": true}))
            .await;
        assert!((400..500).contains(&status), "{status} {refused}");
    }
    app.stop().await;
}

fn sha256(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text.as_bytes()))
}

use crate::helpers::*;
use serde_json::{Value, json};

async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    let response =
        world.http.post(world.url(&format!("/sandbox/control/{path}"))).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

#[tokio::test]
async fn the_company_is_listed_with_roles_and_applications() {
    let world = World::start().await;
    let company = world.get("/sandbox/control/company").await;
    assert_eq!(company["members"][0], json!({"userid": "heguan", "name": "何观", "role": "officer"}));
    assert_eq!(company["apps"], json!([1000002, 1000003, 7]));
    assert_eq!(company["customers"].as_array().unwrap().len(), 60);
}

#[tokio::test]
async fn a_person_can_say_click_and_read_without_writing_a_program() {
    let (world, receiver) = World::with_receiver().await;
    let say = json!({"act": "say", "user": "lisi", "app": APP.0, "text": "保底收益8%"});
    let (status, delivery) = post(&world, "act", say).await;
    assert_eq!((status, &delivery["attempts"][0]["status"]), (200, &json!(200)));
    world.call("message/send", card_to("lisi", "draft-1")).await;
    let click = json!({"act": "click", "user": "lisi", "msgid": null, "key": "confirm"});
    assert_eq!(post(&world, "act", click).await.0, 200);
    assert_eq!(receiver.last("TaskId"), "draft-1");
    let messages = world.get("/sandbox/control/messages/lisi").await;
    assert_eq!((&messages[0]["text"], &messages[1]["card"]["state"]), (&json!("保底收益8%"), &json!("live")));
    let log = world.get("/sandbox/control/log").await;
    assert_eq!(log.as_array().unwrap().last().unwrap()["path"], "/cgi-bin/message/send");
    assert!(!log.to_string().contains("access_token"));
}

#[tokio::test]
async fn a_person_can_set_faults_and_the_post_mode() {
    let (world, receiver) = World::with_receiver().await;
    let fault = json!({"fault": "code", "api": "user/get", "times": 1, "errcode": -1});
    assert_eq!(post(&world, "fault", fault).await.0, 200);
    assert_eq!(code(&world.ask("user/get?userid=lisi").await), -1);
    assert_eq!(post(&world, "mode", json!({"repeat": 1})).await.0, 200);
    post(&world, "act", json!({"act": "enter", "user": "lisi", "app": APP.0})).await;
    assert_eq!(receiver.got().len(), 2);
}

#[tokio::test]
async fn a_callback_can_be_set_while_the_sandbox_runs() {
    use wecom_guard::sandbox::{Options, Sandbox};
    let (world, receiver) = World::with_receiver().await;
    let sandbox = Sandbox::start(Options::alone(0).unwrap()).await.unwrap();
    let world = World { sandbox, ..world };
    let enter = || json!({"act": "enter", "user": "lisi", "app": APP.0});
    assert_eq!(post(&world, "act", enter()).await.0, 404);
    let wanted = |key| json!({"app": APP.0, "bot": BOT, "url": receiver.url, "token": TOKEN, "aes_key": key});
    assert_eq!(post(&world, "callback", wanted("short")).await.0, 400);
    assert_eq!(post(&world, "callback", wanted(AES_KEY)).await.0, 200);
    assert_eq!(post(&world, "act", enter()).await.0, 200);
    assert_eq!(receiver.last("Event"), "enter_agent");
}

#[tokio::test]
async fn what_can_not_be_done_is_said() {
    let world = World::start().await;
    let click = json!({"act": "click", "user": "lisi", "msgid": null, "key": "confirm"});
    let (status, body) = post(&world, "act", click).await;
    assert_eq!((status, &body["error"]), (404, &json!("`lisi` has no such card")));
    assert_eq!(post(&world, "act", json!({"act": "dance"})).await.0, 400);
    assert_eq!(post(&world, "fault", json!({"fault": "slow", "api": "x", "ms": 1, "s": 1})).await.0, 400);
}

use crate::helpers::*;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

#[tokio::test]
async fn a_customer_comes_with_everyone_who_follows() {
    let world = World::start().await;
    let answer = world.ask("externalcontact/get?external_userid=wmGuard0001").await;
    assert_eq!(answer["external_contact"]["name"], "晨光里的茶");
    let users: Vec<&Value> = answer["follow_user"].as_array().unwrap().iter().map(|f| &f["userid"]).collect();
    assert_eq!(users, ["lisi", "zhangsan"]);
    assert_eq!(answer["follow_user"][0]["tags"][0]["tag_name"], "金融");
    assert_eq!(answer.get("industry"), None);
}

#[tokio::test]
async fn each_fault_of_reading_customers_has_its_code() {
    let world = World::start().await;
    for (api, expected) in [
        ("externalcontact/get", 41035),
        ("externalcontact/get?external_userid=zhangsan", 40096),
        ("externalcontact/get?external_userid=wmNobody", 84061),
        ("externalcontact/list", 41009),
        ("externalcontact/list?userid=nobody", 60111),
        ("externalcontact/list?userid=heguan", 84061),
    ] {
        assert_eq!(code(&world.ask(api).await), expected, "{api}");
    }
    for (body, expected) in [
        (json!({}), 40063),
        (json!({"userid_list": vec!["lisi"; 101]}), 40032),
        (json!({"userid_list": ["nobody"]}), 60111),
        (json!({"userid_list": ["lisi"], "limit": 101}), 40058),
        (json!({"userid_list": ["lisi"], "cursor": "x"}), 40058),
    ] {
        let answer = world.call("externalcontact/batch/get_by_user", body.clone()).await;
        assert_eq!(code(&answer), expected, "{body}");
    }
}

#[tokio::test]
async fn members_with_customers_are_listed_with_them() {
    let world = World::start().await;
    let users = world.ask("externalcontact/get_follow_user_list").await;
    assert!(users["follow_user"].as_array().unwrap().contains(&json!("WangYue")));
    assert!(!users["follow_user"].as_array().unwrap().contains(&json!("heguan")));
    let list = world.ask("externalcontact/list?userid=wangyue").await;
    assert!(list["external_userid"].as_array().unwrap().contains(&json!("wmGuard0009")));
}

#[tokio::test]
async fn a_batch_goes_on_with_its_cursor_until_all_are_read() {
    let world = World::start().await;
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let body = json!({"userid_list": ["lisi", "zhangsan"], "cursor": cursor, "limit": 5});
        let answer = world.call("externalcontact/batch/get_by_user", body).await;
        let rows = answer["external_contact_list"].as_array().unwrap();
        assert!(rows.len() <= 5);
        seen.extend(rows.iter().map(|row| row["external_contact"]["external_userid"].to_string()));
        assert!(rows[0]["follow_info"]["tag_id"].is_array());
        cursor = answer["next_cursor"].as_str().unwrap().to_owned();
        if cursor.is_empty() {
            break;
        }
    }
    let both =
        world.ask("externalcontact/list?userid=lisi").await["external_userid"].as_array().unwrap().len()
            + world.ask("externalcontact/list?userid=zhangsan").await["external_userid"]
                .as_array()
                .unwrap()
                .len();
    assert_eq!(seen.len(), both);
}

#[tokio::test]
async fn groups_are_listed_by_owner_and_shown_with_their_people() {
    let world = World::start().await;
    let list = async |body| world.call("externalcontact/groupchat/list", body).await;
    assert_eq!(list(json!({"limit": 10})).await["group_chat_list"].as_array().unwrap().len(), 4);
    let own = list(json!({"limit": 10, "owner_filter": {"userid_list": ["hanyu"]}})).await;
    assert_eq!(own["group_chat_list"], json!([{"chat_id": "wrGuard04", "status": 0}]));
    assert_eq!(list(json!({"limit": 3})).await["next_cursor"], "CURSOR-3");
    assert_eq!(code(&list(json!({})).await), 40058);

    let get = async |body| world.call("externalcontact/groupchat/get", body).await;
    let named = get(json!({"chat_id": "wrGuard01", "need_name": 1})).await;
    assert_eq!(named["group_chat"]["member_list"][2]["name"], "晨光里的茶");
    let bare = get(json!({"chat_id": "wrGuard01"})).await;
    assert_eq!(bare["group_chat"]["member_list"][2].get("name"), None);
    assert_eq!(code(&get(json!({"chat_id": "wrNone"})).await), 40050);
    assert_eq!(code(&get(json!({})).await), 40063);
}

#[tokio::test]
async fn an_uploaded_file_can_be_sent_and_fetched_for_three_days() {
    let world = World::start().await;
    let upload = async |kind: &str, bytes: Vec<u8>| {
        let url =
            world.url(&format!("/cgi-bin/media/upload?type={kind}&access_token={}", world.token().await));
        let form = Form::new().part("media", Part::bytes(bytes).file_name("报价单.txt"));
        world.http.post(url).multipart(form).send().await.unwrap().json::<Value>().await.unwrap()
    };
    let media_id = upload("file", "一年期,三千元".into()).await["media_id"].as_str().unwrap().to_owned();
    let fetch = format!("/cgi-bin/media/get?media_id={media_id}&access_token={}", world.token().await);
    let response = world.http.get(world.url(&fetch)).send().await.unwrap();
    assert!(response.headers().contains_key("content-disposition"));
    assert_eq!(response.text().await.unwrap(), "一年期,三千元");

    let message =
        json!({"touser": "lisi", "msgtype": "file", "agentid": APP.0, "file": {"media_id": media_id}});
    assert_eq!(code(&world.call("message/send", message).await), 0);
    assert_eq!(world.sandbox.messages_of("lisi")[0].text, "报价单.txt");

    world.clock.advance(jiff::SignedDuration::from_hours(72));
    assert_eq!(code(&world.ask(&format!("media/get?media_id={media_id}")).await), 40007);
    assert_eq!(code(&upload("movie", vec![0; 9]).await), 40004);
    assert_eq!(code(&upload("file", vec![0; 5]).await), 44001);
    assert_eq!(code(&upload("image", vec![0; 2 * 1024 * 1024 + 1]).await), 45001);
}

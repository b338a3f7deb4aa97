use crate::helpers::*;
use serde_json::json;

#[tokio::test]
async fn a_member_is_found_without_regard_to_case_and_shows_no_role() {
    let world = World::start().await;
    let member = world.ask("user/get?userid=WANGYUE").await;
    assert_eq!((&member["userid"], &member["department"]), (&json!("WangYue"), &json!([2])));
    assert_eq!(member.get("role"), None);
    assert_eq!(code(&world.ask("user/get?userid=nobody").await), 60111);
    assert_eq!(code(&world.ask("user/get").await), 41009);
}

#[tokio::test]
async fn a_department_lists_its_own_members_and_on_request_all_below() {
    let world = World::start().await;
    let count = async |api| world.ask(api).await["userlist"].as_array().unwrap().len();
    assert_eq!(count("user/list?department_id=2").await, 5);
    assert_eq!(count("user/simplelist?department_id=1").await, 2);
    assert_eq!(count("user/simplelist?department_id=1&fetch_child=1").await, 17);
    let brief = world.ask("user/simplelist?department_id=2").await;
    assert_eq!(brief["userlist"][1], json!({"userid": "zhangsan", "name": "张善", "department": [2]}));
    assert_eq!(code(&world.ask("user/list?department_id=99").await), 60003);
    assert_eq!(code(&world.ask("user/list").await), 40063);
}

#[tokio::test]
async fn departments_name_their_leaders() {
    let world = World::start().await;
    let all = world.ask("department/list").await;
    assert_eq!(all["department"].as_array().unwrap().len(), 4);
    let one = world.ask("department/list?id=3").await;
    assert_eq!(one["department"][0]["department_leader"], json!(["sunhe"]));
    let brief = world.ask("department/simplelist?id=4").await;
    assert_eq!(brief["department_id"], json!([{"id": 4, "parentid": 1, "order": 96}]));
    assert_eq!(code(&world.ask("department/list?id=99").await), 60003);
}

#[tokio::test]
async fn callbacks_come_from_this_machine() {
    let world = World::start().await;
    for api in ["getcallbackip", "get_api_domain_ip"] {
        assert_eq!(world.ask(api).await["ip_list"], json!(["127.0.0.1"]));
    }
}

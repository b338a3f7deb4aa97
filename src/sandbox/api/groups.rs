//! Groups with customers (pages 92120, 92122).

use super::customers::{page, page_size};
use crate::sandbox::call::{Answer, Call, Reply, list as entries};
use crate::sandbox::company::{Group, GroupMember};
use crate::sandbox::errcode::*;
use crate::sandbox::world::World;
use serde_json::{Value, json};

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    // `limit` is required here, unlike in its neighbours.
    let limit = page_size(call, 0, 1_000)?;
    let owners = entries(call.body.get("owner_filter").unwrap_or(&Value::Null), "userid_list");
    if owners.len() > 100 {
        return Err(USER_LIST_TOO_LONG);
    }
    let wanted = |group: &&Group| owners.is_empty() || owners.contains(&json!(group.owner));
    // 0: followed as usual; the sandbox has no group waiting to be inherited.
    let usual = call.number("status_filter").unwrap_or(0) == 0;
    let groups = world.company.groups.iter().filter(|_| usual).filter(wanted);
    let rows = groups.map(|group| json!({"chat_id": group.chat_id, "status": 0})).collect();
    let (rows, next) = page(rows, call.text("cursor"), limit)?;
    Ok(Reply::Json(json!({"group_chat_list": rows, "next_cursor": next})))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    let chat_id = call.text("chat_id");
    if chat_id.is_empty() {
        return Err(EMPTY_PARAMETER);
    }
    let group = world.company.groups.iter().find(|group| group.chat_id == chat_id).ok_or(NO_SUCH_CHAT)?;
    let named = call.number("need_name") == Some(1);
    let members: Vec<Value> = group.member_list.iter().map(|person| shown(person, group, named)).collect();
    Ok(Reply::Json(json!({"group_chat": {
        "chat_id": group.chat_id,
        "name": group.name,
        "owner": group.owner,
        "create_time": group.create_time,
        "notice": group.notice,
        "member_list": members,
        "admin_list": [],
        "member_version": format!("v{}", members.len()),
    }})))
}

fn shown(person: &GroupMember, group: &Group, named: bool) -> Value {
    let mut entry = json!(person);
    if let Some(fields) = entry.as_object_mut() {
        if !named {
            fields.remove("name");
        }
        fields.insert("group_nickname".to_owned(), json!(""));
        if person.join_scene == 1 {
            fields.insert("invitor".to_owned(), json!({"userid": group.owner}));
        }
    }
    entry
}

//! External contacts (pages 92113, 92114, 92571, 92994).

use crate::sandbox::call::{Answer, Call, Reply};
use crate::sandbox::company::{Customer, Follow};
use crate::sandbox::errcode::*;
use crate::sandbox::world::World;
use serde_json::{Value, json};

/// Most users and most rows of one batch.
const BATCH: usize = 100;

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    let id = call.query("external_userid").ok_or(EXTERNAL_USERID_MISSING)?;
    if !(id.starts_with("wm") || id.starts_with("wo")) {
        return Err(INVALID_EXTERNAL_USERID);
    }
    let customer = world.company.customer(id).ok_or(NOT_AN_EXTERNAL_CONTACT)?;
    Ok(Reply::Json(json!({
        "external_contact": customer.external_contact,
        "follow_user": customer.follow_user,
    })))
}

pub(super) fn list(world: &mut World, call: &Call) -> Answer {
    let userid = call.query("userid").ok_or(USERID_MISSING)?;
    world.company.member(userid).ok_or(NO_SUCH_USER)?;
    let id = |(customer, _): (&Customer, _)| customer.external_contact.external_userid.clone();
    let ids: Vec<String> = world.company.customers_of(userid).map(id).collect();
    if ids.is_empty() {
        return Err(NOT_AN_EXTERNAL_CONTACT);
    }
    Ok(Reply::Json(json!({"external_userid": ids})))
}

pub(super) fn get_follow_user_list(world: &mut World, _: &Call) -> Answer {
    let follows = |userid: &&String| world.company.customers_of(userid).next().is_some();
    let users: Vec<&String> = world.company.members.iter().map(|m| &m.userid).filter(follows).collect();
    Ok(Reply::Json(json!({"follow_user": users})))
}

pub(super) fn batch_get_by_user(world: &mut World, call: &Call) -> Answer {
    let users = call.strings("userid_list")?;
    if users.len() > BATCH {
        return Err(USER_LIST_TOO_LONG);
    }
    if users.iter().any(|userid| world.company.member(userid).is_none()) {
        return Err(NO_SUCH_USER);
    }
    let limit = page_size(call, 50, BATCH)?;
    let rows = users.iter().flat_map(|userid| world.company.customers_of(userid)).map(row);
    let (rows, next) = page(rows.collect(), call.text("cursor"), limit)?;
    Ok(Reply::Json(json!({"external_contact_list": rows, "next_cursor": next})))
}

/// The batch shows tag ids in the place of tags.
fn row((customer, follow): (&Customer, &Follow)) -> Value {
    let ids: Vec<&String> = follow.tags.iter().filter_map(|tag| tag.tag_id.as_ref()).collect();
    let mut info = json!(follow);
    if let Some(fields) = info.as_object_mut() {
        fields.remove("tags");
        fields.insert("tag_id".to_owned(), json!(ids));
    }
    json!({"external_contact": customer.external_contact, "follow_info": info})
}

/// `limit` of the body, between 1 and `most`.
pub(super) fn page_size(call: &Call, default: i64, most: usize) -> Result<usize, Refusal> {
    let limit = usize::try_from(call.number("limit").unwrap_or(default)).unwrap_or_default();
    if (1..=most).contains(&limit) { Ok(limit) } else { Err(INVALID_PARAMETER) }
}

/// One page of `rows` and the cursor of the next, empty at the end.
pub(super) fn page(rows: Vec<Value>, cursor: &str, limit: usize) -> Result<(Vec<Value>, String), Refusal> {
    let start = match cursor {
        "" => 0,
        cursor => cursor.strip_prefix("CURSOR-").and_then(|n| n.parse().ok()).ok_or(INVALID_PARAMETER)?,
    };
    let end: usize = limit.saturating_add(start);
    let next = if end < rows.len() { format!("CURSOR-{end}") } else { String::new() };
    Ok((rows.into_iter().skip(start).take(limit).collect(), next))
}

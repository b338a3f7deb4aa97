//! Members and departments (pages 90196, 90200, 90208 and neighbours).

use crate::sandbox::call::{Answer, Call, Reply};
use crate::sandbox::company::{Department, Member, MemberTag};
use crate::sandbox::errcode::*;
use crate::sandbox::world::World;
use serde_json::{Value, json};

pub(super) fn user_get(world: &mut World, call: &Call) -> Answer {
    let userid = call.query("userid").ok_or(USERID_MISSING)?;
    let member = world.company.member(userid).ok_or(NO_SUCH_USER)?;
    Ok(Reply::Json(json!(member)))
}

pub(super) fn user_list(world: &mut World, call: &Call) -> Answer {
    let members = members_asked_for(world, call)?;
    Ok(Reply::Json(json!({"userlist": members})))
}

pub(super) fn user_simplelist(world: &mut World, call: &Call) -> Answer {
    let brief = |member: &&Member| json!({"userid": member.userid, "name": member.name, "department": member.department});
    let members: Vec<Value> = members_asked_for(world, call)?.iter().map(brief).collect();
    Ok(Reply::Json(json!({"userlist": members})))
}

pub(super) fn department_list(world: &mut World, call: &Call) -> Answer {
    Ok(Reply::Json(json!({"department": departments_asked_for(world, call)?})))
}

pub(super) fn department_simplelist(world: &mut World, call: &Call) -> Answer {
    let brief = |d: &&Department| json!({"id": d.id, "parentid": d.parentid, "order": d.order});
    let departments: Vec<Value> = departments_asked_for(world, call)?.iter().map(brief).collect();
    Ok(Reply::Json(json!({"department_id": departments})))
}

pub(super) fn tag_list(world: &mut World, _: &Call) -> Answer {
    let brief = |tag: &MemberTag| json!({"tagid": tag.tagid, "tagname": tag.tagname});
    let tags: Vec<Value> = world.company.tags.iter().map(brief).collect();
    Ok(Reply::Json(json!({"taglist": tags})))
}

pub(super) fn tag_get(world: &mut World, call: &Call) -> Answer {
    let asked = call.query("tagid").ok_or(EMPTY_PARAMETER)?;
    let tag = world.company.tags.iter().find(|tag| tag.tagid.to_string() == asked).ok_or(NO_SUCH_TAG)?;
    let named = |userid: &String| Some(json!({"userid": userid, "name": world.company.member(userid)?.name}));
    let users: Vec<Value> = tag.userlist.iter().filter_map(named).collect();
    Ok(Reply::Json(json!({"tagname": tag.tagname, "userlist": users, "partylist": tag.partylist})))
}

/// The members of exactly one department, or of all below it with `fetch_child`.
fn members_asked_for<'a>(world: &'a World, call: &Call) -> Result<Vec<&'a Member>, Refusal> {
    let root = call.query("department_id").ok_or(EMPTY_PARAMETER)?.parse().map_err(|_| NO_SUCH_DEPARTMENT)?;
    let tree = world.company.department_tree(root);
    if tree.is_empty() {
        return Err(NO_SUCH_DEPARTMENT);
    }
    let deep = call.query("fetch_child") == Some("1");
    let asked = |id: &i64| *id == root || deep && tree.iter().any(|department| department.id == *id);
    Ok(world.company.members.iter().filter(|member| member.department.iter().any(asked)).collect())
}

/// A department and all below it; all of them when none is named.
fn departments_asked_for<'a>(world: &'a World, call: &Call) -> Result<Vec<&'a Department>, Refusal> {
    let Some(id) = call.query("id") else { return Ok(world.company.departments.iter().collect()) };
    let tree = world.company.department_tree(id.parse().map_err(|_| NO_SUCH_DEPARTMENT)?);
    if tree.is_empty() { Err(NO_SUCH_DEPARTMENT) } else { Ok(tree) }
}

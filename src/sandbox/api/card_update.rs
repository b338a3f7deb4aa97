//! `update_template_card` (page 94888): greys a card's buttons or puts a whole card in its place.

use crate::sandbox::call::{Answer, Call, Reply, list, text};
use crate::sandbox::card;
use crate::sandbox::errcode::*;
use crate::sandbox::inbox::Card;
use crate::sandbox::world::World;
use serde_json::{Value, json};

const MOST_USERS: usize = 1_000;

/// What an update does to a card.
enum Change<'a> {
    Grey(&'a str),
    Replace(&'a Value),
}

pub(super) fn update_template_card(world: &mut World, call: &Call) -> Answer {
    if call.number("agentid") != i64::try_from(call.agent.0).ok() {
        return Err(INVALID_AGENT);
    }
    let change = change(call)?;
    let targets = Targets::of(world, call)?;
    let msgid = world.spend_card_code(call.text("response_code"), call.agent)?;
    for (user, shown) in world.copies(call.agent, &msgid) {
        if let Some(card) = shown.card.as_mut().filter(|_| targets.include(user)) {
            change.apply(card);
        }
    }
    Ok(Reply::Json(json!({"invaliduser": targets.invalid})))
}

fn change(call: &Call) -> Result<Change<'_>, Refusal> {
    if let Some(card) = call.body.get("template_card") {
        card::check_update(card)?;
        return Ok(Change::Replace(card));
    }
    match call.body.get("button").map(|button| text(button, "replace_name")) {
        None | Some("") => Err(EMPTY_PARAMETER),
        Some(name) => Ok(Change::Grey(name)),
    }
}

impl Change<'_> {
    fn apply(&self, card: &mut Card) {
        match self {
            Change::Grey(name) => card.grey(name),
            Change::Replace(body) => card.replace((*body).clone()),
        }
    }
}

/// Whose copies are updated, ids in lower case; `None` is everyone's.
struct Targets {
    users: Option<Vec<String>>,
    invalid: Vec<String>,
}

impl Targets {
    fn of(world: &World, call: &Call) -> Result<Self, Refusal> {
        if call.number("atall") == Some(1) {
            return Ok(Self { users: None, invalid: Vec::new() });
        }
        let named: Vec<&str> = list(&call.body, "userids").iter().filter_map(Value::as_str).collect();
        if named.len() > MOST_USERS {
            return Err(USER_LIST_TOO_LONG);
        }
        let parties = list(&call.body, "partyids").iter().filter_map(Value::as_i64);
        let trees: Vec<i64> =
            parties.flat_map(|id| world.company.department_tree(id)).map(|d| d.id).collect();
        let within =
            world.company.members.iter().filter(|m| m.department.iter().any(|id| trees.contains(id)));
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            named.iter().partition(|user| world.company.member(user).is_some());
        let users = known.into_iter().chain(within.map(|member| member.userid.as_str()));
        let users: Vec<String> = users.map(str::to_ascii_lowercase).collect();
        let invalid = unknown.into_iter().map(str::to_ascii_lowercase).collect();
        if users.is_empty() {
            return Err(NO_RECIPIENT_TO_UPDATE);
        }
        Ok(Self { users: Some(users), invalid })
    }

    fn include(&self, user: &String) -> bool {
        self.users.as_ref().is_none_or(|users| users.contains(user))
    }
}

//! Sending application messages and taking them back (pages 90236, 94867).

use super::body::{Content, content};
use crate::model::CompanyZone;
use crate::sandbox::call::{Answer, Call, Reply, text};
use crate::sandbox::card::calls_back;
use crate::sandbox::errcode::*;
use crate::sandbox::inbox::{Author, Card, Shown};
use crate::sandbox::world::World;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Person-times a day for each account of the corp.
const DAILY_PER_ACCOUNT: usize = 200;
const RECALL_WITHIN: SignedDuration = SignedDuration::from_hours(24);
const MOST_USERS: usize = 1_000;
const MOST_PARTIES: usize = 100;
const MOST_TAGS: usize = 100;

pub(super) fn send(world: &mut World, call: &Call) -> Answer {
    let content = content(world, call)?;
    is_own_agent(call, &content.kind)?;
    let recipients = Recipients::of(world, call)?;
    if let Some(earlier) = duplicate(world, call) {
        return Ok(Reply::Json(earlier));
    }
    within_daily_limit(world, call, recipients.valid.len())?;
    may_send_card(world, call, &content)?;
    let reply = deliver(world, call, content, &recipients);
    remember(world, call, &reply);
    Ok(Reply::Json(reply))
}

fn is_own_agent(call: &Call, kind: &str) -> Result<(), Refusal> {
    let named = call.number("agentid").and_then(|agent| u64::try_from(agent).ok());
    let right = kind == "miniprogram_notice" || named == Some(call.agent.0);
    if right { Ok(()) } else { Err(INVALID_AGENT) }
}

/// Who gets the message, and who of those named does not exist.
struct Recipients {
    valid: Vec<String>,
    invalid_users: Vec<String>,
    invalid_parties: Vec<String>,
    invalid_tags: Vec<String>,
}

impl Recipients {
    fn of(world: &World, call: &Call) -> Result<Self, Refusal> {
        let [users, parties, tags] = ["touser", "toparty", "totag"].map(|field| named(call.text(field)));
        if users.len() + parties.len() + tags.len() == 0 {
            return Err(NO_RECIPIENTS);
        }
        if users == ["@all"] {
            let everyone = world.company.members.iter().map(|member| member.userid.clone());
            return Ok(Self::only(everyone.collect()));
        }
        for (list, most, refusal) in [
            (&users, MOST_USERS, USER_LIST_TOO_LONG),
            (&parties, MOST_PARTIES, PARTY_LIST_TOO_LONG),
            (&tags, MOST_TAGS, TAG_LIST_TOO_LONG),
        ] {
            if list.len() > most {
                return Err(refusal);
            }
        }
        let mut found = Self::only(Vec::new());
        users.iter().for_each(|user| found.add_user(world, user));
        parties.iter().for_each(|party| found.add_party(world, party));
        // The sample company has no contact tags.
        found.invalid_tags = tags;
        if found.valid.is_empty() { Err(ALL_RECIPIENTS_INVALID) } else { Ok(found) }
    }

    fn only(valid: Vec<String>) -> Self {
        Self { valid, invalid_users: Vec::new(), invalid_parties: Vec::new(), invalid_tags: Vec::new() }
    }

    fn add_user(&mut self, world: &World, user: &str) {
        match world.company.member(user) {
            Some(member) => self.add(&member.userid),
            None => self.invalid_users.push(user.to_ascii_lowercase()),
        }
    }

    fn add_party(&mut self, world: &World, party: &str) {
        let tree = party.parse().map(|id| world.company.department_tree(id)).unwrap_or_default();
        if tree.is_empty() {
            self.invalid_parties.push(party.to_owned());
        }
        let within = |id: &i64| tree.iter().any(|department| department.id == *id);
        let members = world.company.members.iter().filter(|member| member.department.iter().any(within));
        members.for_each(|member| self.add(&member.userid));
    }

    fn add(&mut self, userid: &str) {
        if !self.valid.iter().any(|known| known == userid) {
            self.valid.push(userid.to_owned());
        }
    }
}

fn named(joined: &str) -> Vec<String> {
    joined.split('|').filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// What the same request was answered inside its interval.
fn duplicate(world: &World, call: &Call) -> Option<Value> {
    if call.number("enable_duplicate_check") != Some(1) {
        return None;
    }
    let (at, answer) = world.sent.get(&(call.agent, call.body.to_string()))?;
    let interval = call.number("duplicate_check_interval").unwrap_or(1_800).clamp(0, 4 * 3_600);
    (world.now().duration_since(*at) < SignedDuration::from_secs(interval)).then(|| answer.clone())
}

fn remember(world: &mut World, call: &Call, answer: &Value) {
    if call.number("enable_duplicate_check") == Some(1) {
        let now = world.now();
        world.sent.insert((call.agent, call.body.to_string()), (now, answer.clone()));
    }
}

fn may_send_card(world: &mut World, call: &Call, content: &Content) -> Result<(), Refusal> {
    let Some(card) = content.card.as_ref().filter(|card| calls_back(card)) else { return Ok(()) };
    if world.app(call.agent).is_none_or(|app| app.callback.is_none()) {
        return Err(CALLBACK_NEEDED);
    }
    let fresh = world.tasks.insert((call.agent, text(card, "task_id").to_owned()));
    if fresh { Ok(()) } else { Err(CARD_TASK_ID) }
}

fn within_daily_limit(world: &mut World, call: &Call, people: usize) -> Result<(), Refusal> {
    let today = CompanyZone::china().business_day(world.now());
    let most = DAILY_PER_ACCOUNT * world.company.members.len();
    let sent = world.daily.entry((call.agent, today)).or_default();
    if *sent + people > most {
        return Err(CALL_LIMIT);
    }
    *sent += people;
    Ok(())
}

fn deliver(world: &mut World, call: &Call, content: Content, recipients: &Recipients) -> Value {
    let (msgid, at) = (world.fresh("MSG-"), world.now());
    let author = Author::App(call.agent);
    for userid in &recipients.valid {
        // Beyond the member's limit WeCom says nothing and shows nothing.
        if !world.meter.admit_message(call.agent, userid, at) {
            continue;
        }
        let shown = Shown {
            msgid: msgid.clone(),
            author: author.clone(),
            with: author.clone(),
            at,
            kind: content.kind.clone(),
            text: content.text.clone(),
            card: content.card.clone().map(Card::new),
            recalled: false,
        };
        world.show(userid, shown);
    }
    let mut reply = json!({
        "invaliduser": recipients.invalid_users.join("|"),
        "invalidparty": recipients.invalid_parties.join("|"),
        "invalidtag": recipients.invalid_tags.join("|"),
        "unlicenseduser": "",
        "msgid": msgid,
    });
    if content.card.as_ref().is_some_and(calls_back)
        && let Some(fields) = reply.as_object_mut()
    {
        let code = world.card_code(call.agent, &msgid);
        fields.insert("response_code".to_owned(), Value::String(code));
    }
    reply
}

pub(super) fn recall(world: &mut World, call: &Call) -> Answer {
    let msgid = call.text("msgid");
    if msgid.is_empty() {
        return Err(EMPTY_PARAMETER);
    }
    let now = world.now();
    let mut found = false;
    for (_, shown) in world.copies(call.agent, msgid) {
        if now.duration_since(shown.at) > RECALL_WITHIN {
            return Err(MESSAGE_TOO_OLD);
        }
        shown.recalled = true;
        found = true;
    }
    if found { Ok(Reply::Json(json!({}))) } else { Err(INVALID_PARAMETER) }
}

//! The parts of a customer's page, as its template shows them.

use crate::channels::of_parting;
use crate::followup::{ContactPage, FollowingShown, action_name, stage_name, touch_name};
use crate::model::{
    Appointment, CompanyZone, MAX_SLOTS, RequiredAction, SlotValue, Stage, Standing, TouchWay, UserId,
};
use crate::web::site::Site;
use crate::wording::{Lang, Wording, say};
use jiff::Timestamp;

/// The most needs that are offered.
const NEEDS: usize = 12;

/// Something that can be chosen.
pub struct Choice {
    pub key: String,
    pub title: String,
    pub chosen: bool,
}

/// One stage in the row of them.
pub struct StageStep {
    pub title: String,
    pub current: bool,
    pub passed: bool,
}

/// One required action.
pub struct ActionRow {
    pub key: &'static str,
    pub title: String,
    pub value: Option<String>,
    pub late: bool,
}

/// One of the rep's own tags.
pub struct SlotRow {
    pub name: String,
    pub kind: &'static str,
    pub value: String,
    pub options: String,
}

/// How the rep and the customer came together.
pub fn source(lang: Lang, page: &ContactPage) -> Option<String> {
    let way = touch_name(lang, page.added_way?);
    Some(say(lang, Wording::ContactSource, &[("source", &way)]))
}

/// Who of us follows the customer, the viewer first.
pub fn owners(lang: Lang, page: &ContactPage) -> String {
    let owners = page.owners.iter().map(UserId::as_str).collect::<Vec<_>>().join("、");
    say(lang, Wording::ContactOwner, &[("owner", &owners)])
}

/// What a rep must know before they read on.
pub fn notices(lang: Lang, zone: &CompanyZone, page: &ContactPage) -> Vec<String> {
    let stale = page.stale.then(|| {
        let when = zone.minute(page.fetched_at);
        say(lang, Wording::PageReadOnly, &[("when", &when)])
    });
    let ended = page.following.ended.map(|ended| {
        let when = zone.minute(ended.at);
        say(lang, of_parting(ended.by), &[("when", &when)])
    });
    stale.into_iter().chain(ended).collect()
}

/// The stage and for how long: 「首触 · 已停留 3 天」.
pub fn stage(lang: Lang, following: &FollowingShown) -> String {
    let days = following.stage.days.to_string();
    let stage = &following.stage.title;
    match following.stage.days {
        ..=0 => say(lang, Wording::StageToday, &[("stage", stage)]),
        _ => say(lang, Wording::StageDays, &[("stage", stage), ("days", &days)]),
    }
}

/// The way of a customer: lost is no step on it, but shown when they are there.
pub fn steps(lang: Lang, following: &FollowingShown) -> Vec<StageStep> {
    let own = following.stage.key;
    let is_on = |stage: &Stage| (*stage == Stage::Lost) == (own == Stage::Lost) || *stage < Stage::Won;
    let step = |stage: Stage| StageStep {
        title: stage_name(lang, stage),
        current: stage == own,
        passed: own != Stage::Lost && stage < own,
    };
    Stage::ALL.into_iter().filter(is_on).map(step).collect()
}

/// How much of the day is left, or that it is over.
pub fn clock(lang: Lang, zone: &CompanyZone, following: &FollowingShown, now: Timestamp) -> String {
    let required = &following.required;
    if required.standing != Standing::Open {
        return required.title.clone();
    }
    let left = required.deadline.duration_since(now).as_mins();
    let left = format!("{:02}:{:02}", left / 60, left % 60);
    say(lang, Wording::RequiredLeft, &[("left", &left), ("when", &zone.minute(required.deadline))])
}

/// The three required actions with what is filled in.
pub fn actions(lang: Lang, zone: &CompanyZone, following: &FollowingShown) -> Vec<ActionRow> {
    let required = &following.required;
    let row = |action| {
        let (value, late) = match action {
            RequiredAction::FirstTouch => required.first_touch.as_ref().map(|filled| {
                let when = zone.minute(filled.value.at);
                (format!("{} · {when}", touch_name(lang, filled.value.way)), filled.late)
            }),
            RequiredAction::CoreNeed => {
                required.core_need.as_ref().map(|filled| (filled.value.join("、"), filled.late))
            }
            RequiredAction::NextFollowUp => {
                required.next_follow_up.as_ref().map(|filled| (zone.minute(filled.value), filled.late))
            }
        }
        .unzip();
        ActionRow {
            key: action.as_str(),
            title: action_name(lang, action),
            value,
            late: late.unwrap_or_default(),
        }
    };
    RequiredAction::ALL.into_iter().map(row).collect()
}

/// The ways of a first touch; what it may have been is chosen already.
pub fn touches(lang: Lang, following: &FollowingShown) -> Vec<Choice> {
    let required = &following.required;
    let filled = required.first_touch.as_ref().map(|filled| filled.value);
    let own = filled.or(required.suggested_first_touch).map(|touch| touch.way);
    let choice = |way: TouchWay| Choice {
        key: way.as_str().to_owned(),
        title: touch_name(lang, way),
        chosen: own == Some(way),
    };
    TouchWay::ALL.into_iter().map(choice).collect()
}

/// The needs the company has scripts for, after those that are chosen.
pub fn needs(site: &Site, following: &FollowingShown) -> Vec<Choice> {
    let chosen = following.required.core_need.as_ref().map(|filled| filled.value.clone()).unwrap_or_default();
    let rules = site.parts.gate.rules().current();
    let offered = rules.replies.iter().filter_map(|reply| reply.needs.first());
    let mut needs: Vec<Choice> = Vec::new();
    for need in chosen.iter().chain(offered) {
        if needs.len() < NEEDS && !needs.iter().any(|known| known.key == *need) {
            needs.push(Choice { key: need.clone(), title: need.clone(), chosen: chosen.contains(need) });
        }
    }
    needs
}

/// The rep's three slots, filled or not.
pub fn slots(following: &FollowingShown) -> Vec<SlotRow> {
    let empty =
        || SlotRow { name: String::new(), kind: "text", value: String::new(), options: String::new() };
    let filled = following.slots.iter().map(|slot| {
        let (kind, options) = match &slot.value {
            SlotValue::Text { .. } => ("text", String::new()),
            SlotValue::Number { .. } => ("number", String::new()),
            SlotValue::Date { .. } => ("date", String::new()),
            SlotValue::Choice { options, .. } => ("choice", options.join(",")),
        };
        SlotRow { name: slot.name.clone(), kind, value: slot.shown(), options }
    });
    filled.chain(std::iter::repeat_with(empty)).take(MAX_SLOTS).collect()
}

/// What is coming.
pub fn appointments(zone: &CompanyZone, following: &FollowingShown) -> Vec<Choice> {
    let row = |kept: &Appointment| Choice {
        key: kept.id.to_string(),
        title: format!("{} · {}", zone.minute(kept.starts_at), kept.title),
        chosen: false,
    };
    following.appointments.iter().map(row).collect()
}

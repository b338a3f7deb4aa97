//! What a customer's page shows, as data.

use crate::model::{
    Appointment, CompanyZone, CorpId, Ended, Exemption, ExternalUserId, Filled, FirstTouch, Following,
    Passage, RequiredAction, Stage, Standing, Tag, TagSlot, TouchWay, UserId,
};
use crate::wording::{Lang, Wording, say};
use jiff::Timestamp;
use serde::Serialize;

/// Something that is still to be done for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenAction {
    /// Its key, for programs.
    pub key: String,
    /// Its name, for people.
    pub title: String,
}

/// A customer's page, as one rep sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactPage {
    /// The company.
    pub corp: CorpId,
    /// The customer.
    pub id: ExternalUserId,
    /// Their name.
    pub name: String,
    /// The rep's own name for them, may be empty.
    pub remark: String,
    /// Where they stand.
    pub stage: String,
    /// Who of us follows them, the viewer first.
    pub owners: Vec<UserId>,
    /// How the viewer and the customer came together, as far as WeCom says.
    pub added_way: Option<TouchWay>,
    /// The tags of the viewer.
    pub tags: Vec<Tag>,
    /// When a text to them was last cleared, or what the CRM says.
    pub last_contact: Option<String>,
    /// What is open.
    pub actions: Vec<OpenAction>,
    /// The CRM's note, if it has one.
    pub note: Option<String>,
    /// Where a tap leads.
    pub link: String,
    /// When WeCom gave us the profile.
    pub fetched_at: Timestamp,
    /// WeCom (or the CRM) did not answer: this is the last known.
    pub stale: bool,
    /// The viewer's following of them.
    pub following: FollowingShown,
}

/// A following as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FollowingShown {
    /// What a change must name: it is refused when somebody else was faster.
    pub revision: u64,
    /// Where the customer stands.
    pub stage: StageShown,
    /// The three required actions.
    pub required: RequiredShown,
    /// The rep's own tags.
    pub slots: Vec<TagSlot>,
    /// Appointments that are not over, the next first.
    pub appointments: Vec<Appointment>,
    /// They have parted.
    pub ended: Option<Ended>,
}

/// Where a customer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageShown {
    /// The stage.
    pub key: Stage,
    /// Its name, for people.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
    /// Whole days since, in the company's calendar.
    pub days: i32,
    /// Where the customer may go from here.
    pub onward: Vec<OnwardShown>,
}

/// A stage that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnwardShown {
    /// The stage.
    pub key: Stage,
    /// Its name, for people.
    pub title: String,
    /// Going there asks for a reason.
    pub needs_reason: bool,
}

/// How the three required actions stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequiredShown {
    /// In one word.
    pub standing: Standing,
    /// For people.
    pub title: String,
    /// Until when they have to be done.
    pub deadline: Timestamp,
    /// How many are.
    pub done: usize,
    /// What is missing.
    pub missing: Vec<OpenAction>,
    /// The first touch, once somebody said.
    pub first_touch: Option<Filled<FirstTouch>>,
    /// What it may have been, for the rep to confirm.
    pub suggested_first_touch: Option<FirstTouch>,
    /// What the customer wants.
    pub core_need: Option<Filled<Vec<String>>>,
    /// When the rep gets in touch again.
    pub next_follow_up: Option<Filled<Timestamp>>,
    /// A supervisor let the rep off.
    pub exemption: Option<Exemption>,
}

impl FollowingShown {
    /// As it is at `now`.
    pub fn of(
        lang: Lang,
        zone: &CompanyZone,
        following: &Following,
        suggested: Option<FirstTouch>,
        now: Timestamp,
    ) -> Self {
        let coming = following.appointments.iter().filter(|appointment| now < appointment.ends_at);
        Self {
            revision: following.revision,
            stage: StageShown::of(lang, zone, following, now),
            required: RequiredShown::of(lang, following, suggested, now),
            slots: following.tags.clone(),
            appointments: coming.cloned().collect(),
            ended: following.ended,
        }
    }
}

impl StageShown {
    fn of(lang: Lang, zone: &CompanyZone, following: &Following, now: Timestamp) -> Self {
        let onward = |(key, passage)| OnwardShown {
            key,
            title: stage_name(lang, key),
            needs_reason: passage == Passage::WithReason,
        };
        let day = |at| zone.business_day(at);
        Self {
            key: following.stage,
            title: stage_name(lang, following.stage),
            since: following.stage_since,
            days: (day(now) - day(following.stage_since)).get_days(),
            onward: following.stage.onward().map(onward).collect(),
        }
    }
}

impl RequiredShown {
    fn of(lang: Lang, following: &Following, suggested: Option<FirstTouch>, now: Timestamp) -> Self {
        let standing = following.standing(now);
        let missing: Vec<_> =
            following.missing().into_iter().map(|action| open_action(lang, action)).collect();
        let names = missing.iter().map(|action| action.title.as_str()).collect::<Vec<_>>().join("、");
        let title = match standing {
            Standing::Open => Wording::RequiredOpen,
            Standing::Complete => Wording::RequiredComplete,
            Standing::Exempt => Wording::RequiredExempt,
            Standing::Dormant => Wording::RequiredDormant,
        };
        Self {
            standing,
            title: say(lang, title, &[("missing", &names)]),
            deadline: following.deadline(),
            done: RequiredAction::ALL.len() - missing.len(),
            missing,
            first_touch: following.first_touch.clone(),
            suggested_first_touch: suggested,
            core_need: following.core_need.clone(),
            next_follow_up: following.next_follow_up.clone(),
            exemption: following.exemption.clone(),
        }
    }
}

fn open_action(lang: Lang, action: RequiredAction) -> OpenAction {
    OpenAction { key: action.as_str().to_owned(), title: action_name(lang, action) }
}

/// A required action as people read it.
pub fn action_name(lang: Lang, action: RequiredAction) -> String {
    let key = match action {
        RequiredAction::FirstTouch => Wording::ActionFirstTouch,
        RequiredAction::CoreNeed => Wording::ActionNeed,
        RequiredAction::NextFollowUp => Wording::ActionNext,
    };
    say(lang, key, &[])
}

/// A stage as people read it.
pub fn stage_name(lang: Lang, stage: Stage) -> String {
    let key = match stage {
        Stage::Lead => Wording::StageLead,
        Stage::FirstTouch => Wording::StageFirstTouch,
        Stage::Need => Wording::StageNeed,
        Stage::Proposal => Wording::StageProposal,
        Stage::Won => Wording::StageWon,
        Stage::Lost => Wording::StageLost,
    };
    say(lang, key, &[])
}

/// A way to reach a customer as people read it.
pub fn touch_name(lang: Lang, way: TouchWay) -> String {
    let key = match way {
        TouchWay::Message => Wording::TouchMessage,
        TouchWay::Phone => Wording::TouchPhone,
        TouchWay::Visit => Wording::TouchVisit,
        TouchWay::QrCode => Wording::TouchQrCode,
        TouchWay::Group => Wording::TouchGroup,
        TouchWay::Card => Wording::TouchCard,
        TouchWay::Email => Wording::TouchEmail,
        TouchWay::Link => Wording::TouchLink,
        TouchWay::Referral => Wording::TouchReferral,
        TouchWay::Other => Wording::TouchOther,
    };
    say(lang, key, &[])
}

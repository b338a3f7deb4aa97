//! What a rep has to do, for all their customers, by its time.

use super::page::action_name;
use super::service::{Followup, Viewer};
use crate::model::{ContactSnapshot, ExternalUserId, Following, Standing};
use crate::store::StoreError;
use crate::wording::{Wording, say};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::HashMap;

/// Something a rep has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// For whom.
    pub contact: ExternalUserId,
    /// The rep's own name for them, or theirs.
    pub name: String,
    /// What kind it is.
    pub kind: TodoKind,
    /// What it is, for people.
    pub title: String,
    /// Until when; for an appointment, when it begins.
    pub due_at: Timestamp,
    /// Where it stands in the list.
    pub group: TodoGroup,
    /// The required actions' time is over (待激活).
    pub dormant: bool,
    /// The customer's page.
    pub link: String,
}

/// What kind of thing a rep has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoKind {
    /// Required actions are missing.
    Required,
    /// The time to get in touch again that the rep set.
    FollowUp,
    /// An appointment.
    Appointment,
}

/// Where in the list a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TodoGroup {
    /// 已超时
    Overdue,
    /// 今天
    Today,
    /// 之后
    Later,
}

impl TodoGroup {
    /// All groups, in their order.
    pub const ALL: [TodoGroup; 3] = [TodoGroup::Overdue, TodoGroup::Today, TodoGroup::Later];
}

impl Followup {
    /// What the viewer has to do, the longest overdue first. Only customers they follow as far as we
    /// know: WeCom is not asked.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn todos(&self, viewer: &Viewer) -> Result<Vec<Todo>, StoreError> {
        let contacts = self.parts.store.contacts_of(&viewer.corp, &viewer.user).await?;
        let contacts: HashMap<_, _> = contacts.into_iter().map(|kept| (kept.id.clone(), kept)).collect();
        let followings = self.parts.store.followings_of(&viewer.corp, &viewer.user).await?;
        let mut todos: Vec<_> = followings
            .iter()
            .filter(|(_, following)| following.ended.is_none())
            .filter_map(|(id, following)| Some((contacts.get(id)?, following)))
            .flat_map(|(contact, following)| self.todos_of(viewer, contact, following))
            .collect();
        todos.sort_by(|a, b| (a.due_at, &a.contact).cmp(&(b.due_at, &b.contact)));
        Ok(todos)
    }

    fn todos_of(&self, viewer: &Viewer, contact: &ContactSnapshot, following: &Following) -> Vec<Todo> {
        let now = self.parts.clock.now();
        let remark = contact.follow(&viewer.user).map(|follow| follow.remark.as_str());
        let name = remark.filter(|remark| !remark.is_empty()).unwrap_or(&contact.name);
        let todo = |kind, title: String, due_at| Todo {
            contact: contact.id.clone(),
            name: name.to_owned(),
            kind,
            title,
            due_at,
            group: self.group(due_at, now),
            dormant: kind == TodoKind::Required && following.standing(now) == Standing::Dormant,
            link: self.link(&contact.id),
        };
        let required = matches!(following.standing(now), Standing::Open | Standing::Dormant)
            .then(|| todo(TodoKind::Required, missing(viewer, following), following.deadline()));
        let follow_up = following
            .next_follow_up
            .as_ref()
            .map(|next| todo(TodoKind::FollowUp, say(viewer.lang, Wording::TodoFollowUp, &[]), next.value));
        let coming = following.appointments.iter().filter(|appointment| now < appointment.ends_at);
        let coming = coming.map(|kept| todo(TodoKind::Appointment, kept.title.clone(), kept.starts_at));
        required.into_iter().chain(follow_up).chain(coming).collect()
    }

    fn group(&self, due_at: Timestamp, now: Timestamp) -> TodoGroup {
        let day = |at| self.parts.zone.business_day(at);
        match () {
            () if due_at <= now => TodoGroup::Overdue,
            () if day(due_at) == day(now) => TodoGroup::Today,
            () => TodoGroup::Later,
        }
    }
}

fn missing(viewer: &Viewer, following: &Following) -> String {
    let names: Vec<_> =
        following.missing().into_iter().map(|action| action_name(viewer.lang, action)).collect();
    say(viewer.lang, Wording::RequiredOpen, &[("missing", &names.join("、"))])
}

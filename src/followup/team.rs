//! Who leads a rep: their direct leader, or a leader of their department or one above it.

use super::error::FollowupError;
use super::service::{Followup, PATIENCE};
use crate::model::{CorpId, UserId};
use crate::wecom::client::AppAuth;
use crate::wecom::fault::WecomError;
use crate::wecom::members::{Department, Member};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::PoisonError;

/// How long an answer of WeCom's about a team is good.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// 60111: no such member (page 90313).
const NO_SUCH_MEMBER: i64 = 60_111;

/// Leaders of reps, and when WeCom named them.
pub(super) type Teams = HashMap<(CorpId, UserId), (Vec<UserId>, Timestamp)>;

impl Followup {
    /// Whether `leader` leads `rep`. An answer an hour old is asked for again; while WeCom is away the
    /// old one stands.
    ///
    /// # Errors
    /// [`FollowupError::Away`] when WeCom does not answer and never did about this rep.
    pub async fn leads(&self, corp: &CorpId, leader: &UserId, rep: &UserId) -> Result<bool, FollowupError> {
        let now = self.parts.clock.now();
        let known = self.known_leaders(corp, rep);
        if let Some((leaders, at)) = &known
            && now.duration_since(*at) < FRESH
        {
            return Ok(leaders.contains(leader));
        }
        let leaders = match (self.ask_leaders(corp, rep).await, known) {
            (Ok(leaders), _) => leaders,
            (Err(why), Some((leaders, _))) => {
                tracing::warn!(%why, "WeCom does not say who leads a member; the last known leaders stand");
                return Ok(leaders.contains(leader));
            }
            (Err(why), None) => return Err(FollowupError::Away { why }),
        };
        let leads = leaders.contains(leader);
        let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        teams.retain(|_, (_, at)| now.duration_since(*at) < FRESH);
        teams.insert((corp.clone(), rep.clone()), (leaders, now));
        Ok(leads)
    }

    fn known_leaders(&self, corp: &CorpId, rep: &UserId) -> Option<(Vec<UserId>, Timestamp)> {
        let teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        teams.get(&(corp.clone(), rep.clone())).cloned()
    }

    async fn ask_leaders(&self, corp: &CorpId, rep: &UserId) -> Result<Vec<UserId>, String> {
        let app = self.app_of(corp).ok_or_else(|| format!("no app is configured for {corp}"))?;
        let asked = tokio::time::timeout(PATIENCE, self.ask_team(app, rep)).await;
        match asked.map_err(|_| "no answer in time".to_owned())? {
            Ok((member, departments)) => Ok(leaders(&member, &departments)),
            Err(error) if error.code() == Some(NO_SUCH_MEMBER) => Ok(Vec::new()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn ask_team(&self, app: &AppAuth, rep: &UserId) -> Result<(Member, Vec<Department>), WecomError> {
        let member = self.parts.wecom.member(app, rep).await?;
        Ok((member, self.parts.wecom.departments(app).await?))
    }
}

/// Nobody leads themselves.
fn leaders(member: &Member, departments: &[Department]) -> Vec<UserId> {
    let above = |id: u64| departments.iter().find(|department| department.id == id);
    let mut leaders = member.direct_leader.clone();
    for belonging in &member.departments {
        let mut next = above(belonging.department);
        // A tree of WeCom's has few floors; a circle in bad data must not hold us.
        for _ in 0..departments.len() {
            let Some(department) = next else { break };
            leaders.extend(department.department_leader.iter().cloned());
            next = above(department.parentid);
        }
    }
    leaders.retain(|leader| *leader != member.user);
    leaders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::members::Belonging;

    fn department(id: u64, parentid: u64, leader: &str) -> Department {
        Department { id, name: String::new(), department_leader: vec![leader.into()], parentid }
    }

    #[test]
    fn a_rep_is_led_by_their_leader_and_those_of_every_department_above() {
        let departments = [department(1, 0, "boss"), department(2, 1, "ChenLan"), department(3, 1, "sunhe")];
        let member = |user: &str, direct: &[&str]| Member {
            user: user.into(),
            name: String::new(),
            departments: vec![Belonging { department: 2, leads: false }],
            main_department: 2,
            direct_leader: direct.iter().map(|user| UserId::from(*user)).collect(),
            status: 1,
        };
        assert_eq!(
            leaders(&member("zhangsan", &["wangwu"]), &departments),
            ["wangwu", "ChenLan", "boss"].map(UserId::from)
        );
        assert_eq!(leaders(&member("ChenLan", &[]), &departments), ["boss"].map(UserId::from));
    }

    #[test]
    fn departments_that_name_each_other_as_parent_are_walked_once() {
        let departments = [department(2, 3, "a"), department(3, 2, "b")];
        let member = Member {
            user: "zhangsan".into(),
            name: String::new(),
            departments: vec![Belonging { department: 2, leads: false }],
            main_department: 2,
            direct_leader: Vec::new(),
            status: 1,
        };
        assert_eq!(leaders(&member, &departments), ["a", "b"].map(UserId::from));
    }
}

//! Who leads a rep, as WeCom says.

use super::error::FollowupError;
use super::service::{Followup, PATIENCE};
use crate::model::{CorpId, UserId};
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
    /// Whether `leader` is one of those `rep` answers to. An answer an hour old is asked for again; while WeCom is away the
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
        let asked = tokio::time::timeout(PATIENCE, self.parts.wecom.leaders_of(app, rep)).await;
        match asked.map_err(|_| "no answer in time".to_owned())? {
            Err(error) if error.code() == Some(NO_SUCH_MEMBER) => Ok(Vec::new()),
            answered => answered.map_err(|error| error.to_string()),
        }
    }
}

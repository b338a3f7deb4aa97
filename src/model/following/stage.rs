//! Where a customer stands on the way to a deal, and which ways lead on.

use serde::{Deserialize, Serialize};

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 线索
    Lead,
    /// 首触
    FirstTouch,
    /// 需求确认
    Need,
    /// 方案
    Proposal,
    /// 成交
    Won,
    /// 流失
    Lost,
}

/// What a way from stage to stage asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// Nothing: the next step.
    Free,
    /// A reason: a step that skips another, or leads back, or gives up.
    WithReason,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 6] =
        [Stage::Lead, Stage::FirstTouch, Stage::Need, Stage::Proposal, Stage::Won, Stage::Lost];

    /// The name used in JSON and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Lead => "lead",
            Stage::FirstTouch => "first_touch",
            Stage::Need => "need",
            Stage::Proposal => "proposal",
            Stage::Won => "won",
            Stage::Lost => "lost",
        }
    }

    /// The reverse of [`Stage::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    /// What it takes to get to `to`; `None` where no way leads there.
    pub fn passage(self, to: Stage) -> Option<Passage> {
        use Stage::{FirstTouch, Lead, Lost, Need, Proposal, Won};
        match (self, to) {
            (Lead, FirstTouch) | (FirstTouch, Need) | (Need, Proposal) | (Proposal, Won) => {
                Some(Passage::Free)
            }
            (Lead, Need) | (FirstTouch, Proposal) | (Need, Won) => Some(Passage::WithReason),
            (FirstTouch, Lead) | (Need, FirstTouch) | (Proposal, Need) | (Won, Proposal) => {
                Some(Passage::WithReason)
            }
            (Lead | FirstTouch | Need | Proposal, Lost) | (Lost, Lead | Need) => Some(Passage::WithReason),
            _ => None,
        }
    }

    /// Every stage that can be reached from here, in order.
    pub fn onward(self) -> impl Iterator<Item = (Stage, Passage)> {
        Self::ALL.into_iter().filter_map(move |to| Some((to, self.passage(to)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_stage_is_free_and_every_other_way_asks_why() {
        let order = [Stage::Lead, Stage::FirstTouch, Stage::Need, Stage::Proposal, Stage::Won];
        for from in Stage::ALL {
            for (to, passage) in from.onward() {
                let next = order.windows(2).any(|pair| pair == [from, to]);
                assert_eq!(passage == Passage::Free, next, "{from:?} to {to:?}");
            }
            assert_eq!(from.passage(from), None);
        }
    }

    #[test]
    fn a_lost_customer_is_not_won_in_one_step() {
        assert_eq!(Stage::Lost.passage(Stage::Won), None);
        assert_eq!(Stage::Won.passage(Stage::Lost), None);
        assert_eq!(Stage::Lead.passage(Stage::Won), None);
    }
}

//! What people besides the rep say about a check: an appeal, a second person's word, an officer's
//! finding.

use super::{CheckId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A rep holds that a blocked text may be said (申请复核).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Which.
    pub check: CheckId,
    /// Who says so.
    pub by: UserId,
    /// Why, in their words.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// What an officer found (处置).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 属实: the rule was right.
    Valid,
    /// 误报: the text may be said.
    FalseAlarm,
    /// 已辅导: the rep was told how to say it.
    Coached,
    /// 升级: for somebody above.
    Escalated,
    /// 无需处理.
    NoAction,
}

impl Finding {
    /// All of them.
    pub const ALL: [Finding; 5] =
        [Finding::Valid, Finding::FalseAlarm, Finding::Coached, Finding::Escalated, Finding::NoAction];

    /// The name in JSON and on buttons' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Finding::Valid => "valid",
            Finding::FalseAlarm => "false_alarm",
            Finding::Coached => "coached",
            Finding::Escalated => "escalated",
            Finding::NoAction => "no_action",
        }
    }

    /// The reverse.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.as_str() == text)
    }
}

/// An officer's decision on a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// Which.
    pub check: CheckId,
    /// Whose.
    pub by: UserId,
    /// What was found.
    pub outcome: Finding,
    /// In their words.
    pub note: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What was said about a check so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The rep's.
    pub appeal: Option<Appeal>,
    /// The officer's.
    pub disposition: Option<Disposition>,
}

impl Review {
    /// How much was said: two who decide at once notice each other by it.
    pub fn version(&self) -> u8 {
        u8::from(self.appeal.is_some()) + u8::from(self.disposition.is_some())
    }
}

/// What somebody is asked about a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Whether it may be sent: those the rep answers to.
    Approval,
    /// Whether the rule was right: the officers whose scope covers the rep.
    Appeal,
}

impl Question {
    /// The name in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Question::Approval => "approval",
            Question::Appeal => "appeal",
        }
    }
}

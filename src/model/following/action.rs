//! The three things a rep owes each new customer within a day.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A required action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequiredAction {
    /// 首次触达方式
    FirstTouch,
    /// 核心诉求标签
    CoreNeed,
    /// 下次跟进时间
    NextFollowUp,
}

impl RequiredAction {
    /// All three, in their order on every face.
    pub const ALL: [RequiredAction; 3] =
        [RequiredAction::FirstTouch, RequiredAction::CoreNeed, RequiredAction::NextFollowUp];

    /// The name used in JSON and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            RequiredAction::FirstTouch => "first_touch",
            RequiredAction::CoreNeed => "core_need",
            RequiredAction::NextFollowUp => "next_follow_up",
        }
    }
}

/// How the required actions stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Something is missing, and there is time.
    Open,
    /// All three are filled in.
    Complete,
    /// Something is missing, and a supervisor said that it need not be there.
    Exempt,
    /// Something is missing, and the day is over (待激活).
    Dormant,
}

impl Standing {
    /// The name used in JSON and queries.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Complete => "complete",
            Standing::Exempt => "exempt",
            Standing::Dormant => "dormant",
        }
    }
}

/// A required action that was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled<T> {
    /// With what.
    pub value: T,
    /// When, last.
    pub at: Timestamp,
    /// After the deadline (补填).
    pub late: bool,
}

/// How and when a customer was first reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstTouch {
    /// By which means.
    pub way: TouchWay,
    /// When.
    pub at: Timestamp,
}

/// By which means a customer was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchWay {
    /// A message in WeCom.
    Message,
    /// A call.
    Phone,
    /// Face to face.
    Visit,
    /// They scanned a code.
    QrCode,
    /// In a group.
    Group,
    /// By a card that was passed on.
    Card,
    /// By mail.
    Email,
    /// By a link for new customers (获客链接).
    Link,
    /// Through a colleague or an admin.
    Referral,
    /// Otherwise.
    Other,
}

impl TouchWay {
    /// All of them, in their order on every face.
    pub const ALL: [TouchWay; 10] = [
        TouchWay::Message,
        TouchWay::Phone,
        TouchWay::Visit,
        TouchWay::QrCode,
        TouchWay::Group,
        TouchWay::Card,
        TouchWay::Email,
        TouchWay::Link,
        TouchWay::Referral,
        TouchWay::Other,
    ];

    /// The name used in JSON and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            TouchWay::Message => "message",
            TouchWay::Phone => "phone",
            TouchWay::Visit => "visit",
            TouchWay::QrCode => "qr_code",
            TouchWay::Group => "group",
            TouchWay::Card => "card",
            TouchWay::Email => "email",
            TouchWay::Link => "link",
            TouchWay::Referral => "referral",
            TouchWay::Other => "other",
        }
    }

    /// The reverse of [`TouchWay::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }

    /// What WeCom's `add_way` says about it (page 92114); `None` where that is nothing.
    pub fn of_add_way(add_way: i64) -> Option<Self> {
        Some(match add_way {
            1 => TouchWay::QrCode,
            2 | 5 => TouchWay::Phone,
            3 => TouchWay::Card,
            4 => TouchWay::Group,
            6 | 7 => TouchWay::Message,
            9 => TouchWay::Email,
            16 => TouchWay::Link,
            201 | 202 => TouchWay::Referral,
            _ => return None,
        })
    }
}

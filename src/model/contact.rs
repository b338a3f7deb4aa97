//! A customer as WeCom showed it to us, and when.

use super::{CorpId, ExternalUserId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A label on a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The group it belongs to, may be empty.
    pub group: String,
    /// Its name.
    pub name: String,
}

/// One of us who added the customer (跟进人).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUser {
    /// The member.
    pub user: UserId,
    /// Their name for the customer.
    pub remark: String,
    /// Their description of the customer.
    pub description: String,
    /// When they added the customer.
    pub added_at: Option<Timestamp>,
    /// Their tags on the customer.
    pub tags: Vec<Tag>,
    /// WeCom's number for how the customer was added (`add_way`); unknown numbers are kept.
    pub add_way: i64,
    /// The channel parameter, may be empty.
    pub state: String,
}

/// A customer as `externalcontact/get` gave it at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSnapshot {
    /// The company.
    pub corp: CorpId,
    /// The customer.
    pub id: ExternalUserId,
    /// WeChat nickname or display name.
    pub name: String,
    /// The company a WeCom contact belongs to, may be empty.
    pub corp_name: String,
    /// 1 WeChat user, 2 WeCom user.
    pub kind: i64,
    /// Everyone of us who follows the customer.
    pub follow_users: Vec<FollowUser>,
    /// When we fetched this.
    pub fetched_at: Timestamp,
    /// WeCom told us of a change since.
    #[serde(default)]
    pub outdated: bool,
}

impl ContactSnapshot {
    /// The follow record of one member, if they follow the customer.
    pub fn follow(&self, user: &UserId) -> Option<&FollowUser> {
        self.follow_users.iter().find(|follow| follow.user == *user)
    }
}

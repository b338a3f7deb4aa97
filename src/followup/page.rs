//! What a customer's page shows, as data.

use crate::model::{CorpId, ExternalUserId, Tag, UserId};
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
}

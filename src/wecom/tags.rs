//! Tags on members (标签管理), which a company gives its own people.
//!
//! Facts: pages 90216 (`tag/list`) and 90213 (`tag/get`). Only what lies in the application's range
//! is given.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use crate::model::UserId;
use serde::Deserialize;

const LIST: &str = "tag/list";
const GET: &str = "tag/get";

/// A tag on members.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MemberTag {
    /// Its number.
    #[serde(rename = "tagid")]
    pub id: u64,
    /// Its name.
    #[serde(rename = "tagname", default)]
    pub name: String,
}

/// Who has a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagHolders {
    /// Members named one by one.
    pub users: Vec<UserId>,
    /// Departments, all of whose members have it.
    pub departments: Vec<u64>,
}

impl TagHolders {
    /// Whether a member has the tag, who belongs to these departments; `None` when only departments
    /// could tell and theirs are not known.
    pub fn has(&self, user: &UserId, departments: Option<&[u64]>) -> Option<bool> {
        if self.users.contains(user) {
            return Some(true);
        }
        if self.departments.is_empty() {
            return Some(false);
        }
        departments.map(|own| self.departments.iter().any(|one| own.contains(one)))
    }
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    taglist: Vec<MemberTag>,
}

#[derive(Deserialize)]
struct Holders {
    #[serde(default)]
    userlist: Vec<Holder>,
    #[serde(default)]
    partylist: Vec<u64>,
}

#[derive(Deserialize)]
struct Holder {
    userid: UserId,
}

impl Client {
    /// Every tag the application sees.
    ///
    /// # Errors
    /// As they say.
    pub async fn member_tags(&self, app: &AppAuth) -> Result<Vec<MemberTag>, WecomError> {
        let answer: Tags = self.call(app, &Call::read(LIST, &[])).await?;
        Ok(answer.taglist)
    }

    /// Who has a tag.
    ///
    /// # Errors
    /// As they say.
    pub async fn tag_holders(&self, app: &AppAuth, tag: u64) -> Result<TagHolders, WecomError> {
        let tag = tag.to_string();
        let answer: Holders = self.call(app, &Call::read(GET, &[("tagid", tag.as_str())])).await?;
        let users = answer.userlist.into_iter().map(|holder| holder.userid).collect();
        Ok(TagHolders { users, departments: answer.partylist })
    }
}

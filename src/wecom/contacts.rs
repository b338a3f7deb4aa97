//! Customers and customer groups, as 客户联系 shows them.
//!
//! Facts: pages 92114, 92120, 92122, 92994. Only members with 客户联系 inside the application's range appear.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use super::retry::Effect;
use crate::model::{ContactSnapshot, ExternalChatId, ExternalUserId, FollowUser, Tag, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const GET: &str = "externalcontact/get";
const OF_USER: &str = "externalcontact/batch/get_by_user";
const GROUPS: &str = "externalcontact/groupchat/list";
const GROUP: &str = "externalcontact/groupchat/get";

/// The most customers one page of a member's list may have.
const BATCH: u32 = 100;

/// 84061: no external contact of that member; an empty list may come as this code.
const NO_CONTACTS: i64 = 84_061;

/// No list of WeCom's is followed for more pages: 500 followers or 1000 groups stand on one.
const MAX_PAGES: usize = 200;

/// A customer group in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GroupRef {
    /// The group.
    pub chat_id: ExternalChatId,
    /// 0 as usual, 1 waits for a new owner, 2 is being handed over, 3 was handed over.
    #[serde(default)]
    pub status: i64,
}

/// A customer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub id: ExternalChatId,
    /// Its name, may be empty.
    pub name: String,
    /// Whose group it is.
    pub owner: UserId,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Who is in it.
    pub members: Vec<GroupMember>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// Who.
    pub who: GroupPerson,
    /// Their name, may be empty.
    pub name: String,
    /// When they came.
    pub joined_at: Option<Timestamp>,
}

/// One of us or a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupPerson {
    /// A member of the company.
    Member(UserId),
    /// Anyone else.
    External(ExternalUserId),
}

#[derive(Deserialize)]
struct ContactPage {
    external_contact: RawContact,
    #[serde(default)]
    follow_user: Vec<RawFollow>,
    #[serde(default)]
    next_cursor: String,
}

/// One page of the customers a member follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactsPage {
    /// They, each with this member alone as follow user and without tags: less than
    /// [`Client::contact`] knows, so they are marked outdated.
    pub contacts: Vec<ContactSnapshot>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

#[derive(Serialize)]
struct OfUserRequest<'a> {
    userid_list: [&'a UserId; 1],
    cursor: &'a str,
    limit: u32,
}

#[derive(Deserialize)]
struct OfUserPage {
    #[serde(default)]
    external_contact_list: Vec<RawListed>,
    #[serde(default)]
    next_cursor: String,
}

#[derive(Deserialize)]
struct RawListed {
    external_contact: RawContact,
    follow_info: RawFollow,
}

#[derive(Deserialize)]
struct RawContact {
    #[serde(default)]
    external_userid: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    corp_name: String,
    #[serde(default, rename = "type")]
    kind: i64,
}

#[derive(Deserialize)]
struct RawFollow {
    userid: UserId,
    #[serde(default)]
    remark: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    createtime: i64,
    #[serde(default)]
    tags: Vec<RawTag>,
    #[serde(default)]
    add_way: i64,
    #[serde(default)]
    state: String,
}

#[derive(Deserialize)]
struct RawTag {
    #[serde(default)]
    group_name: String,
    #[serde(default)]
    tag_name: String,
}

#[derive(Serialize)]
struct GroupsRequest<'a> {
    owner_filter: OwnerFilter<'a>,
    cursor: &'a str,
    limit: u32,
}

#[derive(Serialize)]
struct OwnerFilter<'a> {
    userid_list: &'a [UserId],
}

#[derive(Deserialize)]
struct GroupsPage {
    #[serde(default)]
    group_chat_list: Vec<GroupRef>,
    #[serde(default)]
    next_cursor: String,
}

#[derive(Serialize)]
struct GroupRequest<'a> {
    chat_id: &'a ExternalChatId,
    need_name: u8,
}

#[derive(Deserialize)]
struct GroupAnswer {
    group_chat: RawGroup,
}

#[derive(Deserialize)]
struct RawGroup {
    #[serde(default)]
    name: String,
    owner: UserId,
    #[serde(default)]
    create_time: i64,
    #[serde(default)]
    member_list: Vec<RawMember>,
}

#[derive(Deserialize)]
struct RawMember {
    userid: String,
    #[serde(rename = "type")]
    kind: i64,
    #[serde(default)]
    join_time: i64,
    #[serde(default)]
    name: String,
}

impl Client {
    /// A customer with everyone of us who follows them, page by page.
    ///
    /// # Errors
    /// [`WecomError::Refused`] when the application does not know the customer.
    pub async fn contact(&self, app: &AppAuth, id: &ExternalUserId) -> Result<ContactSnapshot, WecomError> {
        let mut page = self.contact_page(app, id, "").await?;
        let mut follows = std::mem::take(&mut page.follow_user);
        let mut pages = Pages::new(GET);
        while let Some(cursor) = pages.next(&page.next_cursor)? {
            page = self.contact_page(app, id, &cursor).await?;
            follows.append(&mut page.follow_user);
        }
        Ok(ContactSnapshot {
            corp: app.corp.clone(),
            id: id.clone(),
            name: page.external_contact.name,
            corp_name: page.external_contact.corp_name,
            kind: page.external_contact.kind,
            follow_users: follows.into_iter().map(FollowUser::from).collect(),
            outdated: false,
            fetched_at: self.clock().now(),
        })
    }

    async fn contact_page(
        &self,
        app: &AppAuth,
        id: &ExternalUserId,
        cursor: &str,
    ) -> Result<ContactPage, WecomError> {
        let query = [("external_userid", id.as_str()), ("cursor", cursor)];
        let used = if cursor.is_empty() { query.get(..1) } else { query.get(..) };
        self.call(app, &Call::read(GET, used.unwrap_or_default())).await
    }

    /// One page of the customers a member follows; the first without a cursor.
    ///
    /// # Errors
    /// As they say; a member without customers is no error.
    pub async fn contacts_of(
        &self,
        app: &AppAuth,
        user: &UserId,
        cursor: Option<&str>,
    ) -> Result<ContactsPage, WecomError> {
        let request = OfUserRequest { userid_list: [user], cursor: cursor.unwrap_or_default(), limit: BATCH };
        let call = Call::post(OF_USER, &request, Effect::Read)?;
        let page: OfUserPage = match self.call(app, &call).await {
            Err(error) if error.code() == Some(NO_CONTACTS) => {
                return Ok(ContactsPage { contacts: Vec::new(), next: None });
            }
            other => other?,
        };
        let now = self.clock().now();
        let contacts =
            page.external_contact_list.into_iter().map(|listed| listed.snapshot(app, user, now)).collect();
        Ok(ContactsPage { contacts, next: Some(page.next_cursor).filter(|cursor| !cursor.is_empty()) })
    }

    /// The customer groups of these owners, 1–100 of them, page by page.
    ///
    /// # Errors
    /// As they say; with an owner outside the application's range [`WecomError::Refused`].
    pub async fn group_chats(&self, app: &AppAuth, owners: &[UserId]) -> Result<Vec<GroupRef>, WecomError> {
        let (mut groups, mut cursor, mut pages) = (Vec::new(), String::new(), Pages::new(GROUPS));
        loop {
            let owner_filter = OwnerFilter { userid_list: owners };
            let request = GroupsRequest { owner_filter, cursor: &cursor, limit: 1000 };
            let call = Call::post(GROUPS, &request, Effect::Read)?;
            let mut page: GroupsPage = self.call(app, &call).await?;
            groups.append(&mut page.group_chat_list);
            match pages.next(&page.next_cursor)? {
                Some(next) => cursor = next,
                None => return Ok(groups),
            }
        }
    }

    /// One customer group with everyone in it.
    ///
    /// # Errors
    /// As they say.
    pub async fn group_chat(&self, app: &AppAuth, id: &ExternalChatId) -> Result<Group, WecomError> {
        let call = Call::post(GROUP, &GroupRequest { chat_id: id, need_name: 1 }, Effect::Read)?;
        let GroupAnswer { group_chat: raw } = self.call(app, &call).await?;
        Ok(Group {
            id: id.clone(),
            name: raw.name,
            owner: raw.owner,
            created_at: instant(raw.create_time),
            members: raw.member_list.into_iter().map(GroupMember::from).collect(),
        })
    }
}

/// Follows cursors, but not for ever.
struct Pages {
    api: &'static str,
    left: usize,
    last: String,
}

impl Pages {
    fn new(api: &'static str) -> Self {
        Self { api, left: MAX_PAGES, last: String::new() }
    }

    /// The cursor of the next page, if there is one.
    fn next(&mut self, cursor: &str) -> Result<Option<String>, WecomError> {
        if cursor.is_empty() {
            return Ok(None);
        }
        if cursor == self.last || self.left == 0 {
            return Err(WecomError::Bug { api: self.api, detail: "the pages do not end".to_owned() });
        }
        self.left -= 1;
        self.last = cursor.to_owned();
        Ok(Some(cursor.to_owned()))
    }
}

/// WeCom's seconds; 0 means that it does not know.
fn instant(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok().filter(|at| at.as_second() > 0)
}

impl RawListed {
    fn snapshot(self, app: &AppAuth, user: &UserId, now: Timestamp) -> ContactSnapshot {
        // The list names the member as the directory writes them, not as we asked.
        let follow = FollowUser { user: user.clone(), ..FollowUser::from(self.follow_info) };
        ContactSnapshot {
            corp: app.corp.clone(),
            id: ExternalUserId::new(self.external_contact.external_userid),
            name: self.external_contact.name,
            corp_name: self.external_contact.corp_name,
            kind: self.external_contact.kind,
            follow_users: vec![follow],
            outdated: true,
            fetched_at: now,
        }
    }
}

impl From<RawFollow> for FollowUser {
    fn from(raw: RawFollow) -> Self {
        let tag = |tag: RawTag| Tag { group: tag.group_name, name: tag.tag_name };
        Self {
            user: raw.userid,
            remark: raw.remark,
            description: raw.description,
            added_at: instant(raw.createtime),
            tags: raw.tags.into_iter().map(tag).collect(),
            add_way: raw.add_way,
            state: raw.state,
        }
    }
}

impl From<RawMember> for GroupMember {
    fn from(raw: RawMember) -> Self {
        let who = match raw.kind {
            1 => GroupPerson::Member(UserId::new(raw.userid)),
            _ => GroupPerson::External(ExternalUserId::new(raw.userid)),
        };
        Self { who, name: raw.name, joined_at: instant(raw.join_time) }
    }
}

//! Customers, groups with customers and their tags (客户联系; pages 92130, 92277, 96361).
//!
//! What we change through the API comes back as no event.

use super::{Element, secret, time};
use crate::model::{ExternalChatId, ExternalUserId, Secret, UserId};
use jiff::Timestamp;

/// An event of 客户联系.
#[derive(Debug, Clone, PartialEq)]
pub enum CustomerEvent {
    /// Between one member and one customer.
    Contact {
        /// The member.
        user: UserId,
        /// The customer.
        customer: ExternalUserId,
        /// What changed.
        change: ContactChange,
    },
    /// In a group with customers. Its detail may lag behind by two seconds.
    Chat {
        /// The group.
        chat: ExternalChatId,
        /// What changed.
        change: ChatChange,
    },
    /// In the company's tags for customers.
    Tag(TagChange),
    /// In the 获客助手.
    Acquisition(Acquisition),
}

/// `ChangeType` of `change_external_contact`.
#[derive(Debug, Clone, PartialEq)]
pub enum ContactChange {
    /// They added each other.
    Added {
        /// The channel parameter.
        state: Option<String>,
        /// Good for one welcome within 20 seconds; absent once they have chatted.
        welcome_code: Option<Secret>,
    },
    /// The customer added a member who accepts without a look; `Added` may follow.
    HalfAdded {
        /// The channel parameter.
        state: Option<String>,
        /// As in `Added`.
        welcome_code: Option<Secret>,
    },
    /// Remark or tags were edited.
    Edited {
        /// The channel parameter.
        state: Option<String>,
    },
    /// The member deleted the customer.
    Deleted {
        /// `DELETE_BY_TRANSFER` when the customer was handed to a colleague.
        source: Option<String>,
    },
    /// The customer deleted the member.
    DeletedByCustomer,
    /// The customer could not be handed over.
    TransferFailed {
        /// `customer_refused` or `customer_limit_exceed`.
        reason: String,
    },
    /// The customer agreed to the message archive.
    ArchiveApproved {
        /// As in `Added`.
        welcome_code: Option<Secret>,
    },
}

/// `ChangeType` of `change_external_chat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatChange {
    /// The group is new.
    Created,
    /// The group changed.
    Updated(ChatUpdate),
    /// The group is gone.
    Dismissed,
}

/// How a group changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatUpdate {
    /// `add_member`, `del_member`, `change_owner`, `change_name`, `change_notice`.
    pub detail: String,
    /// How they joined: 0 invited, 3 by QR code.
    pub join_scene: Option<i64>,
    /// How they left: 0 by themselves, 1 removed.
    pub quit_scene: Option<i64>,
    /// How many came or went.
    pub member_count: Option<u32>,
    /// Who came or went, members and customers alike.
    pub members: Vec<String>,
    /// The list of members before.
    pub last_version: Option<String>,
    /// The list of members now.
    pub current_version: Option<String>,
}

/// `ChangeType` of `change_external_tag`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagChange {
    /// A tag or group of tags is new.
    Created(TagKind),
    /// One has another name.
    Updated(TagKind),
    /// One is gone.
    Deleted(TagKind),
    /// They stand in another order.
    Shuffled {
        /// The group; absent when the groups themselves moved.
        group: Option<String>,
        /// The set of rules they belong to.
        strategy: Option<String>,
    },
}

/// A tag or a group of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagKind {
    /// Its id.
    pub id: String,
    /// `tag` or `tag_group`.
    pub tag_type: String,
    /// The set of rules it belongs to.
    pub strategy: Option<String>,
}

/// An event of the 获客助手; `ChangeType` grows, so it is kept as a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Acquisition {
    /// `balance_low`, `balance_exhausted`, `link_unavailable`, `delete_link`, `customer_start_chat`, …
    pub change: String,
    /// The link.
    pub link: Option<String>,
    /// The channel parameter.
    pub state: Option<String>,
    /// The member.
    pub user: Option<UserId>,
    /// The customer.
    pub customer: Option<ExternalUserId>,
    /// Counts the customer's chats.
    pub chat_seq: Option<i64>,
    /// Names the chat.
    pub chat_key: Option<String>,
    /// When a part of the balance ends.
    pub expires_at: Option<Timestamp>,
    /// How much of the balance ends.
    pub expiring_quota: Option<i64>,
}

impl CustomerEvent {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        let change: String = doc.word("ChangeType")?;
        Some(match event {
            "change_external_contact" => CustomerEvent::Contact {
                user: doc.word("UserID")?,
                customer: doc.word("ExternalUserID")?,
                change: ContactChange::read(&change, doc)?,
            },
            "change_external_chat" => {
                CustomerEvent::Chat { chat: doc.word("ChatId")?, change: ChatChange::read(&change, doc)? }
            }
            "change_external_tag" => CustomerEvent::Tag(TagChange::read(&change, doc)?),
            "customer_acquisition" => CustomerEvent::Acquisition(Acquisition::read(change, doc)),
            _ => return None,
        })
    }
}

impl ContactChange {
    fn read(change: &str, doc: &Element) -> Option<Self> {
        let state = doc.word("State");
        let welcome_code = secret(doc, "WelcomeCode");
        Some(match change {
            "add_external_contact" => ContactChange::Added { state, welcome_code },
            "add_half_external_contact" => ContactChange::HalfAdded { state, welcome_code },
            "edit_external_contact" => ContactChange::Edited { state },
            "del_external_contact" => ContactChange::Deleted { source: doc.word("Source") },
            "del_follow_user" => ContactChange::DeletedByCustomer,
            "transfer_fail" => ContactChange::TransferFailed { reason: doc.word("FailReason")? },
            "msg_audit_approved" => ContactChange::ArchiveApproved { welcome_code },
            _ => return None,
        })
    }
}

impl ChatChange {
    fn read(change: &str, doc: &Element) -> Option<Self> {
        Some(match change {
            "create" => ChatChange::Created,
            "update" => ChatChange::Updated(ChatUpdate::read(doc)?),
            "dismiss" => ChatChange::Dismissed,
            _ => return None,
        })
    }
}

impl ChatUpdate {
    fn read(doc: &Element) -> Option<Self> {
        let items = doc.child("MemChangeList").into_iter().flat_map(|list| list.children("Item"));
        Some(Self {
            detail: doc.word("UpdateDetail")?,
            join_scene: doc.number("JoinScene"),
            quit_scene: doc.number("QuitScene"),
            member_count: doc.number("MemChangeCnt"),
            members: items.map(|item| item.text().trim().to_owned()).collect(),
            last_version: doc.word("LastMemVer"),
            current_version: doc.word("CurMemVer"),
        })
    }
}

impl TagChange {
    fn read(change: &str, doc: &Element) -> Option<Self> {
        let strategy = doc.word("StrategyId");
        if change == "shuffle" {
            return Some(TagChange::Shuffled { group: doc.word("Id"), strategy });
        }
        let kind = TagKind { id: doc.word("Id")?, tag_type: doc.word("TagType")?, strategy };
        match change {
            "create" => Some(TagChange::Created(kind)),
            "update" => Some(TagChange::Updated(kind)),
            "delete" => Some(TagChange::Deleted(kind)),
            _ => None,
        }
    }
}

impl Acquisition {
    fn read(change: String, doc: &Element) -> Self {
        Self {
            change,
            link: doc.word("LinkId"),
            state: doc.word("State"),
            user: doc.word("UserID"),
            customer: doc.word("ExternalUserID"),
            chat_seq: doc.number("ChatSeq"),
            chat_key: doc.word("ChatKey"),
            expires_at: time(doc, "ExpireTime"),
            expiring_quota: doc.number("ExpireQuotaNum"),
        }
    }
}

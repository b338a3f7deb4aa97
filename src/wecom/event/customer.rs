//! Customers, groups with customers and their tags (客户联系; pages 92130, 92277, 96361).
//!
//! What we change through the API comes back as no event.

use super::{Acquisition, ChatChange, Element, TagChange, secret};
use crate::model::{ExternalChatId, ExternalUserId, Secret, UserId};

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

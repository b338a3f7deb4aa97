//! The links by which strangers become customers (获客助手).

use super::{Element, time};
use crate::model::{ExternalUserId, UserId};
use jiff::Timestamp;

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

impl Acquisition {
    pub(super) fn read(change: String, doc: &Element) -> Self {
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

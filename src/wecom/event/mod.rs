//! What WeCom tells an application, typed: messages of members, events, notices of a suite.
//!
//! Element names are those of the developer pages 90239, 90240, 92130, 90970, 94670, 95039 and
//! 99995; WeCom spells them unevenly, so each is read exactly as listed. What isn't known, or
//! lacks a field it must have, becomes [`Inbound::Unknown`] and keeps its raw text.

mod acquisition;
mod app;
mod card;
mod chat;
mod customer;
mod directory;
mod inactivity;
mod message;
mod notice;
mod tag;

pub use acquisition::Acquisition;
pub use app::{AppEvent, BatchJob, PictureSource, ScanKind};
pub use card::{CardClick, Selected};
pub use chat::{ChatChange, ChatUpdate};
pub use customer::{ContactChange, CustomerEvent};
pub use directory::{Department, DirectoryEvent, ExtAttr, MemberChange, TagMembers};
pub use inactivity::Inactivity;
pub use message::{Content, Message, Place};
pub use notice::{ArchiveEvent, KfEvent, SuiteNotice};
pub use tag::{TagChange, TagKind};

use super::xml::{Element, XmlError};
use crate::model::{AgentId, CorpId, Endpoint, Secret, UserId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;

/// Who WeCom names as the sender when no member is.
const SYSTEM: &str = "sys";

/// What makes a callback the same as an earlier one. `FromUserName` and `CreateTime` alone are
/// too coarse: the sender is `sys` and the time has seconds, so distinct events would collide.
const IDENTITY: [&str; 25] = [
    "FromUserName",
    "CreateTime",
    "MsgType",
    "MsgId",
    "Event",
    "ChangeType",
    "EventKey",
    "TaskId",
    "UserID",
    "ExternalUserID",
    "ChatId",
    "Id",
    "UpdateDetail",
    "TagId",
    "LinkId",
    "DocId",
    "BatchJob/JobId",
    "ApprovalInfo/ThirdNo",
    "ApprovalInfo/OpenSpStatus",
    "OpenKfId",
    "Token",
    "SuiteId",
    "AuthCorpId",
    "InfoType",
    "TimeStamp",
];

/// One thing that WeCom told us.
#[derive(Clone, PartialEq)]
pub struct Callback {
    /// The company it concerns; absent in notices about the suite itself.
    pub to: Option<CorpId>,
    /// The member who did it; absent when WeCom itself speaks.
    pub from: Option<UserId>,
    /// When it happened (seconds since 1970, UTC).
    pub created_at: Timestamp,
    /// The application it was sent to, where WeCom says so.
    pub agent: Option<AgentId>,
    /// What happened.
    pub kind: Inbound,
    /// The decrypted document. Never logged.
    pub raw: String,
    identity: [u8; 32],
}

/// What happened, by the part of WeCom it happened in.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    /// A member wrote to the application.
    Message(Message),
    /// A member used the application, or the application's own state changed.
    App(AppEvent),
    /// A customer, a group with customers, their tags (客户联系).
    Customer(CustomerEvent),
    /// Members, departments, their tags (通讯录).
    Directory(DirectoryEvent),
    /// 微信客服.
    Kf(KfEvent),
    /// The message archive (会话内容存档) and the file archive.
    Archive(ArchiveEvent),
    /// A notice to a third-party suite about itself.
    Suite(SuiteNotice),
    /// Something else: kept, counted, answered with 200.
    Unknown {
        /// `Event`, `InfoType` or `MsgType` as sent, may be empty.
        event: String,
        /// `ChangeType` as sent.
        change_type: Option<String>,
    },
}

/// Reads one decrypted document.
///
/// # Errors
/// [`XmlError`] when it is no document, or has neither `CreateTime` nor `TimeStamp`.
pub fn parse_xml(plaintext: &str) -> Result<Callback, XmlError> {
    let doc = Element::parse(plaintext)?;
    let created_at = time(&doc, "CreateTime").or_else(|| time(&doc, "TimeStamp"));
    Ok(Callback {
        to: doc.word("ToUserName").or_else(|| doc.word("AuthCorpId")),
        from: doc.word("FromUserName").filter(|from: &UserId| from.as_str() != SYSTEM),
        created_at: created_at.ok_or(XmlError("no time of creation"))?,
        agent: doc.number("AgentID").or_else(|| doc.number("AgentId")).map(AgentId),
        kind: Inbound::read(&doc),
        raw: plaintext.to_owned(),
        identity: identity(&doc),
    })
}

impl Callback {
    /// The same for every delivery of the same event to `endpoint`, different for any other:
    /// 64 hex digits.
    pub fn dedup_key(&self, endpoint: &Endpoint) -> String {
        hex::encode(Sha256::new().chain_update(self.identity).chain_update(endpoint.as_str()).finalize())
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("to", &self.to)
            .field("from", &self.from)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl Inbound {
    fn read(doc: &Element) -> Self {
        let kind = |name| doc.word::<String>(name);
        let event =
            kind("Event").or_else(|| kind("InfoType")).or_else(|| kind("MsgType")).unwrap_or_default();
        Self::known(&event, doc)
            .unwrap_or_else(|| Inbound::Unknown { event, change_type: kind("ChangeType") })
    }

    /// The names of the families never meet, so the order is of no importance.
    fn known(event: &str, doc: &Element) -> Option<Self> {
        None.or_else(|| Message::read(event, doc).map(Inbound::Message))
            .or_else(|| AppEvent::read(event, doc).map(Inbound::App))
            .or_else(|| CustomerEvent::read(event, doc).map(Inbound::Customer))
            .or_else(|| DirectoryEvent::read(event, doc).map(Inbound::Directory))
            .or_else(|| KfEvent::read(event, doc).map(Inbound::Kf))
            .or_else(|| ArchiveEvent::read(event, doc).map(Inbound::Archive))
            .or_else(|| SuiteNotice::read(event, doc).map(Inbound::Suite))
    }
}

/// Each value goes in with its length, so that no two lists of values look alike.
fn identity(doc: &Element) -> [u8; 32] {
    let values = IDENTITY.iter().map(|path| doc.at(path).map(Element::text).unwrap_or_default().trim());
    values
        .fold(Sha256::new(), |hash, value| hash.chain_update(value.len().to_be_bytes()).chain_update(value))
        .finalize()
        .into()
}

fn time(doc: &Element, name: &str) -> Option<Timestamp> {
    Timestamp::from_second(doc.number(name)?).ok()
}

/// A credential of short life: it must not reach a log.
fn secret(doc: &Element, name: &str) -> Option<Secret> {
    doc.word::<String>(name).map(Secret::new)
}

#[cfg(test)]
mod tests;

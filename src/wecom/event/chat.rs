//! Groups with customers (客户群) as they change.

use super::Element;

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

impl ChatChange {
    pub(super) fn read(change: &str, doc: &Element) -> Option<Self> {
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

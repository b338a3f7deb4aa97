//! The company's tags for customers (企业客户标签) as they change.

use super::Element;

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

impl TagChange {
    pub(super) fn read(change: &str, doc: &Element) -> Option<Self> {
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

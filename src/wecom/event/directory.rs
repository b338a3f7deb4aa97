//! Members, departments and their tags (通讯录; pages 90970, 96302).
//!
//! Newer callback addresses are told only who changed and in which departments, so every other
//! field may be absent; on an update only what changed is present.

use super::Element;
use crate::model::UserId;

/// `ChangeType` of `change_contact`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryEvent {
    /// A member is new.
    UserCreated(Box<MemberChange>),
    /// A member changed.
    UserUpdated(Box<MemberChange>),
    /// A member left.
    UserDeleted {
        /// The member.
        user: UserId,
    },
    /// A department is new.
    DepartmentCreated(Department),
    /// A department changed.
    DepartmentUpdated(Department),
    /// A department is gone.
    DepartmentDeleted {
        /// The department.
        id: u64,
    },
    /// Members or departments came under a tag or left it.
    TagUpdated(TagMembers),
}

/// What is known of a member after a change; `None` says "not told", an empty list "none".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The id so far.
    pub user: UserId,
    /// The id from now on.
    pub new_user: Option<UserId>,
    /// The name.
    pub name: Option<String>,
    /// Every department.
    pub departments: Option<Vec<u64>>,
    /// The main one.
    pub main_department: Option<u64>,
    /// For each department, whether the member leads it.
    pub leads: Option<Vec<bool>>,
    /// The direct superiors.
    pub direct_leaders: Option<Vec<UserId>>,
    /// The post.
    pub position: Option<String>,
    /// The mobile number.
    pub mobile: Option<String>,
    /// 1 male, 2 female, 0 not told.
    pub gender: Option<i64>,
    /// The private mail address.
    pub email: Option<String>,
    /// The mail address in the company.
    pub biz_mail: Option<String>,
    /// 1 active, 2 disabled, 4 not yet active, 5 left.
    pub status: Option<i64>,
    /// Where the picture is.
    pub avatar: Option<String>,
    /// The other name.
    pub alias: Option<String>,
    /// The desk number.
    pub telephone: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The company's own fields.
    pub ext_attrs: Vec<ExtAttr>,
}

/// One field of a member that the company added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtAttr {
    /// Its name.
    pub name: String,
    /// 0 text, 1 web page.
    pub kind: i64,
    /// The text, or the page's title.
    pub value: Option<String>,
    /// The page's address.
    pub url: Option<String>,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: Option<String>,
    /// The one above it.
    pub parent: Option<u64>,
    /// Its place among its neighbours.
    pub order: Option<u64>,
}

/// Who came under a tag and who left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagMembers {
    /// The tag.
    pub id: String,
    /// Members who came.
    pub added_users: Vec<UserId>,
    /// Members who left.
    pub removed_users: Vec<UserId>,
    /// Departments that came.
    pub added_departments: Vec<u64>,
    /// Departments that left.
    pub removed_departments: Vec<u64>,
}

impl DirectoryEvent {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        if event != "change_contact" {
            return None;
        }
        Some(match doc.word::<String>("ChangeType")?.as_str() {
            "create_user" => DirectoryEvent::UserCreated(MemberChange::read(doc)?.into()),
            "update_user" => DirectoryEvent::UserUpdated(MemberChange::read(doc)?.into()),
            "delete_user" => DirectoryEvent::UserDeleted { user: doc.word("UserID")? },
            "create_party" => DirectoryEvent::DepartmentCreated(Department::read(doc)?),
            "update_party" => DirectoryEvent::DepartmentUpdated(Department::read(doc)?),
            "delete_party" => DirectoryEvent::DepartmentDeleted { id: doc.number("Id")? },
            "update_tag" => DirectoryEvent::TagUpdated(TagMembers::read(doc)?),
            _ => return None,
        })
    }
}

impl MemberChange {
    fn read(doc: &Element) -> Option<Self> {
        let attrs = doc.child("ExtAttr").into_iter().flat_map(|list| list.children("Item"));
        Some(Self {
            user: doc.word("UserID")?,
            new_user: doc.word("NewUserID"),
            name: doc.word("Name"),
            departments: numbers(doc, "Department"),
            main_department: doc.number("MainDepartment"),
            leads: numbers(doc, "IsLeaderInDept").map(|marks| marks.iter().map(|mark| *mark == 1).collect()),
            direct_leaders: doc.list("DirectLeader"),
            position: doc.word("Position"),
            mobile: doc.word("Mobile"),
            gender: doc.number("Gender"),
            email: doc.word("Email"),
            biz_mail: doc.word("BizMail"),
            status: doc.number("Status"),
            avatar: doc.word("Avatar"),
            alias: doc.word("Alias"),
            telephone: doc.word("Telephone"),
            address: doc.word("Address"),
            ext_attrs: attrs.filter_map(ExtAttr::read).collect(),
        })
    }
}

impl ExtAttr {
    fn read(item: &Element) -> Option<Self> {
        let (text, web) = (item.child("Text"), item.child("Web"));
        Some(Self {
            name: item.word("Name")?,
            kind: item.number("Type")?,
            value: text.and_then(|text| text.word("Value")).or_else(|| web?.word("Title")),
            url: web.and_then(|web| web.word("Url")),
        })
    }
}

impl Department {
    fn read(doc: &Element) -> Option<Self> {
        Some(Self {
            id: doc.number("Id")?,
            name: doc.word("Name"),
            parent: doc.number("ParentId"),
            order: doc.number("Order"),
        })
    }
}

impl TagMembers {
    fn read(doc: &Element) -> Option<Self> {
        Some(Self {
            id: doc.word("TagId")?,
            added_users: doc.list("AddUserItems").unwrap_or_default(),
            removed_users: doc.list("DelUserItems").unwrap_or_default(),
            added_departments: numbers(doc, "AddPartyItems").unwrap_or_default(),
            removed_departments: numbers(doc, "DelPartyItems").unwrap_or_default(),
        })
    }
}

/// A list of numbers; what is no number is left out.
fn numbers(doc: &Element, name: &str) -> Option<Vec<u64>> {
    let words: Vec<String> = doc.list(name)?;
    Some(words.iter().filter_map(|word| word.parse().ok()).collect())
}

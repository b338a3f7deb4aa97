//! Members and departments, for finding a rep's supervisor; and the addresses callbacks come from.
//!
//! Facts: page 90196 and the address list of page 98988. Only what lies in the application's range
//! is given.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use crate::model::UserId;
use serde::Deserialize;
use std::collections::BTreeSet;

const USER: &str = "user/get";
const DEPARTMENTS: &str = "department/list";
const DEPARTMENT_IDS: &str = "department/simplelist";
const CALLBACK_IPS: &str = "getcallbackip";

/// A member of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member.
    pub user: UserId,
    /// Their name, may be empty.
    pub name: String,
    /// Every department they belong to, with whether they lead it.
    pub departments: Vec<Belonging>,
    /// The department they chiefly belong to; 0 when WeCom does not say.
    pub main_department: u64,
    /// Their direct leaders, often none.
    pub direct_leader: Vec<UserId>,
    /// 1 active, 2 disabled, 4 not activated, 5 left; other numbers are kept.
    pub status: i64,
}

/// That a member belongs to a department.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    /// The department's number.
    pub department: u64,
    /// They lead it.
    pub leads: bool,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Department {
    /// Its number; 1 is the company.
    pub id: u64,
    /// Its name, may be empty.
    #[serde(default)]
    pub name: String,
    /// Its leaders.
    #[serde(default)]
    pub department_leader: Vec<UserId>,
    /// The department above it; 0 for the company.
    #[serde(default)]
    pub parentid: u64,
}

/// A department without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DepartmentRef {
    /// Its number.
    pub id: u64,
    /// The department above it.
    #[serde(default)]
    pub parentid: u64,
}

#[derive(Deserialize)]
struct RawMember {
    userid: UserId,
    #[serde(default)]
    name: String,
    #[serde(default)]
    department: Vec<u64>,
    #[serde(default)]
    is_leader_in_dept: Vec<u8>,
    #[serde(default)]
    main_department: u64,
    #[serde(default)]
    direct_leader: Vec<UserId>,
    #[serde(default)]
    status: i64,
}

#[derive(Deserialize)]
struct Departments {
    #[serde(default)]
    department: Vec<Department>,
}

#[derive(Deserialize)]
struct DepartmentIds {
    #[serde(default)]
    department_id: Vec<DepartmentRef>,
}

#[derive(Deserialize)]
struct Addresses {
    #[serde(default)]
    ip_list: Vec<String>,
}

impl Client {
    /// A member of the company.
    ///
    /// # Errors
    /// [`WecomError::Refused`] when the application does not know or may not see them.
    pub async fn member(&self, app: &AppAuth, user: &UserId) -> Result<Member, WecomError> {
        let query = [("userid", user.as_str())];
        let raw: RawMember = self.call(app, &Call::read(USER, &query)).await?;
        Ok(raw.into())
    }

    /// Every department the application sees, with its leaders.
    ///
    /// # Errors
    /// As they say.
    pub async fn departments(&self, app: &AppAuth) -> Result<Vec<Department>, WecomError> {
        let answer: Departments = self.call(app, &Call::read(DEPARTMENTS, &[])).await?;
        Ok(answer.department)
    }

    /// The people a member answers to: their direct leaders and the leaders of their departments, or
    /// where there is none, of the nearest department above. Never the member.
    ///
    /// # Errors
    /// As [`Client::member`] and [`Client::departments`].
    pub async fn leaders_of(&self, app: &AppAuth, user: &UserId) -> Result<Vec<UserId>, WecomError> {
        let member = self.member(app, user).await?;
        let tree = self.departments(app).await?;
        Ok(leaders(&member, &tree))
    }

    /// The departments of a member and all above them.
    ///
    /// # Errors
    /// As [`Client::member`] and [`Client::department_ids`].
    pub async fn departments_of(&self, app: &AppAuth, user: &UserId) -> Result<BTreeSet<u64>, WecomError> {
        let member = self.member(app, user).await?;
        let tree = self.department_ids(app).await?;
        let mut all: BTreeSet<u64> = member.departments.iter().map(|own| own.department).collect();
        loop {
            let above = tree.iter().filter(|one| all.contains(&one.id) && one.parentid != 0);
            let more: Vec<u64> = above.map(|one| one.parentid).filter(|id| !all.contains(id)).collect();
            if more.is_empty() {
                return Ok(all);
            }
            all.extend(more);
        }
    }

    /// Every department the application sees, as numbers: an application without the right to the
    /// names still gets these.
    ///
    /// # Errors
    /// As they say.
    pub async fn department_ids(&self, app: &AppAuth) -> Result<Vec<DepartmentRef>, WecomError> {
        let answer: DepartmentIds = self.call(app, &Call::read(DEPARTMENT_IDS, &[])).await?;
        Ok(answer.department_id)
    }

    /// The addresses WeCom sends callbacks from: single ones, `a.b.c.*` or networks. Ask daily.
    /// Never the only defence, since callbacks from other addresses have been seen.
    ///
    /// # Errors
    /// As they say.
    pub async fn callback_addresses(&self, app: &AppAuth) -> Result<Vec<String>, WecomError> {
        let answer: Addresses = self.call(app, &Call::read(CALLBACK_IPS, &[])).await?;
        Ok(answer.ip_list)
    }
}

/// See [`Client::leaders_of`].
fn leaders(member: &Member, tree: &[Department]) -> Vec<UserId> {
    let mut found = member.direct_leader.clone();
    let mut own: Vec<u64> = member.departments.iter().map(|own| own.department).collect();
    // No tree is deeper than it has departments.
    for _ in 0..=tree.len() {
        let level = tree.iter().filter(|one| own.contains(&one.id));
        found.extend(level.clone().flat_map(|one| one.department_leader.iter().cloned()));
        found.retain(|leader| *leader != member.user);
        if !found.is_empty() {
            break;
        }
        own = level.map(|one| one.parentid).collect();
    }
    found.sort_unstable();
    found.dedup();
    found
}

impl From<RawMember> for Member {
    fn from(raw: RawMember) -> Self {
        // The two lists run side by side; the second may be shorter or absent.
        let leads = raw.is_leader_in_dept.into_iter().map(|leads| leads == 1).chain(std::iter::repeat(false));
        let departments = raw.department.into_iter().zip(leads);
        Self {
            user: raw.userid,
            name: raw.name,
            departments: departments.map(|(department, leads)| Belonging { department, leads }).collect(),
            main_department: raw.main_department,
            direct_leader: raw.direct_leader,
            status: raw.status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(user: &str, department: u64, direct: &[&str]) -> Member {
        Member {
            user: UserId::new(user),
            name: String::new(),
            departments: vec![Belonging { department, leads: false }],
            main_department: department,
            direct_leader: direct.iter().map(|user| UserId::new(*user)).collect(),
            status: 1,
        }
    }

    fn department(id: u64, parentid: u64, leaders: &[&str]) -> Department {
        let department_leader = leaders.iter().map(|user| UserId::new(*user)).collect();
        Department { id, name: String::new(), department_leader, parentid }
    }

    fn names(member: &Member) -> Vec<String> {
        let tree = [department(1, 0, &["boss"]), department(2, 1, &["chen"]), department(3, 2, &[])];
        leaders(member, &tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_member_answers_to_direct_and_department_leaders_or_the_nearest_above() {
        assert_eq!(names(&member("zhangsan", 2, &["sun"])), ["chen", "sun"]);
        assert_eq!(names(&member("zhangsan", 2, &["chen"])), ["chen"]);
        assert_eq!(names(&member("zhangsan", 3, &[])), ["chen"]);
        assert_eq!(names(&member("chen", 2, &[])), ["boss"]);
        assert!(names(&member("boss", 1, &[])).is_empty());
        assert!(names(&member("zhangsan", 9, &[])).is_empty());
    }
}

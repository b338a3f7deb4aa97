//! Members and departments, for finding a rep's supervisor; and the addresses callbacks come from.
//!
//! Facts: page 90196 and the address list of page 98988. Only what lies in the application's range
//! is given.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use crate::model::UserId;
use serde::Deserialize;

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

//! The sample company: its people, customers, groups and 微信客服 accounts, shaped as the API shows them.

use crate::model::Role;
use serde::{Deserialize, Serialize};

const SAMPLE: &str = include_str!("../../fixtures/company/company.json");

/// Why a company file can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the company file is not readable")]
pub struct CompanyError(#[from] serde_json::Error);

/// Everything a corp has in WeCom, as far as the sandbox plays it.
#[derive(Debug, Clone, Deserialize)]
pub struct Company {
    /// `ww…`.
    pub corp_id: String,
    /// What the company is called.
    pub name: String,
    /// The root department has id 1.
    pub departments: Vec<Department>,
    /// Everyone in the directory; all are in every application's visible range.
    pub members: Vec<Member>,
    /// Tags on members.
    #[serde(default)]
    pub tags: Vec<MemberTag>,
    /// 外部联系人 with their follow users.
    pub customers: Vec<Customer>,
    /// 客户群.
    pub groups: Vec<Group>,
    /// 微信客服 accounts.
    pub kf_accounts: Vec<KfAccount>,
}

/// A department as `department/list` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct Department {
    pub id: i64,
    pub name: String,
    pub name_en: String,
    pub department_leader: Vec<String>,
    pub parentid: i64,
    pub order: i64,
}

/// A member as `user/get` shows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct Member {
    pub userid: String,
    pub name: String,
    /// What the person is in the sample story; WeCom knows nothing of it and never shows it.
    #[serde(skip_serializing)]
    pub role: Role,
    pub department: Vec<i64>,
    pub order: Vec<i64>,
    pub position: String,
    pub is_leader_in_dept: Vec<i64>,
    pub direct_leader: Vec<String>,
    pub alias: String,
    pub status: i64,
    pub main_department: i64,
    pub enable: i64,
}

/// A tag on members, and who has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MemberTag {
    /// Its number.
    pub tagid: u64,
    /// Its name.
    pub tagname: String,
    /// `userid` of each who has it.
    pub userlist: Vec<String>,
    /// Departments whose members all have it.
    pub partylist: Vec<i64>,
}

/// A customer and everyone who follows them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Customer {
    /// The industry the customer asks about, in Chinese; WeCom shows it only as a tag.
    pub industry: String,
    /// Who it is.
    pub external_contact: ExternalContact,
    /// Who of us added them; never empty.
    pub follow_user: Vec<Follow>,
}

/// `external_contact` of `externalcontact/get`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct ExternalContact {
    pub external_userid: String,
    pub name: String,
    pub avatar: String,
    /// 1 WeChat user, 2 WeCom user.
    pub r#type: i64,
    /// 0 unknown, 1 male, 2 female.
    pub gender: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corp_full_name: Option<String>,
}

/// One entry of `follow_user`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct Follow {
    pub userid: String,
    pub remark: String,
    pub description: String,
    /// Seconds since 1970.
    pub createtime: i64,
    pub tags: Vec<FollowTag>,
    pub remark_mobiles: Vec<String>,
    pub add_way: i64,
    pub oper_userid: String,
    pub state: String,
}

/// A tag that a follow user put on a customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct FollowTag {
    pub group_name: String,
    pub tag_name: String,
    /// 1 corp tag, 2 personal.
    pub r#type: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_id: Option<String>,
}

/// A group as `groupchat/get` shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct Group {
    pub chat_id: String,
    pub name: String,
    pub owner: String,
    pub create_time: i64,
    pub notice: String,
    pub member_list: Vec<GroupMember>,
}

/// One person in a group.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct GroupMember {
    pub userid: String,
    /// 1 member, 2 customer.
    pub r#type: i64,
    pub join_time: i64,
    pub join_scene: i64,
    pub name: String,
}

/// A 微信客服 account and its servicers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are WeCom's own")]
pub struct KfAccount {
    pub open_kfid: String,
    pub name: String,
    pub servicers: Vec<String>,
}

impl Company {
    /// The company that ships with the sandbox.
    ///
    /// # Errors
    /// [`CompanyError`] only when the shipped file was broken by an edit; a test holds it.
    pub fn sample() -> Result<Self, CompanyError> {
        Self::parse(SAMPLE)
    }

    /// Reads a company of your own, shaped as `fixtures/company/company.json`.
    ///
    /// # Errors
    /// [`CompanyError`] with line and column.
    pub fn parse(json: &str) -> Result<Self, CompanyError> {
        Ok(serde_json::from_str(json)?)
    }

    /// A member by id; WeCom compares ids without regard to case.
    pub fn member(&self, userid: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.userid.eq_ignore_ascii_case(userid))
    }

    /// A customer by id.
    pub fn customer(&self, external_userid: &str) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.external_contact.external_userid == external_userid)
    }

    /// The customers a member follows.
    pub fn customers_of<'a>(&'a self, userid: &'a str) -> impl Iterator<Item = (&'a Customer, &'a Follow)> {
        self.customers.iter().filter_map(move |customer| {
            let follow = customer.follow_user.iter().find(|f| f.userid.eq_ignore_ascii_case(userid))?;
            Some((customer, follow))
        })
    }

    /// The member no longer follows the customer; without followers the customer is gone.
    pub(super) fn unfollow(&mut self, userid: &str, external_userid: &str) {
        let concerned =
            |customer: &&mut Customer| customer.external_contact.external_userid == external_userid;
        if let Some(customer) = self.customers.iter_mut().find(concerned) {
            customer.follow_user.retain(|follow| !follow.userid.eq_ignore_ascii_case(userid));
        }
        self.customers.retain(|customer| !customer.follow_user.is_empty());
    }

    /// A department and all below it.
    pub(super) fn department_tree(&self, root: i64) -> Vec<&Department> {
        self.departments.iter().filter(|department| self.is_within(department.id, root)).collect()
    }

    fn is_within(&self, id: i64, root: i64) -> bool {
        let parent = |id| self.departments.iter().find(|d| d.id == id).map(|d| d.parentid);
        // A file may close a circle by mistake: never climb further than there are departments.
        std::iter::successors(Some(id), |id| parent(*id)).take(self.departments.len()).any(|id| id == root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Company {
        Company::sample().unwrap()
    }

    #[test]
    fn the_sample_company_has_its_people_and_customers() {
        let company = sample();
        let of = |role| company.members.iter().filter(|member| member.role == role).count();
        assert_eq!([of(Role::Rep), of(Role::Supervisor), of(Role::Officer), of(Role::Admin)], [12, 3, 1, 1]);
        assert_eq!((company.customers.len(), company.kf_accounts.len()), (60, 2));
        let led = company.departments.iter().filter(|d| !d.department_leader.is_empty()).count();
        assert_eq!(led, 3);
    }

    #[test]
    fn everyone_named_in_the_sample_company_exists() {
        let company = sample();
        let follows = company.customers.iter().flat_map(|c| &c.follow_user).map(|f| &f.userid);
        let leaders = company.departments.iter().flat_map(|d| &d.department_leader);
        let direct = company.members.iter().flat_map(|m| &m.direct_leader);
        let servicers = company.kf_accounts.iter().flat_map(|kf| &kf.servicers);
        for userid in follows.chain(leaders).chain(direct).chain(servicers) {
            assert!(company.member(userid).is_some(), "{userid}");
        }
        for person in company.groups.iter().flat_map(|group| &group.member_list) {
            let known =
                company.member(&person.userid).is_some() || company.customer(&person.userid).is_some();
            assert!(known, "{}", person.userid);
        }
    }

    #[test]
    fn every_rep_has_customers_and_some_customers_have_several_reps() {
        let company = sample();
        for rep in company.members.iter().filter(|member| member.role == Role::Rep) {
            assert!(company.customers_of(&rep.userid).count() > 0, "{}", rep.userid);
        }
        assert!(company.customers.iter().filter(|customer| customer.follow_user.len() > 1).count() >= 5);
    }

    #[test]
    fn a_department_tree_holds_all_departments_below() {
        let company = sample();
        assert_eq!(company.department_tree(1).len(), 4);
        assert_eq!(company.department_tree(3).len(), 1);
    }
}

//! One company's directory, as far as it was read, with when.

use super::{Asked, Standing};
use crate::model::UserId;
use crate::wecom::members::{Department, Member};
use crate::wecom::tags::TagHolders;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Older than this is read again when there is time.
pub(super) const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// Older than this is not known any more.
pub(super) const LASTS: SignedDuration = SignedDuration::from_hours(24);
/// A sender WeCom said nothing of is asked for again after this.
const ASK_AGAIN: SignedDuration = SignedDuration::from_mins(1);
/// Deeper than WeCom lets a company be, against a circle.
const MAX_DEPTH: usize = 64;

/// Something read, and when.
struct Dated<T>(T, Timestamp);

impl<T> Dated<T> {
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.1) < age
    }

    fn at(&self, now: Timestamp) -> Option<&T> {
        self.is_younger(LASTS, now).then_some(&self.0)
    }
}

/// What is kept of one company.
#[derive(Default)]
pub(super) struct Company {
    departments: Option<Dated<HashMap<u64, Department>>>,
    members: HashMap<UserId, Dated<Member>>,
    tags: HashMap<String, Dated<TagHolders>>,
    asked: HashMap<UserId, Timestamp>,
}

impl Company {
    /// Something asked for is not known that young, and was not asked for a moment ago.
    pub fn is_missing(&self, user: &UserId, asked: &Asked, age: SignedDuration, now: Timestamp) -> bool {
        let waits = self.asked.get(user).is_some_and(|at| now.duration_since(*at) < ASK_AGAIN);
        let member = self.members.get(user).is_some_and(|member| member.is_younger(age, now));
        let known =
            member && !self.lacks_departments(age, now) && self.lacking_tags(asked, age, now).is_empty();
        !waits && !known
    }

    pub fn note_asked(&mut self, user: &UserId, now: Timestamp) {
        self.asked.retain(|_, at| now.duration_since(*at) < ASK_AGAIN);
        self.asked.insert(user.clone(), now);
    }

    pub fn lacks_departments(&self, age: SignedDuration, now: Timestamp) -> bool {
        !self.departments.as_ref().is_some_and(|departments| departments.is_younger(age, now))
    }

    pub fn lacking_tags(&self, asked: &Asked, age: SignedDuration, now: Timestamp) -> Vec<String> {
        let lacks = |name: &&String| !self.tags.get(*name).is_some_and(|tag| tag.is_younger(age, now));
        asked.tags.iter().filter(lacks).cloned().collect()
    }

    pub fn keep_departments(&mut self, departments: Vec<Department>, now: Timestamp) {
        let by_id = departments.into_iter().map(|department| (department.id, department)).collect();
        self.departments = Some(Dated(by_id, now));
    }

    pub fn keep_member(&mut self, member: Member, now: Timestamp) {
        self.asked.remove(&member.user);
        self.members.insert(member.user.clone(), Dated(member, now));
    }

    pub fn keep_tag(&mut self, name: String, holders: TagHolders, now: Timestamp) {
        self.tags.insert(name, Dated(holders, now));
    }

    /// Who is to be read again, and all that is asked about them. Those who wrote nothing for long
    /// are forgotten instead.
    pub fn known(&mut self, now: Timestamp) -> (Vec<UserId>, Asked) {
        self.members.retain(|_, member| member.is_younger(LASTS, now));
        let tags = self.tags.keys().cloned().collect();
        (self.members.keys().cloned().collect(), Asked { departments: true, tags })
    }

    /// What is known of a sender.
    pub fn standing(&self, user: &UserId, asked: &Asked, now: Timestamp) -> Standing {
        let Some(member) = self.member(user, now) else { return Standing::default() };
        let chain = self.chain(member, now);
        let tags = asked.tags.iter().map(|name| self.tags.get(name)?.at(now).map(|holders| (name, holders)));
        let tags = tags.collect::<Option<Vec<_>>>().and_then(|tags| {
            let had = tags.into_iter().map(|(name, holders)| {
                let has = holders.has(user, chain.as_deref())?;
                Some(has.then(|| name.clone()))
            });
            had.collect::<Option<Vec<_>>>().map(|had| had.into_iter().flatten().collect())
        });
        Standing { departments: chain.and_then(|chain| self.named(&chain, now)), tags }
    }

    fn member(&self, user: &UserId, now: Timestamp) -> Option<&Member> {
        self.members.get(user)?.at(now)
    }

    /// A member's departments and all above them. `None` when one of those can't be seen: it may be
    /// the very one that a rule names.
    fn chain(&self, member: &Member, now: Timestamp) -> Option<Vec<u64>> {
        let departments = self.departments.as_ref()?.at(now)?;
        let mut chain = Vec::new();
        for belonging in &member.departments {
            let mut next = belonging.department;
            while next != 0 && chain.len() < MAX_DEPTH * member.departments.len() {
                chain.push(next);
                next = departments.get(&next)?.parentid;
            }
        }
        chain.sort_unstable();
        chain.dedup();
        Some(chain)
    }

    fn named(&self, chain: &[u64], now: Timestamp) -> Option<Vec<String>> {
        let departments = self.departments.as_ref()?.at(now)?;
        let names = chain.iter().filter_map(|id| departments.get(id));
        Some(
            names
                .flat_map(|one| [one.name.clone(), one.id.to_string()])
                .filter(|name| !name.is_empty())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::members::Belonging;

    fn start() -> Timestamp {
        "2026-11-23T01:12:00Z".parse().unwrap()
    }

    fn department(id: u64, name: &str, parentid: u64) -> Department {
        Department { id, name: name.to_owned(), department_leader: Vec::new(), parentid }
    }

    fn member(user: &str, departments: &[u64]) -> Member {
        let belonging = |id: &u64| Belonging { department: *id, leads: false };
        Member {
            user: user.into(),
            name: String::new(),
            departments: departments.iter().map(belonging).collect(),
            main_department: 0,
            direct_leader: Vec::new(),
            status: 1,
        }
    }

    /// 澄岸 › 华东 › 上海一部, and a department whose parent the application does not see.
    fn company() -> Company {
        let mut company = Company::default();
        let departments = [department(1, "澄岸", 0), department(5, "华东", 1), department(8, "上海一部", 5)];
        company.keep_departments([&departments[..], &[department(9, "外包", 7)]].concat(), start());
        company.keep_member(member("zhangsan", &[8]), start());
        company.keep_member(member("waibao", &[9]), start());
        company
    }

    fn asked(tags: &[&str]) -> Asked {
        Asked { departments: true, tags: tags.iter().map(|tag| (*tag).to_owned()).collect() }
    }

    fn standing(company: &Company, user: &str, tags: &[&str]) -> Standing {
        company.standing(&user.into(), &asked(tags), start())
    }

    #[test]
    fn a_sender_belongs_to_every_department_above_their_own() {
        let departments = standing(&company(), "zhangsan", &[]).departments.unwrap();
        assert_eq!(departments, ["澄岸", "1", "华东", "5", "上海一部", "8"]);
    }

    #[test]
    fn where_a_department_above_can_not_be_seen_nothing_is_known() {
        assert_eq!(standing(&company(), "waibao", &[]).departments, None);
        assert_eq!(standing(&company(), "lisi", &[]), Standing::default());
    }

    #[test]
    fn a_tag_is_had_by_name_or_by_a_department_above() {
        let mut company = company();
        let named = TagHolders { users: vec!["lisi".into()], departments: Vec::new() };
        company.keep_tag("持证".to_owned(), named, start());
        company.keep_tag("一线".to_owned(), TagHolders { users: Vec::new(), departments: vec![5] }, start());
        let tags = |user, tags: &[&str]| standing(&company, user, tags).tags;
        assert_eq!(tags("zhangsan", &["一线", "持证"]), Some(vec!["一线".to_owned()]));
        assert_eq!(tags("zhangsan", &["一线", "新人"]), None, "新人 was never read");
        assert_eq!(tags("waibao", &["持证"]), Some(Vec::new()));
        assert_eq!(tags("waibao", &["一线"]), None, "华东 may be above");
    }

    #[test]
    fn what_is_a_day_old_is_not_known_and_what_is_an_hour_old_is_read_again() {
        let mut company = company();
        let (user, hour) = ("zhangsan".into(), start() + FRESH);
        assert!(!company.is_missing(&user, &asked(&[]), LASTS, hour));
        assert!(company.is_missing(&user, &asked(&[]), FRESH, hour));
        assert!(company.is_missing(&user, &asked(&[]), LASTS, start() + LASTS));
        assert_eq!(company.standing(&user, &asked(&[]), start() + LASTS), Standing::default());
        assert_eq!(company.known(hour).0.len(), 2);
        assert_eq!(company.known(start() + LASTS).0, []);
    }

    #[test]
    fn one_of_whom_wecom_says_nothing_is_asked_for_once_a_minute() {
        let (mut company, user) = (Company::default(), "lisi".into());
        assert!(company.is_missing(&user, &asked(&[]), LASTS, start()));
        company.note_asked(&user, start());
        assert!(!company.is_missing(&user, &asked(&[]), LASTS, start()));
        assert!(company.is_missing(&user, &asked(&[]), LASTS, start() + ASK_AGAIN));
    }
}

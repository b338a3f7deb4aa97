//! A store of either kind, and a small company's checks to put into it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use wecom_guard::ledger::{LedgerError, MasterKey, Options};
use wecom_guard::model::*;
use wecom_guard::store::*;

/// A store that a test has for itself.
pub struct Shelf {
    pub store: Arc<dyn Store>,
    pub hand: ManualClock,
    /// Removed with the test.
    _dir: Option<TempDir>,
}

impl Shelf {
    pub fn memory() -> Self {
        let (clock, hand) = Clock::manual(start());
        Self { store: Arc::new(MemoryStore::new(clock)), hand, _dir: None }
    }

    pub fn local() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(start());
        Self { store: Arc::new(open_with(dir.path(), clock).unwrap()), hand, _dir: Some(dir) }
    }

    pub async fn commit(&self, unit: Unit) -> Result<Committed, StoreError> {
        self.store.commit(unit).await
    }

    pub async fn put(&self, change: Change) {
        assert_eq!(self.commit(unit([change])).await, Ok(Committed::Done));
    }

    pub async fn open_of(&self, user: &str) -> Vec<(u16, CheckId)> {
        let open = self.store.open_checks(&corp(), &rep(user)).await.unwrap();
        open.into_iter().map(|(short, id)| (short.to_string().parse().unwrap(), id)).collect()
    }

    pub async fn contacts_of(&self, user: &str) -> Vec<ContactSnapshot> {
        self.store.contacts_of(&corp(), &rep(user)).await.unwrap()
    }

    pub async fn check(&self, id: &CheckId) -> Check {
        self.store.check(&corp(), id).await.unwrap().unwrap()
    }
}

pub fn open_with(dir: &Path, clock: Clock) -> Result<LocalStore, LedgerError> {
    let ledger = Options { segment_bytes: 64 << 10 };
    LocalStore::open(LocalOptions { dir: dir.to_owned(), master: MasterKey::new([7; 32]), clock, ledger })
}

pub fn open(dir: &Path) -> Result<LocalStore, LedgerError> {
    open_with(dir, Clock::manual(start()).0)
}

pub fn start() -> Timestamp {
    "2026-11-23T01:12:00Z".parse().unwrap()
}

pub fn minute(no: i64) -> Timestamp {
    start() + SignedDuration::from_mins(no)
}

pub fn corp() -> CorpId {
    CorpId::new("ww0123456789abcdef")
}

pub fn rep(name: &str) -> UserId {
    UserId::new(name)
}

pub fn customer(no: usize) -> ExternalUserId {
    ExternalUserId::new(format!("wmGuard{no:04}"))
}

/// A set of rules that went live with one file.
pub fn went_live(name: &str) -> RulesLive {
    RulesLive {
        revision: Revision::new(name),
        rules: 25,
        phrases: 400,
        at: Some(start()),
        by: Some(Actor::System),
        reason: None,
        restores: None,
        files: vec![KeptFile { name: "finance.toml".to_owned(), sha256: "9f3c".to_owned() }],
    }
}

pub fn unit(changes: impl IntoIterator<Item = Change>) -> Unit {
    let entries = changes.into_iter().map(|change| Entry { actor: Actor::System, change }).collect();
    Unit { entries, ..Unit::default() }
}

pub fn keyed(key: &str, answer: &str, change: Change) -> Unit {
    let fingerprint = fingerprint(&[answer]);
    let idempotency = Some(Idempotency { key: key.to_owned(), fingerprint, answer: answer.to_owned() });
    Unit { idempotency, ..unit([change]) }
}

pub fn id(no: usize) -> CheckId {
    let mut chance = [0; 10];
    chance[8..].copy_from_slice(&u16::try_from(no).unwrap().to_be_bytes());
    CheckId::fresh(minute(no as i64), chance)
}

/// A check that passed at minute `no`.
pub fn passed(no: usize) -> Check {
    let text = MessageText::new(format!("第{no}位客户您好,产品说明书发您了,风险等级在第二页")).unwrap();
    let judgement = json!({
        "revision": "r1-9f3c", "verdict": "pass", "hits": [], "hits_total": 0, "suppressed": [],
        "require_reason": false, "require_approval": false,
    });
    Check {
        id: id(no),
        corp: corp(),
        channel: Channel::Api,
        origin: Origin::Token { name: "plugin".to_owned() },
        sender: rep(if no.is_multiple_of(2) { "zhangsan" } else { "lisi" }),
        recipient: Some(Recipient::Contact { id: customer(no % 3) }),
        text_sha256: text.hash(),
        text,
        industry: Some("金融".to_owned()),
        created_at: minute(no as i64),
        judgement: serde_json::from_value(judgement).unwrap(),
        suggestions: Vec::new(),
        short: None,
        state: CheckState::Passed,
        expires_at: Some(minute(no as i64 + 1)),
        moves: Vec::new(),
    }
}

/// A check that waits for its rep under the number `short` for ten minutes.
pub fn waiting(no: usize, short: u16) -> Check {
    let mut check = passed(no);
    check.judgement.verdict = Verdict::Confirm;
    check.state = CheckState::AwaitingConfirmation;
    check.expires_at = Some(minute(no as i64 + 10));
    check.short = ShortNo::new(short);
    check
}

pub fn blocked(no: usize) -> Check {
    let mut check = passed(no);
    check.text = MessageText::new(format!("第{no}位客户,这款产品保底收益5%")).unwrap();
    check.text_sha256 = check.text.hash();
    let hit = json!({
        "rule": "FIN-001", "name": "承诺保本保收益", "action": "block", "phrase": "保底收益",
        "matched": "保底收益", "span": {"byte": [25, 37], "char": [9, 13], "utf16": [9, 13]}, "via": [],
        "lowered_by": null, "basis": [], "why": "可能被理解为承诺", "fix": "说明收益会波动",
    });
    check.judgement.verdict = Verdict::Block;
    check.judgement.hits = vec![serde_json::from_value(hit).unwrap()];
    check.judgement.hits_total = 1;
    (check.state, check.expires_at) = (CheckState::Blocked, None);
    check
}

pub fn opened(check: Check) -> Change {
    Change::CheckOpened(Box::new(check))
}

pub fn at(check: &Check) -> Precondition {
    Precondition::CheckAt { corp: corp(), id: check.id.clone(), version: check.version() }
}

pub fn moved(check: &Check, to: CheckState, cause: MoveCause) -> Change {
    let step = CheckMove {
        check: check.id.clone(),
        from: check.state,
        to,
        at: check.created_at + SignedDuration::from_secs(30),
        actor: Actor::User { corp: corp(), user: check.sender.clone() },
        expires_at: (to == CheckState::Confirmed).then(|| check.created_at + SignedDuration::from_secs(90)),
        cause,
    };
    Change::CheckMoved { corp: corp(), about: check.about(), step }
}

pub fn confirmed(check: &Check) -> Change {
    let by = Confirmation { at: check.created_at, by: ConfirmedBy::Typed, reason: None };
    moved(check, CheckState::Confirmed, MoveCause::Confirmed(by))
}

pub fn deed_id(no: usize) -> OutboxId {
    let mut chance = [0; 10];
    chance[8..].copy_from_slice(&u16::try_from(no).unwrap().to_be_bytes());
    OutboxId::fresh(minute(no as i64), chance)
}

/// A card that is due at minute `no`.
pub fn deed(no: usize) -> Change {
    Change::OutboxQueued(OutboxItem {
        id: deed_id(no),
        corp: corp(),
        app: Endpoint::new("guard"),
        to: rep("zhangsan"),
        deed: OutboxDeed::ConfirmCard { check: id(no) },
        queued_at: minute(no as i64),
        due_at: minute(no as i64),
        state: OutboxState::Queued,
        attempt: 0,
    })
}

/// The `attempt`-th begin or end of a deed; not again before `due`.
pub fn deed_moved(no: usize, state: OutboxState, attempt: u32, due: Timestamp) -> Change {
    let card = SentCard { response_code: format!("code-{no}") };
    Change::OutboxMoved(OutboxStep {
        id: deed_id(no),
        kind: "confirm_card".to_owned(),
        state,
        attempt,
        due_at: due,
        detail: None,
        card: (state == OutboxState::Sent).then(|| (id(no), card)),
    })
}

pub fn contact(no: usize, followers: &[&str]) -> ContactSnapshot {
    let follow = |user: &&str| FollowUser {
        user: rep(user),
        remark: "老客户".to_owned(),
        description: String::new(),
        added_at: Some(start()),
        tags: Vec::new(),
        add_way: 1,
        state: String::new(),
    };
    ContactSnapshot {
        corp: corp(),
        id: customer(no),
        name: format!("王{no}"),
        corp_name: String::new(),
        kind: 1,
        follow_users: followers.iter().map(follow).collect(),
        fetched_at: start(),
        outdated: false,
    }
}

pub fn live(name: &str) -> Change {
    Change::RulesLive(Box::new(went_live(name)))
}

/// The ids of every page of a query, `limit` a page.
pub async fn pages(store: &dyn Store, query: CheckQuery, limit: usize) -> Vec<Vec<CheckId>> {
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.checks(query.clone(), cursor, limit).await.unwrap();
        found.push(page.items.into_iter().map(|check| check.id).collect());
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

pub fn all() -> CheckQuery {
    CheckQuery { corp: Some(corp()), ..CheckQuery::default() }
}

/// A morning of forty checks and everything around them. Gives the keys that were used.
pub async fn a_morning(store: &dyn Store) {
    let done = |unit| async move { assert_eq!(store.commit(unit).await, Ok(Committed::Done)) };
    done(unit([live("r1-9f3c")])).await;
    for no in 0..3 {
        done(unit([Change::ContactFetched(contact(no, &["zhangsan", "lisi"]))])).await;
    }
    for no in 0..40 {
        let check = match no % 4 {
            0 => blocked(no),
            1 | 2 => waiting(no, no as u16),
            _ => passed(no),
        };
        let step = (no % 4 == 1).then(|| confirmed(&check));
        done(keyed(&format!("plugin/{no}"), id(no).as_str(), opened(check))).await;
        done(unit(step.into_iter().chain([deed(no)]))).await;
        if no % 5 == 0 {
            done(unit([deed_moved(no, OutboxState::Sent, 1, minute(no as i64))])).await;
        }
    }
    let key = FollowKey { corp: corp(), contact: customer(0), user: rep("zhangsan") };
    for revision in 1..=3 {
        let note =
            Note { text: format!("第{revision}次通话,约了周三"), script: None, hits: Vec::new() };
        let (by, at, what) = (Actor::System, minute(revision), FollowMove::Note(note));
        let step = FollowStep { key: key.clone(), revision: revision as u64, at, by, what };
        done(unit([Change::Followed(Box::new(step))])).await;
    }
    let ended = Ended { at: minute(50), by: EndedBy::Transfer };
    done(unit([Change::FollowEnded { key: FollowKey { user: rep("lisi"), ..key }, ended }])).await;
    done(unit([Change::ContactOutdated { corp: corp(), contact: customer(1) }])).await;
}

/// Every answer a store gives about [`a_morning`], as text that can be compared.
pub async fn answers(store: &dyn Store) -> Vec<String> {
    let mut said = Vec::new();
    let page = store.checks(all(), None, 1000).await.unwrap();
    for check in &page.items {
        said.push(format!("{check:?} {:?}", store.card_of(&check.id).await.unwrap()));
        assert_eq!(store.check(&corp(), &check.id).await.unwrap().as_ref(), Some(check));
    }
    for no in 0..40 {
        said.push(format!("{:?}", store.remembered(&format!("plugin/{no}")).await.unwrap()));
    }
    for user in ["zhangsan", "lisi"].map(rep) {
        let query = CheckQuery { sender: Some(user.clone()), ..all() };
        said.push(format!("{:?}", pages(store, query, 7).await));
        said.push(format!("{:?}", store.open_checks(&corp(), &user).await.unwrap()));
        said.push(format!("{:?}", store.contacts_of(&corp(), &user).await.unwrap()));
        said.push(format!("{:?}", store.followings_of(&corp(), &user).await.unwrap()));
        for no in 0..3 {
            let key = FollowKey { corp: corp(), contact: customer(no), user: user.clone() };
            said.push(format!("{:?}", store.timeline(&key, &[], None, 1000).await.unwrap()));
            said.push(format!("{:?}", store.first_cleared(&key).await.unwrap()));
        }
    }
    for no in 0..3 {
        said.push(format!("{:?}", store.last_contact(&corp(), customer(no).as_str()).await.unwrap()));
    }
    said.push(format!("{:?}", store.due_checks(minute(9_999), 1000).await.unwrap()));
    said.push(format!("{:?}", store.due_deeds(minute(9_999), 1000).await.unwrap()));
    said.push(format!("{:?}", store.revisions().await.unwrap()));
    said
}

/// Every file below a folder.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// A stream of numbers that is the same in every run: splitmix64.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) as usize % below
    }
}

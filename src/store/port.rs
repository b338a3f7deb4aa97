//! The port: what every store can do, in the words of the domain.

use super::change::{Entry, OutboxItem, Remembered, RulesLive, Session};
use super::draft::{DraftPlace, KeptDraft};
use crate::model::{
    Check, CheckId, CheckState, ContactSnapshot, CorpId, ExternalUserId, Finding, FollowKey, FollowStep,
    Following, OutboxId, Question, Review, Revision, RuleId, ShortNo, TimelineKind, TimelinePlace, UserId,
    Verdict,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// One durable step, all or nothing, with the facts it leaves in the ledger.
#[derive(Debug, Default)]
pub struct Unit {
    /// Makes a repetition harmless: the second time the first answer comes back.
    pub idempotency: Option<Idempotency>,
    /// What must still be true.
    pub preconditions: Vec<Precondition>,
    /// The facts, each carrying the change it makes.
    pub entries: Vec<Entry>,
}

/// A key under which the answer of a unit is remembered.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Unique in its corp and purpose; the caller puts both into it.
    pub key: String,
    /// Hash of the request, so that another request under the same key is noticed.
    pub fingerprint: String,
    /// What a repetition is answered with.
    pub answer: String,
}

/// What a unit relies on.
#[derive(Debug, Clone)]
pub enum Precondition {
    /// The check has taken exactly this many steps.
    CheckAt {
        /// The check's company.
        corp: CorpId,
        /// The check.
        id: CheckId,
        /// [`Check::version`] as it was read.
        version: u64,
    },
    /// Exactly so much was said about the check.
    ReviewAt {
        /// The check's company.
        corp: CorpId,
        /// The check.
        id: CheckId,
        /// [`Review::version`] as it was read.
        version: u8,
    },
    /// The rep has no other open check under this number.
    ShortFree {
        /// The rep's company.
        corp: CorpId,
        /// The rep.
        sender: UserId,
        /// The number.
        short: ShortNo,
    },
    /// The following has taken exactly this many steps.
    FollowAt {
        /// Whose, of whom.
        key: FollowKey,
        /// [`Following::revision`] as it was read; 0 where there was none.
        revision: u64,
    },
    /// Exactly this many attempts at the deed were begun: nobody took it up meanwhile.
    OutboxAt {
        /// The deed.
        id: OutboxId,
        /// Attempts begun so far.
        attempt: u32,
    },
}

/// How a unit ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Done,
    /// Its key was used before; this is what was remembered. Nothing changed.
    Repeated(Remembered),
}

/// Why the store could not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A precondition no longer holds: read again and decide again.
    #[error("`{what}` was changed by someone else")]
    Stale {
        /// What changed.
        what: String,
    },
    /// The outcome is unknown or the medium is full: repeat with the same key.
    #[error("not recorded: {why}")]
    Retry {
        /// Why.
        why: String,
    },
    /// Nothing can be written until the server is started again.
    #[error("the record is closed for writing: {why}")]
    Stopped {
        /// Why.
        why: String,
    },
    /// What is kept can't be read.
    #[error("the record can't be read: {why}")]
    Unreadable {
        /// Why.
        why: String,
    },
}

/// Which checks to list. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct CheckQuery {
    /// The company; always given.
    pub corp: Option<CorpId>,
    /// Judged at or after.
    pub from: Option<Timestamp>,
    /// Judged before.
    pub to: Option<Timestamp>,
    /// By this rep.
    pub sender: Option<UserId>,
    /// To this customer or group.
    pub recipient: Option<String>,
    /// With this verdict.
    pub verdict: Option<Verdict>,
    /// In this state.
    pub state: Option<CheckState>,
    /// With a hit of this rule.
    pub rule: Option<RuleId>,
    /// With these characters in the text.
    pub text: Option<String>,
    /// Of which an officer found this.
    pub disposition: Option<Finding>,
}

impl CheckQuery {
    /// Whether `check` belongs to the answer, by what it says itself.
    pub fn admits(&self, check: &Check) -> bool {
        let holds = |wanted: Option<bool>| wanted.unwrap_or(true);
        holds(self.corp.as_ref().map(|corp| *corp == check.corp))
            && holds(self.from.map(|from| from <= check.created_at))
            && holds(self.to.map(|to| check.created_at < to))
            && holds(self.sender.as_ref().map(|sender| *sender == check.sender))
            && holds(self.recipient.as_ref().map(|id| check.recipient.as_ref().is_some_and(|r| r.id() == id)))
            && holds(self.verdict.map(|verdict| verdict == check.verdict()))
            && holds(self.state.map(|state| state == check.state))
            && holds(self.rule.as_ref().map(|rule| check.hits().iter().any(|hit| hit.rule == *rule)))
            && holds(self.text.as_ref().map(|text| check.text.as_str().contains(text.as_str())))
    }
}

/// The place after which the next page begins: the last check of the page before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub CheckId);

/// One page of a list, newest first.
#[derive(Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// Something that happened between a rep and a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineItem {
    /// Where it stands.
    pub place: TimelinePlace,
    /// What it was; `None` when it was erased.
    pub what: Option<Happening>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A text was checked; as the check stands now.
    Check(Box<Check>),
    /// Something was changed.
    Step(Box<FollowStep>),
    /// The page was opened.
    Opened {
        /// From where.
        entry: String,
    },
}

/// One page of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePage {
    /// The items.
    pub items: Vec<TimelineItem>,
    /// After which the next page begins, if there is one.
    pub next: Option<TimelinePlace>,
}

/// A card that WeCom took, and the one-use code that updates it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SentCard {
    /// The code `update_template_card` takes once, within 72 hours.
    pub response_code: String,
}

/// Whether the store can be relied upon now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Units can be committed.
    pub writable: bool,
    /// Why not.
    pub why: Option<String>,
    /// The newest entry: shard, number and hash; empty on stores without a ledger.
    pub head: Option<String>,
}

/// What we keep. Every method is bounded in time; [`Store::commit`] is the only way to change
/// anything that must last.
#[async_trait]
pub trait Store: Send + Sync {
    /// Commits one unit. Returns when it is durable.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when a precondition fails, [`StoreError::Retry`] when the same unit
    /// may be tried again, [`StoreError::Stopped`] when nothing more can be written.
    async fn commit(&self, unit: Unit) -> Result<Committed, StoreError>;

    /// What was answered under `key` before.
    async fn remembered(&self, key: &str) -> Result<Option<Remembered>, StoreError>;

    /// One check of one company.
    async fn check(&self, corp: &CorpId, id: &CheckId) -> Result<Option<Check>, StoreError>;

    /// A page of checks, newest first, after `cursor`.
    async fn checks(
        &self,
        query: CheckQuery,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Check>, StoreError>;

    /// The rep's checks that wait for a person, by the number they may type.
    async fn open_checks(
        &self,
        corp: &CorpId,
        sender: &UserId,
    ) -> Result<Vec<(ShortNo, CheckId)>, StoreError>;

    /// Checks whose time has run out at `now`, oldest first, at most `max`.
    async fn due_checks(&self, now: Timestamp, max: usize) -> Result<Vec<(CorpId, CheckId)>, StoreError>;

    /// Deeds that wait or whose lease has run out at `now`, oldest first, at most `max`.
    async fn due_deeds(&self, now: Timestamp, max: usize) -> Result<Vec<OutboxItem>, StoreError>;

    /// What was said about a check; nothing said is an empty review.
    async fn review(&self, corp: &CorpId, id: &CheckId) -> Result<Review, StoreError>;

    /// Who was asked a question about a check.
    async fn asked(&self, corp: &CorpId, id: &CheckId, question: Question)
    -> Result<Vec<UserId>, StoreError>;

    /// The checks that wait for this member's word, newest first.
    async fn approvals(&self, corp: &CorpId, user: &UserId) -> Result<Vec<Check>, StoreError>;

    /// The card WeCom took for a check.
    async fn card_of(&self, check: &CheckId) -> Result<Option<SentCard>, StoreError>;

    /// A customer as last fetched.
    async fn contact(
        &self,
        corp: &CorpId,
        id: &ExternalUserId,
    ) -> Result<Option<ContactSnapshot>, StoreError>;

    /// The customers one member follows, as last fetched.
    async fn contacts_of(&self, corp: &CorpId, user: &UserId) -> Result<Vec<ContactSnapshot>, StoreError>;

    /// When a text to this customer or group was last cleared by us.
    async fn last_contact(&self, corp: &CorpId, recipient: &str) -> Result<Option<Timestamp>, StoreError>;

    /// What a rep's following of a customer adds up to, if there is one.
    async fn following(&self, key: &FollowKey) -> Result<Option<Following>, StoreError>;

    /// All followings of one rep, those that ended too.
    async fn followings_of(
        &self,
        corp: &CorpId,
        user: &UserId,
    ) -> Result<Vec<(ExternalUserId, Following)>, StoreError>;

    /// What happened between a rep and a customer, newest first, after `after`; of these kinds, or of
    /// all when none is named.
    async fn timeline(
        &self,
        key: &FollowKey,
        kinds: &[TimelineKind],
        after: Option<TimelinePlace>,
        limit: usize,
    ) -> Result<TimelinePage, StoreError>;

    /// One item of a timeline.
    async fn timeline_item(
        &self,
        key: &FollowKey,
        place: &TimelinePlace,
    ) -> Result<Option<TimelineItem>, StoreError>;

    /// When the first text from a rep to a customer was cleared by us.
    async fn first_cleared(&self, key: &FollowKey) -> Result<Option<Timestamp>, StoreError>;

    /// How many revisions of the rules have gone live, and the last one's name.
    async fn revisions(&self) -> Result<(u64, Option<Revision>), StoreError>;

    /// The revisions of the rules that went live, by number and newest first: those below `before`,
    /// at most `max`.
    async fn past_rules(&self, before: Option<u64>, max: usize) -> Result<Vec<(u64, RulesLive)>, StoreError>;

    /// The content of a rule file, kept under its SHA-256 in hex; only its beginning where the rest
    /// was never recorded.
    async fn rule_file(&self, sha256: &str) -> Result<Option<String>, StoreError>;

    /// Keeps a session under the hash of its id. Ephemeral: may vanish when the state is rebuilt.
    async fn keep_session(&self, key: &str, session: Session) -> Result<(), StoreError>;

    /// Lets a session that has not ended live longer; one that ended meanwhile stays ended.
    async fn renew_session(&self, key: &str, idle_until: Timestamp) -> Result<(), StoreError>;

    /// A session that has not ended.
    async fn session(&self, key: &str) -> Result<Option<Session>, StoreError>;

    /// Ends a session.
    async fn end_session(&self, key: &str) -> Result<(), StoreError>;

    /// Keeps an unfinished text, or with `None` forgets it. Ephemeral: may vanish when the state is
    /// rebuilt.
    async fn keep_draft(&self, place: &DraftPlace, draft: Option<KeptDraft>) -> Result<(), StoreError>;

    /// An unfinished text.
    async fn draft(&self, place: &DraftPlace) -> Result<Option<KeptDraft>, StoreError>;

    /// Forgets unfinished texts kept before `before`; returns how many.
    async fn forget_drafts(&self, before: Timestamp) -> Result<usize, StoreError>;

    /// Whether a member has acknowledged what the compose page tells first.
    async fn is_notified(&self, corp: &CorpId, user: &UserId) -> Result<bool, StoreError>;

    /// Forgets remembered answers made before `before`; returns how many.
    async fn forget(&self, before: Timestamp) -> Result<usize, StoreError>;

    /// Whether the store can be relied upon now.
    fn health(&self) -> Health;

    /// Finishes what is under way and closes the record cleanly.
    async fn close(&self);
}

//! The one gate every outgoing text passes.

use super::draft::{Draft, Judged, Recorded};
use super::error::GateError;
use super::look::{Circumstances, Look};
use super::release::ReleaseKey;
use super::state;
use crate::directory::{Asked, Directory};
use crate::model::{
    Actor, Channel, Check, CheckId, Clock, CompanyZone, CorpId, Endpoint, Judgement, Origin, Recipient,
    ShortNo, Suggestion, Verdict, chance,
};
use crate::rules::Live;
use crate::rules::LiveRules;
use crate::store::{
    Change, Committed, Entry, Idempotency, Precondition, Remembered, Store, StoreError, Unit,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What the gate stands on.
#[derive(Clone)]
pub struct GateParts {
    /// Where records go.
    pub store: Arc<dyn Store>,
    /// The rules in force.
    pub rules: Arc<Live>,
    /// The time.
    pub clock: Clock,
    /// The company's calendar.
    pub zone: CompanyZone,
    /// What releases are signed with.
    pub releases: ReleaseKey,
    /// Where senders belong, for rules that are not for everybody.
    pub directory: Directory,
    /// The application that carries what a company's members are told.
    pub doors: HashMap<CorpId, Endpoint>,
}

/// Every outgoing text passes here: judged, recorded, and only then released.
#[derive(Clone)]
pub struct Gate {
    pub(super) parts: GateParts,
    counts: Arc<Mutex<Counts>>,
}

/// Checks recorded since the start, by channel and verdict.
pub type Counts = BTreeMap<(Channel, Verdict), u64>;

/// What becomes durable together with a check.
#[derive(Debug, Default)]
pub struct Attachment {
    /// Further facts, for example a card to send.
    pub entries: Vec<Entry>,
    /// Under which key, and with what, a repetition is answered.
    pub idempotency: Option<Idempotency>,
}

/// How often a step is decided again when somebody else was faster.
pub(super) const RIVALS: usize = 4;

/// How recording a judged draft ended.
#[derive(Debug)]
pub enum Outcome {
    /// It is on record.
    Recorded(Box<Recorded>),
    /// The same request was answered before.
    Repeated(Remembered),
}

impl Gate {
    /// A gate over `parts`.
    pub fn new(parts: GateParts) -> Self {
        Self { parts, counts: Arc::default() }
    }

    /// Judges a text without recording anything, for a preview while typing: replies are offered
    /// whatever the verdict.
    ///
    /// # Errors
    /// The store's errors.
    pub async fn preview(&self, draft: &Draft) -> Result<(Judgement, Vec<Suggestion>), GateError> {
        let live = self.parts.rules.current();
        let known = self.known(&live, draft).await?;
        let (look, text) = (Look { live: &live, known: &known }, draft.text.as_str());
        let judgement = look.judge(text);
        let offers = look.offers(text, &judgement);
        Ok((judgement, offers))
    }

    /// A rule stops these words, whoever says them: they are a draft, even when they look like a name.
    pub fn stops(&self, words: &str) -> bool {
        let known = Circumstances::on(self.today());
        self.parts.rules.current().ruleset.judge(words, &known.context()).verdict != Verdict::Pass
    }

    fn today(&self) -> Date {
        self.parts.zone.business_day(self.parts.clock.now())
    }

    /// What can be known of sender and customer without holding up the answer.
    async fn known(&self, live: &LiveRules, draft: &Draft) -> Result<Circumstances, GateError> {
        let asked = Asked { departments: live.senders.departments, tags: live.senders.tags.clone() };
        let standing = self.parts.directory.standing(&draft.corp, &draft.sender, &asked).await;
        let known = Circumstances {
            channel: Some(draft.channel),
            industry: draft.industry.clone(),
            departments: standing.departments,
            sender_tags: standing.tags,
            ..Circumstances::on(self.today())
        };
        let (Some(Recipient::Contact { id }) | Some(Recipient::Kf { id, .. })) = &draft.recipient else {
            return Ok(known);
        };
        Ok(match self.parts.store.contact(&draft.corp, id).await? {
            Some(contact) => known.with_contact(&contact),
            None => known,
        })
    }

    /// Judges a draft with the rules in force.
    ///
    /// # Errors
    /// [`GateError::NoRecipient`] when only the bot could leave it open; the store's errors.
    pub async fn judge(&self, draft: Draft) -> Result<Judged, GateError> {
        if draft.recipient.is_none() && draft.channel != Channel::Bot {
            return Err(GateError::NoRecipient);
        }
        let rules = self.parts.rules.current();
        let known = self.known(&rules, &draft).await?;
        let look = Look { live: &rules, known: &known };
        let judgement = look.judge(draft.text.as_str());
        let suggestions = look.instead_of(draft.text.as_str(), &judgement);
        let now = self.parts.clock.now();
        let (state, expires_at) = state::opening(judgement.verdict, draft.channel, now);
        let short = if state.is_open() { self.free_short(&draft).await? } else { None };
        Ok(Judged(Check {
            id: CheckId::fresh(now, chance()),
            corp: draft.corp,
            channel: draft.channel,
            origin: draft.origin,
            sender: draft.sender,
            recipient: draft.recipient,
            text_sha256: draft.text.hash(),
            text: draft.text,
            industry: draft.industry,
            created_at: now,
            judgement,
            suggestions,
            short,
            state,
            expires_at,
            moves: Vec::new(),
        }))
    }

    /// A number no other open check of this rep has. `None` when all are taken, which leaves the
    /// card and the API.
    async fn free_short(&self, draft: &Draft) -> Result<Option<ShortNo>, GateError> {
        let taken = self.parts.store.open_checks(&draft.corp, &draft.sender).await?;
        let [a, b] = chance();
        let start = u16::from_be_bytes([a, b]) % 10_000;
        let free = |number: &ShortNo| !taken.iter().any(|(short, _)| short == number);
        Ok((0..10_000).filter_map(|step| ShortNo::new((start + step) % 10_000)).find(free))
    }

    /// Judges a draft and puts it on record, with whatever else must be durable in the same step.
    ///
    /// # Errors
    /// Those of [`Gate::judge`], and the store's: nothing was released.
    pub async fn check(
        &self,
        draft: Draft,
        attach: impl Fn(&Check) -> Attachment + Send + Sync,
    ) -> Result<Outcome, GateError> {
        for _ in 0..RIVALS {
            let judged = self.judge(draft.clone()).await?;
            let attachment = attach(judged.check());
            match self.record(judged, attachment).await {
                // Another draft of this rep took the short number in between.
                Err(GateError::Store(StoreError::Stale { .. })) => {}
                done => return done,
            }
        }
        Err(GateError::Store(StoreError::Retry { why: "others were faster".to_owned() }))
    }

    async fn record(&self, judged: Judged, attachment: Attachment) -> Result<Outcome, GateError> {
        let check = judged.0;
        let opened = Entry { actor: author(&check), change: Change::CheckOpened(Box::new(check.clone())) };
        let unit = Unit {
            idempotency: attachment.idempotency,
            preconditions: short_free(&check).into_iter().collect(),
            entries: std::iter::once(opened).chain(attachment.entries).collect(),
        };
        match self.parts.store.commit(unit).await? {
            Committed::Done => {
                self.count(&check);
                Ok(Outcome::Recorded(Box::new(Recorded::new(check, &self.parts.releases))))
            }
            Committed::Repeated(remembered) => Ok(Outcome::Repeated(remembered)),
        }
    }

    pub(super) fn count(&self, check: &Check) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((check.channel, check.verdict())).or_default() += 1;
    }

    /// How many checks were recorded since the start.
    pub fn counts(&self) -> Counts {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A check as the record has it, with its release if it has one.
    ///
    /// # Errors
    /// [`GateError::NotFound`]; the store's errors.
    pub async fn read(&self, corp: &CorpId, id: &CheckId) -> Result<Recorded, GateError> {
        let check = self.parts.store.check(corp, id).await?.ok_or(GateError::NotFound)?;
        Ok(self.recorded(check))
    }

    /// Only for checks that were read from the store, or whose last step was just committed.
    pub(super) fn recorded(&self, check: Check) -> Recorded {
        Recorded::new(check, &self.parts.releases)
    }

    /// The store the gate records in.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// The rules in force.
    pub fn rules(&self) -> &Arc<Live> {
        &self.parts.rules
    }

    /// The gate's clock.
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// The company's calendar.
    pub fn zone(&self) -> &CompanyZone {
        &self.parts.zone
    }
}

/// A stale short number is the only way two checks of one rep can meet.
pub(super) fn short_free(check: &Check) -> Option<Precondition> {
    let short = check.short?;
    Some(Precondition::ShortFree { corp: check.corp.clone(), sender: check.sender.clone(), short })
}

/// Whom the ledger names for a draft.
fn author(check: &Check) -> Actor {
    match &check.origin {
        Origin::Token { name } => Actor::Token { name: name.clone() },
        Origin::App { .. } | Origin::Bot { .. } | Origin::Session => {
            Actor::User { corp: check.corp.clone(), user: check.sender.clone() }
        }
    }
}

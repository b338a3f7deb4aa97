//! Taking a callback in: genuine? in time? seen before? then on to what it means.

use super::answer;
use super::answer::Answering;
use super::turns::Turns;
use crate::channels::bot;
use crate::channels::bot::{Bot, Reply, Said};
use crate::directory::Directory;
use crate::intercept::GateError;
use crate::model::{Actor, Clock, CorpId, Endpoint, UserId};
use crate::store::{Change, Committed, Entry, Store, Unit};
use crate::wecom::callback;
use crate::wecom::callback::{CallbackError, Opened};
use crate::wecom::crypto::CallbackKey;
use crate::wecom::event;
use crate::wecom::event::Inbound;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What takes the callbacks of one path.
pub struct Mailbox {
    /// Signs and decrypts them.
    pub key: CallbackKey,
    /// The company.
    pub corp: CorpId,
    /// An application or an AI bot.
    pub kind: MailboxKind,
}

/// What stands behind a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxKind {
    /// `/callback/{app}`.
    App,
    /// `/bot/{bot}`.
    Bot,
}

/// What [`Inbox`] stands on.
pub struct InboxParts {
    /// By the name in the path.
    pub mailboxes: HashMap<Endpoint, Mailbox>,
    /// The conversation.
    pub bot: Bot,
    /// Who works where: WeCom tells here when that changes.
    pub directory: Directory,
    /// The record.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Clock,
    /// How far a callback's own time may be from ours; `None` takes any.
    pub replay_window: Option<SignedDuration>,
    /// Our address as members reach it.
    pub public_url: String,
}

/// Every callback comes through here.
pub struct Inbox {
    pub(super) parts: InboxParts,
    pub(super) turns: Turns,
    counts: Mutex<BTreeMap<MailCounts, u64>>,
}

/// What is counted of callbacks: the mailbox, what it was, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailCounts {
    /// The name in the path.
    pub endpoint: String,
    /// For example `message`, `event.unknown`.
    pub kind: String,
    /// `new`, `repeated`, `refused`.
    pub outcome: &'static str,
}

/// What WeCom is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body; empty when there is nothing to say.
    pub body: String,
    /// `application/xml`, `application/json` or `text/plain`.
    pub content_type: &'static str,
}

/// Why a callback is not taken.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// No mailbox has this name.
    #[error("no app or bot has this name")]
    NoMailbox,
    /// It is no callback.
    #[error("not a callback: {0}")]
    BadRequest(&'static str),
    /// It is not genuine, not for us, or too old.
    #[error("refused: {0}")]
    Forbidden(&'static str),
    /// It could not be recorded: it has to come again.
    #[error(transparent)]
    NotRecorded(#[from] GateError),
}

impl From<CallbackError> for InboxError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::BadRequest(why) => InboxError::BadRequest(why),
            CallbackError::Forbidden(why) => {
                tracing::warn!(%why, "a callback was refused");
                InboxError::Forbidden("signature, decryption or receive id")
            }
        }
    }
}

impl Inbox {
    /// Over `parts`.
    pub fn new(parts: InboxParts) -> Self {
        Self { parts, turns: Turns::default(), counts: Mutex::default() }
    }

    fn mailbox(&self, name: &str, kind: MailboxKind) -> Result<(Endpoint, &Mailbox), InboxError> {
        let endpoint = Endpoint::new(name);
        let found = self.parts.mailboxes.get(&endpoint).filter(|mailbox| mailbox.kind == kind);
        found.map(|mailbox| (endpoint, mailbox)).ok_or(InboxError::NoMailbox)
    }

    /// Answers WeCom's check of our address.
    ///
    /// # Errors
    /// As the variants of [`InboxError`] say.
    pub fn verify_url(&self, name: &str, kind: MailboxKind, query: &str) -> Result<Answer, InboxError> {
        let (endpoint, mailbox) = self.mailbox(name, kind)?;
        let outcome = callback::verify_url(&mailbox.key, query);
        self.count(&endpoint, "url_check", if outcome.is_ok() { "new" } else { "refused" });
        Ok(Answer { body: outcome?, content_type: "text/plain" })
    }

    /// Takes one callback. A repetition is answered like the first and counts once.
    ///
    /// # Errors
    /// As the variants of [`InboxError`] say.
    pub async fn take(
        &self,
        name: &str,
        kind: MailboxKind,
        query: &str,
        body: &[u8],
    ) -> Result<Answer, InboxError> {
        let (endpoint, mailbox) = self.mailbox(name, kind)?;
        let opened =
            self.open(mailbox, query, body).inspect_err(|_| self.count(&endpoint, "callback", "refused"))?;
        let (to, reply) = if opened.plaintext.trim_start().starts_with('{') {
            self.take_bot(&endpoint, mailbox, &opened.plaintext).await?
        } else {
            self.take_app(&endpoint, mailbox, &opened.plaintext).await?
        };
        let home = self.parts.public_url.as_str();
        let mail = Answering { mailbox, opened: &opened, to: to.as_ref(), home };
        Ok(answer::seal(&mail, &reply, self.parts.clock.now()))
    }

    fn open(&self, mailbox: &Mailbox, query: &str, body: &[u8]) -> Result<Opened, InboxError> {
        let opened = callback::open(&mailbox.key, query, body)?;
        if let Some(window) = self.parts.replay_window {
            let sent =
                opened.params.timestamp.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
            let apart = sent.map(|sent| self.parts.clock.now().duration_since(sent).abs());
            if apart.is_none_or(|apart| apart > window) {
                tracing::warn!("a callback's time is too far from ours: a replay, or a wrong clock");
                return Err(InboxError::Forbidden("outside the replay window"));
            }
        }
        Ok(opened)
    }

    async fn take_app(
        &self,
        endpoint: &Endpoint,
        mailbox: &Mailbox,
        plaintext: &str,
    ) -> Result<(Option<UserId>, Reply), InboxError> {
        let callback = event::parse_xml(plaintext).map_err(|error| InboxError::BadRequest(error.0))?;
        let mail = Mail {
            endpoint: endpoint.clone(),
            corp: mailbox.corp.clone(),
            from: callback.from.clone(),
            kind: super::dispatch::kind_of(&callback.kind),
            raw: matches!(callback.kind, Inbound::Unknown { .. }).then(|| callback.raw.clone()),
            dedup: callback.dedup_key(endpoint),
        };
        let _turn = self.turns.take(mail.key()).await;
        if let Some(reply) = self.seen(&mail).await? {
            return Ok((mail.from, reply));
        }
        let done = self.dispatch(&mail, &callback.kind).await?;
        Ok((mail.from.clone(), self.keep(mail, done).await?))
    }

    /// What the same callback was answered before.
    pub(super) async fn seen(&self, mail: &Mail) -> Result<Option<Reply>, InboxError> {
        let before = self.parts.store.remembered(&mail.key()).await.map_err(GateError::Store)?;
        Ok(before.map(|before| {
            self.count(&mail.endpoint, mail.kind, "repeated");
            bot::recall(&before.answer)
        }))
    }

    /// Puts a callback on record with its answer, unless its draft's own record holds it.
    pub(super) async fn keep(&self, mail: Mail, done: Said) -> Result<Reply, InboxError> {
        let (reply, mut entries) = match done {
            Said::Kept(reply) => {
                self.count(&mail.endpoint, mail.kind, "new");
                return Ok(reply);
            }
            Said::Loose(reply, entries) => (reply, entries),
        };
        let idempotency = bot::remembered_as(&mail.dedup, &reply);
        entries.insert(0, mail.accepted());
        let unit = Unit { idempotency, entries, ..Unit::default() };
        let (reply, outcome) = match self.parts.store.commit(unit).await.map_err(GateError::Store)? {
            Committed::Done => (reply, "new"),
            Committed::Repeated(before) => (bot::recall(&before.answer), "repeated"),
        };
        self.count(&mail.endpoint, mail.kind, outcome);
        Ok(reply)
    }

    pub(super) fn count(&self, endpoint: &Endpoint, kind: &str, outcome: &'static str) {
        let key = MailCounts { endpoint: endpoint.to_string(), kind: kind.to_owned(), outcome };
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
    }

    /// How many callbacks came, by mailbox, kind and outcome, since the start.
    pub fn counts(&self) -> BTreeMap<MailCounts, u64> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One callback on its way through the inbox.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    pub endpoint: Endpoint,
    pub corp: CorpId,
    pub from: Option<UserId>,
    pub kind: &'static str,
    pub raw: Option<String>,
    pub dedup: String,
}

impl Mail {
    pub(super) fn key(&self) -> String {
        format!("callback/{}", self.dedup)
    }

    /// The fact that it was taken in.
    pub fn accepted(&self) -> Entry {
        let change = Change::CallbackAccepted {
            corp: self.corp.clone(),
            endpoint: self.endpoint.clone(),
            kind: self.kind.to_owned(),
            from: self.from.clone(),
            raw: self.raw.clone(),
        };
        Entry { actor: Actor::Wecom, change }
    }
}

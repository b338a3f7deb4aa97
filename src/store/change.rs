//! The facts that are kept, each with the change it makes.

use super::medium::Medium;
use super::port::{Idempotency, SentCard, StoreError, Unit};
use super::view::View;
use crate::ledger::Head;
use crate::ledger::HeadSpan;
use crate::model::{
    Actor, Appeal, Check, CheckId, CheckMove, ContactSnapshot, CorpId, Disposition, Ended, Endpoint,
    ExternalUserId, FollowKey, FollowMove, FollowStep, OutboxId, Question, Revision, Role, TextHash, UserId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One fact: who did it, and what it changes.
#[derive(Debug)]
pub struct Entry {
    /// Who.
    pub actor: Actor,
    /// What.
    pub change: Change,
}

/// Everything that can happen. The ledger keeps each of them for good; the rest of the store is a
/// view that can be rebuilt from them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A text was judged.
    CheckOpened(Box<Check>),
    /// A check moved on.
    CheckMoved {
        /// The check's company.
        corp: CorpId,
        /// Whom the check is about: erasing them erases what was said here too.
        about: String,
        /// The step.
        step: CheckMove,
    },
    /// A callback was taken in. `raw` is kept where we have no type for it.
    CallbackAccepted {
        /// The company.
        corp: CorpId,
        /// The `[[app]]` or `[[bot]]` it came to.
        endpoint: Endpoint,
        /// What it was, for example `message` or `event.unknown`.
        kind: String,
        /// The member it came from, if one.
        from: Option<UserId>,
        /// The decrypted text, for kinds we don't know.
        raw: Option<String>,
    },
    /// A customer was fetched from WeCom.
    ContactFetched(ContactSnapshot),
    /// WeCom told us that a customer changed: what we keep is no longer fresh.
    ContactOutdated {
        /// The company.
        corp: CorpId,
        /// The customer.
        contact: ExternalUserId,
    },
    /// A rep opened a customer's page: our contact click.
    ContactOpened {
        /// The company.
        corp: CorpId,
        /// The customer.
        contact: ExternalUserId,
        /// The rep.
        user: UserId,
        /// From where, for example `contact_profile`.
        entry: String,
        /// When.
        at: Timestamp,
    },
    /// WeCom told us that a rep and a customer added each other.
    FollowBegan {
        /// Who, whom.
        key: FollowKey,
        /// When we were told.
        at: Timestamp,
    },
    /// WeCom told us that a rep and a customer parted.
    FollowEnded {
        /// Who, whom.
        key: FollowKey,
        /// When and why.
        ended: Ended,
    },
    /// A person changed something about their following of a customer.
    Followed(Box<FollowStep>),
    /// A deed towards the outside was decided.
    OutboxQueued(OutboxItem),
    /// A deed was begun or ended.
    OutboxMoved(OutboxStep),
    /// A set of rules went live.
    RulesLive(Box<RulesLive>),
    /// A rule file's content was kept, so that a revision that names it can be read and brought back.
    RuleFileKept {
        /// SHA-256 of the whole content, in hex.
        sha256: String,
        /// Which part of a long content, from 0.
        part: u32,
        /// The part.
        text: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody signed in.
    SessionOpened {
        /// Their company.
        corp: CorpId,
        /// They.
        user: UserId,
        /// With these roles.
        roles: Vec<Role>,
    },
    /// A member acknowledged what the compose page tells first.
    NoticeRead {
        /// Their company.
        corp: CorpId,
        /// They.
        user: UserId,
        /// When.
        at: Timestamp,
    },
    /// A rep holds that a blocked text may be said.
    AppealLodged {
        /// The company.
        corp: CorpId,
        /// As in [`Change::CheckMoved`].
        about: String,
        /// Their words.
        appeal: Appeal,
    },
    /// An officer decided on a check.
    Disposed {
        /// The company.
        corp: CorpId,
        /// As in [`Change::CheckMoved`].
        about: String,
        /// The decision.
        disposition: Disposition,
    },
    /// It was found out who may answer a question about a check: these are asked, and nobody else
    /// may answer.
    Asked {
        /// The company.
        corp: CorpId,
        /// The check.
        check: CheckId,
        /// The question.
        question: Question,
        /// Whom.
        users: Vec<UserId>,
        /// When.
        at: Timestamp,
    },
    /// The server began to serve.
    ServerStarted {
        /// Its version.
        version: String,
    },
    /// A step was refused because somebody else was faster.
    Refused {
        /// What had changed.
        what: String,
    },
}

/// That a set of rules went live: which, and by whom, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesLive {
    /// Its name.
    pub revision: Revision,
    /// Rules in it.
    pub rules: usize,
    /// Phrases in it.
    pub phrases: usize,
    /// When; absent in records of old, which have nothing of what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// Why, where somebody said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The revision whose files it brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restores: Option<Revision>,
    /// Its files, each kept under its content's hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<KeptFile>,
}

/// A rule file of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeptFile {
    /// The path inside the folder, with `/`.
    pub name: String,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
}

/// What waits to be done towards the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// Its id.
    pub id: OutboxId,
    /// The company.
    pub corp: CorpId,
    /// The application that does it.
    pub app: Endpoint,
    /// The member it is for.
    pub to: UserId,
    /// What is to be done.
    pub deed: OutboxDeed,
    /// When it was decided.
    pub queued_at: Timestamp,
    /// Not before.
    pub due_at: Timestamp,
    /// How it stands.
    pub state: OutboxState,
    /// Attempts begun.
    pub attempt: u32,
}

/// A deed towards the outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum OutboxDeed {
    /// Ask the rep to confirm, by a card with buttons.
    ConfirmCard {
        /// The check that waits.
        check: CheckId,
    },
    /// Grey the buttons of a card that was decided by another way.
    SettleCard {
        /// The check that was decided.
        check: CheckId,
        /// The words on the greyed button.
        text: String,
    },
    /// Show a customer, as they are when the card is sent.
    ShowContact {
        /// The customer.
        contact: ExternalUserId,
        /// Why, for the ledger: for example `added`.
        entry: String,
    },
    /// Find out whom the rep answers to, and ask them to approve.
    FindApprovers {
        /// The check that waits.
        check: CheckId,
    },
    /// Ask a second person to approve, by a card with buttons.
    ApprovalCard {
        /// The check that waits.
        check: CheckId,
    },
    /// Find out which officers see to the rep, and ask them to look at an appeal.
    FindOfficers {
        /// The check that was stopped.
        check: CheckId,
    },
    /// Ask an officer to look at an appeal, by a card with buttons.
    AppealCard {
        /// The check that was stopped.
        check: CheckId,
    },
    /// Tell the rep what the second person said.
    TellDecision {
        /// The check.
        check: CheckId,
    },
    /// Tell the rep what the officer found.
    TellFinding {
        /// The check.
        check: CheckId,
    },
    /// Say something.
    Text {
        /// At most 2,048 bytes.
        content: String,
    },
}

impl OutboxDeed {
    /// The name used in logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            OutboxDeed::ConfirmCard { .. } => "confirm_card",
            OutboxDeed::SettleCard { .. } => "settle_card",
            OutboxDeed::ShowContact { .. } => "show_contact",
            OutboxDeed::FindApprovers { .. } => "find_approvers",
            OutboxDeed::ApprovalCard { .. } => "approval_card",
            OutboxDeed::FindOfficers { .. } => "find_officers",
            OutboxDeed::AppealCard { .. } => "appeal_card",
            OutboxDeed::TellDecision { .. } => "tell_decision",
            OutboxDeed::TellFinding { .. } => "tell_finding",
            OutboxDeed::Text { .. } => "text",
        }
    }
}

/// How a deed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Waits.
    Queued,
    /// Begun; the result is not known yet.
    Sending,
    /// WeCom took it.
    Sent,
    /// WeCom refused it for good, or it was no longer needed.
    Dropped,
}

/// One step of a deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxStep {
    /// The deed.
    pub id: OutboxId,
    /// Its kind, for the record.
    pub kind: String,
    /// How it stands now.
    pub state: OutboxState,
    /// Attempts begun, this one included.
    pub attempt: u32,
    /// Not again before: the end of the lease, or of the wait after a failure.
    pub due_at: Timestamp,
    /// WeCom's words or ours on how it went; never a secret.
    pub detail: Option<String>,
    /// The card that was taken, for a confirm card.
    pub card: Option<(CheckId, SentCard)>,
}

/// An answer kept under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Hash of the request it answered.
    pub fingerprint: String,
    /// The answer.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Their company.
    pub corp: CorpId,
    /// They.
    pub user: UserId,
    /// With these roles.
    pub roles: Vec<Role>,
    /// Ends at the latest.
    pub expires_at: Timestamp,
    /// Ends when not used until then.
    pub idle_until: Timestamp,
}

impl Change {
    /// The company and the person or thing whose key seals the body, so that erasing a customer
    /// erases every body about them.
    pub fn subject(&self) -> String {
        let of = |corp: &CorpId, id: &str| format!("{corp}/{id}");
        match self {
            Change::CheckOpened(check) => check.about(),
            Change::CheckMoved { about, .. }
            | Change::AppealLodged { about, .. }
            | Change::Disposed { about, .. } => about.clone(),
            Change::CallbackAccepted { corp, from: Some(from), .. } => of(corp, from.as_str()),
            Change::CallbackAccepted { corp, .. } => corp.to_string(),
            Change::ContactFetched(contact) => of(&contact.corp, contact.id.as_str()),
            Change::ContactOpened { corp, contact, .. } | Change::ContactOutdated { corp, contact } => {
                of(corp, contact.as_str())
            }
            Change::FollowBegan { key, .. } | Change::FollowEnded { key, .. } => key.about(),
            Change::Followed(step) => step.key.about(),
            Change::OutboxQueued(item) => of(&item.corp, item.to.as_str()),
            Change::SessionOpened { corp, user, .. } | Change::NoticeRead { corp, user, .. } => {
                of(corp, user.as_str())
            }
            Change::OutboxMoved(_)
            | Change::Asked { .. }
            | Change::RulesLive(_)
            | Change::RuleFileKept { .. }
            | Change::ServerStarted { .. }
            | Change::Refused { .. } => "server".to_owned(),
        }
    }

    /// The hashed, unencrypted face of the fact: never a word of a message, never a name.
    pub fn head(&self, actor: &Actor) -> Head {
        let mut head = Head::new(self.kind(), actor.to_string());
        match self {
            Change::CheckOpened(check) => {
                head.object = Some(check.id.to_string());
                head.subject =
                    check.recipient.as_ref().map(|recipient| format!("{}/{}", check.corp, recipient.id()));
                head.revision = Some(check.revision().to_string());
                head.decision = Some(check.verdict().as_str().to_owned());
                head.spans = check.hits().iter().map(span_of).collect();
                head = head
                    .attr("channel", check.channel.as_str())
                    .attr("sender", &check.sender)
                    .attr("state", check.state.as_str());
            }
            Change::CheckMoved { step, .. } => {
                head.object = Some(step.check.to_string());
                head.decision = Some(step.to.as_str().to_owned());
                head = head.attr("from", step.from.as_str());
            }
            Change::AppealLodged { corp, appeal, .. } => {
                head.object = Some(appeal.check.to_string());
                head.subject = Some(format!("{corp}/{}", appeal.by));
            }
            Change::Disposed { corp, disposition, .. } => {
                head.object = Some(disposition.check.to_string());
                head.subject = Some(format!("{corp}/{}", disposition.by));
                head.decision = Some(disposition.outcome.as_str().to_owned());
            }
            Change::Asked { check, question, users, .. } => {
                head.object = Some(check.to_string());
                let names: Vec<_> = users.iter().map(UserId::as_str).collect();
                head = head.attr("question", question.as_str()).attr("users", names.join(","));
            }
            Change::CallbackAccepted { endpoint, kind, from, .. } => {
                head.object = Some(endpoint.to_string());
                head.subject = from.as_ref().map(ToString::to_string);
                head = head.attr("callback", kind);
            }
            Change::ContactFetched(contact) => {
                head.subject = Some(format!("{}/{}", contact.corp, contact.id))
            }
            Change::ContactOutdated { corp, contact } => head.subject = Some(format!("{corp}/{contact}")),
            Change::ContactOpened { corp, contact, user, entry, .. } => {
                head.subject = Some(format!("{corp}/{contact}"));
                head = head.attr("entry", entry).attr("user", user);
            }
            Change::FollowBegan { key, .. } | Change::FollowEnded { key, .. } => {
                head.subject = Some(key.about());
                head = head.attr("user", &key.user);
            }
            Change::Followed(step) => {
                head.subject = Some(step.key.about());
                head.object = Some(step.place().to_string());
                head = head.attr("user", &step.key.user).attr("revision", step.revision);
            }
            Change::OutboxQueued(item) => {
                head.object = Some(item.id.to_string());
                head.subject = Some(format!("{}/{}", item.corp, item.to));
                head = head.attr("deed", item.deed.kind());
            }
            Change::OutboxMoved(step) => {
                head.object = Some(step.id.to_string());
                head = head.attr("attempt", step.attempt).attr("deed", &step.kind);
            }
            Change::RulesLive(live) => {
                head.revision = Some(live.revision.to_string());
                if let Some(restored) = &live.restores {
                    head = head.attr("restores", restored);
                }
            }
            Change::RuleFileKept { sha256, .. } => head.object = Some(sha256.clone()),
            Change::SessionOpened { corp, user, .. } | Change::NoticeRead { corp, user, .. } => {
                head.subject = Some(format!("{corp}/{user}"))
            }
            Change::ServerStarted { version } => head = head.attr("version", version),
            Change::Refused { what } => head.object = Some(what.clone()),
        }
        head
    }

    /// The entry's kind in the ledger.
    pub fn kind(&self) -> &'static str {
        match self {
            Change::CheckOpened(_) => "check.judged",
            Change::CheckMoved { .. } => "check.moved",
            Change::CallbackAccepted { kind, .. } if kind == "event.unknown" => "event.unknown",
            Change::CallbackAccepted { .. } => "callback.accepted",
            Change::ContactFetched(_) => "contact.fetched",
            Change::ContactOutdated { .. } => "contact.outdated",
            Change::ContactOpened { .. } => "contact.opened",
            Change::FollowBegan { .. } => "follow.began",
            Change::FollowEnded { .. } => "follow.ended",
            Change::Followed(step) => kind_of(&step.what),
            Change::OutboxQueued(_) => "outbox.queued",
            Change::OutboxMoved(step) => match step.state {
                OutboxState::Queued => "outbox.postponed",
                OutboxState::Sending => "outbox.sending",
                OutboxState::Sent => "outbox.sent",
                OutboxState::Dropped => "outbox.dropped",
            },
            Change::RulesLive(_) => "rules.live",
            Change::RuleFileKept { .. } => "rules.file",
            Change::SessionOpened { .. } => "session.opened",
            Change::NoticeRead { .. } => "notice.read",
            Change::AppealLodged { .. } => "appeal.lodged",
            Change::Disposed { .. } => "check.disposed",
            Change::Asked { .. } => "check.asked",
            Change::ServerStarted { .. } => "server.started",
            Change::Refused { .. } => "unit.refused",
        }
    }
}

fn kind_of(what: &FollowMove) -> &'static str {
    match what {
        FollowMove::FirstTouch { .. } => "follow.first_touch",
        FollowMove::CoreNeed { .. } => "follow.core_need",
        FollowMove::NextFollowUp { .. } => "follow.next_follow_up",
        FollowMove::Exempted { .. } => "follow.exempted",
        FollowMove::Stage { .. } => "follow.stage",
        FollowMove::Tags { .. } => "follow.tags",
        FollowMove::Note(_) => "follow.note",
        FollowMove::Appointment(_) => "follow.appointment",
        FollowMove::AppointmentCancelled(_) => "follow.appointment_cancelled",
        FollowMove::File(_) => "follow.file",
    }
}

fn span_of(hit: &crate::model::Hit) -> HeadSpan {
    let [start, end] = hit.span.byte.map(|at| u32::try_from(at).unwrap_or(u32::MAX));
    HeadSpan { rule: hit.rule.to_string(), start, end }
}

/// What stands in an entry's sealed body.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Body {
    #[serde(flatten)]
    pub change: Change,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember: Option<(String, Remembered)>,
}

impl Body {
    /// The bodies of a unit's entries; the first carries what is to be remembered.
    pub fn of(unit: Unit, now: Timestamp) -> Vec<(Actor, Body)> {
        let mut remember = unit.idempotency.map(|Idempotency { key, fingerprint, answer }| {
            (key, Remembered { fingerprint, answer, at: now })
        });
        unit.entries
            .into_iter()
            .map(|Entry { actor, change }| (actor, Body { change, remember: remember.take() }))
            .collect()
    }

    /// Takes the body into the derived state. `entry` is its number among those that are written
    /// together, `sealed` what it remembers, if that is sealed already.
    pub fn apply<M: Medium>(
        self,
        view: &mut View<'_, M>,
        entry: Option<usize>,
        sealed: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        view.apply(self.change, entry)?;
        match (self.remember, sealed) {
            (Some((key, _)), Some(sealed)) => view.remember_sealed(&key, sealed),
            (Some((key, remembered)), None) => view.remember(&key, &remembered)?,
            (None, _) => {}
        }
        Ok(())
    }
}

/// The text a fingerprint is made of, hashed.
pub fn fingerprint(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    TextHash(hasher.finalize().into()).to_string()
}

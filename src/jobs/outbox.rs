//! Does what was decided towards the outside: cards and words to members.
//!
//! Each deed is recorded as begun before it is done and as ended after. WeCom drops the same
//! message within a minute, so a deed whose end was lost in a crash may be begun again.

use crate::channels::bot::{AskCard, Bot, CONFIRM_KEY, ContactCard, Door, EDIT_KEY, Speaker};
use crate::channels::second;
use crate::channels::second::DecisionCard;
use crate::followup::FollowupError;
use crate::intercept::state::CONFIRM_TTL;
use crate::model::{
    Actor, Check, CheckId, CheckState, Clock, CorpId, Endpoint, OutboxId, Question, UserId, chance,
};
use crate::store::{
    Change, Entry, OutboxDeed, OutboxItem, OutboxState, OutboxStep, Precondition, SentCard, Store,
    StoreError, Unit,
};
use crate::wecom::card::{Button, ButtonInteraction, Card, MainTitle, QuoteArea, Row, Source};
use crate::wecom::client::{AppAuth, Client};
use crate::wecom::fault::WecomError;
use crate::wecom::send::{Body, CardUpdate, Message};
use crate::wording::{Lang, Wording, say};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Deeds looked at in one run.
const MAX: usize = 50;
/// For how long WeCom drops the same words: a rep may be told the same again later.
const REPEATS: Duration = Duration::from_secs(60);
/// How long a begun deed is left alone before it is taken up again.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(5);
/// The waits stop doubling here: the longest has about eleven minutes.
const DOUBLINGS: u32 = 7;
/// A deed that could not be done within this time is given up.
const GIVE_UP: SignedDuration = SignedDuration::from_hours(24);

/// What does the deeds.
pub struct Worker {
    /// The record.
    pub store: Arc<dyn Store>,
    /// WeCom.
    pub wecom: Arc<Client>,
    /// The applications, by name.
    pub apps: HashMap<Endpoint, AppAuth>,
    /// Knows what the cards say.
    pub bot: Bot,
    /// Who looks at appeals.
    pub officers: Vec<Officer>,
    /// Our address as browsers reach it, without a slash at the end.
    pub public_url: String,
    /// The time.
    pub clock: Clock,
}

/// An officer, and whom they see to.
#[derive(Debug, Clone)]
pub struct Officer {
    /// Their company.
    pub corp: CorpId,
    /// They.
    pub user: UserId,
    /// The departments whose reps they see to; empty = all.
    pub departments: BTreeSet<u64>,
}

/// How one attempt went.
enum Outcome {
    Sent(Option<SentCard>),
    Dropped(String),
    Later(Timestamp, String),
    /// It was found out what is to be done instead.
    Spread(Vec<Entry>),
}

impl Worker {
    /// Does what is due now; returns how many deeds were begun.
    ///
    /// # Errors
    /// The store's errors; the next run goes on.
    pub async fn run(&self) -> Result<usize, StoreError> {
        let due = self.store.due_deeds(self.clock.now(), MAX).await?;
        let mut begun = 0;
        for item in due {
            begun += usize::from(self.attempt(&item).await?);
        }
        Ok(begun)
    }

    /// One attempt at one deed. `false` when another worker has it.
    async fn attempt(&self, item: &OutboxItem) -> Result<bool, StoreError> {
        let attempt = item.attempt + 1;
        let begun = self.step(item, attempt, OutboxState::Sending, self.after(LEASE), None, None);
        let unit = Unit {
            preconditions: vec![Precondition::OutboxAt { id: item.id.clone(), attempt: item.attempt }],
            entries: vec![begun],
            ..Unit::default()
        };
        match self.store.commit(unit).await {
            Err(StoreError::Stale { .. }) => return Ok(false),
            other => other?,
        };
        let mut more = Vec::new();
        let ended = match self.act(item).await? {
            Outcome::Spread(entries) => {
                more = entries;
                self.step(item, attempt, OutboxState::Sent, self.clock.now(), None, None)
            }
            Outcome::Sent(card) => self.step(item, attempt, OutboxState::Sent, self.clock.now(), None, card),
            Outcome::Dropped(why) => {
                tracing::warn!(deed = item.deed.kind(), %why, "a deed was given up");
                self.step(item, attempt, OutboxState::Dropped, self.clock.now(), Some(why), None)
            }
            Outcome::Later(_, why) if self.clock.now().duration_since(item.queued_at) > GIVE_UP => {
                tracing::error!(deed = item.deed.kind(), %why, "a deed was given up after {attempt} attempts");
                self.step(item, attempt, OutboxState::Dropped, self.clock.now(), Some(why), None)
            }
            Outcome::Later(due, why) => {
                self.step(item, attempt, OutboxState::Queued, due.max(self.backoff(attempt)), Some(why), None)
            }
        };
        more.push(ended);
        self.store.commit(Unit { entries: more, ..Unit::default() }).await?;
        Ok(true)
    }

    fn after(&self, wait: SignedDuration) -> Timestamp {
        self.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    fn backoff(&self, attempt: u32) -> Timestamp {
        self.after(FIRST_WAIT * 2_i32.saturating_pow(attempt.saturating_sub(1).min(DOUBLINGS)))
    }

    fn step(
        &self,
        item: &OutboxItem,
        attempt: u32,
        state: OutboxState,
        due_at: Timestamp,
        detail: Option<String>,
        card: Option<SentCard>,
    ) -> Entry {
        let card = match (&item.deed, card) {
            (OutboxDeed::ConfirmCard { check }, Some(card)) => Some((check.clone(), card)),
            _ => None,
        };
        let kind = item.deed.kind().to_owned();
        let step = OutboxStep { id: item.id.clone(), kind, state, attempt, due_at, detail, card };
        Entry { actor: Actor::System, change: Change::OutboxMoved(step) }
    }

    async fn act(&self, item: &OutboxItem) -> Result<Outcome, StoreError> {
        let Some(app) = self.apps.get(&item.app) else {
            return Ok(Outcome::Dropped(format!("no app is called `{}` any more", item.app)));
        };
        Ok(match &item.deed {
            OutboxDeed::ConfirmCard { check } => {
                let Some(check) = self.store.check(&item.corp, check).await? else {
                    return Ok(gone());
                };
                if check.state != CheckState::AwaitingConfirmation {
                    return Ok(Outcome::Dropped("decided before the card was sent".to_owned()));
                }
                let card = Card::ButtonInteraction(ask(self.bot.ask_card(&check)));
                // The task id makes the card unlike any other: it is the same one as long as it can wait.
                self.send(app, &item.to, Body::Card(card), CONFIRM_TTL.unsigned_abs()).await
            }
            OutboxDeed::SettleCard { check, text } => match self.store.card_of(check).await? {
                None => Outcome::Dropped("no card was sent".to_owned()),
                Some(card) => {
                    let grey = CardUpdate::Grey(text.clone());
                    let users = [item.to.clone()];
                    let done = self.wecom.update_template_card(app, &users, &card.response_code, grey).await;
                    done.map_or_else(|error| self.failed(&error), |_| Outcome::Sent(None))
                }
            },
            OutboxDeed::ShowContact { contact, entry } => {
                let door = Door::App(item.app.clone());
                let speaker = Speaker { corp: item.corp.clone(), user: item.to.clone(), door };
                match self.bot.show(&speaker, contact, entry).await {
                    Ok(ContactCard { title, description, url }) => {
                        let button = say(Lang::Zh, Wording::ContactOpen, &[]);
                        let card = Body::TextCard { title, description, url, button };
                        self.send(app, &item.to, card, REPEATS).await
                    }
                    Err(error @ (FollowupError::Away { .. } | FollowupError::Store(_))) => {
                        Outcome::Later(self.clock.now(), error.to_string())
                    }
                    Err(
                        error @ (FollowupError::NotFollowUser
                        | FollowupError::Parted(_)
                        | FollowupError::Unknown),
                    ) => Outcome::Dropped(error.to_string()),
                }
            }
            OutboxDeed::FindApprovers { check } => self.find_approvers(app, item, check).await?,
            OutboxDeed::FindOfficers { check } => self.find_officers(app, item, check).await?,
            OutboxDeed::ApprovalCard { check } => {
                let Some(check) = self.store.check(&item.corp, check).await? else { return Ok(gone()) };
                if check.state != CheckState::AwaitingApproval {
                    return Ok(Outcome::Dropped("decided before the card was sent".to_owned()));
                }
                let card = second::approval_card(Lang::Zh, &check, &self.customer(&check).await?);
                self.send_decision(app, item, card).await
            }
            OutboxDeed::AppealCard { check } => {
                let Some(check) = self.store.check(&item.corp, check).await? else { return Ok(gone()) };
                let review = self.store.review(&item.corp, &check.id).await?;
                if review.disposition.is_some() {
                    return Ok(Outcome::Dropped("decided before the card was sent".to_owned()));
                }
                let card = second::appeal_card(Lang::Zh, &check, &review, &self.customer(&check).await?);
                self.send_decision(app, item, card).await
            }
            OutboxDeed::TellDecision { check } => {
                let Some(check) = self.store.check(&item.corp, check).await? else { return Ok(gone()) };
                let card = second::decision(Lang::Zh, &check, &self.public_url);
                self.send_told(app, item, card).await
            }
            OutboxDeed::TellFinding { check } => {
                let Some(check) = self.store.check(&item.corp, check).await? else { return Ok(gone()) };
                let review = self.store.review(&item.corp, &check.id).await?;
                let card = second::finding(Lang::Zh, &check, &review, &self.public_url);
                self.send_told(app, item, card).await
            }
            OutboxDeed::Text { content } => {
                self.send(app, &item.to, Body::Text(content.clone()), REPEATS).await
            }
        })
    }

    /// Those the rep answers to are asked; without any, the rep is told.
    async fn find_approvers(
        &self,
        app: &AppAuth,
        item: &OutboxItem,
        id: &CheckId,
    ) -> Result<Outcome, StoreError> {
        let Some(check) = self.store.check(&item.corp, id).await? else { return Ok(gone()) };
        if check.state != CheckState::AwaitingApproval {
            return Ok(Outcome::Dropped("it does not wait any more".to_owned()));
        }
        Ok(match self.wecom.leaders_of(app, &check.sender).await {
            Err(error) => self.failed(&error),
            Ok(nobody) if nobody.is_empty() => {
                let content = say(Lang::Zh, Wording::NoApprover, &[]);
                Outcome::Spread(vec![self.queued(item, item.to.clone(), OutboxDeed::Text { content })])
            }
            Ok(leaders) => self.ask(item, id, Question::Approval, leaders),
        })
    }

    /// The officers whose departments the rep belongs to are asked. WeCom is, only where an
    /// officer does not see to all.
    async fn find_officers(
        &self,
        app: &AppAuth,
        item: &OutboxItem,
        id: &CheckId,
    ) -> Result<Outcome, StoreError> {
        let Some(check) = self.store.check(&item.corp, id).await? else { return Ok(gone()) };
        let own = || self.officers.iter().filter(|one| one.corp == item.corp && one.user != check.sender);
        let departments = match own().all(|officer| officer.departments.is_empty()) {
            true => Ok(BTreeSet::new()),
            false => self.wecom.departments_of(app, &check.sender).await,
        };
        let sees_to = |one: &&Officer, all: &BTreeSet<u64>| {
            one.departments.is_empty() || !one.departments.is_disjoint(all)
        };
        Ok(match departments {
            Err(error) => self.failed(&error),
            Ok(all) => {
                let users: Vec<_> =
                    own().filter(|one| sees_to(one, &all)).map(|one| one.user.clone()).collect();
                match users.is_empty() {
                    true => Outcome::Dropped("no officer sees to this rep".to_owned()),
                    false => self.ask(item, id, Question::Appeal, users),
                }
            }
        })
    }

    /// Puts on record who is asked, and sends each a card.
    fn ask(&self, item: &OutboxItem, check: &CheckId, question: Question, users: Vec<UserId>) -> Outcome {
        let card = |check: &CheckId| match question {
            Question::Approval => OutboxDeed::ApprovalCard { check: check.clone() },
            Question::Appeal => OutboxDeed::AppealCard { check: check.clone() },
        };
        let cards: Vec<_> = users.iter().map(|user| self.queued(item, user.clone(), card(check))).collect();
        let (corp, check, at) = (item.corp.clone(), check.clone(), self.clock.now());
        let asked = Change::Asked { corp, check, question, users, at };
        let asked = Entry { actor: Actor::System, change: asked };
        Outcome::Spread(std::iter::once(asked).chain(cards).collect())
    }

    /// A deed for somebody else that follows from this one.
    fn queued(&self, item: &OutboxItem, to: UserId, deed: OutboxDeed) -> Entry {
        let now = self.clock.now();
        let follows = OutboxItem {
            id: OutboxId::fresh(now, chance()),
            to,
            deed,
            queued_at: now,
            due_at: now,
            state: OutboxState::Queued,
            attempt: 0,
            ..item.clone()
        };
        Entry { actor: Actor::System, change: Change::OutboxQueued(follows) }
    }

    /// What the customer is called, as far as we know.
    async fn customer(&self, check: &Check) -> Result<String, StoreError> {
        let Some(recipient) = &check.recipient else { return Ok(String::new()) };
        let known = self.store.contact(&check.corp, &recipient.id().into()).await?;
        Ok(known.map_or_else(|| recipient.id().to_owned(), |contact| contact.name))
    }

    /// The deed's own id names the card: each of those who are asked has one.
    async fn send_decision(&self, app: &AppAuth, item: &OutboxItem, asked: DecisionCard) -> Outcome {
        let DecisionCard { mut card, no, yes } = asked;
        card.task = item.id.to_string();
        let card = Card::ButtonInteraction(with_buttons(card, &no, &yes));
        self.send(app, &item.to, Body::Card(card), CONFIRM_TTL.unsigned_abs()).await
    }

    async fn send_told(&self, app: &AppAuth, item: &OutboxItem, told: Option<ContactCard>) -> Outcome {
        let Some(ContactCard { title, description, url }) = told else {
            return Outcome::Dropped("nothing was said yet".to_owned());
        };
        let button = say(Lang::Zh, Wording::OpenSidebar, &[]);
        self.send(app, &item.to, Body::TextCard { title, description, url, button }, REPEATS).await
    }

    async fn send(&self, app: &AppAuth, to: &UserId, body: Body, duplicate_window: Duration) -> Outcome {
        let message = Message { duplicate_window, ..Message::to(to.clone(), body) };
        match self.wecom.send(app, &message).await {
            Ok(sent) if sent.invalid_users.is_empty() && sent.unlicensed_users.is_empty() => {
                Outcome::Sent(sent.response_code.map(|response_code| SentCard { response_code }))
            }
            Ok(_) => Outcome::Dropped("WeCom does not deliver to this member".to_owned()),
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &WecomError) -> Outcome {
        let why = error.to_string();
        match error {
            WecomError::Stopped { until, .. } | WecomError::MemberFull { until, .. } => {
                Outcome::Later(*until, why)
            }
            WecomError::Unavailable { .. } | WecomError::UnknownOutcome { .. } | WecomError::Config(_) => {
                Outcome::Later(self.clock.now(), why)
            }
            WecomError::Setup(_)
            | WecomError::Refused(_)
            | WecomError::StartAgain(_)
            | WecomError::Bug { .. } => Outcome::Dropped(why),
        }
    }
}

fn gone() -> Outcome {
    Outcome::Dropped("the check is gone".to_owned())
}

/// The confirmation card in the application's form.
fn ask(card: AskCard) -> ButtonInteraction {
    with_buttons(card, EDIT_KEY, CONFIRM_KEY)
}

fn with_buttons(card: AskCard, no: &str, yes: &str) -> ButtonInteraction {
    let button = |text: String, style, key: &str| Button { text, style, key: key.to_owned() };
    ButtonInteraction {
        source: Some(Source { desc: say(Lang::Zh, Wording::CardSource, &[]), desc_color: 2 }),
        main_title: MainTitle { title: card.title, desc: card.desc },
        quote_area: Some(QuoteArea { title: say(Lang::Zh, Wording::CardDraft, &[]), quote_text: card.quote }),
        horizontal_content_list: card
            .rows
            .into_iter()
            .map(|(keyname, value)| Row { keyname, value })
            .collect(),
        task_id: card.task,
        button_list: vec![button(card.edit, 1, no), button(card.confirm, 3, yes)],
        ..ButtonInteraction::default()
    }
}

//! A chat with the application or the AI bot. What a rep writes is a draft, unless the whole
//! message is a command. The same conversation serves both: who carries it does not matter here.

use super::second::{APPROVE_KEY, FINDING_KEY, REJECT_KEY, finding_name};
use super::telling;
use crate::followup::{ContactPage, Followup, FollowupError, Found, Viewer};
use crate::intercept::{Attachment, ConfirmOrder, Draft, Gate, GateError, Outcome, Ruling, Settled, Word};
use crate::model::{
    Action, Actor, Channel, Check, CheckId, CheckState, ConfirmedBy, CorpId, Endpoint, ExternalUserId,
    Finding, MAX_TEXT_CHARS, MessageText, Origin, OutboxId, Question, ShortNo, TextFault, UserId,
};
use crate::store::{Change, Entry, Idempotency, OutboxDeed, OutboxItem, OutboxState};
use crate::wording::{Lang, Wording, say};
use serde::{Deserialize, Serialize};

/// Commands name at most this many characters.
const MAX_NAME: usize = 20;

/// Who talks to us, and through what.
#[derive(Debug, Clone)]
pub struct Speaker {
    /// Their company.
    pub corp: CorpId,
    /// The member.
    pub user: UserId,
    /// The `[[app]]` or `[[bot]]`.
    pub door: Door,
}

/// Through what a member talks to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// A self-built application: its answer is a passive reply, its card follows.
    App(Endpoint),
    /// An AI bot: its answer carries the card itself.
    Bot(Endpoint),
}

/// What the member is answered, before it is put into WeCom's form. It is remembered, so that a
/// retried callback gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum Reply {
    /// Nothing to say.
    Nothing,
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// The first words of the day to somebody who opened the chat.
    Welcome {
        /// The words.
        text: String,
    },
    /// Words and a card that asks for a decision. An application sends its card by the outbox.
    Ask {
        /// The words.
        text: String,
        /// The card.
        card: AskCard,
    },
    /// A customer, with a link.
    Contact(ContactCard),
    /// The card that was clicked is settled.
    Settled {
        /// The card's task id.
        task: String,
        /// The words on its greyed button.
        button: String,
        /// What happened, for faces that can show more than a button.
        text: String,
    },
}

/// A customer in a few lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Name and stage.
    pub title: String,
    /// The rest, a line each.
    pub description: String,
    /// Where a tap leads.
    pub url: String,
}

/// A card that asks a rep to confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskCard {
    /// The check's id: it comes back with the click.
    pub task: String,
    /// At most 26 characters.
    pub title: String,
    /// At most 30 characters.
    pub desc: String,
    /// The text that waits.
    pub quote: String,
    /// Name and value, at most six.
    pub rows: Vec<(String, String)>,
    /// Words of the button that goes back.
    pub edit: String,
    /// Words of the button that confirms.
    pub confirm: String,
}

/// The key of the button that confirms.
pub const CONFIRM_KEY: &str = "confirm";
/// The key of the button that goes back.
pub const EDIT_KEY: &str = "edit";

/// An answer, and whether it is on record already.
#[derive(Debug)]
pub enum Said {
    /// The draft's own record remembers it.
    Kept(Reply),
    /// The caller records it with the callback, and with it what is to be done besides.
    Loose(Reply, Vec<Entry>),
}

impl From<Reply> for Said {
    fn from(reply: Reply) -> Self {
        Said::Loose(reply, Vec::new())
    }
}

/// The conversation.
#[derive(Clone)]
pub struct Bot {
    gate: Gate,
    followup: Followup,
    lang: Lang,
}

/// What a whole message can be instead of a draft.
#[derive(Debug, PartialEq, Eq)]
enum Command<'t> {
    Confirm(ShortNo, Option<&'t str>),
    Withdraw(ShortNo),
    Contact(&'t str),
    Draft,
}

impl<'t> Command<'t> {
    fn parse(text: &'t str) -> Self {
        let (line, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        let Some((word, what)) = line.split_once(char::is_whitespace) else { return Command::Draft };
        let (what, rest) = (what.trim(), rest.trim());
        match (word, ShortNo::parse(what)) {
            ("确认", Some(short)) => Command::Confirm(short, Some(rest).filter(|rest| !rest.is_empty())),
            ("取消", Some(short)) if rest.is_empty() => Command::Withdraw(short),
            ("客户", _) if rest.is_empty() && !what.is_empty() && what.chars().count() <= MAX_NAME => {
                Command::Contact(what)
            }
            _ => Command::Draft,
        }
    }
}

/// What a button of a card for a second person says, and about which check.
enum Answer<'k> {
    Word(&'k str, Word),
    Found(&'k str, Finding),
}

impl<'k> Answer<'k> {
    fn parse(key: &'k str) -> Option<Self> {
        if let Some(id) = key.strip_prefix(APPROVE_KEY) {
            return Some(Answer::Word(id, Word::Approve));
        }
        if let Some(id) = key.strip_prefix(REJECT_KEY) {
            return Some(Answer::Word(id, Word::Reject { note: None }));
        }
        let (found, id) = key.strip_prefix(FINDING_KEY)?.split_once(':')?;
        Some(Answer::Found(id, Finding::parse(found)?))
    }
}

impl Bot {
    /// A conversation over the gate and the customers' pages.
    pub fn new(gate: Gate, followup: Followup) -> Self {
        Self { gate, followup, lang: Lang::default() }
    }

    /// Answers one text. `dedup` is the callback's key: the answer is remembered under it.
    ///
    /// # Errors
    /// [`GateError::Store`] when nothing could be recorded: the callback has to come again.
    pub async fn text(&self, speaker: &Speaker, text: &str, dedup: &str) -> Result<Said, GateError> {
        match Command::parse(text) {
            Command::Confirm(short, None) => self.typed_confirm(speaker, short, None).await,
            Command::Confirm(short, reason) if self.wants_reason(speaker, short).await? => {
                self.typed_confirm(speaker, short, reason).await
            }
            Command::Withdraw(short) => self.typed_withdraw(speaker, short).await,
            Command::Contact(name) if !self.gate.stops(name) => {
                self.contact(speaker, name, "typed").await.map(Said::from)
            }
            Command::Confirm(..) | Command::Contact(_) | Command::Draft => {
                self.draft(speaker, text, dedup).await
            }
        }
    }

    async fn draft(&self, speaker: &Speaker, text: &str, dedup: &str) -> Result<Said, GateError> {
        let text = match MessageText::new(text) {
            Ok(text) => text,
            Err(TextFault::Empty) => return Ok(self.help().into()),
            Err(TextFault::TooLong(count)) => {
                let blanks = [("count", count.to_string()), ("limit", MAX_TEXT_CHARS.to_string())];
                return Ok(self.words(Wording::TextTooLong, &blanks).into());
            }
        };
        let attach = |check: &Check| Attachment {
            entries: self.card_deed(speaker, check).into_iter().collect(),
            idempotency: remembered_as(dedup, &self.reply_to(check)),
        };
        Ok(Said::Kept(match self.gate.check(draft_of(speaker, text), attach).await? {
            Outcome::Recorded(recorded) => self.reply_to(recorded.check()),
            Outcome::Repeated(remembered) => recall(&remembered.answer),
        }))
    }

    fn reply_to(&self, check: &Check) -> Reply {
        let text = telling::of_check(self.lang, check);
        match check.state {
            CheckState::AwaitingConfirmation => Reply::Ask { text, card: self.ask_card(check) },
            _ => Reply::Text { text },
        }
    }

    /// The card for a check that waits.
    pub fn ask_card(&self, check: &Check) -> AskCard {
        let lang = self.lang;
        let row = |key, value: String| (say(lang, key, &[]), value);
        let asking = || check.hits().iter().filter(|hit| hit.action >= Action::Confirm);
        let mut rows: Vec<_> = asking()
            .take(2)
            .flat_map(|hit| {
                let found = format!("「{}」{}", hit.matched, hit.rule);
                [row(Wording::CardHit, found), row(Wording::CardBasis, telling::basis_line(hit))]
            })
            .filter(|(_, value)| !value.is_empty())
            .collect();
        rows.extend(check.short.map(|short| row(Wording::CardShort, short.to_string())));
        let count = asking().count().to_string();
        AskCard {
            task: check.id.to_string(),
            title: say(lang, Wording::CardTitle, &[]),
            desc: say(lang, Wording::CardDesc, &[("count", &count)]),
            quote: check.text.as_str().to_owned(),
            rows,
            edit: say(lang, Wording::CardEdit, &[]),
            confirm: say(lang, Wording::CardConfirm, &[]),
        }
    }

    /// The application's card goes through the outbox, decided in the same step as the check.
    fn card_deed(&self, speaker: &Speaker, check: &Check) -> Option<Entry> {
        let Door::App(app) = &speaker.door else { return None };
        if check.state != CheckState::AwaitingConfirmation {
            return None;
        }
        let deed = OutboxDeed::ConfirmCard { check: check.id.clone() };
        Some(self.queue(speaker, app, deed))
    }

    fn queue(&self, speaker: &Speaker, app: &Endpoint, deed: OutboxDeed) -> Entry {
        let now = self.gate.clock().now();
        let item = OutboxItem {
            id: OutboxId::fresh(now, crate::model::chance()),
            corp: speaker.corp.clone(),
            app: app.clone(),
            to: speaker.user.clone(),
            deed,
            queued_at: now,
            due_at: now,
            state: OutboxState::Queued,
            attempt: 0,
        };
        Entry { actor: Actor::System, change: Change::OutboxQueued(item) }
    }

    async fn by_short(&self, speaker: &Speaker, short: ShortNo) -> Result<Option<CheckId>, GateError> {
        let open = self.gate.store().open_checks(&speaker.corp, &speaker.user).await?;
        Ok(open.into_iter().find(|(number, _)| *number == short).map(|(_, id)| id))
    }

    /// Only then is 「确认 短号」 with more lines a command.
    async fn wants_reason(&self, speaker: &Speaker, short: ShortNo) -> Result<bool, GateError> {
        let Some(id) = self.by_short(speaker, short).await? else { return Ok(false) };
        let check = self.gate.store().check(&speaker.corp, &id).await?;
        Ok(check.is_some_and(|check| check.judgement.require_reason))
    }

    async fn typed_confirm(
        &self,
        speaker: &Speaker,
        short: ShortNo,
        reason: Option<&str>,
    ) -> Result<Said, GateError> {
        let Some(id) = self.by_short(speaker, short).await? else {
            return Ok(self.words(Wording::NoSuchShort, &[("short", short.to_string())]).into());
        };
        match self.gate.confirm(order(speaker, id, reason, ConfirmedBy::Typed)).await {
            Ok(settled) => {
                let greyed = self.settle_card(speaker, settled.recorded.check(), Wording::ConfirmedButton);
                Ok(Said::Loose(Reply::Text { text: self.tell_confirmed(&settled) }, greyed))
            }
            Err(error) => self.refused(speaker, error, Some(short)),
        }
    }

    async fn typed_withdraw(&self, speaker: &Speaker, short: ShortNo) -> Result<Said, GateError> {
        let Some(id) = self.by_short(speaker, short).await? else {
            return Ok(self.words(Wording::NoSuchShort, &[("short", short.to_string())]).into());
        };
        match self.gate.withdraw(&speaker.corp, &id, actor(speaker), Some(&speaker.user)).await {
            Ok(settled) => {
                let greyed = self.settle_card(speaker, settled.recorded.check(), Wording::WithdrawnButton);
                Ok(Said::Loose(self.words(Wording::Withdrawn, &[]), greyed))
            }
            Err(error) => self.refused(speaker, error, Some(short)),
        }
    }

    fn refused(
        &self,
        speaker: &Speaker,
        error: GateError,
        short: Option<ShortNo>,
    ) -> Result<Said, GateError> {
        let anew = self.anew(speaker, &error);
        Ok(Said::Loose(Reply::Text { text: self.tell_refusal(error, short)? }, anew))
    }

    /// The card of the check that took the place of the refused one, where that waits too.
    fn anew(&self, speaker: &Speaker, error: &GateError) -> Vec<Entry> {
        let GateError::VerdictChanged { check } = error else { return Vec::new() };
        self.card_deed(speaker, check).into_iter().collect()
    }

    /// Greys the card of a check that was decided by typing.
    fn settle_card(&self, speaker: &Speaker, check: &Check, button: Wording) -> Vec<Entry> {
        let Door::App(app) = &speaker.door else { return Vec::new() };
        let text = say(self.lang, button, &[]);
        vec![self.queue(speaker, app, OutboxDeed::SettleCard { check: check.id.clone(), text })]
    }

    /// Answers a click on a card of ours. `task` is the check's id.
    ///
    /// # Errors
    /// As [`Bot::text`].
    pub async fn clicked(&self, speaker: &Speaker, task: &str, key: &str) -> Result<Said, GateError> {
        if let Some(answer) = Answer::parse(key) {
            return self.answered(speaker, task, answer).await;
        }
        let id = CheckId::new(task);
        let done = match key {
            CONFIRM_KEY => self.gate.confirm(order(speaker, id, None, ConfirmedBy::Card)).await,
            EDIT_KEY => self.gate.withdraw(&speaker.corp, &id, actor(speaker), Some(&speaker.user)).await,
            _ => return Ok(Reply::Nothing.into()),
        };
        match done {
            Ok(done) if key == CONFIRM_KEY => {
                let text = self.tell_confirmed(&done);
                let told = if done.repeated { Vec::new() } else { self.tell_later(speaker, &text) };
                Ok(Said::Loose(self.settled(task, Wording::ConfirmedButton, text), told))
            }
            Ok(_) => {
                let text = say(self.lang, Wording::Withdrawn, &[]);
                Ok(self.settled(task, Wording::WithdrawnButton, text).into())
            }
            Err(GateError::ReasonRequired) => self.ask_reason(speaker, task).await,
            Err(error) => self.click_refused(speaker, task, error),
        }
    }

    /// A second person answers on their own card.
    async fn answered(&self, speaker: &Speaker, task: &str, answer: Answer<'_>) -> Result<Said, GateError> {
        let done = match answer {
            Answer::Word(id, word) => self.decided(speaker, &CheckId::new(id), word).await,
            Answer::Found(id, outcome) => self.found(speaker, &CheckId::new(id), outcome).await,
        };
        match done {
            Ok((button, text)) => {
                let later = self.tell_later(speaker, &text);
                Ok(Said::Loose(Reply::Settled { task: task.to_owned(), button, text }, later))
            }
            Err(error) => self.click_refused(speaker, task, error),
        }
    }

    /// The words on the button, and those for the person.
    async fn decided(
        &self,
        speaker: &Speaker,
        id: &CheckId,
        word: Word,
    ) -> Result<(String, String), GateError> {
        let (button, text) = match word {
            Word::Approve => (Wording::ApprovedButton, Wording::ApprovedText),
            Word::Reject { .. } => (Wording::RejectedButton, Wording::RejectedText),
        };
        let done = self.gate.decide(&speaker.corp, id, &speaker.user, word).await?;
        let rep = done.recorded.check().sender.to_string();
        Ok((say(self.lang, button, &[]), say(self.lang, text, &[("rep", &rep)])))
    }

    async fn found(
        &self,
        speaker: &Speaker,
        id: &CheckId,
        outcome: Finding,
    ) -> Result<(String, String), GateError> {
        let check = self.gate.asked_about(&speaker.corp, id, &speaker.user, Question::Appeal).await?;
        let ruling = Ruling { outcome, note: None };
        self.gate.dispose(&speaker.corp, id, &speaker.user, ruling).await?;
        let name = finding_name(self.lang, outcome);
        let rep = check.sender.to_string();
        let text = say(self.lang, Wording::FoundText, &[("finding", &name), ("rep", &rep)]);
        Ok((name, text))
    }

    fn settled(&self, task: &str, button: Wording, text: String) -> Reply {
        Reply::Settled { task: task.to_owned(), button: say(self.lang, button, &[]), text }
    }

    /// A click on an application's card may only change that card: the words come after it.
    fn tell_later(&self, speaker: &Speaker, text: &str) -> Vec<Entry> {
        let Door::App(app) = &speaker.door else { return Vec::new() };
        vec![self.queue(speaker, app, OutboxDeed::Text { content: text.to_owned() })]
    }

    fn click_refused(&self, speaker: &Speaker, task: &str, error: GateError) -> Result<Said, GateError> {
        let button = match error {
            GateError::Expired => Wording::StateExpired,
            _ => Wording::SettledButton,
        };
        let anew = self.anew(speaker, &error);
        let text = self.tell_refusal(error, None)?;
        let mut later = self.tell_later(speaker, &text);
        later.extend(anew);
        Ok(Said::Loose(self.settled(task, button, text), later))
    }

    /// A button can't carry a reason: the way to give one is said. An application's card stays.
    async fn ask_reason(&self, speaker: &Speaker, task: &str) -> Result<Said, GateError> {
        let check = self.gate.store().check(&speaker.corp, &CheckId::new(task)).await?;
        let short = check.and_then(|check| check.short).map(|short| short.to_string()).unwrap_or_default();
        let text = say(self.lang, Wording::ReasonRequired, &[("short", &short)]);
        let later = self.tell_later(speaker, &text);
        Ok(match speaker.door {
            Door::App(_) => Said::Loose(Reply::Nothing, later),
            Door::Bot(_) => self.settled(task, Wording::ReasonButton, text).into(),
        })
    }

    fn tell_confirmed(&self, settled: &Settled) -> String {
        let check = settled.recorded.check();
        if check.state == CheckState::AwaitingApproval {
            return say(self.lang, Wording::SentToApproval, &[]);
        }
        let at = check
            .confirmation()
            .map(|confirmation| self.gate.zone().minute(confirmation.at))
            .unwrap_or_default();
        if settled.repeated {
            return say(self.lang, Wording::ConfirmedBefore, &[("when", &at)]);
        }
        telling::with_text(say(self.lang, Wording::Confirmed, &[("when", &at)]), check)
    }

    /// A refusal in words; a record that could not be written stays an error.
    fn tell_refusal(&self, error: GateError, short: Option<ShortNo>) -> Result<String, GateError> {
        let missing = if short.is_some() { Wording::NoSuchShort } else { Wording::NoSuchCheck };
        let short = short.map(|short| short.to_string()).unwrap_or_default();
        let text = |key| say(self.lang, key, &[("short", &short)]);
        Ok(match error {
            GateError::Store(error) => return Err(GateError::Store(error)),
            GateError::NotYours => text(Wording::NotYourCheck),
            GateError::Expired => text(Wording::ConfirmExpired),
            GateError::ReasonRequired => text(Wording::ReasonRequired),
            GateError::VerdictChanged { check } => telling::of_changed(self.lang, &check),
            GateError::WrongState { state } => {
                say(self.lang, Wording::WrongState, &[("state", &telling::state_name(self.lang, state))])
            }
            GateError::NotFound
            | GateError::NoRecipient
            | GateError::TextMismatch
            | GateError::ReleaseUsed
            | GateError::ReleaseUnknown => text(missing),
        })
    }

    /// Shows a customer the rep named.
    ///
    /// # Errors
    /// As [`Bot::text`].
    pub async fn contact(&self, speaker: &Speaker, wanted: &str, entry: &str) -> Result<Reply, GateError> {
        let viewer = self.viewer(speaker);
        match self.followup.find(&viewer, wanted).await? {
            Found::One(id) => self.open_contact(speaker, &id, entry).await,
            Found::Nobody => Ok(self.words(Wording::ContactUnknown, &[("name", wanted.to_owned())])),
            Found::Unsure { why } => {
                tracing::warn!(%why, "a customer was asked for by name and WeCom is away");
                Ok(self.words(Wording::ContactAway, &[]))
            }
            Found::Many(ids) => {
                let list = ids.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join("、");
                Ok(self.words(Wording::ContactMany, &[("count", ids.len().to_string()), ("list", list)]))
            }
        }
    }

    /// Opens one customer.
    ///
    /// # Errors
    /// As [`Bot::text`].
    pub async fn open_contact(
        &self,
        speaker: &Speaker,
        id: &ExternalUserId,
        entry: &str,
    ) -> Result<Reply, GateError> {
        match self.show(speaker, id, entry).await {
            Ok(card) => Ok(Reply::Contact(card)),
            Err(FollowupError::Store(error)) => Err(error.into()),
            Err(FollowupError::NotFollowUser) => Ok(self.words(Wording::ContactNotYours, &[])),
            Err(FollowupError::Unknown) => {
                Ok(self.words(Wording::ContactUnknown, &[("name", id.to_string())]))
            }
            Err(FollowupError::Away { why }) => {
                tracing::warn!(%why, "a customer was asked for and WeCom is away");
                Ok(self.words(Wording::ContactAway, &[]))
            }
        }
    }

    /// Opens one customer, as a card.
    ///
    /// # Errors
    /// As [`Followup::open`].
    pub async fn show(
        &self,
        speaker: &Speaker,
        id: &ExternalUserId,
        entry: &str,
    ) -> Result<ContactCard, FollowupError> {
        let page = self.followup.open(&self.viewer(speaker), actor(speaker), id, entry).await?;
        Ok(self.contact_card(&page))
    }

    fn viewer(&self, speaker: &Speaker) -> Viewer {
        Viewer { corp: speaker.corp.clone(), user: speaker.user.clone(), lang: self.lang }
    }

    fn contact_card(&self, page: &ContactPage) -> ContactCard {
        let lang = self.lang;
        let name = if page.remark.is_empty() { &page.name } else { &page.remark };
        let owners = page.owners.iter().map(ToString::to_string).collect::<Vec<_>>().join("、");
        let never = say(lang, Wording::ContactNever, &[]);
        let last = page.last_contact.as_deref().unwrap_or(&never);
        let list = page.actions.iter().map(|action| action.title.as_str()).collect::<Vec<_>>().join("、");
        let actions = match page.actions.len() {
            0 => say(lang, Wording::ContactNoActions, &[]),
            open => say(lang, Wording::ContactActions, &[("open", &open.to_string()), ("list", &list)]),
        };
        let when = self.gate.zone().minute(page.fetched_at);
        let age = if page.stale { Wording::ContactAge } else { Wording::ContactFresh };
        let lines = [
            say(lang, Wording::ContactOwner, &[("owner", &owners)]),
            say(lang, Wording::ContactLast, &[("when", last)]),
            actions,
            say(lang, age, &[("when", &when)]),
        ];
        ContactCard {
            title: say(lang, Wording::ContactTitle, &[("name", name), ("stage", &page.stage)]),
            description: lines.join("\n"),
            url: page.link.clone(),
        }
    }

    /// What a lost member is told.
    pub fn help(&self) -> Reply {
        self.words(Wording::Help, &[])
    }

    /// What somebody who opens the chat is told, and under which key: once a day.
    pub fn welcome(&self, speaker: &Speaker) -> (Reply, String) {
        let day = self.gate.zone().business_day(self.gate.clock().now());
        let (Door::App(endpoint) | Door::Bot(endpoint)) = &speaker.door;
        let key = format!("welcome/{endpoint}/{}/{day}", speaker.user);
        (Reply::Welcome { text: say(self.lang, Wording::Help, &[]) }, key)
    }

    /// What a picture or a recording is answered.
    pub fn text_only(&self) -> Reply {
        self.words(Wording::TextOnly, &[])
    }

    /// A card about a customer, sent when it can be.
    pub fn show_later(
        &self,
        speaker: &Speaker,
        app: &Endpoint,
        contact: &ExternalUserId,
        entry: &str,
    ) -> Entry {
        let deed = OutboxDeed::ShowContact { contact: contact.clone(), entry: entry.to_owned() };
        self.queue(speaker, app, deed)
    }

    fn words(&self, key: Wording, blanks: &[(&str, String)]) -> Reply {
        let blanks: Vec<(&str, &str)> = blanks.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Reply::Text { text: say(self.lang, key, &blanks) }
    }
}

fn draft_of(speaker: &Speaker, text: MessageText) -> Draft {
    let origin = match &speaker.door {
        Door::App(app) => Origin::App { app: app.clone() },
        Door::Bot(bot) => Origin::Bot { bot: bot.clone() },
    };
    Draft {
        corp: speaker.corp.clone(),
        channel: Channel::Bot,
        origin,
        sender: speaker.user.clone(),
        recipient: None,
        text,
        industry: None,
    }
}

fn actor(speaker: &Speaker) -> Actor {
    Actor::User { corp: speaker.corp.clone(), user: speaker.user.clone() }
}

fn order(speaker: &Speaker, check: CheckId, reason: Option<&str>, by: ConfirmedBy) -> ConfirmOrder {
    ConfirmOrder {
        corp: speaker.corp.clone(),
        check,
        actor: actor(speaker),
        rep: Some(speaker.user.clone()),
        text: None,
        reason: reason.map(str::to_owned),
        by,
    }
}

/// How an answer is kept under a callback's key.
pub fn remembered_as(dedup: &str, reply: &Reply) -> Option<Idempotency> {
    let answer = serde_json::to_string(reply).ok()?;
    Some(Idempotency { key: format!("callback/{dedup}"), fingerprint: dedup.to_owned(), answer })
}

/// A kept answer.
pub fn recall(answer: &str) -> Reply {
    serde_json::from_str(answer).unwrap_or(Reply::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_a_command() {
        let short = ShortNo::new(4821).unwrap();
        assert_eq!(Command::parse("确认 4821"), Command::Confirm(short, None));
        assert_eq!(
            Command::parse(" 确认　4821 \n客户已签风险告知"),
            Command::Confirm(short, Some("客户已签风险告知"))
        );
        assert_eq!(Command::parse("取消 4821"), Command::Withdraw(short));
        assert_eq!(Command::parse("客户 王女士"), Command::Contact("王女士"));
        assert_eq!(Command::parse("确认 482"), Command::Draft);
        assert_eq!(Command::parse("请确认 4821"), Command::Draft);
        assert_eq!(Command::parse("取消 4821\n算了还是发吧"), Command::Draft);
        assert_eq!(Command::parse("客户 您好,上次说的产品已经到货,方便的话我下午送过去"), Command::Draft);
    }
}

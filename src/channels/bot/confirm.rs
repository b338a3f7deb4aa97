//! Confirming and taking back, by a card or by typing, and the cards that ask for it.

use super::decide::Answer;
use super::{AskCard, Bot, CONFIRM_KEY, Door, EDIT_KEY, Reply, Said, Speaker, actor};
use crate::channels::telling;
use crate::intercept::{ConfirmOrder, GateError, Settled};
use crate::model::{Action, Actor, Check, CheckId, CheckState, ConfirmedBy, Endpoint, OutboxId, ShortNo};
use crate::store::{Change, Entry, OutboxDeed, OutboxItem, OutboxState};
use crate::wording::{Wording, say};

impl Bot {
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
    pub(super) fn card_deed(&self, speaker: &Speaker, check: &Check) -> Option<Entry> {
        let Door::App(app) = &speaker.door else { return None };
        if check.state != CheckState::AwaitingConfirmation {
            return None;
        }
        let deed = OutboxDeed::ConfirmCard { check: check.id.clone() };
        Some(self.queue(speaker, app, deed))
    }

    pub(super) fn queue(&self, speaker: &Speaker, app: &Endpoint, deed: OutboxDeed) -> Entry {
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
    pub(super) async fn wants_reason(&self, speaker: &Speaker, short: ShortNo) -> Result<bool, GateError> {
        let Some(id) = self.by_short(speaker, short).await? else { return Ok(false) };
        let check = self.gate.store().check(&speaker.corp, &id).await?;
        Ok(check.is_some_and(|check| check.judgement.require_reason))
    }

    pub(super) async fn typed_confirm(
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

    pub(super) async fn typed_withdraw(&self, speaker: &Speaker, short: ShortNo) -> Result<Said, GateError> {
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

    fn settled(&self, task: &str, button: Wording, text: String) -> Reply {
        Reply::Settled { task: task.to_owned(), button: say(self.lang, button, &[]), text }
    }

    /// A click on an application's card may only change that card: the words come after it.
    pub(super) fn tell_later(&self, speaker: &Speaker, text: &str) -> Vec<Entry> {
        let Door::App(app) = &speaker.door else { return Vec::new() };
        vec![self.queue(speaker, app, OutboxDeed::Text { content: text.to_owned() })]
    }

    pub(super) fn click_refused(
        &self,
        speaker: &Speaker,
        task: &str,
        error: GateError,
    ) -> Result<Said, GateError> {
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

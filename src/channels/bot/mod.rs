//! A chat with the application or the AI bot. What a rep writes is a draft, unless the whole
//! message is a command. The same conversation serves both: who carries it does not matter here.

mod command;
mod confirm;
mod contact;
mod decide;

use super::telling;
use crate::followup::{Followup, Viewer};
use crate::intercept::{Attachment, Draft, Gate, GateError, Outcome};
use crate::model::{
    Actor, Channel, Check, CheckState, CorpId, Endpoint, MAX_TEXT_CHARS, MessageText, Origin, TextFault,
    UserId,
};
use crate::store::{Entry, Idempotency};
use crate::wording::{Lang, Wording, say};
use command::Command;
use serde::{Deserialize, Serialize};

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
            Command::Todos => self.todos(speaker).await.map(Said::from),
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

    fn viewer(&self, speaker: &Speaker) -> Viewer {
        Viewer { corp: speaker.corp.clone(), user: speaker.user.clone(), lang: self.lang }
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

/// How an answer is kept under a callback's key.
pub fn remembered_as(dedup: &str, reply: &Reply) -> Option<Idempotency> {
    let answer = serde_json::to_string(reply).ok()?;
    Some(Idempotency { key: format!("callback/{dedup}"), fingerprint: dedup.to_owned(), answer })
}

/// A kept answer.
pub fn recall(answer: &str) -> Reply {
    serde_json::from_str(answer).unwrap_or(Reply::Nothing)
}

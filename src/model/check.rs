//! One check: an outgoing text looked at once, and all that happened to it since.

use super::{
    Actor, Channel, CheckId, CorpId, Endpoint, Hit, Judgement, MessageText, Recipient, Revision, ShortNo,
    Suppressed, TextHash, UserId, Verdict,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a check stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Nothing found: a release was given at once.
    Passed,
    /// Waits for the rep.
    AwaitingConfirmation,
    /// Waits for a second person.
    AwaitingApproval,
    /// Can't be sent. No way leads from here to a release.
    Blocked,
    /// The rep or the second person said yes: a release was given.
    Confirmed,
    /// The rep took it back, or a stricter rule replaced it.
    Withdrawn,
    /// Nobody answered in time.
    Expired,
    /// The second person said no.
    Rejected,
    /// The text went back to the rep: the bot can't write to the customer.
    HandedBack,
    /// The client or WeCom reported that it was sent.
    Sent,
    /// The client or WeCom reported that it was not sent.
    SendFailed,
    /// Released, and no report came within two minutes.
    SendUnknown,
}

impl CheckState {
    /// Every state.
    pub const ALL: [CheckState; 12] = [
        CheckState::Passed,
        CheckState::AwaitingConfirmation,
        CheckState::AwaitingApproval,
        CheckState::Blocked,
        CheckState::Confirmed,
        CheckState::Withdrawn,
        CheckState::Expired,
        CheckState::Rejected,
        CheckState::HandedBack,
        CheckState::Sent,
        CheckState::SendFailed,
        CheckState::SendUnknown,
    ];

    /// The name used in JSON, queries and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckState::Passed => "passed",
            CheckState::AwaitingConfirmation => "awaiting_confirmation",
            CheckState::AwaitingApproval => "awaiting_approval",
            CheckState::Blocked => "blocked",
            CheckState::Confirmed => "confirmed",
            CheckState::Withdrawn => "withdrawn",
            CheckState::Expired => "expired",
            CheckState::Rejected => "rejected",
            CheckState::HandedBack => "handed_back",
            CheckState::Sent => "sent",
            CheckState::SendFailed => "send_failed",
            CheckState::SendUnknown => "send_unknown",
        }
    }

    /// The reverse of [`CheckState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Still waits for a person.
    pub fn is_open(self) -> bool {
        matches!(self, CheckState::AwaitingConfirmation | CheckState::AwaitingApproval)
    }
}

/// Through which door a check came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// A rep's text to the application `app`.
    App {
        /// The `[[app]]`'s name.
        app: Endpoint,
    },
    /// A rep's text to the AI bot `bot`.
    Bot {
        /// The `[[bot]]`'s name.
        bot: Endpoint,
    },
    /// A program, by its token's name.
    Token {
        /// The `[[api_token]]`'s name.
        name: String,
    },
    /// A signed-in person's page.
    Session,
}

/// A reply that was offered, with the text as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Suggestion {
    /// The script's id: the reply's id, a dot and its place.
    pub id: String,
    /// The wording.
    pub text: String,
}

/// By which means a rep confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmedBy {
    /// The card's button.
    Card,
    /// The typed 「确认 短号」.
    Typed,
    /// `POST /v1/checks/{id}/confirm`.
    Api,
}

/// That the rep took the text on themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// When.
    pub at: Timestamp,
    /// By which means.
    pub by: ConfirmedBy,
    /// The reason, where a rule asks for one.
    pub reason: Option<String>,
}

/// What was reported about the sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentReport {
    /// It was taken by WeCom.
    pub ok: bool,
    /// The reporter's own words.
    pub detail: Option<String>,
    /// When the report came.
    pub at: Timestamp,
    /// It came after nobody waited for it any more.
    pub late: bool,
}

/// Why a check moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MoveCause {
    /// The rep confirmed.
    Confirmed(Confirmation),
    /// The rep took it back.
    Withdrawn,
    /// The rules in force now judge the text more strictly; `by` is the new check.
    Superseded {
        /// The new check.
        by: CheckId,
    },
    /// Its time ran out.
    TimedOut,
    /// A report on the sending came.
    Reported(SentReport),
    /// A second person lets it go.
    Approved,
    /// A second person stops it.
    Rejected {
        /// Why, in their words.
        note: Option<String>,
    },
}

/// One step of a check from state to state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckMove {
    /// The check.
    pub check: CheckId,
    /// Where it stood.
    pub from: CheckState,
    /// Where it stands now.
    pub to: CheckState,
    /// When.
    pub at: Timestamp,
    /// Who moved it.
    pub actor: Actor,
    /// Until when the new state holds.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub cause: MoveCause,
}

/// One outgoing text looked at once for one sender, recipient and channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// The company.
    pub corp: CorpId,
    /// The way it came.
    pub channel: Channel,
    /// The door it came through.
    pub origin: Origin,
    /// Who wants to send it.
    pub sender: UserId,
    /// To whom; absent only on `bot`.
    pub recipient: Option<Recipient>,
    /// The text.
    pub text: MessageText,
    /// SHA-256 of the text.
    pub text_sha256: TextHash,
    /// The industry named by the caller.
    pub industry: Option<String>,
    /// When it was judged.
    pub created_at: Timestamp,
    /// What the rules said then.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// What the rep was offered instead.
    pub suggestions: Vec<Suggestion>,
    /// The number the rep may type, while it waits.
    pub short: Option<ShortNo>,
    /// Where it stands.
    pub state: CheckState,
    /// Until when that holds.
    pub expires_at: Option<Timestamp>,
    /// Every step since.
    pub moves: Vec<CheckMove>,
}

impl Check {
    /// Counts the steps: a precondition names it so that two can't move a check at once.
    pub fn version(&self) -> u64 {
        self.moves.len() as u64
    }

    /// Whom it is about, for the keys of its record: the recipient, or the rep where there is none.
    pub fn about(&self) -> String {
        let about = self.recipient.as_ref().map_or(self.sender.as_str(), |recipient| recipient.id());
        format!("{}/{about}", self.corp)
    }

    /// Takes one step. The caller has made sure that it is allowed.
    pub fn apply(&mut self, step: CheckMove) {
        self.state = step.to;
        self.expires_at = step.expires_at;
        self.moves.push(step);
    }

    /// The rep's confirmation, if there was one.
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.moves.iter().find_map(|step| match &step.cause {
            MoveCause::Confirmed(confirmation) => Some(confirmation),
            _ => None,
        })
    }

    /// The last report on the sending, if one came.
    pub fn sent_report(&self) -> Option<&SentReport> {
        self.moves.iter().rev().find_map(|step| match &step.cause {
            MoveCause::Reported(report) => Some(report),
            _ => None,
        })
    }

    /// What it was judged to be.
    pub fn verdict(&self) -> Verdict {
        self.judgement.verdict
    }

    /// The hits of the judgement.
    pub fn hits(&self) -> &[Hit] {
        &self.judgement.hits
    }

    /// The excused hits of the judgement.
    pub fn suppressed(&self) -> &[Suppressed] {
        &self.judgement.suppressed
    }

    /// The rules that judged it.
    pub fn revision(&self) -> &Revision {
        &self.judgement.revision
    }

    /// It waits, but its time has run out.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

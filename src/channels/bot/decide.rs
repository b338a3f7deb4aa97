//! A second person answers: approving, rejecting, and what an officer finds.

use super::{Bot, Reply, Said, Speaker};
use crate::channels::second::{APPROVE_KEY, FINDING_KEY, REJECT_KEY, finding_name};
use crate::intercept::{GateError, Ruling, Word};
use crate::model::{CheckId, Finding, Question};
use crate::wording::{Wording, say};

/// What a button of a card for a second person says, and about which check.
pub(super) enum Answer<'k> {
    Word(&'k str, Word),
    Found(&'k str, Finding),
}

impl<'k> Answer<'k> {
    pub(super) fn parse(key: &'k str) -> Option<Self> {
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
    /// A second person answers on their own card.
    pub(super) async fn answered(
        &self,
        speaker: &Speaker,
        task: &str,
        answer: Answer<'_>,
    ) -> Result<Said, GateError> {
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
}

//! A text on its way through the gate: wanted, judged, recorded.

use super::release::{Release, ReleaseKey};
use super::state::Stage;
use crate::model::{Channel, Check, CorpId, MessageText, Origin, Recipient, UserId};

/// A text somebody wants to send.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The company.
    pub corp: CorpId,
    /// The way it came.
    pub channel: Channel,
    /// The door it came through.
    pub origin: Origin,
    /// Who wants to send it.
    pub sender: UserId,
    /// To whom; may be absent on [`Channel::Bot`] alone.
    pub recipient: Option<Recipient>,
    /// The text.
    pub text: MessageText,
    /// The industry whose rules and replies apply.
    pub industry: Option<String>,
}

/// A draft that has been judged and is not on record yet: it has no release, whatever the verdict.
#[derive(Debug)]
pub struct Judged(pub(super) Check);

impl Judged {
    /// The check as it will be recorded.
    pub fn check(&self) -> &Check {
        &self.0
    }
}

/// A check whose record is durable.
#[derive(Debug)]
pub struct Recorded {
    pub(super) check: Check,
    pub(super) release: Option<Release>,
}

impl Recorded {
    pub(super) fn new(check: Check, key: &ReleaseKey) -> Self {
        let release = match Stage::of(&check) {
            Stage::Cleared(cleared) => Some(Release::grant(&cleared, key)),
            _ => None,
        };
        Self { check, release }
    }

    /// The check.
    pub fn check(&self) -> &Check {
        &self.check
    }

    /// The permission to send it, if it was cleared.
    pub fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }
}

//! Showing a customer, and what a rep has to do for all of them.

use super::{Bot, ContactCard, Reply, Speaker, actor};
use crate::channels::telling;
use crate::followup::{ContactPage, FollowupError, Found};
use crate::intercept::GateError;
use crate::model::{Endpoint, ExternalUserId};
use crate::store::{Entry, OutboxDeed};
use crate::wording::{Wording, say};

impl Bot {
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
            Err(FollowupError::Parted(ended)) => {
                let when = self.gate.zone().minute(ended.at);
                Ok(self.words(telling::of_parting(ended.by), &[("when", when)]))
            }
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
    /// As [`crate::followup::Followup::open`].
    pub async fn show(
        &self,
        speaker: &Speaker,
        id: &ExternalUserId,
        entry: &str,
    ) -> Result<ContactCard, FollowupError> {
        let page = self.followup.open(&self.viewer(speaker), actor(speaker), id, entry).await?;
        Ok(self.contact_card(&page))
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

    /// What the rep has to do, the longest overdue first.
    ///
    /// # Errors
    /// As [`Bot::text`].
    pub(super) async fn todos(&self, speaker: &Speaker) -> Result<Reply, GateError> {
        let todos = self.followup.todos(&self.viewer(speaker)).await?;
        Ok(Reply::Text { text: telling::of_todos(self.lang, self.gate.zone(), &todos) })
    }
}

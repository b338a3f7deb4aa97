//! What each callback means to us: one exhaustive match.

use super::accept::{Inbox, InboxError, Mail};
use crate::channels::bot::{Door, Reply, Said, Speaker};
use crate::intercept::GateError;
use crate::model::{Actor, Ended, EndedBy, Endpoint, ExternalUserId, FollowKey, UserId};
use crate::store::{Change, Committed, Entry, Idempotency, Unit};
use crate::wecom::event::{AppEvent, CardClick, ContactChange, Content, CustomerEvent, Inbound};

/// Keys of buttons and menus that lead to a customer begin with this.
const CONTACT_KEY: &str = "contact:";
/// The `Source` of a deletion that hands the customer to a colleague (page 92130).
const BY_TRANSFER: &str = "DELETE_BY_TRANSFER";

/// The family of a callback, for the record and the figures.
pub(super) fn kind_of(kind: &Inbound) -> &'static str {
    match kind {
        Inbound::Message(_) => "message",
        Inbound::App(_) => "event.app",
        Inbound::Customer(_) => "event.customer",
        Inbound::Directory(_) => "event.directory",
        Inbound::Kf(_) => "event.kf",
        Inbound::Archive(_) => "event.archive",
        Inbound::Suite(_) => "event.suite",
        Inbound::Unknown { .. } => "event.unknown",
    }
}

impl Inbox {
    pub(super) async fn dispatch(&self, mail: &Mail, kind: &Inbound) -> Result<Said, InboxError> {
        match kind {
            Inbound::Message(message) => self.message(mail, &message.content).await,
            Inbound::App(event) => self.app_event(mail, event).await,
            Inbound::Customer(event) => Ok(self.customer_event(mail, event)),
            Inbound::Directory(_) => {
                self.parts.directory.outdated(&mail.corp);
                Ok(Reply::Nothing.into())
            }
            // Taken in and kept; what pulls or re-reads on them looks at the record.
            Inbound::Kf(_) | Inbound::Archive(_) | Inbound::Suite(_) => Ok(Reply::Nothing.into()),
            Inbound::Unknown { event, change_type } => {
                tracing::info!(%event, ?change_type, "an event we have no type for was kept");
                Ok(Reply::Nothing.into())
            }
        }
    }

    fn speaker(&self, mail: &Mail) -> Option<Speaker> {
        let user = mail.from.clone()?;
        Some(Speaker { corp: mail.corp.clone(), user, door: Door::App(mail.endpoint.clone()) })
    }

    async fn message(&self, mail: &Mail, content: &Content) -> Result<Said, InboxError> {
        let Some(speaker) = self.speaker(mail) else { return Ok(Reply::Nothing.into()) };
        match content {
            Content::Text { text } => Ok(self.parts.bot.text(&speaker, text, &mail.dedup).await?),
            Content::Image { .. }
            | Content::Voice { .. }
            | Content::Video { .. }
            | Content::Location(_)
            | Content::Link { .. } => Ok(self.parts.bot.text_only().into()),
        }
    }

    async fn app_event(&self, mail: &Mail, event: &AppEvent) -> Result<Said, InboxError> {
        let Some(speaker) = self.speaker(mail) else { return Ok(Reply::Nothing.into()) };
        match event {
            AppEvent::Subscribed | AppEvent::Entered => self.welcome(mail, &speaker).await,
            AppEvent::MenuClicked { key } => match key.strip_prefix(CONTACT_KEY) {
                Some(contact) => self.contact(&speaker, contact, "menu").await,
                None => Ok(self.parts.bot.help().into()),
            },
            AppEvent::MenuLinkOpened { url } => match self.contact_of_link(url) {
                Some(contact) => self.contact(&speaker, contact, "menu_link").await,
                None => Ok(Reply::Nothing.into()),
            },
            AppEvent::CardClicked { click, .. } | AppEvent::CardMenuClicked { click, .. } => {
                self.card(&speaker, &mail.endpoint, click).await
            }
            AppEvent::Inactivity(step) => {
                tracing::error!(?step, app = %mail.endpoint, "WeCom switches unused apps off: a stopped app is an unguarded team");
                Ok(Reply::Nothing.into())
            }
            AppEvent::Unsubscribed
            | AppEvent::LocationReported { .. }
            | AppEvent::MenuMiniprogramOpened { .. }
            | AppEvent::Scanned { .. }
            | AppEvent::PicturesChosen { .. }
            | AppEvent::PlaceChosen { .. }
            | AppEvent::BatchJobDone(_)
            | AppEvent::ApprovalChanged { .. }
            | AppEvent::SharedAppChanged
            | AppEvent::SharedChainChanged => Ok(Reply::Nothing.into()),
        }
    }

    /// Whoever opens the chat is told how it works, once a day: the day's first opening is recorded
    /// under the day's key, and no later one finds that free.
    pub(super) async fn welcome(&self, mail: &Mail, speaker: &Speaker) -> Result<Said, InboxError> {
        let (reply, key) = self.parts.bot.welcome(speaker);
        let first = Idempotency { key, fingerprint: mail.dedup.clone(), answer: String::new() };
        let unit = Unit { idempotency: Some(first), entries: vec![mail.accepted()], ..Unit::default() };
        match self.parts.store.commit(unit).await.map_err(GateError::Store)? {
            Committed::Repeated(before) if before.fingerprint != mail.dedup => Ok(Reply::Nothing.into()),
            Committed::Repeated(_) | Committed::Done => Ok(Said::Kept(reply)),
        }
    }

    async fn contact(&self, speaker: &Speaker, contact: &str, entry: &str) -> Result<Said, InboxError> {
        let contact = ExternalUserId::new(contact);
        Ok(self.parts.bot.open_contact(speaker, &contact, entry).await?.into())
    }

    /// A link of ours to a customer's page, as a menu opens it.
    fn contact_of_link<'u>(&self, url: &'u str) -> Option<&'u str> {
        let path = url.strip_prefix(&self.parts.public_url)?.strip_prefix("/contact/")?;
        path.split(['?', '#']).next().filter(|id| !id.is_empty())
    }

    /// A click may only change its card: a customer asked for by a card comes as a card of its own.
    async fn card(&self, speaker: &Speaker, app: &Endpoint, click: &CardClick) -> Result<Said, InboxError> {
        match click.key.strip_prefix(CONTACT_KEY) {
            Some(contact) => {
                let later = self.parts.bot.show_later(speaker, app, &ExternalUserId::new(contact), "card");
                Ok(Said::Loose(Reply::Nothing, vec![later]))
            }
            None => Ok(self.parts.bot.clicked(speaker, &click.task_id, &click.key).await?),
        }
    }

    fn customer_event(&self, mail: &Mail, event: &CustomerEvent) -> Said {
        match event {
            CustomerEvent::Contact { user, customer, change } => {
                Said::Loose(Reply::Nothing, self.contact_changed(mail, user, customer, change))
            }
            CustomerEvent::Chat { .. } | CustomerEvent::Tag(_) | CustomerEvent::Acquisition(_) => {
                Reply::Nothing.into()
            }
        }
    }

    /// Any change makes what we keep outdated; a new customer is shown to the rep besides. When a
    /// following began or ended is our clock's to say.
    fn contact_changed(
        &self,
        mail: &Mail,
        user: &UserId,
        customer: &ExternalUserId,
        change: &ContactChange,
    ) -> Vec<Entry> {
        let by_wecom = |change| Entry { actor: Actor::Wecom, change };
        let key = FollowKey { corp: mail.corp.clone(), contact: customer.clone(), user: user.clone() };
        let at = self.parts.clock.now();
        let outdated =
            by_wecom(Change::ContactOutdated { corp: mail.corp.clone(), contact: customer.clone() });
        let ended = |by| by_wecom(Change::FollowEnded { key: key.clone(), ended: Ended { at, by } });
        match change {
            ContactChange::Added { .. } | ContactChange::HalfAdded { .. } => {
                let door = Door::App(mail.endpoint.clone());
                let speaker = Speaker { corp: mail.corp.clone(), user: user.clone(), door };
                let began = by_wecom(Change::FollowBegan { key, at });
                vec![outdated, began, self.parts.bot.show_later(&speaker, &mail.endpoint, customer, "added")]
            }
            ContactChange::Deleted { source } if source.as_deref() == Some(BY_TRANSFER) => {
                vec![outdated, ended(EndedBy::Transfer)]
            }
            ContactChange::Deleted { .. } => vec![outdated, ended(EndedBy::Rep)],
            ContactChange::DeletedByCustomer => vec![outdated, ended(EndedBy::Customer)],
            ContactChange::Edited { .. }
            | ContactChange::TransferFailed { .. }
            | ContactChange::ArchiveApproved { .. } => vec![outdated],
        }
    }
}

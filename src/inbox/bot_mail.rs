//! The AI bot's callbacks: the same conversation, another wire form.

use super::accept::{Inbox, InboxError, Mail, Mailbox};
use crate::channels::bot::{Door, Reply, Said, Speaker};
use crate::model::{Endpoint, UserId};
use crate::wecom::bot;
use crate::wecom::bot::{BotContent, BotInbound};

impl Inbox {
    pub(super) async fn take_bot(
        &self,
        endpoint: &Endpoint,
        mailbox: &Mailbox,
        plaintext: &str,
    ) -> Result<(Option<UserId>, Reply), InboxError> {
        let callback = bot::parse_json(plaintext)?;
        let mail = Mail {
            endpoint: endpoint.clone(),
            corp: mailbox.corp.clone(),
            from: Some(callback.from.clone()),
            kind: kind_of(&callback.kind),
            raw: matches!(callback.kind, BotInbound::Unknown { .. }).then(|| callback.raw.clone()),
            dedup: callback.dedup_key(endpoint),
        };
        let _turn = self.turns.take(mail.key()).await;
        if let Some(reply) = self.seen(&mail).await? {
            return Ok((mail.from, reply));
        }
        let done = self.converse(&mail, &callback.from, &callback.kind).await?;
        Ok((mail.from.clone(), self.keep(mail, done).await?))
    }

    async fn converse(&self, mail: &Mail, from: &UserId, kind: &BotInbound) -> Result<Said, InboxError> {
        let door = Door::Bot(mail.endpoint.clone());
        let speaker = Speaker { corp: mail.corp.clone(), user: from.clone(), door };
        let bot = &self.parts.bot;
        match kind {
            BotInbound::Message { content, .. } => match words(content) {
                Some(text) => Ok(bot.text(&speaker, &text, &mail.dedup).await?),
                None => Ok(bot.text_only().into()),
            },
            BotInbound::EnterChat => self.welcome(mail, &speaker).await,
            BotInbound::CardClicked(click) => Ok(bot.clicked(&speaker, &click.task_id, &click.key).await?),
            BotInbound::StreamRefresh { .. } | BotInbound::Feedback(_) | BotInbound::Unknown { .. } => {
                Ok(Reply::Nothing.into())
            }
        }
    }
}

fn kind_of(kind: &BotInbound) -> &'static str {
    match kind {
        BotInbound::Message { .. } => "bot.message",
        BotInbound::StreamRefresh { .. } => "bot.refresh",
        BotInbound::EnterChat => "bot.enter",
        BotInbound::CardClicked(_) => "bot.card",
        BotInbound::Feedback(_) => "bot.feedback",
        BotInbound::Unknown { .. } => "event.unknown",
    }
}

/// What can be checked of a message. The words beside a picture are checked; the picture is not.
fn words(content: &BotContent) -> Option<String> {
    match content {
        BotContent::Text(text) | BotContent::Voice(text) => Some(text.clone()),
        BotContent::Mixed(parts) => {
            let texts: Vec<String> = parts.iter().filter_map(words).collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
        BotContent::Image(_) | BotContent::File(_) | BotContent::Video(_) => None,
    }
}

//! An answer in WeCom's form: what may be said back depends on who asks and how.

use super::accept::{Answer, Mailbox, MailboxKind};
use crate::channels::bot::{AskCard, CONFIRM_KEY, ContactCard, EDIT_KEY, Reply};
use crate::model::UserId;
use crate::wecom::bot::{BotReply, Stream};
use crate::wecom::callback::{Format, Opened};
use crate::wecom::markup::{cut_chars, markless, tagless};
use crate::wecom::reply;
use crate::wecom::reply::{Article, Stamp};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The longest quotation on a card, in characters; a figure of ours.
const QUOTE: usize = 120;
/// The longest title, line below it, paragraph and value of a bot's card, in characters (page 101032).
const TITLE: usize = 26;
const DESC: usize = 30;
const PARAGRAPH: usize = 112;
const VALUE: usize = 26;

/// Whom an answer goes to.
#[derive(Clone, Copy)]
pub(super) struct Answering<'a> {
    pub mailbox: &'a Mailbox,
    pub opened: &'a Opened,
    pub to: Option<&'a UserId>,
    /// Our address: a card without buttons must lead somewhere.
    pub home: &'a str,
}

/// Seals an answer for the one who asked; nothing to say is an empty body.
pub(super) fn seal(mail: &Answering<'_>, said: &Reply, now: Timestamp) -> Answer {
    let Answering { mailbox, opened, to, home } = *mail;
    let content_type = match opened.format {
        Format::Xml => "application/xml",
        Format::Json => "application/json",
    };
    let plaintext = match (mailbox.kind, to) {
        (MailboxKind::App, Some(to)) => for_app(said).map(|reply| reply.xml(to, &mailbox.corp, now)),
        (MailboxKind::App, None) => None,
        (MailboxKind::Bot, _) => for_bot(said, home).map(|reply| reply.json()),
    };
    let Some(plaintext) = plaintext else {
        return Answer { body: String::new(), content_type: "text/plain" };
    };
    // The AI bot wants the nonce of its own request back; an application does not mind.
    let stamp = Stamp { at: now, nonce: opened.params.nonce.clone(), random: crate::model::chance() };
    Answer { body: reply::seal(&mailbox.key, opened.format, &plaintext, &stamp), content_type }
}

/// An application's passive reply. Its confirmation card comes by the outbox.
fn for_app(said: &Reply) -> Option<reply::Reply> {
    Some(match said {
        Reply::Nothing => return None,
        Reply::Text { text } | Reply::Welcome { text } | Reply::Ask { text, .. } => {
            reply::Reply::Text(tagless(text))
        }
        Reply::Contact(ContactCard { title, description, url }) => reply::Reply::News(vec![Article {
            title: title.clone(),
            description: description.clone(),
            url: url.clone(),
            picture_url: String::new(),
        }]),
        Reply::Settled { button, .. } => reply::Reply::UpdateButton(button.clone()),
    })
}

/// An AI bot's passive reply: a finished stream, with its card in the same answer.
fn for_bot(said: &Reply, home: &str) -> Option<BotReply> {
    let finished = |content: String| Stream { id: hex::encode(crate::model::chance::<12>()), content };
    let words = |text: &str| finished(markless(text));
    Some(match said {
        Reply::Nothing => return None,
        Reply::Text { text } => BotReply::Message(words(text)),
        Reply::Welcome { text } => BotReply::Welcome(text.clone()),
        Reply::Ask { text, card } => BotReply::MessageWithCard(words(text), ask(card)),
        Reply::Contact(ContactCard { title, description, url }) => {
            let (title, description) = (markless(title), markless(description));
            BotReply::Message(finished(format!("**{title}**\n{description}\n[{url}]({url})")))
        }
        Reply::Settled { task, button, text } => {
            BotReply::UpdateCard { users: Vec::new(), card: settled(task, button, text, home) }
        }
    })
}

fn ask(card: &AskCard) -> Value {
    let rows: Vec<_> = card
        .rows
        .iter()
        .map(|(name, value)| json!({ "keyname": name, "value": cut_chars(value, VALUE) }))
        .collect();
    let quote = cut_chars(&card.quote, QUOTE);
    json!({
        "card_type": "button_interaction",
        "main_title": { "title": cut_chars(&card.title, TITLE), "desc": cut_chars(&card.desc, DESC) },
        "quote_area": { "type": 0, "quote_text": quote },
        "horizontal_content_list": rows,
        "task_id": card.task,
        "button_list": [
            { "text": card.edit, "style": 1, "key": EDIT_KEY },
            { "text": card.confirm, "style": 3, "key": CONFIRM_KEY },
        ],
    })
}

/// What a decided card becomes: words without buttons. Where not all of them fit, the first line says
/// what happened; a text to copy is shown whole or not at all.
fn settled(task: &str, title: &str, text: &str, home: &str) -> Value {
    let fits = text.chars().count() <= PARAGRAPH;
    let shown = if fits { text } else { text.lines().next().unwrap_or_default() };
    json!({
        "card_type": "text_notice",
        "main_title": { "title": cut_chars(title, TITLE) },
        "sub_title_text": cut_chars(shown, PARAGRAPH),
        "task_id": task,
        "card_action": { "type": 1, "url": format!("{home}/contact") },
    })
}

//! The state behind the API: tokens, conversations, response codes, uploads, request log.

use super::company::Company;
use super::errcode::{CARD_OF_ANOTHER_APP, INVALID_RESPONSE_CODE, INVALID_TOKEN, Refusal, TOKEN_EXPIRED};
use super::inbox::{Author, Shown};
use super::meter::Meter;
use super::options::{Options, SandboxApp, SandboxBot};
use super::sign_in::{Code, Ticket};
use crate::model::{AgentId, Clock, CorpId};
use actix_web::web::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};

/// WeCom's `expires_in`.
pub(crate) const TOKEN_LIFE: SignedDuration = SignedDuration::from_secs(7200);
const LOG_LENGTH: usize = 10_000;
const CARD_CODE_LIFE: SignedDuration = SignedDuration::from_hours(72);
const BOT_CODE_LIFE: SignedDuration = SignedDuration::from_hours(1);
const MEDIA_LIFE: SignedDuration = SignedDuration::from_hours(72);

/// One answered request. The query is left out: it carries the access token.
#[derive(Debug, Clone, Serialize)]
pub struct Logged {
    /// For example `/cgi-bin/message/send`.
    pub path: String,
    /// The application of the token, if the token was good.
    pub agent: Option<AgentId>,
    /// The JSON body.
    pub body: Value,
    /// The HTTP status; `None` when the connection was cut.
    pub status: Option<u16>,
    /// What was answered.
    pub errcode: Option<i64>,
}

struct Token {
    corp: CorpId,
    agent: AgentId,
    until: Timestamp,
}

struct CardCode {
    agent: AgentId,
    msgid: String,
    until: Timestamp,
}

struct BotCode {
    bot: String,
    user: String,
    until: Timestamp,
}

/// A file that was uploaded.
pub(crate) struct Upload {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) bytes: Bytes,
    until: Timestamp,
}

/// Everything that changes while the sandbox runs.
pub(crate) struct World {
    pub(crate) company: Company,
    pub(crate) apps: Vec<SandboxApp>,
    pub(crate) bots: Vec<SandboxBot>,
    pub(crate) clock: Clock,
    pub(crate) meter: Meter,
    pub(crate) log: VecDeque<Logged>,
    /// Requests by path.
    pub(crate) calls: HashMap<String, usize>,
    /// Requests with duplicate check, when they came and what they were answered.
    pub(crate) sent: HashMap<(AgentId, String), (Timestamp, Value)>,
    /// The task ids of each application: they can't be used twice.
    pub(crate) tasks: HashSet<(AgentId, String)>,
    /// Person-times an application has sent to on one day.
    pub(crate) daily: HashMap<(AgentId, jiff::civil::Date), usize>,
    /// Whose client it is; see `Sandbox::signs_in`.
    pub(crate) signed_in: Option<String>,
    /// Sign-ins that were not told yet.
    pub(crate) codes: HashMap<String, Code>,
    /// The JS-SDK tickets of each application.
    pub(crate) tickets: HashMap<(AgentId, &'static str), Ticket>,
    shown: HashMap<String, Vec<Shown>>,
    tokens: HashMap<String, Token>,
    card_codes: HashMap<String, CardCode>,
    bot_codes: HashMap<String, BotCode>,
    uploads: HashMap<String, Upload>,
    serial: u64,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            company: options.company.clone(),
            apps: options.apps.clone(),
            bots: options.bots.clone(),
            clock: options.clock.clone(),
            meter: Meter::new(options.limits.clone()),
            log: VecDeque::new(),
            calls: HashMap::new(),
            sent: HashMap::new(),
            tasks: HashSet::new(),
            daily: HashMap::new(),
            signed_in: None,
            codes: HashMap::new(),
            tickets: HashMap::new(),
            shown: HashMap::new(),
            tokens: HashMap::new(),
            card_codes: HashMap::new(),
            bot_codes: HashMap::new(),
            uploads: HashMap::new(),
            serial: 0,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Writes a request down; the oldest gives way.
    pub(crate) fn note(&mut self, logged: Logged) {
        *self.calls.entry(logged.path.clone()).or_default() += 1;
        if self.log.len() == LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(logged);
    }

    /// A name no other thing of this sandbox has.
    pub(crate) fn fresh(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}{:016}", self.serial)
    }

    /// A message number, 64 bits and larger than a float can hold.
    pub(crate) fn fresh_msg_id(&mut self) -> u64 {
        self.serial += 1;
        7_000_000_000_000_000_000 + self.serial
    }

    pub(crate) fn app(&self, agent: AgentId) -> Option<&SandboxApp> {
        self.apps.iter().find(|app| app.agent == agent)
    }

    pub(crate) fn bot(&self, name: &str) -> Option<&SandboxBot> {
        self.bots.iter().find(|bot| bot.name == name)
    }

    fn later(&self, life: SignedDuration) -> Timestamp {
        self.now().checked_add(life).unwrap_or(Timestamp::MAX)
    }

    /// The same token as long as it lives.
    pub(crate) fn token_for(&mut self, corp: &CorpId, agent: AgentId) -> String {
        let now = self.now();
        let good = |token: &Token| token.corp == *corp && token.agent == agent && now < token.until;
        if let Some((name, _)) = self.tokens.iter().find(|(_, token)| good(token)) {
            return name.clone();
        }
        let name = self.fresh(&format!("token-of-{agent}-"));
        let token = Token { corp: corp.clone(), agent, until: self.later(TOKEN_LIFE) };
        self.tokens.insert(name.clone(), token);
        name
    }

    pub(crate) fn owner_of(&self, token: &str) -> Result<AgentId, Refusal> {
        let token = self.tokens.get(token).ok_or(INVALID_TOKEN)?;
        if self.now() >= token.until {
            return Err(TOKEN_EXPIRED);
        }
        Ok(token.agent)
    }

    /// From now on every token answers 42001.
    pub(crate) fn expire_tokens(&mut self) {
        let now = self.now();
        self.tokens.values_mut().for_each(|token| token.until = token.until.min(now));
    }

    /// From now on every token answers 40014.
    pub(crate) fn forget_tokens(&mut self) {
        self.tokens.clear();
    }

    /// Permission to update the card of `msgid` once.
    pub(crate) fn card_code(&mut self, agent: AgentId, msgid: &str) -> String {
        let name = self.fresh("RC-");
        let code = CardCode { agent, msgid: msgid.to_owned(), until: self.later(CARD_CODE_LIFE) };
        self.card_codes.insert(name.clone(), code);
        name
    }

    /// The msgid a response_code stands for; the code is spent.
    pub(crate) fn spend_card_code(&mut self, name: &str, agent: AgentId) -> Result<String, Refusal> {
        let code = self.card_codes.get(name).ok_or(INVALID_RESPONSE_CODE)?;
        if code.agent != agent {
            return Err(CARD_OF_ANOTHER_APP);
        }
        let alive = self.now() < code.until;
        let spent = self.card_codes.remove(name).filter(|_| alive);
        spent.map(|code| code.msgid).ok_or(INVALID_RESPONSE_CODE)
    }

    /// Permission to answer a message to a bot once more.
    pub(crate) fn bot_code(&mut self, bot: &str, user: &str) -> String {
        let name = self.fresh("BC-");
        let until = self.later(BOT_CODE_LIFE);
        self.bot_codes.insert(name.clone(), BotCode { bot: bot.to_owned(), user: user.to_owned(), until });
        name
    }

    /// Bot and member of a response_url; the code is spent.
    pub(crate) fn spend_bot_code(&mut self, name: &str) -> Result<(String, String), Refusal> {
        let now = self.now();
        let code = self.bot_codes.remove(name).filter(|code| now < code.until);
        code.map(|code| (code.bot, code.user)).ok_or(INVALID_RESPONSE_CODE)
    }

    pub(crate) fn keep_upload(&mut self, kind: &str, name: String, bytes: Bytes) -> String {
        let id = self.fresh("MEDIA-");
        let upload = Upload { kind: kind.to_owned(), name, bytes, until: self.later(MEDIA_LIFE) };
        self.uploads.insert(id.clone(), upload);
        id
    }

    pub(crate) fn upload(&self, media_id: &str) -> Option<&Upload> {
        self.uploads.get(media_id).filter(|upload| self.now() < upload.until)
    }

    /// Shows a message to a member.
    pub(crate) fn show(&mut self, userid: &str, message: Shown) {
        self.shown.entry(userid.to_ascii_lowercase()).or_default().push(message);
    }

    /// A member's conversations, oldest message first.
    pub(crate) fn shown_to(&self, userid: &str) -> &[Shown] {
        self.shown.get(&userid.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The message `msgid` as one member has it.
    pub(crate) fn shown_mut(&mut self, userid: &str, msgid: &str) -> Option<&mut Shown> {
        let messages = self.shown.get_mut(&userid.to_ascii_lowercase())?;
        messages.iter_mut().rev().find(|shown| shown.msgid == msgid)
    }

    /// Everyone's copy of an application's message `msgid`, with its owner's id in lower case.
    pub(crate) fn copies(
        &mut self,
        agent: AgentId,
        msgid: &str,
    ) -> impl Iterator<Item = (&String, &mut Shown)> {
        let all =
            self.shown.iter_mut().flat_map(|(user, shown)| shown.iter_mut().map(move |one| (user, one)));
        all.filter(move |(_, shown)| shown.author == Author::App(agent) && shown.msgid == msgid)
    }
}

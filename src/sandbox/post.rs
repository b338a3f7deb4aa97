//! Posts callbacks as WeCom does: encrypted, signed, 5 s to answer, 3 tries (pages 90238, 90930).

use super::delivery::{Attempt, Delivery, PassiveReply};
use super::options::CallbackTarget;
use crate::wecom::crypto::CallbackKey;
use crate::wecom::xml::{Element, build};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Whom a callback is for, and how its envelope looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// XML for an application.
    App {
        /// ToUserName of the envelope and receive id.
        corp: String,
        /// AgentID of the envelope.
        agent: u64,
    },
    /// JSON for a bot; the receive id is empty.
    Bot,
}

impl Envelope {
    pub(crate) fn receive_id(&self) -> &str {
        match self {
            Envelope::App { corp, .. } => corp,
            Envelope::Bot => "",
        }
    }

    pub(crate) fn wrap(&self, encrypt: &str) -> String {
        match self {
            Envelope::App { corp, agent } => build(&[
                ("ToUserName", corp.as_str().into()),
                ("AgentID", agent.to_string().as_str().into()),
                ("Encrypt", encrypt.into()),
            ]),
            Envelope::Bot => json!({"encrypt": encrypt}).to_string(),
        }
    }
}

/// How the network treats callbacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostMode {
    /// So many more times after it was accepted, as when the answer got lost.
    pub repeat: usize,
    /// Waits so long, in milliseconds of real time, before each try.
    pub slow_ms: u64,
    /// Keeps callbacks back until they are released, the youngest first.
    pub hold: bool,
}

/// A callback ready to be posted.
pub(crate) struct Sealed {
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: String,
    nonce: String,
}

/// Everything needed to post to one endpoint.
pub(crate) struct Line {
    pub(crate) target: CallbackTarget,
    pub(crate) envelope: Envelope,
    pub(crate) http: reqwest::Client,
    pub(crate) timeout: Duration,
}

/// Random bytes; a machine without chance gets zeros, which no test depends on.
pub(crate) fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

impl Line {
    pub(crate) fn key(&self) -> Option<CallbackKey> {
        CallbackKey::new(&self.target.token, &self.target.aes_key, self.envelope.receive_id()).ok()
    }

    /// Posts until it is accepted, at most `tries` times, and then as often again as `mode` says.
    pub(crate) async fn deliver(
        &self,
        plaintext: &str,
        tries: usize,
        mode: PostMode,
        now: impl Fn() -> Timestamp,
    ) -> Delivery {
        let mut delivery = Delivery { plaintext: plaintext.to_owned(), attempts: Vec::new() };
        for _ in 0..tries {
            if delivery.is_accepted() {
                break;
            }
            delivery.attempts.push(self.attempt(plaintext, mode, now()).await);
        }
        for _ in 0..mode.repeat {
            delivery.attempts.push(self.attempt(plaintext, mode, now()).await);
        }
        delivery
    }

    async fn attempt(&self, plaintext: &str, mode: PostMode, now: Timestamp) -> Attempt {
        tokio::time::sleep(Duration::from_millis(mode.slow_ms)).await;
        match self.key() {
            Some(key) => self.post(self.seal(&key, plaintext, now), now).await,
            None => unsent(now, "the callback's key is malformed"),
        }
    }

    /// Posts the very same bytes again.
    pub(crate) async fn replay(&self, attempt: &Attempt, now: Timestamp) -> Attempt {
        let nonce = attempt.url.split("nonce=").nth(1).unwrap_or_default().to_owned();
        self.send(&attempt.url, attempt.body.clone(), &nonce, now).await
    }

    /// Asks the endpoint to prove that it has the keys, as the admin console does on saving.
    pub(crate) async fn verify(&self, now: Timestamp) -> Attempt {
        let Some(key) = self.key() else { return unsent(now, "the callback's key is malformed") };
        let word = hex::encode(chance::<8>());
        let (timestamp, nonce) = (now.as_second().to_string(), hex::encode(chance::<8>()));
        let echostr = key.encrypt(word.as_bytes(), chance());
        let signature = key.sign(&timestamp, &nonce, &echostr);
        let query =
            [("msg_signature", signature), ("timestamp", timestamp), ("nonce", nonce), ("echostr", echostr)];
        let request = self.http.get(with_query(&self.target.url, &query)).timeout(self.timeout / 5);
        let mut attempt = answer_to(request, now).await;
        if let PassiveReply::Plain(body) = &attempt.reply
            && *body != word
        {
            attempt.reply = PassiveReply::Dropped("the answer is not the decrypted echostr".to_owned());
        }
        attempt
    }

    pub(crate) fn seal(&self, key: &CallbackKey, plaintext: &str, at: Timestamp) -> Sealed {
        self.sign(key, key.encrypt(plaintext.as_bytes(), chance()), at)
    }

    pub(crate) fn sign(&self, key: &CallbackKey, encrypt: String, at: Timestamp) -> Sealed {
        let (timestamp, nonce) = (at.as_second().to_string(), hex::encode(chance::<8>()));
        let signature = key.sign(&timestamp, &nonce, &encrypt);
        let query = vec![("msg_signature", signature), ("timestamp", timestamp), ("nonce", nonce.clone())];
        Sealed { query, body: self.envelope.wrap(&encrypt), nonce }
    }

    pub(crate) async fn post(&self, sealed: Sealed, now: Timestamp) -> Attempt {
        let url = with_query(&self.target.url, &sealed.query);
        self.send(&url, sealed.body, &sealed.nonce, now).await
    }

    async fn send(&self, url: &str, body: String, nonce: &str, now: Timestamp) -> Attempt {
        let kind = if self.envelope == Envelope::Bot { "application/json" } else { "text/xml" };
        let request = self.http.post(url).header("content-type", kind).body(body.clone());
        let mut attempt = answer_to(request.timeout(self.timeout), now).await;
        if let PassiveReply::Plain(answer) = &attempt.reply {
            attempt.reply = self.open(answer, nonce);
        }
        Attempt { body, ..attempt }
    }

    /// What WeCom reads in an encrypted answer.
    fn open(&self, answer: &str, nonce: &str) -> PassiveReply {
        match self.opened(answer, nonce) {
            Ok(plain) => PassiveReply::Plain(plain),
            Err(reason) => PassiveReply::Dropped(reason.to_owned()),
        }
    }

    fn opened(&self, answer: &str, asked_nonce: &str) -> Result<String, &'static str> {
        let answer = match self.envelope {
            Envelope::App { .. } => Encrypted::from_xml(answer),
            Envelope::Bot => Encrypted::from_json(answer),
        };
        let answer = answer.ok_or("the answer is no whole envelope")?;
        if self.envelope == Envelope::Bot && answer.nonce != asked_nonce {
            return Err("the nonce is not that of the callback");
        }
        let key = self.key().ok_or("the callback's key is malformed")?;
        if !key.verify(&answer.signature, &answer.timestamp, &answer.nonce, &answer.encrypt) {
            return Err("the signature does not fit");
        }
        key.decrypt(&answer.encrypt).map_err(|_| "the answer can't be decrypted")
    }
}

/// The envelope of a passive reply.
struct Encrypted {
    encrypt: String,
    signature: String,
    timestamp: String,
    nonce: String,
}

impl Encrypted {
    fn from_xml(answer: &str) -> Option<Self> {
        let envelope = Element::parse(answer).ok()?;
        Some(Self {
            encrypt: envelope.word("Encrypt")?,
            signature: envelope.word("MsgSignature")?,
            timestamp: envelope.word("TimeStamp")?,
            nonce: envelope.word("Nonce")?,
        })
    }

    fn from_json(answer: &str) -> Option<Self> {
        let envelope: Value = serde_json::from_str(answer).ok()?;
        let text = |name| envelope.get(name)?.as_str().map(str::to_owned);
        let timestamp = envelope.get("timestamp")?.as_i64()?.to_string();
        Some(Self {
            encrypt: text("encrypt")?,
            signature: text("msgsignature")?,
            timestamp,
            nonce: text("nonce")?,
        })
    }
}

/// The address with its query; an address that can't be parsed is left to the request to refuse.
fn with_query(url: &str, query: &[(&'static str, String)]) -> String {
    match url::Url::parse_with_params(url, query) {
        Ok(url) => url.into(),
        Err(_) => url.to_owned(),
    }
}

pub(crate) fn unsent(sent_at: Timestamp, fault: &str) -> Attempt {
    let (url, body) = (String::new(), String::new());
    Attempt { sent_at, url, body, status: None, fault: Some(fault.to_owned()), reply: PassiveReply::Missing }
}

/// Sends and waits; the answer's body is in `reply`, still encrypted.
async fn answer_to(request: reqwest::RequestBuilder, sent_at: Timestamp) -> Attempt {
    let (client, request) = request.build_split();
    let request = match request {
        Ok(request) => request,
        Err(error) => return unsent(sent_at, &error.to_string()),
    };
    let url = request.url().to_string();
    let answer = async {
        let response = client.execute(request).await?;
        Ok::<_, reqwest::Error>((response.status().as_u16(), response.text().await?))
    };
    match answer.await {
        Ok((status, body)) => {
            let reply = match body.as_str() {
                _ if status != 200 => PassiveReply::Missing,
                "" => PassiveReply::Empty,
                _ => PassiveReply::Plain(body),
            };
            Attempt { sent_at, url, body: String::new(), status: Some(status), fault: None, reply }
        }
        Err(error) => {
            let fault = if error.is_timeout() { "no answer in time" } else { "no connection" };
            Attempt { url, ..unsent(sent_at, fault) }
        }
    }
}

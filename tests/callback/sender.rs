//! A sender with WeCom's keys: seals, signs and posts, and reads the sealed answer.

use crate::support::{AES_KEY, CORP, TOKEN, TestApp};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use url::form_urlencoded::byte_serialize;
use wecom_guard::model::{Check, CorpId};
use wecom_guard::store::CheckQuery;
use wecom_guard::wecom::crypto::CallbackKey;
use wecom_guard::wecom::xml::Element;

/// One endpoint of ours, as WeCom knows it.
pub struct Sender {
    pub key: CallbackKey,
    pub path: String,
    json: bool,
}

/// A callback ready to be posted.
#[derive(Clone)]
pub struct Post {
    pub query: String,
    pub body: String,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Name and value, sorted, without the date.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// A number that no other post of this process has.
pub fn fresh() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(7_000_000_000_000_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// What a member types, as WeCom writes it down. `content` is raw XML.
pub fn says(user: &str, content: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>\
         <CreateTime>1790000000</CreateTime><MsgType><![CDATA[text]]></MsgType><Content>{content}</Content>\
         <MsgId>{}</MsgId><AgentID>1000002</AgentID></xml>",
        fresh()
    )
}

impl Sender {
    /// The application of the test's settings.
    pub fn app() -> Self {
        Self::new("/callback/guard", TOKEN, AES_KEY, CORP)
    }

    /// The AI bot of the test's settings.
    pub fn bot() -> Self {
        Self::new("/bot/helper", TOKEN, AES_KEY, "").in_json()
    }

    pub fn new(path: &str, token: &str, aes_key: &str, receive_id: &str) -> Self {
        let key = CallbackKey::new(token, aes_key, receive_id).unwrap();
        Self { key, path: path.to_owned(), json: false }
    }

    /// The same endpoint, spoken to in JSON.
    pub fn in_json(self) -> Self {
        Self { json: true, ..self }
    }

    /// The same endpoint, spoken to in XML.
    pub fn in_xml(self) -> Self {
        Self { json: false, ..self }
    }

    /// A fresh ciphertext of `plaintext`, signed at the server's own time.
    pub fn seal(&self, app: &TestApp, plaintext: &str) -> Post {
        let random = (u128::from(fresh()) << 64).to_be_bytes();
        self.sign(app, &self.key.encrypt(plaintext.as_bytes(), random))
    }

    /// Any `encrypt`, rightly signed.
    pub fn sign(&self, app: &TestApp, encrypt: &str) -> Post {
        let (timestamp, nonce) = (app.clock.now().as_second().to_string(), fresh().to_string());
        Post { query: self.query(&timestamp, &nonce, encrypt), body: self.envelope(encrypt) }
    }

    pub fn query(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        let signature = self.key.sign(timestamp, nonce, encrypt);
        format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}")
    }

    pub fn envelope(&self, encrypt: &str) -> String {
        match self.json {
            true => format!(r#"{{"encrypt":"{encrypt}"}}"#),
            false => format!("<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"),
        }
    }

    pub async fn post(&self, app: &TestApp, post: &Post) -> Answer {
        let url = format!("{}{}?{}", app.base, self.path, post.query);
        read(app.http.post(url).body(post.body.clone())).await
    }

    /// Seals and posts, and demands that it is taken.
    pub async fn says(&self, app: &TestApp, plaintext: &str) -> Answer {
        let answer = self.post(app, &self.seal(app, plaintext)).await;
        assert_eq!(answer.status, 200, "{plaintext}");
        answer
    }

    /// The decrypted passive reply.
    pub fn open(&self, answer: &Answer) -> String {
        let word = |name| Element::parse(&answer.body).ok()?.word::<String>(name);
        let encrypt = match self.json {
            true => {
                serde_json::from_str::<Value>(&answer.body).unwrap()["encrypt"].as_str().map(str::to_owned)
            }
            false => word("Encrypt"),
        };
        self.key.decrypt(&encrypt.unwrap()).unwrap()
    }

    /// The words of the passive reply to a text of the application.
    pub fn words(&self, answer: &Answer) -> String {
        Element::parse(&self.open(answer)).unwrap().child("Content").unwrap().text().to_owned()
    }
}

/// The check of an address; `rest` follows the signed parameters.
pub async fn verify(app: &TestApp, path: &str, query: &str, echostr: &str) -> Answer {
    let echostr: String = byte_serialize(echostr.as_bytes()).collect();
    read(app.http.get(format!("{}{path}?{query}&echostr={echostr}", app.base))).await
}

pub async fn read(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    Answer { status, headers, body: response.text().await.unwrap() }
}

/// Every check on record.
pub async fn checks(app: &TestApp) -> Vec<Check> {
    let ours = CheckQuery { corp: Some(CorpId::new(CORP)), ..CheckQuery::default() };
    app.running.store().checks(ours, None, 10_000).await.unwrap().items
}

/// The newest entry of the record: as long as it is the same, nothing was written.
pub fn head(app: &TestApp) -> String {
    app.running.store().health().head.unwrap()
}

/// The figure of `/metrics` in the line that begins with `name`.
pub async fn metric(app: &TestApp, name: &str) -> u64 {
    let text = read(app.http.get(format!("{}/metrics", app.base))).await.body;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |value| value.trim().parse().unwrap())
}

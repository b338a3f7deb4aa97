//! The published vectors of WeCom's own libraries and of others', each against an endpoint that
//! has its keys.

use crate::sender::{Answer, Sender, read, verify};
use crate::support::{AES_KEY, CORP, Setup, TOKEN, TestApp};
use serde_json::Value;
use wecom_guard::config::Config;

/// Genuine ciphertexts whose plaintext is no message of WeCom: not XML, not JSON, or without the
/// time that every message has. They are samples of the cipher alone.
const NO_MESSAGE: [&str; 9] = [
    "official-php-json-decrypt",
    "official-java-encrypt-short",
    "rust-wechat-crypto-min",
    "gen-pad-01",
    "gen-pad-15",
    "gen-pad-16",
    "gen-pad-17",
    "gen-pad-31",
    "gen-pad-32",
];

/// One vector and the endpoint that has its keys.
struct Vector {
    json: Value,
    place: usize,
}

impl Vector {
    fn all() -> Vec<Self> {
        let file: Value = serde_json::from_str(include_str!("../../fixtures/wecom/vectors.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap().iter().cloned();
        let all: Vec<_> = vectors.enumerate().map(|(place, json)| Self { json, place }).collect();
        assert_eq!(all.len(), 35);
        all
    }

    /// Those with a ciphertext that our keys may open.
    fn ciphertexts(expect: &str) -> Vec<Self> {
        let fits = |vector: &Self| {
            vector.text("expect") == expect && vector.json["encrypt"].is_string() && vector.has_key()
        };
        Self::all().into_iter().filter(fits).collect()
    }

    fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }

    fn text_or<'a>(&'a self, field: &str, other: &'a str) -> &'a str {
        self.json[field].as_str().unwrap_or(other)
    }

    fn has_key(&self) -> bool {
        self.json["encoding_aes_key"].is_string()
    }

    fn receive_id(&self) -> &str {
        // Only its signature is wrong; its source names the company beside the good one.
        let source = if self.text("id") == "go-workwx-bad-signature" { "ww6a112864f8022910" } else { CORP };
        self.text_or("configured_receive_id", self.text_or("receive_id", source))
    }

    fn token(&self) -> &str {
        self.text_or("token", TOKEN)
    }

    fn aes_key(&self) -> &str {
        self.text_or("encoding_aes_key", AES_KEY)
    }

    /// The settings of an endpoint with the vector's own keys.
    fn settings(&self) -> String {
        let (token, key, id, place) = (self.token(), self.aes_key(), self.receive_id(), self.place);
        let head = match id {
            "" => format!("[[bot]]\nname = \"v{place}\"\ncorp_id = \"{CORP}\""),
            _ => format!(
                "[[app]]\nname = \"v{place}\"\ncorp_id = \"{id}\"\nagent_id = 1{place}\nsecret = \"not-called\""
            ),
        };
        format!("{head}\ntoken = \"{token}\"\nencoding_aes_key = \"{key}\"\n")
    }

    fn sender(&self) -> Sender {
        let door = if self.receive_id().is_empty() { "bot" } else { "callback" };
        Sender::new(&format!("/{door}/v{}", self.place), self.token(), self.aes_key(), self.receive_id())
    }

    /// The published query; a vector without a signature is signed here.
    fn query(&self) -> String {
        let (timestamp, nonce) = (self.text_or("timestamp", "1790000000"), self.text_or("nonce", "n1"));
        match self.json["msg_signature"].as_str() {
            Some(signature) => format!("msg_signature={signature}&timestamp={timestamp}&nonce={nonce}"),
            None => self.sender().query(timestamp, nonce, self.text("encrypt")),
        }
    }

    async fn verify(&self, app: &TestApp) -> Answer {
        let path = self.sender().path;
        match self.json["query"].as_str() {
            Some(query) => read(app.http.get(format!("{}{path}?{query}", app.base))).await,
            None => verify(app, &path, &self.query(), self.text("encrypt")).await,
        }
    }

    async fn post(&self, app: &TestApp) -> Answer {
        let (sender, encrypt) = (self.sender(), self.text("encrypt"));
        let json = format!(r#"{{"encrypt":"{encrypt}"}}"#);
        let xml = sender.envelope(encrypt);
        let wrapped = if self.text("kind") == "decrypt_json" { json } else { xml };
        let url = format!("{}{}?{}", app.base, sender.path, self.query());
        read(app.http.post(url).body(self.text_or("envelope", &wrapped).to_owned())).await
    }
}

/// A server with an endpoint for each vector: all are years old, so the replay window is off.
async fn server() -> TestApp {
    let sound = Vector::all().into_iter().filter(|v| v.text("kind") != "key" || v.text("expect") == "accept");
    let endpoints: String = sound.map(|vector| vector.settings()).collect();
    let scopes = format!("corp_id = \"{CORP}\"\nscopes = [");
    TestApp::with(Setup {
        extra: format!("[callback]\nreplay_window = \"off\"\n{endpoints}"),
        replace: vec![("scopes = [".to_owned(), scopes)],
        ..Setup::default()
    })
    .await
}

#[tokio::test]
async fn every_genuine_ciphertext_comes_back_from_the_url_check_to_the_byte() {
    let app = server().await;
    let vectors = Vector::ciphertexts("accept");
    assert_eq!(vectors.len(), 22);
    for vector in vectors {
        let answer = vector.verify(&app).await;
        let name = vector.text("id");
        assert_eq!((answer.status, answer.body.as_str()), (200, vector.text("plaintext")), "{name}");
        let plain = ("content-type".to_owned(), "text/plain".to_owned());
        assert!(answer.headers.contains(&plain), "{name}: {:?}", answer.headers);
    }
    app.stop().await;
}

/// Nothing can be checked or kept of them, and a 200 would say that it was.
#[tokio::test]
async fn a_genuine_ciphertext_is_taken_if_it_holds_a_message_and_is_a_bad_request_if_not() {
    let app = server().await;
    let posted = |vector: &Vector| vector.text("kind") != "verify_url";
    let (mut taken, mut refused) = (0, 0);
    for vector in Vector::ciphertexts("accept").into_iter().filter(posted) {
        let answer = vector.post(&app).await;
        let name = vector.text("id");
        if NO_MESSAGE.contains(&name) {
            assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{name}");
            refused += 1;
        } else {
            assert_eq!(answer.status, 200, "{name}");
            taken += 1;
        }
    }
    assert_eq!((taken, refused), (8, NO_MESSAGE.len()));
    app.stop().await;
}

#[tokio::test]
async fn every_forged_ciphertext_gets_one_and_the_same_empty_refusal() {
    let app = server().await;
    let ordinary = app.wecom.rep_says("zhangsan", crate::support::AGENT, "您好").await.unwrap();
    assert!(ordinary.is_accepted());
    let (before, mut answers) = (crate::sender::head(&app), Vec::new());
    let forged = Vector::ciphertexts("reject").into_iter().filter(|v| v.text("id") != "adv-xxe-inner");
    for vector in forged {
        answers.push((vector.text("id").to_owned(), vector.post(&app).await));
        answers.push((vector.text("id").to_owned(), vector.verify(&app).await));
    }
    assert_eq!(answers.len(), 14);
    let first = &answers.first().unwrap().1;
    assert_eq!((first.status, first.body.as_str()), (403, ""));
    for (name, answer) in &answers {
        assert_eq!(answer, first, "{name}");
    }
    assert_eq!(crate::sender::head(&app), before);
    app.stop().await;
}

/// These two publish no key: the signature fits, and what it covers is no ciphertext.
#[tokio::test]
async fn a_published_signature_over_no_ciphertext_opens_nothing() {
    let app = server().await;
    for vector in Vector::all().into_iter().filter(|vector| vector.text("kind") == "signature_only") {
        let answer = vector.post(&app).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""), "{}", vector.text("id"));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_document_type_inside_a_genuine_message_is_a_bad_request() {
    let app = server().await;
    let vector = Vector::all().into_iter().find(|vector| vector.text("id") == "adv-xxe-inner").unwrap();
    let answer = vector.post(&app).await;
    assert_eq!((answer.status, answer.body.as_str()), (400, ""));
    app.stop().await;
}

#[test]
fn a_key_that_can_not_be_one_is_a_fault_of_the_settings_and_the_trailing_bits_are_not() {
    let keys = Vector::all().into_iter().filter(|vector| vector.text("kind") == "key");
    let mut outcomes = Vec::new();
    for vector in keys {
        let text = format!("[server]\npublic_url = \"https://guard.example.com\"\n{}", vector.settings());
        let faults = Config::parse(&text, "guard.toml".as_ref(), &|_| None).err().unwrap_or_default();
        let told: Vec<String> = faults.into_iter().map(|fault| fault.en).collect();
        outcomes.push((vector.text("expect").to_owned(), told));
    }
    let refused = ("reject".to_owned(), vec!["must be 43 letters and digits".to_owned()]);
    assert_eq!(outcomes, [("accept".to_owned(), Vec::new()), refused.clone(), refused]);
}

//! From a request of WeCom to the message inside it, and the two ways to refuse it.
//!
//! The signature is checked before anything of the message is looked at (developer page 90238).

use super::crypto::{CallbackKey, CryptoError, Params};
use super::xml::{Element, XmlError};
use serde::Deserialize;

/// The largest body that is read.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Why a callback is refused. The reason is for the log; the answer has an empty body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// It is no callback at all: answer 400.
    #[error("not a callback: {0}")]
    BadRequest(&'static str),
    /// It is not genuine or not for us: answer 403, the same for every reason.
    #[error("refused: {0}")]
    Forbidden(#[from] CryptoError),
}

impl From<XmlError> for CallbackError {
    fn from(error: XmlError) -> Self {
        CallbackError::BadRequest(error.0)
    }
}

/// How a body is written; an answer is written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `<xml><Encrypt>…</Encrypt></xml>`.
    Xml,
    /// `{"encrypt":"…"}`.
    Json,
}

/// A genuine callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The decrypted message.
    pub plaintext: String,
    /// The query: its time for the replay window, its nonce for a bot's answer.
    pub params: Params,
    /// How the body was written.
    pub format: Format,
}

/// Answers WeCom's check of our URL: the bytes to send back, without anything around them.
///
/// `query` is the raw query string; it is percent-decoded here and nowhere else.
///
/// # Errors
/// [`CallbackError`] as above.
pub fn verify_url(key: &CallbackKey, query: &str) -> Result<String, CallbackError> {
    let echostr = parameter(query, "echostr")?.replace(' ', "+");
    Ok(key.open(&parse_params(query)?, &echostr)?)
}

/// Opens a message that WeCom posted.
///
/// # Errors
/// [`CallbackError`] as above.
pub fn open(key: &CallbackKey, query: &str, body: &[u8]) -> Result<Opened, CallbackError> {
    let params = parse_params(query)?;
    let (format, encrypt) = parse_envelope(body)?;
    Ok(Opened { plaintext: key.open(&params, &encrypt)?, params, format })
}

fn parse_params(query: &str) -> Result<Params, CallbackError> {
    Ok(Params {
        msg_signature: parameter(query, "msg_signature")?,
        timestamp: parameter(query, "timestamp")?,
        nonce: parameter(query, "nonce")?,
    })
}

/// A parameter that must stand there exactly once.
fn parameter(query: &str, name: &str) -> Result<String, CallbackError> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Ok(value.into_owned()),
        (None, _) => Err(CallbackError::BadRequest("a parameter is missing")),
        (_, Some(_)) => Err(CallbackError::BadRequest("a parameter is repeated")),
    }
}

/// The ciphertext, and how it was wrapped. The other fields are unsigned, so nobody reads them.
fn parse_envelope(body: &[u8]) -> Result<(Format, String), CallbackError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(CallbackError::BadRequest("the body is too long"));
    }
    let body = std::str::from_utf8(body).map_err(|_| CallbackError::BadRequest("the body is not UTF-8"))?;
    match body.trim_start().as_bytes().first() {
        Some(b'<') => Ok((Format::Xml, encrypt_of_xml(body)?)),
        Some(b'{') => Ok((Format::Json, encrypt_of_json(body)?)),
        _ => Err(CallbackError::BadRequest("the body is neither XML nor JSON")),
    }
}

fn encrypt_of_xml(body: &str) -> Result<String, CallbackError> {
    let root = Element::parse(body)?;
    let mut nodes = root.children("Encrypt");
    match (nodes.next(), nodes.next()) {
        (Some(node), None) => Ok(node.text().trim().to_owned()),
        _ => Err(CallbackError::BadRequest("not exactly one Encrypt")),
    }
}

fn encrypt_of_json(body: &str) -> Result<String, CallbackError> {
    #[derive(Deserialize)]
    struct Envelope {
        #[serde(alias = "Encrypt")]
        encrypt: String,
    }
    serde_json::from_str(body)
        .map(|envelope: Envelope| envelope.encrypt)
        .map_err(|_| CallbackError::BadRequest("not exactly one encrypt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MESSAGE: &str = "<xml><Content>这款产品保底收益8%</Content></xml>";

    fn key() -> CallbackKey {
        CallbackKey::new("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "ww0000000000000000")
            .unwrap()
    }

    fn encrypt() -> String {
        key().encrypt(MESSAGE.as_bytes(), [7; 16])
    }

    fn query(encrypt: &str) -> String {
        format!("msg_signature={}&timestamp=1790000000&nonce=n1", key().sign("1790000000", "n1", encrypt))
    }

    fn posted(body: &str) -> Result<Opened, CallbackError> {
        open(&key(), &query(&encrypt()), body.as_bytes())
    }

    #[test]
    fn the_envelope_is_read_by_name_in_any_order_and_in_both_formats() {
        let encrypt = encrypt();
        for (body, format) in [
            (format!("<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"), Format::Xml),
            (
                format!("<xml>\n<AgentID/>\n<Encrypt>\n<![CDATA[{encrypt}]]> </Encrypt>\n<New>1</New></xml>"),
                Format::Xml,
            ),
            (format!(r#"{{"encrypt":"{encrypt}"}}"#), Format::Json),
            (format!(r#" {{"ToUserName":"ww","Encrypt":"{encrypt}","AgentID":218}}"#), Format::Json),
        ] {
            let opened = posted(&body).unwrap();
            assert_eq!((opened.plaintext.as_str(), opened.format), (MESSAGE, format), "{body}");
        }
    }

    #[test]
    fn a_broken_envelope_is_a_bad_request() {
        let encrypt = encrypt();
        for body in [
            String::new(),
            "保底收益".into(),
            "<xml></xml>".into(),
            format!("<xml><Encrypt>{encrypt}</Encrypt><Encrypt>{encrypt}</Encrypt></xml>"),
            format!("<!DOCTYPE xml><xml><Encrypt>{encrypt}</Encrypt></xml>"),
            format!(r#"{{"encrypt":"{encrypt}","Encrypt":"{encrypt}"}}"#),
            r#"{"encrypt":1}"#.into(),
            format!("{{\"encrypt\":{}", "[".repeat(100_000)),
            format!("<xml><Encrypt>{encrypt}</Encrypt>{}</xml>", " ".repeat(MAX_BODY_BYTES)),
        ] {
            let answer = posted(&body);
            assert!(matches!(answer, Err(CallbackError::BadRequest(_))), "{answer:?}");
        }
    }

    #[test]
    fn a_parameter_that_is_missing_or_repeated_is_a_bad_request() {
        let body = format!("<xml><Encrypt>{}</Encrypt></xml>", encrypt());
        let whole = query(&encrypt());
        for broken in ["", "&nonce=n1", "&nonce=n2", "&timestamp=1790000000", "&msg_signature="] {
            let query =
                if broken.is_empty() { whole.replace("&nonce=n1", "") } else { format!("{whole}{broken}") };
            let answer = open(&key(), &query, body.as_bytes());
            assert!(matches!(answer, Err(CallbackError::BadRequest(_))), "{query}");
        }
    }

    #[test]
    fn the_check_of_the_url_is_answered_with_the_bare_message() {
        // A ciphertext with `+` in it, as it arrives encoded, bare, or decoded by a proxy.
        let encrypt =
            (0..).map(|n| key().encrypt(b"5927782489442352469", [n; 16])).find(|e| e.contains('+')).unwrap();
        for echostr in [encrypt.replace('+', "%2B"), encrypt.clone(), encrypt.replace('+', " ")] {
            let query = format!("{}&echostr={echostr}", query(&encrypt));
            assert_eq!(verify_url(&key(), &query).as_deref(), Ok("5927782489442352469"));
        }
        let missing = verify_url(&key(), &query(&encrypt));
        assert_eq!(missing, Err(CallbackError::BadRequest("a parameter is missing")));
    }

    #[test]
    fn the_published_query_string_is_decoded_exactly_once() {
        let key =
            CallbackKey::new("123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a");
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../fixtures/wecom/vectors.json")).unwrap();
        let vector = vectors["vectors"].as_array().unwrap().iter().find(|v| v["query"].is_string()).unwrap();
        let echo = verify_url(&key.unwrap(), vector["query"].as_str().unwrap()).unwrap();
        assert_eq!(echo, vector["plaintext"].as_str().unwrap());
    }

    #[test]
    fn a_forger_can_not_tell_why_a_callback_was_refused() {
        let foreign =
            CallbackKey::new("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "ww1").unwrap();
        for encrypt in [foreign.encrypt(b"hello", [7; 16]), "!!".into(), "AAAA".into(), String::new()] {
            let body = format!("<xml><Encrypt>{encrypt}</Encrypt></xml>");
            let answer = open(&key(), &query(&encrypt), body.as_bytes());
            assert!(matches!(answer, Err(CallbackError::Forbidden(_))), "{answer:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]
        #[test]
        fn no_callback_with_one_byte_altered_is_accepted(at: prop::sample::Index, byte: u8, in_query: bool) {
            let (mut query, mut body) = (query(&encrypt()).into_bytes(), format!("<xml><Encrypt>{}</Encrypt></xml>", encrypt()).into_bytes());
            let target = if in_query { &mut query } else { &mut body };
            let at = at.index(target.len());
            prop_assume!(target[at] != byte);
            target[at] = byte;
            prop_assert!(open(&key(), &String::from_utf8_lossy(&query), &body).is_err());
        }
    }

    proptest! {
        #[test]
        fn random_requests_never_panic(query in ".*", body: Vec<u8>) {
            prop_assert!(open(&key(), &query, &body).is_err());
            prop_assert!(verify_url(&key(), &query).is_err());
        }
    }
}

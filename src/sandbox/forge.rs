//! Callbacks that a forger might send, each wrong in one way.

use super::delivery::Attempt;
use super::post::{Line, Sealed, chance, unsent};
use crate::wecom::crypto::CallbackKey;
use jiff::{SignedDuration, Timestamp};

/// What is wrong with a forged callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tamper {
    /// A signature that does not fit.
    Signature,
    /// The ciphertext was altered on its way: the signature no longer fits.
    Ciphertext,
    /// The ciphertext is rubbish, but rightly signed.
    SignedRubbish,
    /// Right keys, but meant for another company.
    ReceiveId,
    /// Rightly signed, but encrypted with another key.
    OtherKey,
    /// Signed so long ago (or, negative, in the future).
    Age(SignedDuration),
    /// This query parameter is absent.
    Without(&'static str),
    /// This query parameter stands twice.
    Twice(&'static str),
    /// The body is no envelope.
    NoEnvelope,
}

/// Another key than anyone's.
const OTHER_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

impl Line {
    /// Posts once what a forger might.
    pub(crate) async fn forge(&self, plaintext: &str, tamper: Tamper, now: Timestamp) -> Attempt {
        match self.forged(plaintext, tamper, now) {
            Some(sealed) => self.post(sealed, now).await,
            None => unsent(now, "the callback's key is malformed"),
        }
    }

    fn forged(&self, plaintext: &str, tamper: Tamper, now: Timestamp) -> Option<Sealed> {
        let key = self.key()?;
        let other = |aes: &str, id: &str| CallbackKey::new(&self.target.token, aes, id).ok();
        let mut sealed = match tamper {
            Tamper::Age(age) => self.seal(&key, plaintext, now.checked_sub(age).ok()?),
            Tamper::SignedRubbish => self.sign(&key, "bm90aGluZyB0byBzZWUgaGVyZQ==".to_owned(), now),
            Tamper::ReceiveId => {
                let foreign = other(&self.target.aes_key, "ww00000000foreign00")?;
                self.sign(&key, foreign.encrypt(plaintext.as_bytes(), chance()), now)
            }
            Tamper::OtherKey => {
                let foreign = other(OTHER_KEY, self.envelope.receive_id())?;
                self.sign(&key, foreign.encrypt(plaintext.as_bytes(), chance()), now)
            }
            _ => self.seal(&key, plaintext, now),
        };
        match tamper {
            Tamper::Signature => sealed.query.first_mut()?.1 = "0".repeat(40),
            Tamper::Ciphertext => sealed.body = self.envelope.wrap(&key.encrypt(b"altered", chance())),
            Tamper::Without(name) => sealed.query.retain(|(key, _)| *key != name),
            Tamper::Twice(name) => {
                let again = sealed.query.iter().find(|(key, _)| *key == name)?.clone();
                sealed.query.push(again);
            }
            Tamper::NoEnvelope => sealed.body = "no envelope".to_owned(),
            _ => {}
        }
        Some(sealed)
    }
}

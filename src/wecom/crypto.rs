//! The cipher and signature of WeCom's callbacks (developer page 90968, AI bot 101033).
//!
//! Plaintext: 16 random bytes, the message's length as 4 big-endian bytes, the message, the
//! receive id; padded to 32 bytes, AES-256-CBC, base64. The signature covers the base64 text.

use crate::model::Secret;
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use base64::{Engine, alphabet};
use sha1::{Digest, Sha1};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// WeCom pads to this many bytes, twice the block of AES.
const PAD_BLOCK: usize = 32;
const AES_BLOCK: usize = 16;
const KEY_CHARS: usize = 43;

/// 43 characters carry two bits too many, and WeCom's console does not clear them.
const KEY_BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));

/// Why an EncodingAESKey from the settings can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not 43 characters long.
    #[error("EncodingAESKey has {0} characters, not {KEY_CHARS}")]
    Length(usize),
    /// It has a character outside `A-Z`, `a-z`, `0-9`, `+`, `/`.
    #[error("EncodingAESKey has a character that base64 does not know")]
    Alphabet,
}

/// Why a callback is not genuine, named as in WeCom's own libraries (page 90307). For the log
/// alone: whoever sent it is told nothing but that it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// -40001: signed with another token, or altered on its way.
    #[error("the signature does not fit")]
    BadSignature,
    /// -40010: the ciphertext is not base64.
    #[error("the ciphertext is not base64")]
    BadBase64,
    /// -40007: not whole blocks, or encrypted with another key.
    #[error("the ciphertext can't be decrypted with this key")]
    BadCiphertext,
    /// -40008: the decrypted bytes have another layout.
    #[error("the decrypted bytes are no message")]
    BadPlaintext,
    /// -40005: meant for another company, suite or bot.
    #[error("the receive id is not ours")]
    BadReceiveId,
}

/// The three values of a callback's query that its signature is made of, percent-decoded once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// 40 lower-case hex digits.
    pub msg_signature: String,
    /// Seconds since 1970, as text: the signature covers the text.
    pub timestamp: String,
    /// Chosen by the sender.
    pub nonce: String,
}

/// `sha1(sort(token, timestamp, nonce, encrypt))` as 40 lower-case hex digits.
pub fn signature(token: &str, timestamp: &str, nonce: &str, encrypt: &str) -> String {
    let mut parts = [token, timestamp, nonce, encrypt];
    parts.sort_unstable();
    let hash = parts.iter().fold(Sha1::new(), |hash, part| hash.chain_update(part));
    hex::encode(hash.finalize())
}

/// The secrets of one callback endpoint, and the id its messages must be meant for.
pub struct CallbackKey {
    token: Secret,
    aes: Zeroizing<[u8; 32]>,
    receive_id: String,
}

impl CallbackKey {
    /// `encoding_aes_key` has 43 characters; `receive_id` is the CorpID, the SuiteId, or empty
    /// for an AI bot.
    ///
    /// # Errors
    /// [`KeyError`] when the key is not 32 bytes in base64 without its `=`.
    pub fn new(token: &str, encoding_aes_key: &str, receive_id: &str) -> Result<Self, KeyError> {
        let chars = encoding_aes_key.chars().count();
        if chars != KEY_CHARS {
            return Err(KeyError::Length(chars));
        }
        let mut aes = Zeroizing::new([0; 32]);
        KEY_BASE64.decode_slice(encoding_aes_key, &mut *aes).map_err(|_| KeyError::Alphabet)?;
        Ok(Self { token: Secret::new(token), aes, receive_id: receive_id.to_owned() })
    }

    /// The signature of `encrypt` under our token.
    pub fn sign(&self, timestamp: &str, nonce: &str, encrypt: &str) -> String {
        signature(self.token.expose(), timestamp, nonce, encrypt)
    }

    /// Whether `msg_signature` fits; takes the same time wherever it differs.
    pub fn verify(&self, msg_signature: &str, timestamp: &str, nonce: &str, encrypt: &str) -> bool {
        let ours = self.sign(timestamp, nonce, encrypt);
        ours.as_bytes().ct_eq(msg_signature.as_bytes()).into()
    }

    /// Checks the signature, then decrypts: nothing unsigned reaches the cipher.
    ///
    /// # Errors
    /// [`CryptoError`]; every variant must lead to the same answer.
    pub fn open(&self, params: &Params, encrypt: &str) -> Result<String, CryptoError> {
        if !self.verify(&params.msg_signature, &params.timestamp, &params.nonce, encrypt) {
            return Err(CryptoError::BadSignature);
        }
        self.decrypt(encrypt)
    }

    /// The message inside a base64 ciphertext that is meant for us.
    ///
    /// # Errors
    /// [`CryptoError`], never `BadSignature`: that is [`CallbackKey::open`]'s.
    pub fn decrypt(&self, encrypt_base64: &str) -> Result<String, CryptoError> {
        let ciphertext = STANDARD.decode(encrypt_base64).map_err(|_| CryptoError::BadBase64)?;
        let padded = self.decipher(ciphertext).ok_or(CryptoError::BadCiphertext)?;
        let plain = unpad(&padded).ok_or(CryptoError::BadCiphertext)?;
        let (message, receive_id) = split(plain).ok_or(CryptoError::BadPlaintext)?;
        if receive_id != self.receive_id.as_bytes() {
            return Err(CryptoError::BadReceiveId);
        }
        String::from_utf8(message.to_vec()).map_err(|_| CryptoError::BadPlaintext)
    }

    /// The base64 ciphertext of a message to the same receive id. `random` must be fresh: the IV
    /// is the same for every message, only these bytes make ciphertexts differ.
    pub fn encrypt(&self, plaintext: &[u8], random: [u8; 16]) -> String {
        let length = u32::try_from(plaintext.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut bytes = [&random[..], &length, plaintext, self.receive_id.as_bytes()].concat();
        let pad = PAD_BLOCK - bytes.len() % PAD_BLOCK;
        bytes.resize(bytes.len() + pad, u8::try_from(pad).unwrap_or_default());
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Encryptor::<aes::Aes256>::new(&(*self.aes).into(), &self.iv().into()).encrypt_blocks(blocks);
        STANDARD.encode(bytes)
    }

    /// `None` unless there are at least two whole blocks.
    fn decipher(&self, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
        if bytes.len() < PAD_BLOCK || !bytes.len().is_multiple_of(AES_BLOCK) {
            return None;
        }
        let (blocks, _) = Array::slice_as_chunks_mut(&mut bytes);
        cbc::Decryptor::<aes::Aes256>::new(&(*self.aes).into(), &self.iv().into()).decrypt_blocks(blocks);
        Some(bytes)
    }

    /// The first half of the key.
    fn iv(&self) -> [u8; AES_BLOCK] {
        std::array::from_fn(|at| self.aes.get(at).copied().unwrap_or_default())
    }
}

impl fmt::Debug for CallbackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackKey").field("receive_id", &self.receive_id).finish_non_exhaustive()
    }
}

/// Takes 1 to 32 equal bytes off the end. Some senders pad to 16 only; that is the same rule.
fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let last = *padded.last()?;
    let pad = usize::from(last);
    let (plain, padding) = padded.split_at_checked(padded.len().checked_sub(pad)?)?;
    let sound = (1..=PAD_BLOCK).contains(&pad) && padding.iter().all(|byte| *byte == last);
    sound.then_some(plain)
}

/// The message and the receive id behind the random bytes and the length.
fn split(plain: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_random, rest) = plain.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

    fn ours() -> CallbackKey {
        CallbackKey::new("QDG6eK", KEY, "ww0000000000000000").unwrap()
    }

    /// The published vectors that fit, and a check that none of them went missing.
    fn vectors(count: usize, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let file: Value = serde_json::from_str(include_str!("../../fixtures/wecom/vectors.json")).unwrap();
        let fitting: Vec<Value> =
            file["vectors"].as_array().unwrap().iter().filter(|v| fits(v)).cloned().collect();
        assert_eq!(fitting.len(), count);
        fitting
    }

    fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
        vector[field].as_str().unwrap_or_default()
    }

    fn key_of(vector: &Value) -> Result<CallbackKey, KeyError> {
        let id = vector.get("configured_receive_id").unwrap_or(&vector["receive_id"]);
        CallbackKey::new(text(vector, "token"), text(vector, "encoding_aes_key"), id.as_str().unwrap_or(""))
    }

    /// What a receiver would make of the vector; a vector without signature is only decrypted.
    fn outcome(vector: &Value) -> Option<String> {
        let key = key_of(vector).ok()?;
        let encrypt = text(vector, "encrypt");
        let params = Params {
            msg_signature: text(vector, "msg_signature").to_owned(),
            timestamp: text(vector, "timestamp").to_owned(),
            nonce: text(vector, "nonce").to_owned(),
        };
        match vector["msg_signature"].is_string() {
            true => key.open(&params, encrypt).ok(),
            false => key.decrypt(encrypt).ok(),
        }
    }

    /// Those that carry a ciphertext and are settled by the cipher alone.
    fn is_ciphertext(vector: &Value) -> bool {
        vector["encoding_aes_key"].is_string()
            && vector["encrypt"].is_string()
            && vector["id"] != "adv-xxe-inner"
    }

    #[test]
    fn every_published_ciphertext_is_opened_or_refused_as_its_source_says() {
        for vector in vectors(29, is_ciphertext) {
            let expected = (vector["expect"] == "accept").then(|| text(&vector, "plaintext").to_owned());
            assert_eq!(outcome(&vector), expected, "{}", vector["id"]);
        }
    }

    #[test]
    fn every_published_signature_is_the_one_we_compute() {
        for vector in vectors(2, |v| v["kind"] == "signature_only") {
            let [token, timestamp, nonce, encrypt] =
                ["token", "timestamp", "nonce", "encrypt"].map(|field| text(&vector, field));
            assert_eq!(signature(token, timestamp, nonce, encrypt), text(&vector, "msg_signature"));
        }
    }

    #[test]
    fn encrypting_with_the_published_random_bytes_gives_the_published_ciphertext() {
        for vector in vectors(20, |v| v["expect"] == "accept" && v["random_hex"].is_string()) {
            let random = hex::decode(text(&vector, "random_hex")).unwrap().try_into().unwrap();
            let encrypt = key_of(&vector).unwrap().encrypt(text(&vector, "plaintext").as_bytes(), random);
            assert_eq!(encrypt, text(&vector, "encrypt"), "{}", vector["id"]);
        }
    }

    #[test]
    fn a_key_with_trailing_bits_is_taken() {
        for vector in vectors(13, |v| v["aes_key_hex"].is_string()) {
            assert_eq!(hex::encode(*key_of(&vector).unwrap().aes), text(&vector, "aes_key_hex"));
        }
    }

    #[test]
    fn a_malformed_key_is_refused_with_the_reason() {
        let keys = vectors(2, |v| v["kind"] == "key" && v["expect"] == "reject");
        let reasons: Vec<KeyError> = keys.iter().map(|vector| key_of(vector).unwrap_err()).collect();
        assert_eq!(reasons, [KeyError::Length(42), KeyError::Alphabet]);
    }

    #[test]
    fn every_padding_length_from_1_to_32_comes_back() {
        let key = ours();
        for length in 0..=64 {
            let message = "x".repeat(length);
            let encrypt = key.encrypt(message.as_bytes(), [7; 16]);
            assert_eq!(STANDARD.decode(&encrypt).unwrap().len() % PAD_BLOCK, 0);
            assert_eq!(key.decrypt(&encrypt), Ok(message));
        }
    }

    #[test]
    fn padding_of_0_or_33_or_of_unequal_bytes_is_refused() {
        let ending = |pad: &[u8]| [&[9; 40][..], pad].concat();
        assert_eq!(unpad(&ending(&[1])).map(<[u8]>::len), Some(40));
        assert_eq!(unpad(&ending(&[32; 32])).map(<[u8]>::len), Some(40));
        assert_eq!(unpad(&ending(&[0])), None);
        assert_eq!(unpad(&ending(&[33; 33])), None);
        assert_eq!(unpad(&ending(&[2, 3, 3])), None);
        assert_eq!(unpad(&[]), None);
    }

    #[test]
    fn a_message_for_another_company_says_so_only_to_the_log() {
        let foreign = CallbackKey::new("QDG6eK", KEY, "ww1111111111111111").unwrap();
        let encrypt = foreign.encrypt("这款产品保底收益8%".as_bytes(), [7; 16]);
        assert_eq!(ours().decrypt(&encrypt), Err(CryptoError::BadReceiveId));
    }

    #[test]
    fn a_message_that_is_not_utf_8_is_refused() {
        assert_eq!(ours().decrypt(&ours().encrypt(&[0xe4, 0xbf], [7; 16])), Err(CryptoError::BadPlaintext));
    }

    #[test]
    fn a_printed_key_shows_neither_token_nor_key() {
        assert_eq!(format!("{:?}", ours()), r#"CallbackKey { receive_id: "ww0000000000000000", .. }"#);
    }

    proptest! {
        #[test]
        fn whatever_is_encrypted_is_decrypted(message in ".*", random: [u8; 16]) {
            prop_assert_eq!(ours().decrypt(&ours().encrypt(message.as_bytes(), random)), Ok(message));
        }

        #[test]
        fn unsigned_bytes_are_never_opened(encrypt in ".*", nonce in ".*") {
            let params = Params { msg_signature: "0".repeat(40), timestamp: "1790000000".into(), nonce };
            prop_assert_eq!(ours().open(&params, &encrypt), Err(CryptoError::BadSignature));
        }

        #[test]
        fn random_blocks_never_panic(bytes: Vec<u8>) {
            let _ = ours().decrypt(&STANDARD.encode(bytes));
        }
    }
}

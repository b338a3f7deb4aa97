//! Sealing bodies, off the committer's thread; and opening them again.

use super::batch::MAX_ENTRY_BYTES;
use super::error::LedgerError;
use super::keys::Keys;
use super::master::{Key, NONCE, TAG, decrypt, encrypt_in_place, random};
use super::record::{AROUND_MIDDLE, BodyMark, Head, KEY_ID, KeyId, middle};
use super::wire::Take;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{Timestamp, tz::TimeZone};
use sha2::Sha256;
use std::io;
use std::path::Path;

const SALT: usize = 32;
/// Bytes of a seal's id.
const SEAL_ID: usize = 16;

/// An entry that lacks only its place in the chain.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub(super) middle: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

impl Sealed {
    /// An entry without a body.
    ///
    /// # Errors
    /// [`LedgerError::TooLarge`] above [`MAX_ENTRY_BYTES`].
    pub fn bare(head: &Head) -> Result<Self, LedgerError> {
        Self { middle: middle(head, None), sealed: Vec::new() }.within_limit()
    }

    /// Bytes it takes in a batch: two lengths, the record, the sealed body.
    pub fn frame_len(&self) -> usize {
        8 + AROUND_MIDDLE + self.middle.len() + self.sealed.len()
    }

    fn within_limit(self) -> Result<Self, LedgerError> {
        let found = self.frame_len();
        if found > MAX_ENTRY_BYTES {
            return Err(LedgerError::TooLarge { found, limit: MAX_ENTRY_BYTES });
        }
        Ok(self)
    }
}

/// What a sealed body turned out to be.
pub(super) enum Opened {
    Body(Vec<u8>),
    /// Its key was shredded.
    Erased,
    /// It is not what the record vouches for.
    Forged,
}

/// Seals bodies for the ledger and values for the stores derived from it. Clones share their keys;
/// any thread may seal.
#[derive(Clone)]
pub struct Sealer {
    keys: Keys,
}

impl Sealer {
    /// Seals with these keys.
    pub fn new(keys: Keys) -> Self {
        Self { keys }
    }

    /// Makes an entry whose body can be read as long as `subject`'s keys of the month of `at` (UTC) live.
    /// It is not recorded before [`Ledger::append`](super::Ledger::append) returns.
    ///
    /// # Errors
    /// [`LedgerError::TooLarge`], or an unreadable file of that month's keys.
    pub fn seal(
        &self,
        head: &Head,
        subject: &str,
        at: Timestamp,
        body: &[u8],
    ) -> Result<Sealed, LedgerError> {
        let (key, seal_id, salt) = (self.key(subject, at)?, draw()?, draw()?);
        let sealed = seal(&key.1, &seal_id, &salt, body)?;
        let mark = BodyMark { seal_id, key: key.0, commit: commit(&salt, body) };
        Sealed { middle: middle(head, Some(&mark)), sealed }.within_limit()
    }

    fn key(&self, subject: &str, at: Timestamp) -> Result<(KeyId, Key), LedgerError> {
        self.keys.for_subject(subject, month_of(at))
    }

    /// The reverse of [`Sealer::seal`].
    pub(super) fn open(&self, mark: &BodyMark, sealed: &[u8]) -> Result<Opened, LedgerError> {
        let Some(key) = self.keys.find(mark.key)? else { return Ok(Opened::Erased) };
        Ok(match unseal(&key, &mark.seal_id, sealed) {
            Some((salt, body)) if commit(&salt, &body) == mark.commit => Opened::Body(body),
            _ => Opened::Forged,
        })
    }

    /// Seals a value for a derived store: key id ‖ seal id ‖ what a record's sealed body is. Erasing
    /// `subject` erases it too.
    ///
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn seal_value(&self, subject: &str, at: Timestamp, bytes: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let ((id, key), seal_id, salt) = (self.key(subject, at)?, draw()?, draw()?);
        Ok(value(id, &seal_id, &seal(&key, &seal_id, &salt, bytes)?))
    }

    /// The reverse of [`Sealer::seal_value`]. `None` when its subject was erased, or when the value
    /// was changed: a derived store is then to be built anew.
    ///
    /// # Errors
    /// An unreadable file of that month's keys.
    pub fn open_value(&self, value: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut take = Take(value);
        let Some((id, seal_id)) = KeyId::take(&mut take).zip(take.array()) else { return Ok(None) };
        let Some(key) = self.keys.find(id)? else { return Ok(None) };
        Ok(unseal(&key, &seal_id, take.0).map(|plain| plain.1))
    }
}

/// Nonce ‖ ciphertext of salt ‖ body.
fn seal(key: &Key, seal_id: &[u8; SEAL_ID], salt: &[u8; SALT], body: &[u8]) -> Result<Vec<u8>, LedgerError> {
    let nonce = draw()?;
    let mut sealed = Vec::with_capacity(NONCE + SALT + body.len() + TAG);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(salt);
    sealed.extend_from_slice(body);
    let plain = sealed.get_mut(NONCE..).unwrap_or_default();
    let tag = encrypt_in_place(key, &nonce, plain, seal_id).map_err(LedgerError::at(Path::new("body")))?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// The salt and the body; `None` when anything was changed.
fn unseal(key: &Key, seal_id: &[u8; SEAL_ID], sealed: &[u8]) -> Option<([u8; SALT], Vec<u8>)> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    let plain = decrypt(key, nonce, ciphertext, seal_id)?;
    plain.split_first_chunk::<SALT>().map(|(salt, body)| (*salt, body.to_vec()))
}

fn value(id: KeyId, seal_id: &[u8; SEAL_ID], sealed: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(KEY_ID + SEAL_ID + sealed.len());
    id.put(&mut value);
    value.extend_from_slice(seal_id);
    value.extend_from_slice(sealed);
    value
}

fn commit(salt: &[u8; SALT], body: &[u8]) -> [u8; 32] {
    // HMAC pads a key to its block of 64 bytes with zeros; given padded it takes no length to fail on.
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(salt) {
        *to = *from;
    }
    Hmac::<Sha256>::new(&block.into()).chain_update(body).finalize().into_bytes().into()
}

/// `YYYYMM` in UTC.
fn month_of(at: Timestamp) -> u32 {
    let date = at.to_zoned_datetime(TimeZone::UTC).date();
    u32::from(date.year().unsigned_abs()) * 100 + u32::from(date.month().unsigned_abs())
}

fn draw<const N: usize>() -> Result<[u8; N], LedgerError> {
    random().map_err(|source: io::Error| LedgerError::Io { path: "/dev/urandom".into(), source })
}

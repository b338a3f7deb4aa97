//! Permission to send exactly one text once.

use super::state::Cleared;
use crate::model::Check;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// What releases are signed with; derived from the store's master key, so that a release given
/// before a restart is the same after it and never has to be kept.
#[derive(Clone)]
pub struct ReleaseKey([u8; 32]);

impl ReleaseKey {
    /// Takes 32 secret bytes used for nothing else.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    fn sign(&self, check: &Check) -> Option<[u8; 32]> {
        let granted = check.moves.last().map_or(check.created_at, |step| step.at).as_nanosecond().to_string();
        let recipient = check.recipient.as_ref().map(|recipient| (recipient.kind(), recipient.id()));
        let (kind, to) = recipient.unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [check.corp.as_str(), check.id.as_str(), check.sender.as_str(), kind, to, &granted] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(&check.text_sha256.0);
        Some(mac.finalize().into_bytes().into())
    }
}

impl std::fmt::Debug for ReleaseKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReleaseKey(secret)")
    }
}

/// A one-use token bound to one text, sender, recipient and check (放行令牌). Never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Release {
    token: String,
    expires_at: Option<Timestamp>,
}

impl Release {
    /// The only constructor. A [`Cleared`] can't be had from a check that was stopped, or that
    /// still waits.
    pub(super) fn grant(cleared: &Cleared<'_>, key: &ReleaseKey) -> Self {
        let check = cleared.check();
        let signature = key.sign(check).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default();
        Self { token: format!("rel_{signature}"), expires_at: check.expires_at }
    }

    /// The token, for the one answer that hands it out.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether sending may still begin.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now < end)
    }

    /// Whether `token` is this release, in constant time.
    pub fn matches(&self, token: &str) -> bool {
        self.token.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

impl std::fmt::Debug for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Release(until {:?})", self.expires_at)
    }
}

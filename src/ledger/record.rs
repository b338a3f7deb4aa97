//! The hashed part of an entry: canonical bytes, one way to write each record and one way to read it.

use super::wire::{Put, Take, len32};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

const VERSION: u16 = 1;

/// SHA-256 of a record, shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands as the previous hash in a shard's first record.
    pub const NONE: Hash = Hash([0; 32]);

    /// `SHA-256(0x00 ‖ record)`; the leading zero is RFC 6962's mark of a leaf.
    pub(super) fn of(record: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(record).finalize().into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a record stands: later records compare greater. Shown as `shard/seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The process life, counted from 1.
    pub shard: u32,
    /// The record in that shard, counted from 1 without a gap.
    pub seq: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.shard, self.seq)
    }
}

/// That a record is durable: where, when and under which hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Where it stands.
    pub position: Position,
    /// The time written into it.
    pub at: Timestamp,
    /// Its hash, which the next record repeats.
    pub hash: Hash,
}

/// A hit as the ledger keeps it: the rule and the place, never the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadSpan {
    /// The rule's id.
    pub rule: String,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// What an entry says openly. It is hashed and stays for good, so no message text, name or phone
/// number belongs here: those go into the body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// What happened, dotted: `check.judged`.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// Whom it is about: the person whose erasure erases the body.
    pub subject: Option<String>,
    /// The thing it happened to, such as a check's id.
    pub object: Option<String>,
    /// The rules in force.
    pub revision: Option<String>,
    /// What was decided.
    pub decision: Option<String>,
    /// The hits.
    pub spans: Vec<HeadSpan>,
    /// Anything else.
    pub attrs: BTreeMap<String, String>,
}

impl Head {
    /// A head with only what every entry has.
    pub fn new(kind: impl Into<String>, actor: impl Into<String>) -> Self {
        Self { kind: kind.into(), actor: actor.into(), ..Self::default() }
    }

    /// The same head with one more attribute.
    pub fn attr(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.attrs.insert(key.into(), value.to_string());
        self
    }
}

/// Names a data key: the month it was made for, as `YYYYMM`, and 16 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct KeyId {
    pub month: u32,
    pub id: [u8; 16],
}

/// How a record vouches for its sealed body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BodyMark {
    /// Random; authenticated with the body, so that no body fits another record.
    pub seal_id: [u8; 16],
    pub key: KeyId,
    /// HMAC-SHA-256 of the body under the salt that is sealed with it.
    pub commit: [u8; 32],
}

/// A record, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub position: Position,
    /// Nanoseconds since 1970.
    pub at: i64,
    pub head: Head,
    pub body: Option<BodyMark>,
    pub prev: Hash,
}

/// The bytes between a record's time and its previous hash: all that is known before its place is.
pub(super) fn middle(head: &Head, body: Option<&BodyMark>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.put_str(&head.kind);
    out.put_str(&head.actor);
    for field in [&head.subject, &head.object, &head.revision, &head.decision] {
        out.put_opt(field.as_deref());
    }
    out.put_u32(len32(head.spans.len()));
    for span in &head.spans {
        out.put_str(&span.rule);
        out.put_u32(span.start);
        out.put_u32(span.end);
    }
    out.put_u32(len32(head.attrs.len()));
    for (key, value) in &head.attrs {
        out.put_str(key);
        out.put_str(value);
    }
    out.push(u8::from(body.is_some()));
    if let Some(mark) = body {
        out.extend_from_slice(&mark.seal_id);
        out.put_u32(mark.key.month);
        out.extend_from_slice(&mark.key.id);
        out.extend_from_slice(&mark.commit);
    }
    out
}

/// Bytes that [`encode`] puts around the middle.
pub(super) const AROUND_MIDDLE: usize = 2 + 4 + 8 + 8 + 32;

/// Puts a record's place around its middle, at the end of `out`.
pub(super) fn encode(out: &mut Vec<u8>, position: Position, at: i64, middle: &[u8], prev: Hash) {
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.put_u32(position.shard);
    out.put_u64(position.seq);
    out.extend_from_slice(&at.to_le_bytes());
    out.extend_from_slice(middle);
    out.extend_from_slice(&prev.0);
}

/// Reads a record back; `None` unless the bytes are exactly what [`encode`] writes for it.
pub(super) fn decode(bytes: &[u8]) -> Option<Record> {
    let mut take = Take(bytes);
    if take.u16()? != VERSION {
        return None;
    }
    let position = Position { shard: take.u32()?, seq: take.u64()? };
    let at = take.i64()?;
    let head = Head {
        kind: take.str()?.to_owned(),
        actor: take.str()?.to_owned(),
        subject: take.opt()?.map(str::to_owned),
        object: take.opt()?.map(str::to_owned),
        revision: take.opt()?.map(str::to_owned),
        decision: take.opt()?.map(str::to_owned),
        spans: spans(&mut take)?,
        attrs: attrs(&mut take)?,
    };
    let body = if take.present()? { Some(mark(&mut take)?) } else { None };
    let prev = Hash(take.array()?);
    take.end()?;
    Some(Record { position, at, head, body, prev })
}

fn spans(take: &mut Take<'_>) -> Option<Vec<HeadSpan>> {
    let count = take.u32()?;
    (0..count)
        .map(|_| Some(HeadSpan { rule: take.str()?.to_owned(), start: take.u32()?, end: take.u32()? }))
        .collect()
}

/// Keys ascend strictly, or the same attributes could be written in two ways.
fn attrs(take: &mut Take<'_>) -> Option<BTreeMap<String, String>> {
    let mut attrs = BTreeMap::new();
    for _ in 0..take.u32()? {
        let key = take.str()?;
        if attrs.last_key_value().is_some_and(|(last, _): (&String, _)| last.as_str() >= key) {
            return None;
        }
        attrs.insert(key.to_owned(), take.str()?.to_owned());
    }
    Some(attrs)
}

fn mark(take: &mut Take<'_>) -> Option<BodyMark> {
    Some(BodyMark {
        seal_id: take.array()?,
        key: KeyId { month: take.u32()?, id: take.array()? },
        commit: take.array()?,
    })
}

//! Where an entry stands in the files, and reading it there: a derived store need not copy bodies.

use super::error::{Fault, LedgerError};
use super::record::{Position, Record, decode};
use super::replay::Body;
use super::seal::{Opened, Sealer};
use super::segment::SegmentFile;
use super::wire::{Put, Take, index};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Where a durable entry stands. Means nothing in another ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub(super) position: Position,
    pub(super) segment: u32,
    /// Of its frame, in the segment's file.
    pub(super) offset: u64,
    /// Bytes of its frame.
    pub(super) len: u32,
}

impl Place {
    /// For keeping it elsewhere.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4 + 8 + 4 + 8 + 4);
        out.put_u32(self.position.shard);
        out.put_u64(self.position.seq);
        out.put_u32(self.segment);
        out.put_u64(self.offset);
        out.put_u32(self.len);
        out
    }

    /// The reverse of [`Place::encode`]; `None` for other bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut take = Take(bytes);
        let position = Position { shard: take.u32()?, seq: take.u64()? };
        let place = Self { position, segment: take.u32()?, offset: take.u64()?, len: take.u32()? };
        take.end()?;
        Some(place)
    }
}

/// Reads bodies where they stand, while others append.
pub struct Bodies {
    /// `ledger/` of a data folder.
    pub(super) folder: PathBuf,
    pub(super) sealer: Sealer,
}

impl Bodies {
    /// The body of the entry at a place.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when that entry no longer stands there; [`LedgerError::Io`].
    pub fn read(&self, place: &Place) -> Result<Body, LedgerError> {
        let file = SegmentFile::new(&self.folder, place.position.shard, place.segment).path;
        let frame = read_frame(&file, place).map_err(LedgerError::at(&file))?;
        let opened = match taken_apart(&frame).filter(|(record, _)| record.position == place.position) {
            Some((Record { body: None, .. }, _)) => return Ok(Body::None),
            Some((Record { body: Some(mark), .. }, sealed)) => self.sealer.open(&mark, sealed)?,
            None => Opened::Forged,
        };
        match opened {
            Opened::Body(body) => Ok(Body::Open(body)),
            Opened::Erased => Ok(Body::Erased),
            Opened::Forged => Err(LedgerError::Damaged(Fault {
                file,
                offset: place.offset,
                shard: place.position.shard,
                seq: place.position.seq,
                what: "not the entry that was written there",
            })),
        }
    }
}

/// As many bytes as the frame has, or fewer where the file ends.
fn read_frame(path: &Path, place: &Place) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place.offset))?;
    let mut frame = Vec::with_capacity(index(place.len));
    file.take(place.len.into()).read_to_end(&mut frame)?;
    Ok(frame)
}

/// A frame's record and its sealed body.
fn taken_apart(frame: &[u8]) -> Option<(Record, &[u8])> {
    let mut take = Take(frame);
    let (record, sealed) = (take.u32()?, take.u32()?);
    let (record, sealed) = (take.bytes(index(record))?, take.bytes(index(sealed))?);
    take.end()?;
    Some((decode(record)?, sealed))
}

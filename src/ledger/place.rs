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

#[cfg(test)]
mod tests {
    use super::super::{Head, Ledger, MasterKey, Options, Sealed};
    use super::*;
    use crate::model::Clock;
    use tempfile::TempDir;

    fn open(dir: &TempDir) -> Ledger {
        // So small that every batch begins a segment.
        let options = Options { segment_bytes: 1 };
        Ledger::open(dir.path(), MasterKey::new([7; 32]), Clock::system(), options).unwrap()
    }

    fn entry(ledger: &Ledger, about: &str, text: &str) -> Sealed {
        let at = Clock::system().now();
        ledger.sealer().seal(&Head::new("note", "system"), about, at, text.as_bytes()).unwrap()
    }

    /// Two customers' texts, written together, and more behind them.
    fn written() -> (TempDir, Ledger, Vec<Place>) {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = open(&dir);
        let batch = [entry(&ledger, "wmAlice", "早上好"), entry(&ledger, "wmBob", "保底收益5%")];
        let mut places = ledger.append(&batch).unwrap();
        places.extend(ledger.append(&[Sealed::bare(&Head::new("note", "system")).unwrap()]).unwrap());
        (dir, ledger, places)
    }

    fn body(text: &str) -> Body {
        Body::Open(text.as_bytes().to_vec())
    }

    #[test]
    fn each_body_is_read_where_its_entry_stands_also_by_the_next_server() {
        let (dir, ledger, places) = written();
        let expected = [body("早上好"), body("保底收益5%"), Body::None];
        let read = |bodies: &Bodies| -> Vec<Body> {
            places.iter().map(|place| bodies.read(place).unwrap()).collect()
        };
        assert_eq!(read(&ledger.bodies()), expected);
        drop(ledger);
        let ledger = open(&dir);
        assert_eq!(read(&ledger.bodies()), expected);
        let replayed: Vec<_> = ledger.replay(None).unwrap().map(|entry| entry.unwrap().place).collect();
        assert_eq!(replayed[1..4], places);
    }

    #[test]
    fn a_place_comes_back_as_it_was_and_other_bytes_are_none() {
        let (_dir, _ledger, places) = written();
        let bytes = places[1].encode();
        assert_eq!(Place::decode(&bytes), Some(places[1]));
        assert_eq!(Place::decode(&bytes[1..]), None);
        assert_eq!(Place::decode(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn the_body_of_an_erased_person_is_not_read() {
        let (_dir, ledger, places) = written();
        ledger.keys().shred("wmBob").unwrap();
        assert_eq!(ledger.bodies().read(&places[1]).unwrap(), Body::Erased);
        assert_eq!(ledger.bodies().read(&places[0]).unwrap(), body("早上好"));
    }

    #[test]
    fn what_is_not_the_entry_of_a_place_is_damage_there() {
        let (_dir, ledger, places) = written();
        let [alice, bob, _] = places[..] else { panic!("three places") };
        let moved = Place { position: alice.position, ..bob };
        let shifted = Place { offset: alice.offset + 1, ..alice };
        let short = Place { len: alice.len - 1, ..alice };
        for wrong in [moved, shifted, short] {
            match ledger.bodies().read(&wrong) {
                Err(LedgerError::Damaged(fault)) => assert_eq!(fault.offset, wrong.offset),
                other => panic!("{wrong:?}: {other:?}"),
            }
        }
        let file = SegmentFile::new(&ledger.bodies().folder, alice.position.shard, alice.segment).path;
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[usize::try_from(alice.offset).unwrap() + index(alice.len) - 1] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        assert!(matches!(ledger.bodies().read(&alice), Err(LedgerError::Damaged(_))));
    }
}

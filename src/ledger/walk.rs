//! Walks the records from the oldest on and checks that each fits the one before it. Opening,
//! verifying and replaying are this walk.

use super::batch::{Batch, BatchReader, Frame, Step, only_zeros};
use super::error::{Fault, LedgerError};
use super::place::Place;
use super::record::{Appended, Hash, Head, Position, Record, decode};
use super::segment::{HEADER, Header, SegmentFile};
use super::wire::len32;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kind of a shard's first record.
const OPENED: &str = "shard.opened";

/// A shard's first head, which names where the shard before it ended.
pub(super) fn opened(before: Option<&Appended>) -> Head {
    let head = Head::new(OPENED, "system");
    let Some(before) = before else { return head };
    head.attr("previous.shard", before.position.shard)
        .attr("previous.seq", before.position.seq)
        .attr("previous.hash", before.hash)
}

/// A record that fits its chain.
pub(super) struct Link {
    pub record: Record,
    pub at: Appended,
    pub sealed: Vec<u8>,
    /// The file it stands in, and where in it.
    pub file: Arc<Path>,
    pub place: Place,
}

/// What has to be cut away before a new shard may follow.
#[derive(Debug, Default)]
pub(super) struct Tail {
    /// The last file and how many of its bytes hold, when more stand there.
    pub cut: Option<(PathBuf, u64)>,
    /// A last file that never held a record.
    pub stillborn: Option<PathBuf>,
    /// A write was cut short. Space set aside and never used does not count.
    pub torn: bool,
}

/// The walk.
pub(super) struct Walk {
    folder: PathBuf,
    /// Still to be read, the next one last.
    left: Vec<SegmentFile>,
    current: Option<Current>,
    /// The file before the current one.
    previous: Option<Current>,
    /// The last record seen of each shard.
    heads: Vec<Appended>,
    /// Begun in the middle: what the first file says of its past is taken on trust.
    partial: bool,
    tail: Tail,
}

struct Current {
    path: Arc<Path>,
    segment: u32,
    reader: BatchReader,
    /// The record that must come next, and the hash it must repeat.
    next: Position,
    prev: Hash,
}

impl Walk {
    /// From the first record of the folder `ledger/`.
    pub fn all(folder: &Path) -> Result<Self, LedgerError> {
        Self::over(folder, SegmentFile::list(folder).map_err(LedgerError::at(folder))?, false)
    }

    /// From the beginning of the segment in which `position` stands.
    pub fn around(folder: &Path, position: Position) -> Result<Self, LedgerError> {
        let mut files = SegmentFile::list(folder).map_err(LedgerError::at(folder))?;
        let mut first = 0;
        for (index, file) in files.iter().enumerate().rev() {
            if file.shard <= position.shard && begins(&file.path)?.is_some_and(|begins| begins <= position) {
                first = index;
                break;
            }
        }
        Self::over(folder, files.split_off(first), first > 0)
    }

    fn over(folder: &Path, mut files: Vec<SegmentFile>, partial: bool) -> Result<Self, LedgerError> {
        let mut tail = Tail::default();
        if let Some(last) = files.last()
            && is_stillborn(&last.path).map_err(LedgerError::at(&last.path))?
        {
            tail.stillborn = files.pop().map(|file| file.path);
        }
        files.reverse();
        let (folder, heads) = (folder.to_owned(), Vec::new());
        Ok(Self { folder, left: files, current: None, previous: None, heads, partial, tail })
    }

    /// The next batch of records, or `None` at the end.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] at the first thing that is not as it was written.
    pub fn next_batch(&mut self) -> Result<Option<Vec<Link>>, LedgerError> {
        loop {
            let Some(current) = &mut self.current else {
                match self.left.pop() {
                    Some(file) => self.current = Some(self.enter(file)?),
                    None => return Ok(None),
                }
                continue;
            };
            match current.reader.step().map_err(LedgerError::at(&current.path))? {
                Step::Batch(batch) => return self.links(&batch).map(Some),
                Step::Broken => return Err(current.fault(current.reader.offset(), "a broken batch")),
                Step::Torn => self.leave(true, true)?,
                Step::End { padded } => self.leave(padded, false)?,
            }
        }
    }

    /// The last record seen of each shard.
    pub fn heads(&self) -> &[Appended] {
        &self.heads
    }

    /// What is to be cut away; complete once [`Walk::next_batch`] has given `None`.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// The damage of a record that was read before and is not met where the walk has come to.
    pub fn lost(&self, Position { shard, seq }: Position) -> LedgerError {
        let here = self.current.as_ref().or(self.previous.as_ref());
        let (file, offset) = match here {
            Some(here) => (here.path.to_path_buf(), here.reader.offset()),
            None => (self.folder.clone(), 0),
        };
        LedgerError::Damaged(Fault {
            file,
            offset,
            shard,
            seq,
            what: "a record that was read before is gone",
        })
    }

    fn enter(&self, file: SegmentFile) -> Result<Current, LedgerError> {
        let opened = File::open(&file.path).map_err(LedgerError::at(&file.path))?;
        let header = read_header(&opened).map_err(LedgerError::at(&file.path))?;
        let (next, what) = match header {
            None => (Position { shard: file.shard, seq: 1 }, "not a header of a segment"),
            Some(header) => {
                let next = Position { shard: header.shard, seq: header.first_seq };
                if (header.shard, header.segment) == (file.shard, file.segment) && self.may_follow(&header) {
                    let reader = BatchReader::new(opened, header.seed(), HEADER as u64);
                    let reader = reader.map_err(LedgerError::at(&file.path))?;
                    let (path, segment) = (file.path.into(), file.segment);
                    return Ok(Current { path, segment, reader, next, prev: header.prev });
                }
                (next, "a segment that does not follow the one before it")
            }
        };
        let Position { shard, seq } = next;
        Err(LedgerError::Damaged(Fault { file: file.path, offset: 0, shard, seq, what }))
    }

    fn may_follow(&self, header: &Header) -> bool {
        let first = header.segment == 0 && header.first_seq == 1 && header.prev == Hash::NONE;
        match &self.previous {
            None => self.partial || (first && header.shard == 1),
            Some(before) if header.segment == 0 => first && header.shard == before.next.shard + 1,
            Some(before) => {
                header.segment == before.segment + 1
                    && Position { shard: header.shard, seq: header.first_seq } == before.next
                    && header.prev == before.prev
            }
        }
    }

    /// Only the very last file may end in anything but a whole batch.
    fn leave(&mut self, excess: bool, torn: bool) -> Result<(), LedgerError> {
        let Some(current) = self.current.take() else { return Ok(()) };
        let last = self.left.is_empty() && self.tail.stillborn.is_none();
        let empty_shard = current.next.seq == 1;
        if !last && (excess || empty_shard) {
            return Err(
                current.fault(current.reader.offset(), "no whole batch, though more was written later")
            );
        }
        self.tail.torn |= torn;
        if empty_shard {
            self.tail.stillborn = Some(current.path.to_path_buf());
        } else if excess {
            self.tail.cut = Some((current.path.to_path_buf(), current.reader.offset()));
        }
        self.previous = Some(current);
        Ok(())
    }

    fn links(&mut self, batch: &Batch) -> Result<Vec<Link>, LedgerError> {
        let Some(current) = &mut self.current else { return Ok(Vec::new()) };
        let frames = batch.frames().filter(|frames| !frames.is_empty() && batch.first == current.next.seq);
        let Some(frames) = frames else {
            return Err(current.fault(batch.offset, "a batch out of its place"));
        };
        let links = frames.iter().map(|frame| current.link(frame)).collect::<Result<Vec<_>, _>>()?;
        for link in &links {
            self.note(link)?;
        }
        Ok(links)
    }

    fn note(&mut self, link: &Link) -> Result<(), LedgerError> {
        let shard = link.at.position.shard;
        if link.at.position.seq == 1 {
            self.check_opened(link)?;
        }
        match self.heads.last_mut() {
            Some(head) if head.position.shard == shard => *head = link.at,
            _ => self.heads.push(link.at),
        }
        Ok(())
    }

    /// A shard's first record must name the head at which the shard before it really ends.
    fn check_opened(&self, link: &Link) -> Result<(), LedgerError> {
        let before = self.heads.last();
        if before.is_none() && self.partial {
            return Ok(());
        }
        let (found, expected) = (&link.record.head, opened(before));
        if found.kind == OPENED && found.attrs == expected.attrs {
            return Ok(());
        }
        let what = "a shard that does not end where the next one says";
        let Position { shard, seq } = link.at.position;
        Err(match &self.previous {
            Some(previous) => previous.fault(previous.reader.offset(), what),
            None => LedgerError::Damaged(Fault {
                file: link.file.to_path_buf(),
                offset: link.place.offset,
                shard,
                seq,
                what,
            }),
        })
    }
}

impl Current {
    fn fault(&self, offset: u64, what: &'static str) -> LedgerError {
        let Position { shard, seq } = self.next;
        LedgerError::Damaged(Fault { file: self.path.to_path_buf(), offset, shard, seq, what })
    }

    fn link(&mut self, frame: &Frame<'_>) -> Result<Link, LedgerError> {
        let read = decode(frame.record)
            .and_then(|record| Some((Timestamp::from_nanosecond(record.at.into()).ok()?, record)));
        let Some((at, record)) = read else {
            return Err(self.fault(frame.offset, "not a record"));
        };
        if record.position != self.next || record.prev != self.prev {
            return Err(self.fault(frame.offset, "a record that does not continue the chain"));
        }
        if record.body.is_none() && !frame.sealed.is_empty() {
            return Err(self.fault(frame.offset, "a body that no record vouches for"));
        }
        let hash = Hash::of(frame.record);
        let at = Appended { position: record.position, at, hash };
        self.next.seq += 1;
        self.prev = hash;
        let file = Arc::clone(&self.path);
        let len = len32(8 + frame.record.len() + frame.sealed.len());
        let place = Place { position: at.position, segment: self.segment, offset: frame.offset, len };
        Ok(Link { record, at, sealed: frame.sealed.to_vec(), file, place })
    }
}

fn read_header(file: &File) -> io::Result<Option<Header>> {
    let mut bytes = Vec::with_capacity(HEADER);
    file.take(HEADER as u64).read_to_end(&mut bytes)?;
    Ok(Header::decode(&bytes))
}

fn begins(path: &Path) -> Result<Option<Position>, LedgerError> {
    let header = File::open(path).and_then(|file| read_header(&file)).map_err(LedgerError::at(path))?;
    Ok(header.map(|header| Position { shard: header.shard, seq: header.first_seq }))
}

/// Batches are written only once the header is durable: without a header and with nothing after
/// it, the file was being made when the power went.
fn is_stillborn(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if read_header(&file)?.is_some() {
        return Ok(false);
    }
    Ok(only_zeros(&mut file)?.is_some())
}

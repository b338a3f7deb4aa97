//! The atomic unit of a file: one header with a checksum, then frames. Ledger segments and files of
//! data keys are both a header followed by batches.

use super::wire::{Put, Take, index, len32};
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// The most bytes one batch may hold, so that a reader's memory is bounded.
pub const MAX_BATCH_BYTES: usize = 16 << 20;
/// The most bytes one entry may take, head and sealed body together.
pub const MAX_ENTRY_BYTES: usize = 4 << 20;

const MAGIC: [u8; 4] = *b"WGB1";
/// Magic, payload length, checksum, first number, count.
pub(super) const BATCH_HEADER: usize = 4 + 4 + 4 + 8 + 4;

/// Frames being gathered for one write.
pub(super) struct BatchBuilder {
    bytes: Vec<u8>,
    seed: u32,
    first: u64,
    count: u32,
}

impl BatchBuilder {
    /// `seed` is the checksum of the file's header: a batch is good in its own file alone.
    pub fn new(seed: u32, first: u64) -> Self {
        Self { bytes: vec![0; BATCH_HEADER], seed, first, count: 0 }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a frame of two parts; `write` appends the first part to the buffer it is given.
    pub fn frame(&mut self, write: impl FnOnce(&mut Vec<u8>), second: &[u8]) -> &[u8] {
        let lengths = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 8]);
        let start = self.bytes.len();
        write(&mut self.bytes);
        let end = self.bytes.len();
        let mut prefix = Vec::with_capacity(8);
        prefix.put_u32(len32(end - start));
        prefix.put_u32(len32(second.len()));
        self.bytes.splice(lengths..start, prefix);
        self.bytes.extend_from_slice(second);
        self.count += 1;
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The batch as it is written.
    pub fn finish(mut self) -> Vec<u8> {
        let payload = self.bytes.get(BATCH_HEADER..).unwrap_or_default();
        let mut header = Vec::with_capacity(BATCH_HEADER);
        header.extend_from_slice(&MAGIC);
        header.put_u32(len32(payload.len()));
        header.put_u32(checksum(self.seed, self.first, self.count, payload));
        header.put_u64(self.first);
        header.put_u32(self.count);
        self.bytes.splice(..BATCH_HEADER, header);
        self.bytes
    }
}

fn checksum(seed: u32, first: u64, count: u32, payload: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&seed.to_le_bytes());
    crc.update(&len32(payload.len()).to_le_bytes());
    crc.update(&first.to_le_bytes());
    crc.update(&count.to_le_bytes());
    crc.update(payload);
    crc.finalize()
}

/// A batch whose checksum holds.
pub(super) struct Batch {
    /// Where its header begins in the file.
    pub offset: u64,
    pub first: u64,
    pub count: u32,
    pub payload: Vec<u8>,
}

/// One frame of a batch.
pub(super) struct Frame<'a> {
    /// Where it begins in the file.
    pub offset: u64,
    pub record: &'a [u8],
    pub sealed: &'a [u8],
}

impl Batch {
    /// Its frames; `None` unless they are as many as announced and fill the payload exactly.
    pub fn frames(&self) -> Option<Vec<Frame<'_>>> {
        let mut take = Take(&self.payload);
        let mut frames = Vec::new();
        for _ in 0..self.count {
            let read = self.payload.len() - take.0.len();
            let (record, sealed) = (take.u32()?, take.u32()?);
            frames.push(Frame {
                offset: self.offset + (BATCH_HEADER + read) as u64,
                record: take.bytes(index(record))?,
                sealed: take.bytes(index(sealed))?,
            });
        }
        take.end()?;
        Some(frames)
    }
}

/// What stands at the reader's place.
pub(super) enum Step {
    /// A whole batch.
    Batch(Batch),
    /// Nothing more: the end of the file, or only the zeros of space set aside (`padded`).
    End { padded: bool },
    /// A batch that was being written when the power went: nothing whole comes after it.
    Torn,
    /// A batch that was whole once: another one was written after it.
    Broken,
}

/// Reads a file's batches one after the other.
pub(super) struct BatchReader {
    file: BufReader<File>,
    seed: u32,
    offset: u64,
}

impl BatchReader {
    /// Begins at `offset`, directly after the file's header.
    pub fn new(mut file: File, seed: u32, offset: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { file: BufReader::with_capacity(256 << 10, file), seed, offset })
    }

    /// Where the last whole batch ends.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next batch, or why there is none.
    pub fn step(&mut self) -> io::Result<Step> {
        if let Some(batch) = self.batch_at(self.offset)? {
            return Ok(self.advance(batch));
        }
        if let Some(padded) = self.only_zeros()? {
            return Ok(Step::End { padded });
        }
        if !self.whole_batch_follows()? {
            return Ok(Step::Torn);
        }
        // The writer may have finished this very batch since we looked: it writes the next one only then.
        Ok(match self.batch_at(self.offset)? {
            Some(batch) => self.advance(batch),
            None => Step::Broken,
        })
    }

    fn advance(&mut self, batch: Batch) -> Step {
        self.offset += (BATCH_HEADER + batch.payload.len()) as u64;
        Step::Batch(batch)
    }

    fn batch_at(&mut self, offset: u64) -> io::Result<Option<Batch>> {
        self.seek(offset)?;
        let Some(header) = self.read(BATCH_HEADER)? else { return Ok(None) };
        let Some((len, crc, first, count)) = parse_header(&header) else { return Ok(None) };
        let Some(payload) = self.read(len)? else { return Ok(None) };
        let whole = checksum(self.seed, first, count, &payload) == crc;
        Ok(whole.then_some(Batch { offset, first, count, payload }))
    }

    /// Keeps the buffer when the place is the one already reached.
    fn seek(&mut self, offset: u64) -> io::Result<()> {
        if self.file.stream_position()? != offset {
            self.file.seek(SeekFrom::Start(offset))?;
        }
        Ok(())
    }

    /// Exactly `len` bytes, or `None` at the end of the file.
    fn read(&mut self, len: usize) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = vec![0; len];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether anything stands after the last whole batch, if nothing but zeros does.
    fn only_zeros(&mut self) -> io::Result<Option<bool>> {
        self.file.seek(SeekFrom::Start(self.offset))?;
        only_zeros(&mut self.file)
    }

    fn whole_batch_follows(&mut self) -> io::Result<bool> {
        let mut from = self.offset + 1;
        while let Some(found) = self.next_magic(from)? {
            if self.batch_at(found)?.is_some() {
                return Ok(true);
            }
            from = found + 1;
        }
        Ok(false)
    }

    fn next_magic(&mut self, mut from: u64) -> io::Result<Option<u64>> {
        let mut chunk = Vec::new();
        loop {
            self.file.seek(SeekFrom::Start(from))?;
            chunk.clear();
            self.file.by_ref().take(64 << 10).read_to_end(&mut chunk)?;
            if let Some(at) = chunk.windows(MAGIC.len()).position(|window| window == MAGIC) {
                return Ok(Some(from + at as u64));
            }
            // The last bytes may be the beginning of a magic that goes on in the next chunk.
            match chunk.len().saturating_sub(MAGIC.len() - 1) {
                0 => return Ok(None),
                step => from += step as u64,
            }
        }
    }
}

fn parse_header(header: &[u8]) -> Option<(usize, u32, u64, u32)> {
    let mut take = Take(header);
    if take.array()? != MAGIC {
        return None;
    }
    let len = index(take.u32()?);
    let parsed = (len, take.u32()?, take.u64()?, take.u32()?);
    (len <= MAX_BATCH_BYTES).then_some(parsed)
}

/// `None` when the rest holds anything but zeros, else whether it holds any byte at all.
pub(super) fn only_zeros(rest: &mut impl Read) -> io::Result<Option<bool>> {
    let mut chunk = Vec::with_capacity(64 << 10);
    let mut any = false;
    loop {
        chunk.clear();
        rest.by_ref().take(64 << 10).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Ok(Some(any));
        }
        if chunk.iter().any(|byte| *byte != 0) {
            return Ok(None);
        }
        any = true;
    }
}

/// Makes the names in a folder durable, as a sync of a file does not.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

//! One file of a shard: its name, its header, and the writer that appends to it.

use super::batch::sync_folder;
use super::error::is_full;
use super::record::Hash;
use super::wire::{Put, Take};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"WGLEDGER";
const VERSION: u32 = 1;
/// Magic, version, shard, segment, first sequence number, previous hash, creation time, checksum.
pub(super) const HEADER: usize = 8 + 4 + 4 + 4 + 8 + 32 + 8 + 4;

/// What a segment says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub shard: u32,
    /// Counted from 0 in its shard.
    pub segment: u32,
    /// The sequence number of its first record.
    pub first_seq: u64,
    /// The hash of the record before that one; zeros at the start of a shard.
    pub prev: Hash,
    /// Nanoseconds since 1970.
    pub created: i64,
}

impl Header {
    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER);
        out.extend_from_slice(&MAGIC);
        out.put_u32(VERSION);
        out.put_u32(self.shard);
        out.put_u32(self.segment);
        out.put_u64(self.first_seq);
        out.extend_from_slice(&self.prev.0);
        out.extend_from_slice(&self.created.to_le_bytes());
        out
    }

    /// The checksum at the header's end, with which the file's batches are seeded.
    pub fn seed(&self) -> u32 {
        crc32fast::hash(&self.fields())
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.fields();
        out.put_u32(self.seed());
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut take = Take(bytes);
        if take.array()? != MAGIC || take.u32()? != VERSION {
            return None;
        }
        let header = Self {
            shard: take.u32()?,
            segment: take.u32()?,
            first_seq: take.u64()?,
            prev: Hash(take.array()?),
            created: take.i64()?,
        };
        (take.u32()? == header.seed()).then_some(header)
    }
}

/// A segment file, by its name `<shard 8 digits>-<segment 6 digits>.seg`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentFile {
    pub shard: u32,
    pub segment: u32,
    pub path: PathBuf,
}

impl SegmentFile {
    pub fn new(folder: &Path, shard: u32, segment: u32) -> Self {
        Self { shard, segment, path: folder.join(format!("{shard:08}-{segment:06}.seg")) }
    }

    fn parse(path: PathBuf) -> Option<Self> {
        let (shard, segment) = path.file_name()?.to_str()?.strip_suffix(".seg")?.split_once('-')?;
        Some(Self { shard: shard.parse().ok()?, segment: segment.parse().ok()?, path })
    }

    /// Every segment in the folder, oldest first; no folder is no segments.
    pub fn list(folder: &Path) -> io::Result<Vec<Self>> {
        let names = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names?,
        };
        let paths = names.map(|name| Ok(name?.path())).collect::<io::Result<Vec<_>>>()?;
        let mut found: Vec<_> = paths.into_iter().filter_map(Self::parse).collect();
        found.sort();
        Ok(found)
    }
}

/// What the writer needs of a file; a test puts a failing one in its place.
pub(super) trait Medium: Write + Seek + Send {
    fn sync_data(&self) -> io::Result<()>;
    fn set_len(&self, len: u64) -> io::Result<()>;
}

impl Medium for File {
    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        File::set_len(self, len)
    }
}

/// Why a batch is not in the file.
#[derive(Debug)]
pub(super) enum WriteFailure {
    /// No room; the file is as it was before.
    Full(io::Error),
    /// Nobody knows what the disk holds now.
    Unknown(io::Error),
}

/// The open end of a file of batches.
pub(super) struct BatchWriter {
    medium: Box<dyn Medium>,
    len: u64,
}

impl BatchWriter {
    /// Goes on at `len`, which must be where the last whole batch ends.
    pub fn new(mut medium: Box<dyn Medium>, len: u64) -> io::Result<Self> {
        medium.seek(SeekFrom::Start(len))?;
        Ok(Self { medium, len })
    }

    /// Bytes in use.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// One write, one sync. A batch for which there is no room is taken back whole.
    pub fn append(&mut self, batch: &[u8]) -> Result<(), WriteFailure> {
        if let Err(error) = self.medium.write_all(batch) {
            return Err(self.take_back(error));
        }
        self.medium.sync_data().map_err(WriteFailure::Unknown)?;
        self.len += batch.len() as u64;
        Ok(())
    }

    fn take_back(&mut self, error: io::Error) -> WriteFailure {
        if !is_full(&error) {
            return WriteFailure::Unknown(error);
        }
        match self.trim() {
            Ok(()) => WriteFailure::Full(error),
            Err(error) => WriteFailure::Unknown(error),
        }
    }

    /// Cuts the file to the bytes in use.
    fn trim(&mut self) -> io::Result<()> {
        self.medium.set_len(self.len)?;
        self.medium.seek(SeekFrom::Start(self.len)).map(drop)
    }

    /// Cuts the file to the bytes in use, durably: nothing more comes.
    pub fn finish(&mut self) -> io::Result<()> {
        self.trim()?;
        self.medium.sync_data()
    }
}

impl From<io::Error> for WriteFailure {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::Full(error) } else { Self::Unknown(error) }
    }
}

/// Makes a segment with its header, durably, and sets `room` bytes aside for it. Gives the writer
/// and the seed of its batches. Where there is no room, no file is left.
///
/// Space set aside makes each sync about a third cheaper, since it need not commit a new length;
/// zeros written beforehand would be no faster and cost a write of the whole segment.
pub(super) fn create(
    file: &SegmentFile,
    header: &Header,
    room: u64,
) -> Result<(BatchWriter, u32), WriteFailure> {
    let folder = file.path.parent().unwrap_or(Path::new("."));
    begin(&file.path, header, room).or_else(|error| {
        if is_full(&error) {
            remove_if_there(&file.path).map_err(WriteFailure::Unknown)?;
        }
        sync_folder(folder).map_err(WriteFailure::Unknown)?;
        Err(WriteFailure::from(error))
    })
}

fn begin(path: &Path, header: &Header, room: u64) -> io::Result<(BatchWriter, u32)> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    set_aside(&file, room)?;
    let bytes = header.encode();
    file.write_all(&bytes)?;
    file.sync_all()?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok((BatchWriter::new(Box::new(file), bytes.len() as u64)?, header.seed()))
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A convenience only: where there is no room for all of it, or no such call, the file just grows.
#[cfg(target_os = "linux")]
fn set_aside(file: &File, room: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, room) {
        Ok(()) => Ok(()),
        Err(_) => file.set_len(0),
    }
}

#[cfg(not(target_os = "linux"))]
fn set_aside(_file: &File, _room: u64) -> io::Result<()> {
    Ok(())
}

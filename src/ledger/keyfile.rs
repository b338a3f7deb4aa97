//! A month's file of data keys: a header, then batches whose frames are a key's name and the
//! wrapped key.

use super::batch::{BatchBuilder, BatchReader, Step, only_zeros, sync_folder};
use super::error::{Fault, LedgerError};
use super::master::{Key, MasterKey, private};
use super::record::KeyId;
use super::segment::{BatchWriter, WriteFailure};
use super::wire::{Put, Take};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: [u8; 8] = *b"WGKEYS01";
/// Magic, month, checksum.
const HEADER: usize = 8 + 4 + 4;
/// Rows in one batch: with the longest subjects still a quarter of the largest batch.
const ROWS: usize = 10_000;

/// One data key and whom it is for.
#[derive(Clone)]
pub(super) struct Row {
    pub id: KeyId,
    pub subject: String,
    pub key: Key,
}

impl Row {
    /// What names the key: it stands openly and is authenticated with the key.
    fn name(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.put_u32(self.id.month);
        out.extend_from_slice(&self.id.id);
        out.put_str(&self.subject);
        out
    }

    fn parse(name: &[u8]) -> Option<(KeyId, String)> {
        let mut take = Take(name);
        let id = KeyId { month: take.u32()?, id: take.array()? };
        let subject = take.str()?.to_owned();
        take.end()?;
        Some((id, subject))
    }
}

/// Where a file's next batch goes; all zeros while there is no file.
#[derive(Default, Clone, Copy)]
pub(super) struct End {
    seed: u32,
    len: u64,
    rows: u64,
}

/// The file of a month `YYYYMM`.
pub(super) fn path(folder: &Path, month: u32) -> PathBuf {
    folder.join(format!("{:04}-{:02}", month / 100, month % 100))
}

/// Every month that has a file; no folder is no months.
pub(super) fn months(folder: &Path) -> io::Result<Vec<u32>> {
    let parse = |name: &str| -> Option<u32> {
        let (year, month) = name.split_once('-')?;
        Some(year.parse::<u32>().ok()? * 100 + month.parse::<u32>().ok()?)
    };
    let names = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names?.collect::<io::Result<Vec<_>>>()?,
    };
    Ok(names.iter().filter_map(|name| parse(name.file_name().to_str()?)).collect())
}

/// Reads a month's keys. A batch that was being written when the power went is left out: no entry
/// was ever sealed durably with its keys.
pub(super) fn load(path: &Path, month: u32, master: &MasterKey) -> Result<(Vec<Row>, End), LedgerError> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), End::default())),
        file => file.map_err(LedgerError::at(path))?,
    };
    let damaged = |offset, rows, what| {
        let file = path.to_owned();
        LedgerError::Damaged(Fault { file, offset, shard: 0, seq: rows + 1, what })
    };
    let mut header = Vec::new();
    (&file).take(HEADER as u64).read_to_end(&mut header).map_err(LedgerError::at(path))?;
    let Some(seed) = seed(&header, month) else {
        return match only_zeros(&mut file).map_err(LedgerError::at(path))? {
            Some(_) => Ok((Vec::new(), End::default())),
            None => Err(damaged(0, 0, "not a header of data keys")),
        };
    };
    let mut reader = BatchReader::new(file, seed, HEADER as u64).map_err(LedgerError::at(path))?;
    let mut found = Vec::new();
    loop {
        let rows = found.len() as u64;
        let batch = match reader.step().map_err(LedgerError::at(path))? {
            Step::Batch(batch) => batch,
            Step::End { .. } | Step::Torn => return Ok((found, End { seed, len: reader.offset(), rows })),
            Step::Broken => return Err(damaged(reader.offset(), rows, "a broken batch of data keys")),
        };
        let frames = batch.frames().filter(|_| batch.first == rows + 1);
        for frame in frames.ok_or_else(|| damaged(batch.offset, rows, "a batch out of place"))? {
            let named = Row::parse(frame.record).filter(|(id, _)| id.month == month);
            let (id, subject) = named.ok_or_else(|| damaged(frame.offset, rows, "not a data key"))?;
            let Some(key) = master.unwrap(frame.sealed, frame.record) else {
                return Err(LedgerError::WrongMasterKey { file: path.to_owned() });
            };
            found.push(Row { id, subject, key });
        }
    }
}

fn header(month: u32) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.put_u32(month);
    out.put_u32(crc32fast::hash(&out));
    out
}

/// A good header's checksum.
fn seed(bytes: &[u8], month: u32) -> Option<u32> {
    let good = header(month);
    (bytes == good).then(|| Take(bytes.get(HEADER - 4..)?).u32()).flatten()
}

fn batch(end: End, rows: &[Row], master: &MasterKey) -> io::Result<Vec<u8>> {
    let mut batch = BatchBuilder::new(end.seed, end.rows + 1);
    for row in rows {
        let name = row.name();
        let wrapped = master.wrap(&row.key, &name)?;
        batch.frame(|out| out.extend_from_slice(&name), &wrapped);
    }
    Ok(batch.finish())
}

/// A whole file with these rows, and its end.
pub(super) fn render(month: u32, rows: &[Row], master: &MasterKey) -> io::Result<(Vec<u8>, End)> {
    let mut bytes = header(month);
    let mut end = End { seed: seed(&bytes, month).unwrap_or_default(), len: 0, rows: 0 };
    for rows in rows.chunks(ROWS) {
        bytes.extend(batch(end, rows, master)?);
        end.rows += rows.len() as u64;
    }
    end.len = bytes.len() as u64;
    Ok((bytes, end))
}

/// A month's file, open for appending.
pub(super) struct KeyFile {
    writer: BatchWriter,
    end: End,
}

impl KeyFile {
    /// Goes on where [`load`] ended; makes the file when there is none.
    pub fn open(folder: &Path, month: u32, end: End) -> io::Result<Self> {
        let path = path(folder, month);
        let mut options = OpenOptions::new();
        let file = private(&mut options).write(true).create(true).truncate(false).open(path)?;
        if end.len > 0 {
            return Self::at(file, end);
        }
        let header = header(month);
        file.set_len(0)?;
        (&file).write_all(&header)?;
        file.sync_all()?;
        sync_folder(folder)?;
        let seed = seed(&header, month).unwrap_or_default();
        Self::at(file, End { seed, len: header.len() as u64, rows: 0 })
    }

    /// Cuts away what was torn before it writes on.
    fn at(file: File, end: End) -> io::Result<Self> {
        file.set_len(end.len)?;
        Ok(Self { writer: BatchWriter::new(Box::new(file), end.len)?, end })
    }

    /// Makes these rows durable.
    pub fn append(&mut self, rows: &[Row], master: &MasterKey) -> Result<(), WriteFailure> {
        for rows in rows.chunks(ROWS) {
            let batch = batch(self.end, rows, master).map_err(WriteFailure::Unknown)?;
            self.writer.append(&batch)?;
            self.end.rows += rows.len() as u64;
        }
        Ok(())
    }
}

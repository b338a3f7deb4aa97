//! Data keys: one per person and month, wrapped with the master key, in files `keys/YYYY-MM`.
//!
//! New keys wait in memory and become durable just before the first batch that uses them does.
//! Erasing a person removes their keys: what was sealed with them can then be read by nobody.

use super::error::LedgerError;
use super::keyfile::{self, End, KeyFile, Row};
use super::master::{Key, MasterKey, random, random_key, replace};
use super::record::KeyId;
use super::segment::WriteFailure;
use std::collections::{BTreeMap, HashMap, hash_map};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest subject, in bytes. WeCom's ids have at most 64.
const MAX_SUBJECT: usize = 256;

/// The data keys of one folder; clones share them. A month is read when it is first asked for, and
/// each of its keys then takes about 200 bytes of memory.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    master: MasterKey,
    /// Held while writing, so that sealing need not wait. Taken before `table` where both are needed.
    files: Mutex<HashMap<u32, KeyFile>>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    months: HashMap<u32, Month>,
    /// In `months` too, but not yet in a file.
    pending: BTreeMap<u32, Vec<Row>>,
}

#[derive(Default)]
struct Month {
    rows: HashMap<[u8; 16], Row>,
    by_subject: HashMap<String, [u8; 16]>,
    end: End,
}

impl Month {
    fn new(rows: Vec<Row>, end: End) -> Self {
        let mut month = Self { end, ..Self::default() };
        rows.into_iter().for_each(|row| month.add(row));
        month
    }

    fn add(&mut self, row: Row) {
        self.by_subject.insert(row.subject.clone(), row.id.id);
        self.rows.insert(row.id.id, row);
    }

    fn of_subject(&self, subject: &str) -> Option<&Row> {
        self.rows.get(self.by_subject.get(subject)?)
    }
}

impl Keys {
    /// The keys of a data folder, for reading what is sealed there.
    ///
    /// # Errors
    /// [`LedgerError::WrongMasterKey`], [`LedgerError::Damaged`] or [`LedgerError::Io`] of the
    /// newest month's file.
    pub fn load(dir: &Path, master: MasterKey) -> Result<Self, LedgerError> {
        let folder = dir.join("keys");
        let newest = keyfile::months(&folder).map_err(LedgerError::at(&folder))?.into_iter().max();
        let keys =
            Self(Arc::new(Shared { folder, master, files: Mutex::default(), table: Mutex::default() }));
        if let Some(month) = newest {
            keys.month(&mut keys.table(), month)?;
        }
        Ok(keys)
    }

    /// Removes every key of a person, and returns how many there were. What was sealed with them is
    /// erased in every copy of the ledger, though not where the key files were copied too. What is
    /// sealed for them but not yet appended is erased as well. Call it only where the ledger is open.
    ///
    /// # Errors
    /// [`LedgerError::Full`] or [`LedgerError::Io`]: some months may be done; call it again.
    pub fn shred(&self, subject: &str) -> Result<usize, LedgerError> {
        let mut files = lock(&self.0.files);
        let mut table = self.table();
        let mut months = keyfile::months(&self.0.folder).map_err(LedgerError::at(&self.0.folder))?;
        months.extend(table.pending.keys());
        months.sort_unstable();
        months.dedup();
        let mut removed = 0;
        for month in months {
            let known = self.month(&mut table, month)?;
            let kept: Vec<_> = known.rows.values().filter(|row| row.subject != subject).cloned().collect();
            let gone = known.rows.len() - kept.len();
            if gone > 0 {
                files.remove(&month);
                self.rewrite(&mut table, month, kept)?;
                removed += gone;
            }
        }
        Ok(removed)
    }

    fn rewrite(&self, table: &mut Table, month: u32, kept: Vec<Row>) -> Result<(), LedgerError> {
        let path = keyfile::path(&self.0.folder, month);
        let (bytes, end) = keyfile::render(month, &kept, &self.0.master).map_err(LedgerError::at(&path))?;
        replace(&path, &bytes).map_err(LedgerError::at(&path))?;
        table.pending.remove(&month);
        table.months.insert(month, Month::new(kept, end));
        Ok(())
    }

    /// The key with which this month's bodies about `subject` are sealed, made if there is none.
    pub(super) fn for_subject(&self, subject: &str, month: u32) -> Result<(KeyId, Key), LedgerError> {
        if subject.len() > MAX_SUBJECT {
            return Err(LedgerError::TooLarge { found: subject.len(), limit: MAX_SUBJECT });
        }
        let mut table = self.table();
        let known = self.month(&mut table, month)?;
        if let Some(row) = known.of_subject(subject) {
            return Ok((row.id, row.key.clone()));
        }
        let row = new_row(subject, month).map_err(LedgerError::at(&self.0.folder))?;
        let made = (row.id, row.key.clone());
        known.add(row.clone());
        table.pending.entry(month).or_default().push(row);
        Ok(made)
    }

    /// The key of this name; `None` when it was erased.
    pub(super) fn find(&self, id: KeyId) -> Result<Option<Key>, LedgerError> {
        let mut table = self.table();
        Ok(self.month(&mut table, id.month)?.rows.get(&id.id).map(|row| row.key.clone()))
    }

    /// Makes every waiting key durable. Those that found no room wait on.
    pub(super) fn flush(&self) -> Result<(), WriteFailure> {
        let mut files = lock(&self.0.files);
        loop {
            let Some((month, rows, end)) = self.take_pending() else { return Ok(()) };
            if let Err(failure) = self.append(&mut files, month, &rows, end) {
                self.table().pending.entry(month).or_default().extend(rows);
                return Err(failure);
            }
        }
    }

    fn take_pending(&self) -> Option<(u32, Vec<Row>, End)> {
        let mut table = self.table();
        let (month, rows) = table.pending.pop_first()?;
        Some((month, rows, table.months.get(&month)?.end))
    }

    fn append(
        &self,
        files: &mut HashMap<u32, KeyFile>,
        month: u32,
        rows: &[Row],
        end: End,
    ) -> Result<(), WriteFailure> {
        let file = match files.entry(month) {
            hash_map::Entry::Occupied(open) => open.into_mut(),
            hash_map::Entry::Vacant(slot) => slot.insert(KeyFile::open(&self.0.folder, month, end)?),
        };
        file.append(rows, &self.0.master)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.0.table)
    }

    /// The month's keys, read from its file the first time.
    fn month<'a>(&self, table: &'a mut Table, month: u32) -> Result<&'a mut Month, LedgerError> {
        Ok(match table.months.entry(month) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(slot) => {
                let path = keyfile::path(&self.0.folder, month);
                let (rows, end) = keyfile::load(&path, month, &self.0.master)?;
                slot.insert(Month::new(rows, end))
            }
        })
    }
}

fn new_row(subject: &str, month: u32) -> io::Result<Row> {
    let id = KeyId { month, id: random()? };
    Ok(Row { id, subject: subject.to_owned(), key: random_key()? })
}

/// A panic elsewhere leaves the maps whole: each change is one insert or remove.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

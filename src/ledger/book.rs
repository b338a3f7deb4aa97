//! The ledger itself: opening, appending, closing.

use super::batch::{BATCH_HEADER, BatchBuilder, MAX_BATCH_BYTES, sync_folder};
use super::error::LedgerError;
use super::keys::Keys;
use super::master::MasterKey;
use super::place::{Bodies, Place};
use super::record::{Appended, Hash, Head, Position, encode};
use super::replay::Replay;
use super::seal::{Sealed, Sealer};
use super::segment::{BatchWriter, HEADER, Header, SegmentFile, WriteFailure, create};
use super::walk::{Tail, Walk, opened};
use super::wire::len32;
use crate::model::Clock;
use jiff::Timestamp;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The kind of the last record of a server that stopped in order.
const CLOSED: &str = "shard.closed";

/// How the ledger lays out its files.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// A segment file is followed by a new one before it grows beyond this, in bytes. Default 64 MiB.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20 }
    }
}

/// The open end of the chain: one process, one thread, one shard.
///
/// Dropping it without [`Ledger::close`] is what a crash does: nothing appended is lost.
pub struct Ledger {
    folder: PathBuf,
    keys: Keys,
    clock: Clock,
    options: Options,
    segment: u32,
    /// Seeds the checksums of the current segment's batches.
    seed: u32,
    writer: BatchWriter,
    head: Appended,
    stopped: Option<String>,
    was_torn: bool,
    /// Held until the ledger is dropped.
    _lock: File,
}

impl Ledger {
    /// Checks every record in `dir` without changing one. Reads about a million records a second.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`]: a person has to look. [`LedgerError::InUse`],
    /// [`LedgerError::WrongMasterKey`], [`LedgerError::Full`]; and [`LedgerError::Io`].
    pub fn check(dir: &Path, master: MasterKey) -> Result<Checked, LedgerError> {
        let folder = dir.join("ledger");
        for made in [&folder, &dir.join("keys")] {
            fs::create_dir_all(made).map_err(LedgerError::at(made))?;
        }
        sync_folder(dir).map_err(LedgerError::at(dir))?;
        let lock = lock(&dir.join("lock"))?;
        let keys = Keys::load(dir, master)?;
        let mut walk = Walk::all(&folder)?;
        while walk.next_batch()?.is_some() {}
        Ok(Checked { folder, keys, walk, lock })
    }

    /// [`Ledger::check`], then [`Checked::begin`].
    ///
    /// # Errors
    /// As both.
    pub fn open(dir: &Path, master: MasterKey, clock: Clock, options: Options) -> Result<Self, LedgerError> {
        Self::check(dir, master)?.begin(clock, options)
    }

    fn begin(
        folder: PathBuf,
        keys: Keys,
        clock: Clock,
        options: Options,
        before: Option<&Appended>,
        lock: File,
    ) -> Result<Self, LedgerError> {
        let shard = before.map_or(0, |head| head.position.shard) + 1;
        let now = clock.now();
        let head = Appended { position: Position { shard, seq: 0 }, at: now, hash: Hash::NONE };
        let (writer, seed) =
            new_segment(&folder, options, 0, &head, now).map_err(|failure| match failure {
                WriteFailure::Full(source) => LedgerError::Full(source),
                WriteFailure::Unknown(source) => LedgerError::at(&folder)(source),
            })?;
        let (segment, stopped, was_torn) = (0, None, false);
        let mut ledger = Self {
            folder,
            keys,
            clock,
            options,
            segment,
            seed,
            writer,
            head,
            stopped,
            was_torn,
            _lock: lock,
        };
        ledger.append(&[Sealed::bare(&opened(before))?])?;
        Ok(ledger)
    }

    /// Makes entries that [`Ledger::append`] takes; for any thread.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(self.keys.clone())
    }

    /// Reads bodies where they stand; for any thread.
    pub fn bodies(&self) -> Bodies {
        Bodies { folder: self.folder.clone(), sealer: self.sealer() }
    }

    /// The data keys, for erasing a person.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The last record.
    pub fn head(&self) -> Appended {
        self.head
    }

    /// Opening cut away a write that was never acknowledged: worth a line in the log.
    pub fn was_torn(&self) -> bool {
        self.was_torn
    }

    /// Writes all entries or none, with one write and one sync, and returns when they are durable.
    /// All carry the time of this call. Nothing happens for no entries. Gives each one's place.
    ///
    /// # Errors
    /// [`LedgerError::Full`] and [`LedgerError::TooLarge`]: none was written, the next call may
    /// succeed. [`LedgerError::Stopped`]: whether they were written is known only after
    /// [`Ledger::open`], and every later call fails at once.
    pub fn append(&mut self, entries: &[Sealed]) -> Result<Vec<Place>, LedgerError> {
        if let Some(cause) = &self.stopped {
            return Err(LedgerError::Stopped { cause: cause.clone() });
        }
        let size = BATCH_HEADER + entries.iter().map(Sealed::frame_len).sum::<usize>();
        if size > MAX_BATCH_BYTES {
            return Err(LedgerError::TooLarge { found: size, limit: MAX_BATCH_BYTES });
        }
        self.write(entries, size as u64).map_err(|failure| self.failed(failure))
    }

    /// Every record after a position (or every record at all) up to the present head, with its body.
    ///
    /// # Errors
    /// [`LedgerError::Io`]; damage comes out of the iterator, and so does that there is no record `after`.
    pub fn replay(&self, after: Option<Position>) -> Result<Replay, LedgerError> {
        Ok(Replay::over(&self.folder, self.keys.clone(), after)?.until(self.head.position))
    }

    /// Records that the server stops in order, and gives back the space set aside.
    ///
    /// # Errors
    /// As [`Ledger::append`]. The ledger is closed all the same, as by a crash.
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.append(&[Sealed::bare(&Head::new(CLOSED, "system"))?])?;
        self.writer.finish().map_err(LedgerError::at(&self.folder))
    }

    fn write(&mut self, entries: &[Sealed], size: u64) -> Result<Vec<Place>, WriteFailure> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        // A body must never be durable before its key is.
        self.keys.flush()?;
        let now = self.clock.now();
        self.roll_before(size, now)?;
        let (batch, places, head) = self.chain(entries, now);
        self.writer.append(&batch)?;
        self.head = head;
        Ok(places)
    }

    /// Puts the entries one after the other at the chain's end.
    fn chain(&self, entries: &[Sealed], at: Timestamp) -> (Vec<u8>, Vec<Place>, Appended) {
        let mut head = Appended { at, ..self.head };
        let mut batch = BatchBuilder::new(self.seed, head.position.seq + 1);
        let mut places = Vec::with_capacity(entries.len());
        for entry in entries {
            head.position.seq += 1;
            let (position, offset) = (head.position, self.writer.len() + batch.len() as u64);
            let write = |out: &mut Vec<u8>| encode(out, position, nanos(at), &entry.middle, head.hash);
            head.hash = Hash::of(batch.frame(write, &entry.sealed));
            places.push(Place { position, segment: self.segment, offset, len: len32(entry.frame_len()) });
        }
        (batch.finish(), places, head)
    }

    /// Goes on in a new segment when this one would grow too large.
    fn roll_before(&mut self, size: u64, now: Timestamp) -> Result<(), WriteFailure> {
        let fits = self.writer.len() + size <= self.options.segment_bytes;
        if fits || self.writer.len() == HEADER as u64 {
            return Ok(());
        }
        self.writer.finish().map_err(WriteFailure::Unknown)?;
        let next = self.segment + 1;
        (self.writer, self.seed) = new_segment(&self.folder, self.options, next, &self.head, now)?;
        self.segment = next;
        Ok(())
    }

    fn failed(&mut self, failure: WriteFailure) -> LedgerError {
        match failure {
            WriteFailure::Full(source) => LedgerError::Full(source),
            WriteFailure::Unknown(source) => {
                let cause = source.to_string();
                self.stopped = Some(cause.clone());
                LedgerError::Stopped { cause }
            }
        }
    }
}

/// A ledger whose records hold. Nothing of it was changed, and no other process can.
pub struct Checked {
    folder: PathBuf,
    keys: Keys,
    walk: Walk,
    lock: File,
}

impl Checked {
    /// Opens what is sealed here.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(self.keys.clone())
    }

    /// Reads bodies where they stand.
    pub fn bodies(&self) -> Bodies {
        Bodies { folder: self.folder.clone(), sealer: self.sealer() }
    }

    /// The record at a position that was read before. Reads one segment.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] when it is gone: the ledger has lost its end. [`LedgerError::Io`].
    pub fn find(&self, position: Position) -> Result<Appended, LedgerError> {
        let mut walk = Walk::around(&self.folder, position)?;
        while let Some(batch) = walk.next_batch()? {
            match batch.iter().map(|link| link.at).find(|at| at.position >= position) {
                Some(at) if at.position == position => return Ok(at),
                Some(_) => break,
                None => {}
            }
        }
        Err(walk.lost(position))
    }

    /// Cuts away what a power cut left half written, and begins a new shard whose first record
    /// names the old head.
    ///
    /// # Errors
    /// [`LedgerError::Full`] and [`LedgerError::Io`].
    pub fn begin(self, clock: Clock, options: Options) -> Result<Ledger, LedgerError> {
        let Self { folder, keys, walk, lock } = self;
        cut(&folder, walk.tail())?;
        let ledger = Ledger::begin(folder, keys, clock, options, walk.heads().last(), lock)?;
        Ok(Ledger { was_torn: walk.tail().torn, ..ledger })
    }
}

/// The file for what follows `head`, and the seed of its batches.
fn new_segment(
    folder: &Path,
    options: Options,
    segment: u32,
    head: &Appended,
    now: Timestamp,
) -> Result<(BatchWriter, u32), WriteFailure> {
    let Position { shard, seq } = head.position;
    let header = Header { shard, segment, first_seq: seq + 1, prev: head.hash, created: nanos(now) };
    create(&SegmentFile::new(folder, shard, segment), &header, options.segment_bytes)
}

/// Nanoseconds since 1970; the ends of the range lie in 1677 and 2262.
fn nanos(at: Timestamp) -> i64 {
    let nanos = at.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

fn lock(path: &Path) -> Result<File, LedgerError> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    let file = file.map_err(LedgerError::at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(LedgerError::at(path)(error)),
    }
}

/// Makes the files end where the last whole batch does.
fn cut(folder: &Path, tail: &Tail) -> Result<(), LedgerError> {
    if let Some((path, len)) = &tail.cut {
        let shorten = |file: File| file.set_len(*len).and_then(|()| file.sync_all());
        OpenOptions::new().write(true).open(path).and_then(shorten).map_err(LedgerError::at(path))?;
    }
    if let Some(path) = &tail.stillborn {
        fs::remove_file(path).and_then(|()| sync_folder(folder)).map_err(LedgerError::at(path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::segment::Medium;
    use super::super::{Body, verify};
    use super::*;
    use std::io::{self, Seek, SeekFrom, Write};
    use std::sync::{Arc, Mutex};

    /// A disk with so many bytes of room, whose sync may fail.
    #[derive(Clone)]
    struct Disk {
        file: Arc<File>,
        room: Arc<Mutex<usize>>,
        broken: Arc<Mutex<bool>>,
    }

    impl Disk {
        fn under(ledger: &mut Ledger) -> Self {
            let path = SegmentFile::new(&ledger.folder, ledger.head.position.shard, ledger.segment).path;
            let file = Arc::new(OpenOptions::new().write(true).open(path).unwrap());
            let disk = Self { file, room: Arc::new(Mutex::new(usize::MAX)), broken: Arc::default() };
            ledger.writer = BatchWriter::new(Box::new(disk.clone()), ledger.writer.len()).unwrap();
            disk
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut room = self.room.lock().unwrap();
            if *room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let written = (&*self.file).write(&bytes[..bytes.len().min(*room)])?;
            *room -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            (&*self.file).seek(to)
        }
    }

    impl Medium for Disk {
        fn sync_data(&self) -> io::Result<()> {
            match *self.broken.lock().unwrap() {
                true => Err(io::Error::other("input/output error")),
                false => self.file.sync_data(),
            }
        }

        fn set_len(&self, len: u64) -> io::Result<()> {
            self.file.set_len(len)
        }
    }

    fn open(dir: &Path) -> Ledger {
        Ledger::open(dir, MasterKey::new([7; 32]), Clock::system(), Options::default()).unwrap()
    }

    fn entry(ledger: &Ledger, text: &str) -> Sealed {
        let at = ledger.clock.now();
        ledger.sealer().seal(&Head::new("note", "system"), "wmAlice", at, text.as_bytes()).unwrap()
    }

    fn texts(ledger: &Ledger) -> Vec<String> {
        let bodies = ledger.replay(None).unwrap().map(|entry| entry.unwrap().body);
        bodies
            .filter_map(|body| if let Body::Open(body) = body { String::from_utf8(body).ok() } else { None })
            .collect()
    }

    #[test]
    fn on_a_full_disk_a_batch_is_taken_back_whole_and_the_next_one_counts_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = open(dir.path());
        let batch = [entry(&ledger, "保本"), entry(&ledger, "保息")];
        let disk = Disk::under(&mut ledger);
        ledger.append(&[entry(&ledger, "早上好")]).unwrap();
        let head = ledger.head();
        for room in [0, 1, 30, 400] {
            *disk.room.lock().unwrap() = room;
            assert!(matches!(ledger.append(&batch), Err(LedgerError::Full(_))), "room for {room}");
            assert_eq!(ledger.head(), head);
            let report = verify(dir.path(), None, |_| ()).unwrap();
            assert_eq!((report.records, report.torn_tail, report.first_fault), (2, false, None));
        }
        *disk.room.lock().unwrap() = usize::MAX;
        ledger.append(&batch).unwrap();
        drop(ledger);
        assert_eq!(texts(&open(dir.path())), ["早上好", "保本", "保息"]);
    }

    #[test]
    fn after_a_failed_sync_nothing_is_acknowledged_until_the_ledger_is_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = open(dir.path());
        let batch = [entry(&ledger, "保本")];
        let disk = Disk::under(&mut ledger);
        *disk.broken.lock().unwrap() = true;
        assert!(matches!(ledger.append(&batch), Err(LedgerError::Stopped { .. })));
        *disk.broken.lock().unwrap() = false;
        let again = ledger.append(&batch).unwrap_err();
        assert_eq!(again.to_string(), "the ledger stopped: input/output error; open it again");
        drop(ledger);
        open(dir.path()).append(&batch).unwrap();
    }

    #[test]
    fn a_batch_larger_than_a_segment_still_goes_in_one_write() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes: 512 };
        let mut ledger = Ledger::open(dir.path(), MasterKey::new([7; 32]), Clock::system(), options).unwrap();
        let batch: Vec<_> = (0..9).map(|no| entry(&ledger, &no.to_string())).collect();
        ledger.append(&batch).unwrap();
        ledger.append(&batch).unwrap();
        assert_eq!(ledger.segment, 2);
        assert_eq!(texts(&ledger).len(), 18);
    }
}

//! Uploaded files: each content once, under its hash, on disk before anything is said about it.
//!
//! They lie beside the ledger as they came, readable by the server alone; the ledger names them.

use crate::model::TextHash;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{NamedTempFile, TempDir};

/// Where uploaded files lie.
#[derive(Debug, Clone)]
pub struct FileShelf {
    dir: PathBuf,
    /// Removed with the last copy of the shelf, for a store that forgets.
    _own: Option<Arc<TempDir>>,
}

/// A file that is arriving. Dropped before its end, it leaves nothing behind.
#[derive(Debug)]
pub struct Arriving {
    file: NamedTempFile,
    hasher: Sha256,
    size_bytes: u64,
}

/// A file that is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shelved {
    /// SHA-256 of its content.
    pub sha256: TextHash,
    /// Its content, in bytes.
    pub size_bytes: u64,
}

impl FileShelf {
    /// In the data folder `data`.
    pub fn in_folder(data: &Path) -> Self {
        Self { dir: data.join("files"), _own: None }
    }

    /// For a store that forgets everything.
    ///
    /// # Errors
    /// When there is no room for temporary files.
    pub fn passing() -> io::Result<Self> {
        let own = tempfile::tempdir()?;
        Ok(Self { dir: own.path().to_owned(), _own: Some(Arc::new(own)) })
    }

    /// Begins to take a file in. Blocks.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn begin(&self) -> io::Result<Arriving> {
        fs::create_dir_all(&self.dir)?;
        let file = NamedTempFile::new_in(&self.dir)?;
        Ok(Arriving { file, hasher: Sha256::new(), size_bytes: 0 })
    }

    /// Puts a file that has arrived in its place. Returns when it would survive a power cut. Blocks.
    ///
    /// # Errors
    /// When it can't be written: nothing is left behind.
    pub fn finish(&self, arriving: Arriving) -> io::Result<Shelved> {
        let Arriving { file, hasher, size_bytes } = arriving;
        let sha256 = TextHash(hasher.finalize().into());
        file.as_file().sync_all()?;
        let place = self.place(sha256);
        // The same content is there already, or is put there by another at this instant: either is it.
        if !place.exists() {
            file.persist(&place).map_err(|failed| failed.error)?;
        }
        File::open(&self.dir)?.sync_all()?;
        Ok(Shelved { sha256, size_bytes })
    }

    /// The content of a file; `None` where there is none. Blocks.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn read(&self, sha256: TextHash) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.place(sha256)) {
            Ok(content) => Ok(Some(content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Hex digits alone: no name of an upload ever reaches a path.
    fn place(&self, sha256: TextHash) -> PathBuf {
        self.dir.join(sha256.to_string())
    }
}

impl Arriving {
    /// Takes the next piece. Blocks.
    ///
    /// # Errors
    /// When the disk is full or gone.
    pub fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)?;
        self.hasher.update(piece);
        self.size_bytes += piece.len() as u64;
        Ok(())
    }

    /// How much has arrived, in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelve(shelf: &FileShelf, pieces: &[&str]) -> Shelved {
        let mut arriving = shelf.begin().unwrap();
        pieces.iter().for_each(|piece| arriving.take(piece.as_bytes()).unwrap());
        shelf.finish(arriving).unwrap()
    }

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir.join("files")).unwrap().count()
    }

    #[test]
    fn the_same_content_lies_there_once_however_often_it_came() {
        let data = tempfile::tempdir().unwrap();
        let shelf = FileShelf::in_folder(data.path());
        let first = shelve(&shelf, &["产品", "说明书"]);
        assert_eq!(shelve(&shelf, &["产品说明书"]), first);
        assert_eq!(files(data.path()), 1);
        assert_eq!(shelf.read(first.sha256).unwrap().as_deref(), Some("产品说明书".as_bytes()));
        assert_eq!(shelf.read(TextHash([0; 32])).unwrap(), None);
    }

    #[test]
    fn what_never_arrived_whole_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let shelf = FileShelf::in_folder(data.path());
        let mut arriving = shelf.begin().unwrap();
        arriving.take(b"half").unwrap();
        drop(arriving);
        assert_eq!(files(data.path()), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_servers_alone() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        let shelf = FileShelf::in_folder(data.path());
        let place = shelf.place(shelve(&shelf, &["合同"]).sha256);
        assert_eq!(fs::metadata(place).unwrap().permissions().mode() & 0o077, 0);
    }
}

//! The rule files as they lie on disk: names and bytes, nothing understood yet.

use sha2::{Digest, Sha256};
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The longest rule file, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// The rights of a rule file that is new: everybody may read it.
const NEW_FILE: u32 = 0o644;
/// Where scripts stand, inside the folder.
pub(super) const REPLIES: &str = "replies";

/// Why a folder can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The medium or the rights say no.
    #[error("{} can't be read: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The medium or the rights say no to a change.
    #[error("{} can't be written: {source}", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no rule file: an empty folder is a wrong path more often than a wish to judge nothing.
    #[error("{} holds no rule file (*.toml)", .0.display())]
    Empty(PathBuf),
    /// A file is longer than [`MAX_FILE_BYTES`].
    #[error("{} is longer than {MAX_FILE_BYTES} bytes", .0.display())]
    TooLong(PathBuf),
}

/// One file of the folder.
#[derive(Debug, Clone)]
pub struct RawFile {
    /// The path inside the folder, with `/`.
    pub name: String,
    /// The path as shown to people.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// All files of one folder at one instant, sorted by name.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The files.
    pub files: Vec<RawFile>,
}

impl Folder {
    /// Reads `*.toml` and `replies/*.toml`.
    ///
    /// # Errors
    /// [`FolderError`] when nothing can be judged from this folder.
    pub fn read(root: &Path) -> Result<Self, FolderError> {
        let mut files = read_dir(root, "")?;
        if files.is_empty() {
            return Err(FolderError::Empty(root.to_owned()));
        }
        let replies = root.join(REPLIES);
        if replies.is_dir() {
            files.extend(read_dir(&replies, "replies/")?);
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { files })
    }

    /// SHA-256 over the sorted names and contents, each with its length before it.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for file in &self.files {
            for part in [file.name.as_bytes(), &file.bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }
}

fn read_dir(dir: &Path, prefix: &str) -> Result<Vec<RawFile>, FolderError> {
    let unreadable = |source| FolderError::Unreadable { path: dir.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if is_rule_file(&path) {
            files.push(read_file(&path, prefix)?);
        }
    }
    Ok(files)
}

/// `*.toml`, without what editors and file systems leave beside it under a name that begins with a dot.
fn is_rule_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && name.ends_with(".toml") && !name.starts_with('.')
}

fn read_file(path: &Path, prefix: &str) -> Result<RawFile, FolderError> {
    let unreadable = |source| FolderError::Unreadable { path: path.to_owned(), source };
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(FolderError::TooLong(path.to_owned()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(RawFile {
        name: format!("{prefix}{name}"),
        path: path.display().to_string(),
        bytes: fs::read(path).map_err(unreadable)?,
    })
}

/// Replaces a file whole: whoever reads it finds the old content or the new, and it keeps its rights.
///
/// # Errors
/// [`FolderError::Unwritable`]; the file is as it was.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let unwritable = |source| FolderError::Unwritable { path: path.to_owned(), source };
    // Behind a link stands the file that is meant.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    replace(&path, bytes).map_err(unwritable)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let rights = fs::metadata(path).map_or(Permissions::from_mode(NEW_FILE), |old| old.permissions());
    // Its name begins with a dot: no reader takes it for a rule file.
    let mut temp = tempfile::NamedTempFile::new_in(folder)?;
    temp.write_all(bytes)?;
    temp.as_file().set_permissions(rights)?;
    temp.as_file().sync_all()?;
    temp.persist(path)?;
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_refused_rather_than_judging_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Folder::read(dir.path()), Err(FolderError::Empty(_))));
        assert!(matches!(Folder::read(&dir.path().join("none")), Err(FolderError::Unreadable { .. })));
    }

    #[test]
    fn what_an_editor_leaves_beside_a_file_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.toml", "a.toml", "._a.toml", "a.toml~", "notes.md"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        let names: Vec<_> =
            Folder::read(dir.path()).unwrap().files.into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a.toml", "b.toml"]);
    }

    #[test]
    fn a_file_is_replaced_whole_and_keeps_its_rights() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.toml");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        write_file(&file, b"new").unwrap();
        write_file(&dir.path().join("b.toml"), b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        let missing = write_file(&dir.path().join("none/a.toml"), b"");
        assert!(matches!(missing, Err(FolderError::Unwritable { .. })));
    }

    #[test]
    fn moving_a_line_between_files_changes_the_digest() {
        let file =
            |name: &str, text: &str| RawFile { name: name.into(), path: String::new(), bytes: text.into() };
        let one = Folder { files: vec![file("a", "x"), file("b", "")] };
        let two = Folder { files: vec![file("a", ""), file("b", "x")] };
        assert_ne!(one.digest(), two.digest());
    }
}

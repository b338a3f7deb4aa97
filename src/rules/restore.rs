//! Brings a whole folder of rule files back so that no mix of old and new ever goes live.
//!
//! The files are first laid down whole in a folder of their own, named by the revision they will be.
//! Then that revision is recorded. Whoever reads the rule files settles before: if the record's last
//! revision is the one that lies ready, its files are put in place, however often that was begun and
//! torn away; if not, it never was, and what lies ready goes away. Until it has settled nobody
//! publishes, so what stands half written is never read.

use super::folder::{Folder, FolderError, REPLIES, write_file};
use crate::model::Revision;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Being written.
const BEGUN: &str = ".begun-";
/// Whole, and waiting for its record.
const READY: &str = ".ready-";
/// Put in place, or never recorded.
const DONE: &str = ".done-";

/// Lays the files of `revision` down beside those in force, whole and durable.
///
/// # Errors
/// [`FolderError::Unwritable`]; the rule files are as they were.
pub fn stage(root: &Path, files: &Folder, revision: &Revision) -> Result<(), FolderError> {
    let begun = root.join(format!("{BEGUN}{revision}"));
    let unwritable = |source| FolderError::Unwritable { path: begun.clone(), source };
    remove(&begun).and_then(|()| fs::create_dir_all(begun.join(REPLIES))).map_err(unwritable)?;
    for file in &files.files {
        write_file(&begun.join(&file.name), &file.bytes)?;
    }
    let ready = root.join(format!("{READY}{revision}"));
    remove(&ready).and_then(|()| fs::rename(&begun, ready)).and_then(|()| sync(root)).map_err(unwritable)
}

/// Puts in place what lies ready if it is the `last` revision of the record, and takes away the rest.
///
/// # Errors
/// [`FolderError`]: the rule files may be a mix; settle again before they are read.
pub fn settle(root: &Path, last: Option<&Revision>) -> Result<(), FolderError> {
    for (path, name) in ours(root)? {
        let Some(revision) = name.strip_prefix(READY) else {
            take_away(&path)?;
            continue;
        };
        if last.is_some_and(|last| last.as_str() == revision) {
            put_in_place(root, &Folder::read(&path)?)?;
        }
        // From here on it is not taken for whole any more, wherever its removal is torn away.
        let done = root.join(format!("{DONE}{revision}"));
        let renamed = remove(&done).and_then(|()| fs::rename(&path, &done)).and_then(|()| sync(root));
        renamed.map_err(|source| FolderError::Unwritable { path, source })?;
        take_away(&done)?;
    }
    Ok(())
}

/// What a restoring has left in the folder.
fn ours(root: &Path) -> Result<Vec<(PathBuf, String)>, FolderError> {
    let unreadable = |source| FolderError::Unreadable { path: root.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(root).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if [BEGUN, READY, DONE].iter().any(|mark| name.starts_with(mark)) {
            found.push((entry.path(), name));
        }
    }
    Ok(found)
}

fn put_in_place(root: &Path, wanted: &Folder) -> Result<(), FolderError> {
    let unwritable = |path: &Path, source| FolderError::Unwritable { path: path.to_owned(), source };
    for file in &wanted.files {
        let path = root.join(&file.name);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
        if !fs::read(&path).is_ok_and(|now| now == file.bytes) {
            write_file(&path, &file.bytes)?;
        }
    }
    let found = Folder::read(root)?;
    for extra in found.files.iter().filter(|file| wanted.files.iter().all(|kept| kept.name != file.name)) {
        let path = root.join(&extra.name);
        fs::remove_file(&path).map_err(|source| unwritable(&path, source))?;
    }
    let replies = Some(root.join(REPLIES)).filter(|replies| replies.is_dir());
    let synced = replies.map_or(Ok(()), |replies| sync(&replies)).and_then(|()| sync(root));
    synced.map_err(|source| unwritable(root, source))
}

fn take_away(path: &Path) -> Result<(), FolderError> {
    remove(path).map_err(|source| FolderError::Unwritable { path: path.to_owned(), source })
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::folder::RawFile;
    use super::*;
    use std::collections::BTreeMap;

    fn folder(files: &[(&str, &str)]) -> Folder {
        let file = |(name, text): &(&str, &str)| RawFile {
            name: (*name).to_owned(),
            path: String::new(),
            bytes: text.as_bytes().to_vec(),
        };
        Folder { files: files.iter().map(file).collect() }
    }

    fn written(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(REPLIES)).unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    fn found(root: &Path) -> BTreeMap<String, String> {
        let files = Folder::read(root).unwrap().files.into_iter();
        files.map(|file| (file.name, String::from_utf8(file.bytes).unwrap())).collect()
    }

    fn names(root: &Path) -> Vec<String> {
        ours(root).unwrap().into_iter().map(|(_, name)| name).collect()
    }

    const OLD: &[(&str, &str)] = &[("a.toml", "1"), ("replies/r.toml", "1")];
    const NEW: &[(&str, &str)] = &[("a.toml", "2"), ("b.toml", "2"), ("replies/s.toml", "2")];

    #[test]
    fn a_recorded_revision_is_put_in_place_whole_and_leaves_nothing_behind() {
        let dir = written(NEW);
        let back = Revision::new("r3-0a0a");
        stage(dir.path(), &folder(OLD), &back).unwrap();
        assert_eq!(found(dir.path()), found(written(NEW).path()));
        settle(dir.path(), Some(&back)).unwrap();
        assert_eq!(found(dir.path()), found(written(OLD).path()));
        assert_eq!(names(dir.path()), [""; 0]);
    }

    #[test]
    fn one_that_was_never_recorded_leaves_the_files_as_they_are() {
        for last in [None, Some(Revision::new("r2-ffff"))] {
            let dir = written(NEW);
            stage(dir.path(), &folder(OLD), &Revision::new("r3-0a0a")).unwrap();
            settle(dir.path(), last.as_ref()).unwrap();
            assert_eq!(found(dir.path()), found(written(NEW).path()));
            assert_eq!(names(dir.path()), [""; 0]);
        }
    }

    #[test]
    fn wherever_it_is_torn_away_the_next_settling_ends_it() {
        let back = Revision::new("r3-0a0a");
        for torn in 0..=NEW.len() + OLD.len() {
            let dir = written(NEW);
            stage(dir.path(), &folder(OLD), &back).unwrap();
            // As far as a stop in the middle may have come: some written, some removed.
            for (name, text) in OLD.iter().take(torn) {
                fs::write(dir.path().join(name), text).unwrap();
            }
            for (name, _) in NEW.iter().skip(1).take(torn.saturating_sub(OLD.len())) {
                fs::remove_file(dir.path().join(name)).unwrap();
            }
            settle(dir.path(), Some(&back)).unwrap();
            assert_eq!(found(dir.path()), found(written(OLD).path()), "{torn}");
        }
    }

    #[test]
    fn what_was_begun_or_half_removed_is_never_put_in_place() {
        let dir = written(NEW);
        for mark in [BEGUN, DONE] {
            let half = dir.path().join(format!("{mark}r3-0a0a"));
            fs::create_dir(&half).unwrap();
            fs::write(half.join("a.toml"), "1").unwrap();
        }
        settle(dir.path(), Some(&Revision::new("r3-0a0a"))).unwrap();
        assert_eq!(found(dir.path()), found(written(NEW).path()));
        assert_eq!(names(dir.path()), [""; 0]);
    }
}

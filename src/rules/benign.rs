//! Messages that no rule should mind: what a phrase is measured against before it judges.

use super::folder::FolderError;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder inside a rules folder from which they are read when none is named.
pub const BENIGN_DIR: &str = "benign";

/// Everyday messages, one a line, from the `*.txt` files of one folder.
#[derive(Debug, Clone, Default)]
pub struct Benign {
    /// The messages, by file name and line.
    pub texts: Vec<String>,
}

impl Benign {
    /// Reads `folder`; empty lines and lines that begin with `#` are no messages.
    ///
    /// # Errors
    /// [`FolderError::Unreadable`] names the file or folder.
    pub fn read(folder: &Path) -> Result<Self, FolderError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| FolderError::Unreadable { path, source }
        };
        let entries = fs::read_dir(folder).map_err(unreadable(folder))?;
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "txt"));
        files.sort();
        let mut texts = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            texts.extend(lines.map(str::to_owned));
        }
        Ok(Self { texts })
    }

    /// The messages of `named`, or of [`BENIGN_DIR`] inside the rules folder; none when that is absent.
    ///
    /// # Errors
    /// As [`Benign::read`].
    pub fn beside(rules: &Path, named: Option<&Path>) -> Result<Self, FolderError> {
        let own = rules.join(BENIGN_DIR);
        match named {
            Some(folder) => Self::read(folder),
            None if own.is_dir() => Self::read(&own),
            None => Ok(Self::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_beside_the_rules_is_read_unless_another_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join(BENIGN_DIR);
        assert!(Benign::beside(dir.path(), None).unwrap().texts.is_empty());
        fs::create_dir(&own).unwrap();
        fs::write(own.join("a.txt"), "# 日常\n您好\n\n 明天见 \n").unwrap();
        fs::write(own.join("a.md"), "不是语料\n").unwrap();
        assert_eq!(Benign::beside(dir.path(), None).unwrap().texts, ["您好", "明天见"]);
        assert!(Benign::beside(dir.path(), Some(&dir.path().join("none"))).is_err());
    }
}

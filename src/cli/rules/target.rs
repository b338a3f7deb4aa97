//! Which rule files are meant: a folder, or single files of one.

use super::refuse;
use crate::rules::{Folder, RulesError};
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where scripts stand, inside a folder of rules.
const REPLIES: &str = "replies";

/// Where the rule files are.
#[derive(Debug, Args)]
pub(super) struct Where {
    /// 规则目录或其中的文件,文件总是连同所在目录一起读 · Folders of rule files, or files of one: it is read whole
    #[arg(value_name = "PATH", conflicts_with = "dir")]
    paths: Vec<PathBuf>,
    /// 规则目录 · The folder of rule files
    #[arg(long = "rules", value_name = "DIR", default_value = "rules")]
    dir: PathBuf,
}

/// One folder, and which of its files are meant.
pub(super) struct Target {
    /// Where it is.
    pub root: PathBuf,
    /// All its files.
    pub folder: Folder,
    /// The paths of the files that are meant.
    pub wanted: BTreeSet<String>,
}

impl Where {
    /// Reads every folder that is named or holds a named file.
    pub fn read(&self) -> Result<Vec<Target>, u8> {
        let mut named: BTreeMap<PathBuf, Option<BTreeSet<String>>> = BTreeMap::new();
        let default = std::slice::from_ref(&self.dir);
        for path in if self.paths.is_empty() { default } else { &self.paths } {
            match file_of(path) {
                Some((root, name)) => {
                    let names = named.entry(root).or_insert_with(|| Some(BTreeSet::new()));
                    names.iter_mut().for_each(|names| _ = names.insert(name.clone()));
                }
                None => _ = named.insert(path.clone(), None),
            }
        }
        named.into_iter().map(|(root, names)| Target::read(root, names)).collect()
    }
}

impl Target {
    fn read(root: PathBuf, names: Option<BTreeSet<String>>) -> Result<Self, u8> {
        let folder = Folder::read(&root).map_err(|error| refuse(&RulesError::Folder(error)))?;
        let meant =
            folder.files.iter().filter(|file| names.as_ref().is_none_or(|all| all.contains(&file.name)));
        let wanted = meant.map(|file| file.path.clone()).collect();
        Ok(Self { root, folder, wanted })
    }
}

/// The folder of a single rule file and its name there.
fn file_of(path: &Path) -> Option<(PathBuf, String)> {
    let name = path.file_name().filter(|_| path.is_file())?.to_string_lossy();
    let above = |path: &Path| match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let parent = above(path);
    if parent.file_name() == Some(OsStr::new(REPLIES)) {
        return Some((above(&parent), format!("{REPLIES}/{name}")));
    }
    Some((parent, name.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_the_folder_it_belongs_to() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules/ok");
        let of = |path: &str| file_of(&root.join(path));
        assert_eq!(of("finance.toml"), Some((root.clone(), "finance.toml".into())));
        assert_eq!(of("replies/finance.toml"), Some((root.clone(), "replies/finance.toml".into())));
        assert_eq!(of("replies"), None);
    }
}

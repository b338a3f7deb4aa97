//! Where what was in force is read: a data folder, beside a running server, of a stopped one, or a copy.

use super::refuse;
use crate::app;
use crate::cli::{ConfigArg, fail};
use crate::config::StoreUrl;
use crate::ledger::MasterKey;
use crate::publish::{read_files, read_history};
use crate::rules::{Folder, RulesError};
use crate::store::RulesLive;
use clap::Args;
use std::path::{Path, PathBuf};

/// The settings, or a data folder that holds its own key.
#[derive(Debug, Args)]
pub struct PastArgs {
    /// 配置文件,默认 guard.toml · The settings file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 数据目录或它的副本 · A data folder, or a copy of one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A data folder and its key. Nothing is ever written to it here.
pub struct Past {
    /// The folder.
    pub dir: PathBuf,
    /// Its key.
    pub master: MasterKey,
}

impl PastArgs {
    /// Finds folder and key; neither is made.
    pub fn open(self) -> Result<Past, u8> {
        let config = match (self.config, &self.data) {
            (None, Some(_)) => None,
            (config, _) => {
                let config = config.unwrap_or_else(|| "guard.toml".into());
                Some(ConfigArg { config }.load()?)
            }
        };
        let kept = config.as_ref().and_then(|config| match &config.store.url {
            StoreUrl::Local(dir) => Some(dir.clone()),
            StoreUrl::Memory => None,
        });
        let Some(dir) = self.data.or(kept) else {
            eprintln!("没有数据目录,请用 --data 指明 / there is no data folder, name one with --data");
            return Err(2);
        };
        if !dir.join("ledger").is_dir() {
            eprintln!("{} 里没有留痕 / there is no ledger in it", dir.display());
            return Err(2);
        }
        let master = match config.filter(|config| config.store.master_key.is_some()) {
            Some(config) => app::master_key(&config).map_err(|error| fail(&error))?,
            None => key_of(&dir)?,
        };
        Ok(Past { dir, master })
    }
}

fn key_of(dir: &Path) -> Result<MasterKey, u8> {
    let file = dir.join("master.key");
    if !file.is_file() {
        eprintln!("缺少密钥文件 {} / the key file is missing", file.display());
        return Err(2);
    }
    MasterKey::load_or_create(&file).map(|file| file.key).map_err(|error| fail(&error.into()))
}

impl Past {
    /// Every revision, oldest first.
    pub fn revisions(&self) -> Result<Vec<RulesLive>, u8> {
        read_history(&self.dir, self.master.clone()).map_err(|error| fail(&error.into()))
    }

    /// The files of `live`, of `r12-9f3c`, or of `r12` alone.
    pub fn files(&self, name: &str) -> Result<Folder, u8> {
        let revisions = self.revisions()?;
        let is_it = |past: &&RulesLive| {
            let own = past.revision.as_str();
            own == name || own.split('-').next() == Some(name)
        };
        let found = if name == "live" { revisions.last() } else { revisions.iter().rev().find(is_it) };
        let Some(past) = found else {
            eprintln!("没有版本 {name} / there is no revision {name}");
            return Err(2);
        };
        let files = read_files(&self.dir, self.master.clone(), past);
        files.map_err(|error| fail(&error.into()))?.ok_or_else(|| {
            eprintln!("版本 {name} 的规则文件没有留存 / the files of revision {name} were not kept");
            2
        })
    }
}

/// The rule files of a folder.
pub fn folder(dir: &Path) -> Result<Folder, u8> {
    Folder::read(dir).map_err(|error| refuse(&RulesError::from(error)))
}

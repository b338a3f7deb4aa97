//! `rules check`: every fault of every file, in one run.

use super::{RulesDir, refuse, show};
use crate::cli::Exit;
use crate::rules::{Folder, parse};
use clap::Args;

/// `wecom-guard rules check`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    rules: RulesDir,
}

impl Check {
    /// Exit code 0 when there is no fault, 1 when there is, 2 when the folder can't be read.
    pub fn run(self) -> Exit {
        let folder = Folder::read(&self.rules.dir).map_err(|error| refuse(&error.into()))?;
        let (book, faults) = parse(&folder);
        show(&faults);
        let count: usize = book.packs.iter().map(|pack| pack.rules.len()).sum();
        let (files, wrong) = (folder.files.len(), faults.len());
        println!("检查 {files} 个文件,{count} 条规则:{wrong} 个错误");
        println!("checked {files} files, {count} rules: {wrong} faults");
        if faults.is_empty() { Ok(()) } else { Err(1) }
    }
}

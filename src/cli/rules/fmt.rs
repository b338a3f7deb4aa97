//! `rules fmt`: one way to write rule files.

use super::{RulesDir, refuse, show};
use crate::cli::Exit;
use crate::rules::{Folder, RawFile, format_file, write_file};
use clap::Args;
use std::path::Path;

/// `wecom-guard rules fmt`
#[derive(Debug, Args)]
pub struct Fmt {
    #[command(flatten)]
    rules: RulesDir,
    /// 只看,不改;有要改的就返回 1 · Change nothing; 1 when something would change
    #[arg(long)]
    check: bool,
}

impl Fmt {
    /// Exit code 0 when all is as it should be, 1 when a file is faulty or, with `--check`, would
    /// change, 2 when a file can't be read or written.
    pub fn run(self) -> Exit {
        let folder = Folder::read(&self.rules.dir).map_err(|error| refuse(&error.into()))?;
        let (mut changed, mut faulty) = (0, 0);
        for file in &folder.files {
            match format_file(file) {
                Ok(None) => {}
                Ok(Some(text)) => {
                    changed += 1;
                    println!("{}", file.path);
                    self.write(file, &text)?;
                }
                Err(faults) => {
                    faulty += 1;
                    show(&faults);
                }
            }
        }
        self.tell(folder.files.len(), changed, faulty)
    }

    fn write(&self, file: &RawFile, text: &str) -> Exit {
        if self.check {
            return Ok(());
        }
        write_file(Path::new(&file.path), text.as_bytes()).map_err(|error| refuse(&error.into()))
    }

    fn tell(&self, files: usize, changed: usize, faulty: usize) -> Exit {
        let (zh, en) = if self.check { ("要整理", "to be formatted") } else { ("已整理", "formatted") };
        println!("{files} 个文件:{changed} 个{zh},{faulty} 个有错误没有动");
        println!("{files} files: {changed} {en}, {faulty} faulty and left alone");
        if faulty > 0 || (self.check && changed > 0) { Err(1) } else { Ok(()) }
    }
}

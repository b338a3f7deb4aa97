//! `rules history`: every revision that was in force.

use super::past::PastArgs;
use crate::cli::Exit;
use crate::model::CompanyZone;
use crate::store::RulesLive;
use clap::Args;

/// `wecom-guard rules history`
#[derive(Debug, Args)]
pub struct History {
    #[command(flatten)]
    past: PastArgs,
    /// 最多列出几个,最新的在前 · How many, newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

impl History {
    /// Exit code 0, or 2 when the record can't be read.
    pub fn run(self) -> Exit {
        let revisions = self.past.open()?.revisions()?;
        for past in revisions.iter().rev().take(self.limit) {
            println!("{}", line(past));
        }
        let live = revisions.last().map(|past| past.revision.to_string()).unwrap_or_default();
        println!("共 {} 个版本,现行 {live}", revisions.len());
        println!("{} revisions, in force: {live}", revisions.len());
        Ok(())
    }
}

fn line(past: &RulesLive) -> String {
    let at = past.at.map(|at| CompanyZone::china().minute(at)).unwrap_or_default();
    let by = past.by.as_ref().map(ToString::to_string).unwrap_or_default();
    let (rules, phrases) = (past.rules, past.phrases);
    let mut line = format!("{}  {at}  {by}  {rules} 条规则 rules, {phrases} 个词条 phrases", past.revision);
    if let Some(restored) = &past.restores {
        line += &format!("  退回 restores {restored}");
    }
    if let Some(reason) = &past.reason {
        line += &format!("  「{reason}」");
    }
    if past.files.is_empty() {
        line += "  (文件没有留存 files not kept)";
    }
    line
}

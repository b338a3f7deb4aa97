//! `ledger`: prove the record.

use super::{Exit, fail};
use crate::app::StartError;
use crate::ledger;
use crate::ledger::Report;
use clap::Subcommand;
use std::path::PathBuf;

/// `wecom-guard ledger …`
#[derive(Debug, clap::Args)]
pub struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// 校验每一条记录和链 · Check every record and the chain
    Verify {
        /// 数据目录 · The data folder
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}

impl LedgerArgs {
    /// Does what was asked.
    pub fn run(self) -> Exit {
        let LedgerCommand::Verify { data } = self.command;
        if !data.join("ledger").is_dir() {
            eprintln!("{} 里没有留痕 / there is no ledger in it", data.display());
            return Err(2);
        }
        let report = ledger::verify(&data, None, |_| {}).map_err(|error| fail(&StartError::from(error)))?;
        say(&report)
    }
}

fn say(report: &Report) -> Exit {
    if let Some(fault) = &report.first_fault {
        println!(
            "第 {} 条之后与记录不符 / does not hold after {} records: {fault}",
            report.records, report.records
        );
        return Err(1);
    }
    let head = report.heads.last().map(|head| format!("{} {}", head.position, head.hash)).unwrap_or_default();
    println!("已校验 {} 条:连续,链尾 {head}", report.records);
    println!("{} records in {} shards verified: unbroken, head {head}", report.records, report.shards);
    if report.torn_tail {
        println!("末尾有一段从未确认过的半截写入 / the end holds half a write that was never acknowledged");
    }
    Ok(())
}

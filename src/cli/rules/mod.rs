//! `rules`: the tools of whoever writes rule files, one file a command.

mod check;
mod diff;
mod fmt;
mod github;
mod history;
mod human;
mod import;
mod junit;
mod marked;
mod output;
mod past;
mod rollback;
mod target;
mod test;
mod try_text;

use super::Exit;
use crate::model::{Clock, CompanyZone};
use crate::rules::{Diagnostic, RulesError};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::path::PathBuf;

/// Faults shown before only their number is.
const SHOWN: usize = 50;

/// `wecom-guard rules …`
#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    /// 检查规则文件,一次指出全部错误 · Find every fault of every file
    Check(check::Check),
    /// 跑规则文件里的测试 · Run the tests in the files
    Test(test::Test),
    /// 按统一的顺序和格式重写规则文件,保留注释 · One order and spacing for every file, comments kept
    Fmt(fmt::Fmt),
    /// 把表格里的词条导入规则包,先给预览 · Words from a spreadsheet into a pack, with a preview
    Import(import::Import),
    /// 两份规则差在哪里,会多拦少拦多少 · What changed between two sets of rules, and what it would do
    Diff(diff::DiffArgs),
    /// 生效过的每个版本:谁、什么时候、为什么 · Every revision that was in force: who, when, why
    History(history::History),
    /// 服务停着时退回旧版本 · Bring a revision back while no server runs
    Rollback(rollback::Rollback),
    /// 试一句话,说明为什么 · Try one text and say why
    Try(try_text::Try),
}

/// Where the rule files are.
#[derive(Debug, Args)]
struct RulesDir {
    /// 规则目录 · The folder of rule files
    #[arg(long = "rules", value_name = "DIR", default_value = "rules")]
    dir: PathBuf,
}

impl RulesArgs {
    /// Does what was asked.
    pub fn run(self) -> Exit {
        match self.command {
            RulesCommand::Check(check) => check.run(),
            RulesCommand::Test(test) => test.run(),
            RulesCommand::Diff(diff) => diff.run(),
            RulesCommand::History(history) => history.run(),
            RulesCommand::Rollback(rollback) => rollback.run(),
            RulesCommand::Fmt(fmt) => fmt.run(),
            RulesCommand::Import(import) => import.run(),
            RulesCommand::Try(one) => one.run(),
        }
    }
}

/// The company's day.
fn today() -> Date {
    CompanyZone::china().business_day(Clock::system().now())
}

/// Says why a folder can't be used and gives the exit code.
pub fn refuse(error: &RulesError) -> u8 {
    match error {
        RulesError::Refused(faults) => show(faults),
        RulesError::Folder(_) | RulesError::Build(_) => {
            eprintln!("规则不能用 / the rules can't be used: {error}")
        }
    }
    2
}

/// Says one line for each error that does not keep rules from judging.
pub fn warn(findings: &[Diagnostic]) {
    findings.iter().take(SHOWN).for_each(|finding| eprintln!("{finding}"));
    say_rest(findings.len());
}

fn show(faults: &[Diagnostic]) {
    for fault in faults.iter().take(SHOWN) {
        let (place, code) = (&fault.place, fault.code.as_str());
        eprintln!(
            "{}:{}:{}: {code} {} / {}",
            place.file, place.line, place.col, fault.message.zh, fault.message.en
        );
        eprintln!("    {} / {}", fault.help_zh, fault.help_en);
    }
    say_rest(faults.len());
}

fn say_rest(count: usize) {
    if let Some(rest) = count.checked_sub(SHOWN).filter(|rest| *rest > 0) {
        eprintln!("还有 {rest} 处 / {rest} more");
    }
}

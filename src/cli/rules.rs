//! `rules`: check, test and try rule files before they go live.

use super::Exit;
use crate::intercept::{Circumstances, Look};
use crate::model::{Clock, CompanyZone, MessageText};
use crate::rules::{Diagnostic, Folder, LiveRules, RulesError, parse, tests};
use clap::{Args, Subcommand};
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
    Check(Rules),
    /// 跑规则文件里的测试 · Run the tests in the files
    Test(Rules),
    /// 试一句话,说明为什么 · Try one text and say why
    Try {
        /// 要试的话 · The text
        text: String,
        #[command(flatten)]
        rules: Rules,
    },
}

#[derive(Debug, Args)]
struct Rules {
    /// 规则目录 · The folder of rule files
    #[arg(long = "rules", value_name = "DIR", default_value = "rules")]
    dir: PathBuf,
}

impl RulesArgs {
    /// Does what was asked.
    pub fn run(self) -> Exit {
        match self.command {
            RulesCommand::Check(rules) => check(&rules),
            RulesCommand::Test(rules) => test(&rules),
            RulesCommand::Try { text, rules } => try_text(&rules, &text),
        }
    }
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

fn show(faults: &[Diagnostic]) {
    for fault in faults.iter().take(SHOWN) {
        let (place, code) = (&fault.place, fault.code.as_str());
        eprintln!(
            "{}:{}:{}: {code} {} / {}",
            place.file, place.line, place.col, fault.message.zh, fault.message.en
        );
        eprintln!("    {} / {}", fault.help_zh, fault.help_en);
    }
    if faults.len() > SHOWN {
        eprintln!("还有 {} 处 / {} more", faults.len() - SHOWN, faults.len() - SHOWN);
    }
}

fn check(rules: &Rules) -> Exit {
    let folder = Folder::read(&rules.dir).map_err(|error| refuse(&error.into()))?;
    let (book, faults) = parse(&folder);
    show(&faults);
    let count: usize = book.packs.iter().map(|pack| pack.rules.len()).sum();
    let (files, wrong) = (folder.files.len(), faults.len());
    println!("检查 {files} 个文件,{count} 条规则:{wrong} 个错误");
    println!("checked {files} files, {count} rules: {wrong} faults");
    if faults.is_empty() { Ok(()) } else { Err(1) }
}

fn test(rules: &Rules) -> Exit {
    let report = tests::run(&rules.dir).map_err(|error| refuse(&error))?;
    let mut failed = 0;
    for case in report.failures() {
        failed += 1;
        let (place, kind) = (&case.place, case.kind.as_str());
        eprintln!("{}:{}:{}: {} {kind} 「{}」", place.file, place.line, place.col, case.rule, case.text);
        eprintln!("    {} / {}", case.got.zh, case.got.en);
    }
    let total = report.cases.len();
    println!("测试 {total} 条:{} 通过,{failed} 失败", total - failed);
    println!("{total} tests: {} passed, {failed} failed", total - failed);
    if failed == 0 { Ok(()) } else { Err(1) }
}

fn try_text(rules: &Rules, text: &str) -> Exit {
    let text = MessageText::new(text).map_err(|fault| {
        eprintln!("{fault}");
        2
    })?;
    let now = Clock::system().now();
    let live = LiveRules::load(&rules.dir, 0, now).map_err(|error| refuse(&error))?;
    let known = Circumstances::on(CompanyZone::china().business_day(now));
    let explained = Look { live: &live, known: &known }.explain(text.as_str());
    println!("{:?} · {}", explained.judgement.verdict, live.revision);
    for hit in &explained.judgement.hits {
        println!("  {:?} 「{}」 {} {} {:?}", hit.action, hit.matched, hit.rule, hit.name, hit.via);
        println!("    {} → {}", hit.why, hit.fix);
    }
    for one in &explained.dismissed {
        println!("  – 「{}」 {} {:?}", one.phrase, one.rule, one.why);
    }
    Ok(())
}

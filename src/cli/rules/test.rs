//! `rules test`: the tests that stand in the files beside the rules.

use super::{RulesDir, refuse};
use crate::cli::Exit;
use crate::rules::tests;
use clap::Args;

/// `wecom-guard rules test`
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    rules: RulesDir,
}

impl Test {
    /// Exit code 0 when all binding tests pass, 1 when one fails, 2 when the folder can't be used.
    pub fn run(self) -> Exit {
        let report = tests::run(&self.rules.dir).map_err(|error| refuse(&error))?;
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
}

//! `rules test`: the tests that stand in the files beside the rules.

use super::human::{Human, Said};
use super::junit::{self, Ended};
use super::marked::marked;
use super::output::{Format, Output, Printed};
use super::target::Where;
use super::{github, refuse};
use crate::cli::Exit;
use crate::rules::tests::{CaseReport, Report, Unprotected, run_some};
use crate::rules::{Diagnostic, Folder, Related, Words, parse};
use annotate_snippets::Level as Tone;
use clap::Args;
use serde_json::json;

/// `wecom-guard rules test [PATH…]`
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    rules: Where,
    /// 只测编号里含有这段文字的规则 · Only rules whose id holds this
    #[arg(long, value_name = "ID")]
    filter: Option<String>,
    /// 列出没有测试保护的词条 · List the phrases that no test protects
    #[arg(long)]
    unprotected: bool,
    #[command(flatten)]
    output: Output,
}

impl Test {
    /// Exit code 0 when all binding tests pass and every block rule has some, 1 when not, 2 when the folder
    /// can't be used or no rule is meant.
    pub fn run(self) -> Exit {
        let (mut report, mut folders) = (Report::default(), Vec::new());
        for target in self.rules.read()? {
            let meant = |path: &str, id: &str| {
                target.wanted.contains(path) && self.filter.as_deref().is_none_or(|part| id.contains(part))
            };
            report.extend(run_some(&target.folder, &meant).map_err(|error| refuse(&error))?);
            folders.push(target.folder);
        }
        if report.rules == 0 {
            eprintln!("没有这样的规则 / there is no such rule");
            return Err(2);
        }
        self.told(&report, &folders)?.print();
        if report.is_good() { Ok(()) } else { Err(1) }
    }

    fn told(&self, report: &Report, folders: &[Folder]) -> Result<Printed, u8> {
        match self.output.format {
            Format::Human => Ok(self.to_people(report, folders)),
            Format::Json => Printed::result(serde_json::to_string_pretty(&self.document(report))),
            Format::Github => Ok(self.annotations(report)),
            Format::Junit => Printed::result(junit::write("rules test", self.cases(report))),
        }
    }

    fn to_people(&self, report: &Report, folders: &[Folder]) -> Printed {
        let sources: Vec<_> = folders.iter().flat_map(|folder| parse(folder).0.sources).collect();
        let (human, mut printed) = (Human::new(&self.output.look, &sources), Printed::default());
        report.failures().for_each(|case| printed.err(failure(&human, case)));
        report.untested.iter().for_each(|fault| printed.err(human.diagnostic(fault)));
        report.solved().for_each(|case| printed.err(solved(&human, case)));
        for Unprotected { place, rule, phrase } in report.unprotected.iter().filter(|_| self.unprotected) {
            printed.out(format_args!("{}:{}:{}: {rule} 「{phrase}」", place.file, place.line, place.col));
        }
        printed.out(human.lang.say(&protected(report)));
        printed.out(self.summary(report));
        printed
    }

    fn annotations(&self, report: &Report) -> Printed {
        let mut printed = Printed::default();
        report.failures().for_each(|case| printed.out(self.annotation(case)));
        report.untested.iter().for_each(|fault| printed.out(self.untested(fault)));
        printed.out(self.summary(report));
        printed
    }

    fn summary(&self, report: &Report) -> String {
        let (failed, known) = (report.failed(), report.known());
        let passed = report.cases.len() - report.failures().count() - known;
        let total = passed + failed + known;
        let (zh, en) = match known {
            0 => (String::new(), String::new()),
            _ => (format!(",{known} 条已知问题"), format!(", {known} known faults")),
        };
        self.output.look.lang().say(&Words::new(
            format!("测试 {total} 条:{passed} 通过,{failed} 失败{zh}"),
            format!("{total} tests: {passed} passed, {failed} failed{en}"),
        ))
    }

    fn document(&self, report: &Report) -> serde_json::Value {
        let listed = self.unprotected.then_some(&report.unprotected);
        json!({
            "tests": report.cases.len(),
            "failed": report.failed(),
            "known": report.known(),
            "phrases": report.phrases,
            "unprotected_total": report.unprotected.len(),
            "failures": report.failures().collect::<Vec<_>>(),
            "untested": report.untested,
            "solved": report.solved().collect::<Vec<_>>(),
            "unprotected": listed,
        })
    }

    fn annotation(&self, case: &CaseReport) -> String {
        let title = format!("{} {}", case.rule, case.kind.as_str());
        github::annotation("error", &case.place, &title, &self.story(case))
    }

    fn untested(&self, fault: &Diagnostic) -> String {
        let message = self.output.look.lang().say(&fault.message);
        github::annotation("error", &fault.place, fault.code.as_str(), &message)
    }

    /// Expected, got and the text, a line each.
    fn story(&self, case: &CaseReport) -> String {
        let lang = self.output.look.lang();
        let lines = story(case).map(|(zh, en, words)| format!("{}: {}", lang.word(zh, en), lang.say(&words)));
        lines.join("\n")
    }

    fn cases(&self, report: &Report) -> Vec<junit::Case> {
        let lang = self.output.look.lang();
        let tests = report.cases.iter().map(|case| junit::Case {
            suite: case.rule.to_string(),
            name: format!("{}: {}", case.kind.as_str(), case.text),
            ended: match case.held {
                true => Ended::Well,
                false if case.fails() => Ended::Failed(lang.say(&case.got), self.story(case)),
                false => Ended::Known(lang.say(&case.got)),
            },
        });
        let untested = report.untested.iter().map(|fault| junit::Case {
            suite: fault.code.as_str().to_owned(),
            name: format!("{}:{}", fault.place.file, fault.place.line),
            ended: Ended::Failed(lang.say(&fault.message), lang.say(&fault.help())),
        });
        tests.chain(untested).collect()
    }
}

fn protected(report: &Report) -> Words {
    let (all, bare) = (report.phrases, report.unprotected.len());
    Words::new(
        format!("词条 {all} 个:{} 个有测试保护,{bare} 个没有 (--unprotected 列出)", all - bare),
        format!("{all} phrases: {} protected by a test, {bare} not (--unprotected lists them)", all - bare),
    )
}

/// What is told of a failed test, by its Chinese and English names.
fn story(case: &CaseReport) -> [(&'static str, &'static str, Words); 3] {
    let at = case
        .reason
        .as_ref()
        .map(|Related { place, .. }| format!(" {}:{}:{}", place.file, place.line, place.col));
    let at = at.unwrap_or_default();
    let got = Words::new(format!("{}{at}", case.got.zh), format!("{}{at}", case.got.en));
    let text = marked(&case.text, &case.marks);
    [
        ("期望", "expected", case.expected.clone()),
        ("实际", "got", got),
        ("文本", "text", Words::from(text.as_str())),
    ]
}

fn solved(human: &Human, case: &CaseReport) -> String {
    let (place, kind) = (&case.place, case.kind.as_str());
    let told = Words::new("已经通过,可以改成正式测试", "holds now and may become binding");
    format!("{}:{}: {} {kind} {}", place.file, place.line, case.rule, human.lang.say(&told))
}

fn failure(human: &Human, case: &CaseReport) -> String {
    let lang = human.lang;
    let title = format!("{} {}", case.rule, case.kind.as_str());
    let title = Tone::ERROR.with_name(lang.word("测试没过", "test failed")).primary_title(title);
    let notes =
        story(case).into_iter().map(|(zh, en, words)| (lang.word(zh, en), lang.say(&words))).collect();
    human.draw(Said { title, place: &case.place, related: case.reason.as_slice(), notes })
}

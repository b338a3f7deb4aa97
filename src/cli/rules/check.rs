//! `rules check`: everything that is wrong or doubtful in every file, in one run.

use super::human::Human;
use super::junit::{self, Ended};
use super::output::{Format, Output, Printed};
use super::target::{Target, Where};
use super::{github, refuse, today};
use crate::cli::Exit;
use crate::rules::{Corpus, Diagnostic, Level, RulesError, Source, Words, check};
use clap::Args;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Faults shown before only their number is.
const SHOWN: usize = 50;
/// Warnings of one kind shown before only their number is.
const SHOWN_OF_A_KIND: usize = 3;

/// `wecom-guard rules check [PATH…]`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    rules: Where,
    /// 日常消息语料,默认是规则目录里的 benign/ · Ordinary lines, a file of them a kind; `benign/` beside the rules when absent
    #[arg(long, value_name = "DIR")]
    benign: Option<PathBuf>,
    /// 有提醒也算不通过 · Warnings fail too
    #[arg(long)]
    deny_warnings: bool,
    /// 全部列出,不省略 · Every fault, however many
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: Output,
}

/// What was found.
#[derive(Debug, Default, Serialize)]
struct Checked {
    files: usize,
    rules: usize,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Diagnostic>,
    #[serde(skip)]
    sources: Vec<Arc<Source>>,
    #[serde(skip)]
    paths: BTreeSet<String>,
}

impl Check {
    /// Exit code 0 when nothing is wrong, 1 when something is, 2 when a folder can't be read.
    pub fn run(self) -> Exit {
        let mut checked = Checked::default();
        for target in self.rules.read()? {
            self.one(target, &mut checked)?;
        }
        let count = |level| checked.diagnostics.iter().filter(|fault| fault.level == level).count();
        (checked.errors, checked.warnings) = (count(Level::Error), count(Level::Warning));
        let fails = checked.errors > 0 || self.deny_warnings && checked.warnings > 0;
        self.told(&checked)?.print();
        if fails { Err(1) } else { Ok(()) }
    }

    fn one(&self, target: Target, checked: &mut Checked) -> Exit {
        let broken = |error: RulesError| refuse(&error);
        let benign =
            Corpus::beside(&target.root, self.benign.as_deref()).map_err(|error| broken(error.into()))?;
        let (book, mut found) =
            check(&target.folder, &benign, today()).map_err(|error| broken(error.into()))?;
        found.retain(|fault| target.wanted.contains(&fault.place.file));
        let packs = book.packs.iter().filter(|pack| target.wanted.contains(&pack.source.path));
        checked.rules += packs.map(|pack| pack.rules.len()).sum::<usize>();
        checked.files += target.wanted.len();
        checked.diagnostics.extend(found);
        checked.sources.extend(book.sources);
        checked.paths.extend(target.wanted);
        Ok(())
    }

    fn told(&self, checked: &Checked) -> Result<Printed, u8> {
        match self.output.format {
            Format::Human => Ok(self.to_people(checked)),
            Format::Json => Printed::result(serde_json::to_string_pretty(checked)),
            Format::Github => Ok(self.annotations(checked)),
            Format::Junit => Printed::result(junit::write("rules check", self.cases(checked))),
        }
    }

    fn to_people(&self, checked: &Checked) -> Printed {
        let (human, mut printed) = (Human::new(&self.output.look, &checked.sources), Printed::default());
        let (shown, hidden) = self.choose(&checked.diagnostics);
        shown.into_iter().for_each(|fault| printed.err(human.diagnostic(fault)));
        for (code, count) in hidden {
            let told = Words::new(
                format!("{code} 还有 {count} 处,用 --all 全部列出"),
                format!("{count} more of {code}, --all lists them"),
            );
            printed.err(human.lang.say(&told));
        }
        printed.out(self.summary(checked));
        printed
    }

    fn annotations(&self, checked: &Checked) -> Printed {
        let mut printed = Printed::default();
        checked.diagnostics.iter().for_each(|fault| printed.out(self.annotation(fault)));
        printed.out(self.summary(checked));
        printed
    }

    /// What is shown in the order of the files, and how many of each code are not. Errors come before
    /// warnings when there is no room for all.
    fn choose<'d>(&self, found: &'d [Diagnostic]) -> (Vec<&'d Diagnostic>, BTreeMap<&'static str, usize>) {
        if self.all {
            return (found.iter().collect(), BTreeMap::new());
        }
        let (mut shown, mut hidden) = (Vec::new(), BTreeMap::new());
        let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
        let mut by_level: Vec<_> = found.iter().enumerate().collect();
        by_level.sort_by_key(|(place, fault)| (fault.level, *place));
        for (place, fault) in by_level {
            let before = of_kind.entry(fault.code.as_str()).or_default();
            *before += 1;
            let has_room = fault.level == Level::Error || *before <= SHOWN_OF_A_KIND;
            if has_room && shown.len() < SHOWN {
                shown.push((place, fault));
            } else {
                *hidden.entry(fault.code.as_str()).or_default() += 1;
            }
        }
        shown.sort_by_key(|(place, _)| *place);
        (shown.into_iter().map(|(_, fault)| fault).collect(), hidden)
    }

    fn summary(&self, checked: &Checked) -> String {
        let Checked { files, rules, errors, warnings, .. } = checked;
        self.output.look.lang().say(&Words::new(
            format!("检查 {files} 个文件,{rules} 条规则:{errors} 个错误,{warnings} 个提醒"),
            format!(
                "checked {}, {}: {}, {}",
                counted(*files, "file"),
                counted(*rules, "rule"),
                counted(*errors, "error"),
                counted(*warnings, "warning")
            ),
        ))
    }

    fn annotation(&self, fault: &Diagnostic) -> String {
        let level = match fault.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let lang = self.output.look.lang();
        let message = format!("{}\n{}", lang.say(&fault.message), lang.say(&fault.help()));
        github::annotation(level, &fault.place, fault.code.as_str(), &message)
    }

    /// A file is a suite: one case for each fault, or one that went well.
    fn cases(&self, checked: &Checked) -> Vec<junit::Case> {
        let of_file = |path: &String| {
            let own = checked.diagnostics.iter().filter(|fault| fault.place.file == *path);
            let mut cases: Vec<_> = own.map(|fault| self.case(fault)).collect();
            if cases.is_empty() {
                cases.push(junit::Case { suite: path.clone(), name: path.clone(), ended: Ended::Well });
            }
            cases
        };
        checked.paths.iter().flat_map(of_file).collect()
    }

    fn case(&self, fault: &Diagnostic) -> junit::Case {
        let (lang, place) = (self.output.look.lang(), &fault.place);
        let message = lang.say(&fault.message);
        let name = format!("{} {}:{}:{}", fault.code.as_str(), place.file, place.line, place.col);
        let ended = match fault.level == Level::Error || self.deny_warnings {
            true => Ended::Failed(message, lang.say(&fault.help())),
            false => Ended::Known(message),
        };
        junit::Case { suite: place.file.clone(), name, ended }
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

//! What reads well and is still wrong: said before the rules are published.
//!
//! [`check`] is the whole of it. What needs no engine is also told when rules are loaded, and stops
//! nothing there.

mod allow;
mod library;
mod native;
mod overlap;
mod phrases;
mod scope;
mod wide;

use super::benign::Corpus;
use super::diagnostic::{Code, Diagnostic, Level, Words};
use super::folder::Folder;
use super::located::Located;
use super::parse::parse;
use super::schema::{Book, State};
use super::source::Fault;
use super::tests::{self, CaseReport, Report};
use super::trial::Trial;
use crate::model::Action;
use crate::scan::BuildError;
use jiff::civil::Date;
use std::collections::HashSet;

/// Reads all files and reports everything that is wrong or doubtful, sorted by file, line and column.
///
/// # Errors
/// [`BuildError`] when the rules are too many for the engine.
pub fn check(folder: &Folder, benign: &Corpus, today: Date) -> Result<(Book, Vec<Diagnostic>), BuildError> {
    let (book, mut told) = parse(folder);
    let guessed = Guessed::of(&told);
    let mut found = without_engine(&book);
    found.extend(library::stale_bases(&book, today));
    found.extend(with_engine(&book, benign, today)?);
    told.extend(found.into_iter().filter(|finding| !guessed.holds(finding)));
    told.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    Ok((book, told))
}

/// The errors that are found without the engine: told at every load.
pub(super) fn at_load(book: &Book) -> Vec<Diagnostic> {
    let found = without_engine(book).into_iter();
    found.filter(|finding| finding.level == Level::Error).collect()
}

fn without_engine(book: &Book) -> Vec<Diagnostic> {
    let mut found = library::unknown_bases(book);
    found.extend(library::few_scripts(book));
    found.extend(native::not_native(book));
    for at in book.sound() {
        found.extend(phrases::of_rule(at));
        found.extend(block_untested(at));
    }
    found
}

fn with_engine(book: &Book, benign: &Corpus, today: Date) -> Result<Vec<Diagnostic>, BuildError> {
    let trial = Trial::new(book)?;
    let Report { cases, .. } = tests::report(&trial, trial.rules());
    let failed = cases.iter().filter(|case| case.fails());
    let mut found: Vec<_> = failed.filter_map(|case| test_failed(&trial, case)).collect();
    found.extend(allow::untested(&trial, &cases));
    found.extend(wide::too_wide(book, &trial, benign));
    found.extend(library::scripts_that_hit(book, &trial, today));
    found.extend(overlap::overlaps(book)?);
    Ok(found)
}

/// A rule that blocks in earnest has to show what it is for.
pub(super) fn block_untested(at: Located<'_>) -> Option<Diagnostic> {
    let (rule, tests) = (at.rule, &at.rule.tests);
    let judges = matches!(rule.state, State::Live | State::Shadow);
    let lacks: Vec<_> = [("must_hit", &tests.must_hit), ("must_pass", &tests.must_pass)]
        .into_iter()
        .filter_map(|(name, cases)| cases.is_empty().then_some(name))
        .collect();
    if rule.action != Action::Block || !judges || lacks.is_empty() {
        return None;
    }
    let lacks = Words::new(lacks.join("、"), lacks.join(" and "));
    let fault = Fault::new(Code::BlockUntested, rule.id.span).with("id", at.id()).with("lacks", lacks);
    Some(at.diagnose(fault))
}

fn test_failed(trial: &Trial<'_>, case: &CaseReport) -> Option<Diagnostic> {
    let at = trial.rule(&case.rule)?;
    let start = at.pack.source.offset(case.place.line, case.place.col);
    let end = at.pack.source.offset(case.place.end_line, case.place.end_col);
    let mut fault = Fault::new(Code::TestFailed, crate::model::Span { start, end })
        .with("expected", case.expected.clone())
        .with("got", case.got.clone());
    fault.related.extend(case.reason.clone());
    Some(at.diagnose(fault))
}

/// Files of which the parser could not read everything: what seems to be missing may well be there.
struct Guessed(HashSet<String>);

impl Guessed {
    fn of(faults: &[Diagnostic]) -> Self {
        let broken = faults.iter().filter(|fault| matches!(fault.code, Code::Syntax | Code::NotUtf8));
        Self(broken.map(|fault| fault.place.file.clone()).collect())
    }

    fn holds(&self, finding: &Diagnostic) -> bool {
        let is_basis = |file: &String| file.ends_with("basis.toml");
        let lacks_bases = finding.code == Code::UnknownBasis && self.0.iter().any(is_basis);
        lacks_bases || self.0.contains(&finding.place.file)
    }
}

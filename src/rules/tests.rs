//! Runs the tests that stand in the rule files beside the rules.

use super::compile::{self, Titles};
use super::diagnostic::{Level, Place, Words};
use super::folder::Folder;
use super::live::RulesError;
use super::parse::parse;
use super::schema::{Book, Case, Pack, Rule, State};
use crate::model::{Hit, Judgement, Revision, RuleId, Verdict};
use crate::scan::{Context, RuleState, Ruleset};
use jiff::civil::Date;
use std::path::Path;

/// What a test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKind {
    /// The rule has to find it.
    MustHit,
    /// The rule has to leave it alone.
    MustPass,
    /// A known miss: reported, never a failure.
    TodoHit,
    /// A known false alarm: reported, never a failure.
    TodoPass,
}

impl CaseKind {
    /// The key in the rule file.
    pub fn as_str(self) -> &'static str {
        match self {
            CaseKind::MustHit => "must_hit",
            CaseKind::MustPass => "must_pass",
            CaseKind::TodoHit => "todo_hit",
            CaseKind::TodoPass => "todo_pass",
        }
    }

    fn wants_hit(self) -> bool {
        matches!(self, CaseKind::MustHit | CaseKind::TodoHit)
    }

    /// A failure of it fails the run.
    fn is_binding(self) -> bool {
        matches!(self, CaseKind::MustHit | CaseKind::MustPass)
    }
}

/// One test and what came of it.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// The rule.
    pub rule: RuleId,
    /// What was asked for.
    pub kind: CaseKind,
    /// Where the test stands.
    pub place: Place,
    /// The text.
    pub text: String,
    /// It came out as asked.
    pub held: bool,
    /// What the rule did, with the nearest reason.
    pub got: Words,
}

/// What came of all tests of a folder.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Every test, by file and rule.
    pub cases: Vec<CaseReport>,
}

impl Report {
    /// The tests that fail the run.
    pub fn failures(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.kind.is_binding() && !case.held)
    }

    /// Known misses and known false alarms that have come right: they may become binding.
    pub fn solved(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| !case.kind.is_binding() && case.held)
    }
}

/// Runs the tests of every rule that is not retired, each rule by itself in its own scope.
///
/// # Errors
/// [`RulesError`] when the folder can't be loaded.
pub fn run(folder: &Path) -> Result<Report, RulesError> {
    let (book, diagnostics) = parse(&Folder::read(folder)?);
    if diagnostics.iter().any(|fault| fault.level == Level::Error) {
        return Err(RulesError::Refused(diagnostics));
    }
    let ruleset = everything(&book)?;
    let rules = book.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
    let cases = rules.filter(|(_, rule)| rule.state != State::Retired);
    Ok(Report { cases: cases.flat_map(|(pack, rule)| of_rule(&ruleset, pack, rule)).collect() })
}

/// Every rule as if it were live: a draft is tested before it judges, and past its last day too.
fn everything(book: &Book) -> Result<Ruleset, RulesError> {
    let titles = Titles::of(&book.bases);
    let rules = book.packs.iter().flat_map(|pack| &pack.rules);
    let timeless = rules.map(|rule| {
        let mut spec = compile::spec(rule, RuleState::Live, &titles);
        (spec.valid_from, spec.valid_to) = (None, None);
        spec
    });
    Ok(Ruleset::build(Revision::new("test"), timeless.collect())?)
}

fn of_rule(ruleset: &Ruleset, pack: &Pack, rule: &Rule) -> Vec<CaseReport> {
    let tests = &rule.tests;
    let kinds = [
        (CaseKind::MustHit, &tests.must_hit),
        (CaseKind::MustPass, &tests.must_pass),
        (CaseKind::TodoHit, &tests.todo_hit),
        (CaseKind::TodoPass, &tests.todo_pass),
    ];
    let cases = kinds.into_iter().flat_map(|(kind, cases)| cases.iter().map(move |case| (kind, case)));
    cases.map(|(kind, case)| one(ruleset, pack, rule, kind, case)).collect()
}

fn one(ruleset: &Ruleset, pack: &Pack, rule: &Rule, kind: CaseKind, case: &Case) -> CaseReport {
    let judgement = ruleset.judge(&case.text.value, &own_scope(rule));
    let hit = counted(&judgement, rule, case);
    CaseReport {
        rule: RuleId::new(rule.id.value.as_str()),
        kind,
        place: pack.source.place(case.text.span),
        text: case.text.value.clone(),
        held: hit.is_some() == kind.wants_hit(),
        got: hit.map_or_else(|| missed(&judgement, rule), found),
    }
}

/// A message for which the rule is meant.
fn own_scope(rule: &Rule) -> Context<'_> {
    Context {
        channel: rule.channels.first().copied(),
        industry: rule.scope.industries.first().map(String::as_str),
        departments: Some(&rule.scope.departments),
        sender_tags: Some(&rule.scope.sender_tags),
        contact_tags: Some(&rule.scope.contact_tags),
        day: Date::default(),
    }
}

fn is_of(rule: &Rule, id: &RuleId) -> bool {
    id.as_str() == rule.id.value
}

/// The hit that makes the rule count for this test: one lowered until nothing stops does not.
fn counted<'j>(judgement: &'j Judgement, rule: &Rule, case: &Case) -> Option<&'j Hit> {
    let stands = |hit: &Hit| hit.lowered_by.is_none() || Verdict::from(hit.action) > Verdict::Pass;
    let here = |hit: &Hit| case.span.as_ref().is_none_or(|span| *span == hit.matched);
    judgement.hits.iter().find(|hit| is_of(rule, &hit.rule) && stands(hit) && here(hit))
}

fn found(hit: &Hit) -> Words {
    Words::new(
        format!("命中「{}」(词条「{}」)", hit.matched, hit.phrase),
        format!("hit `{}` (phrase `{}`)", hit.matched, hit.phrase),
    )
}

/// Why there was no hit, as far as the engine says.
fn missed(judgement: &Judgement, rule: &Rule) -> Words {
    if let Some(excused) = judgement.suppressed.iter().find(|excused| is_of(rule, &excused.rule)) {
        let by = &excused.by;
        return Words::new(format!("被例外「{by}」放行"), format!("excused by `{by}`"));
    }
    match judgement.hits.iter().find(|hit| is_of(rule, &hit.rule)) {
        Some(hit) if hit.lowered_by.is_some() => Words::new(
            format!("命中「{}」,但已降级", hit.matched),
            format!("hit `{}`, but lowered", hit.matched),
        ),
        Some(hit) => {
            Words::new(format!("命中的是「{}」", hit.matched), format!("hit `{}` instead", hit.matched))
        }
        None => Words::new("没有命中", "no hit"),
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use std::fs;

    const PACK: &str = r#"
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "拦截"
state = "草稿"
valid_to = 2020-01-01
phrases = ["保底收益"]
allow = ["不承诺保底收益"]
scope = { industries = ["金融"] }
[rule.tests]
must_hit = ["保底收益5%", { text = "这款保底收益不错", span = "保底收益" }, "我们不承诺保底收益"]
must_pass = ["收益会随市场波动"]
todo_hit = ["bao底收益哦"]
"#;

    fn report() -> Report {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("finance.toml"), PACK).unwrap();
        run(dir.path()).unwrap()
    }

    #[test]
    fn a_failed_test_names_its_place_and_the_nearest_reason() {
        let report = report();
        let failed: Vec<_> = report.failures().collect();
        assert_eq!(failed.len(), 1, "{failed:#?}");
        assert_eq!((failed[0].place.line, failed[0].place.col), (12, 61));
        assert_eq!(failed[0].got.zh, "被例外「不承诺保底收益」放行");
    }

    #[test]
    fn a_known_miss_is_reported_and_fails_nothing() {
        let report = report();
        let todo = report.cases.iter().find(|case| case.kind == CaseKind::TodoHit).unwrap();
        assert!(!todo.held);
        assert_eq!(report.solved().count(), 0);
    }
}

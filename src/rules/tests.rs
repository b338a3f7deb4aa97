//! Runs the tests that stand in the rule files beside the rules.

use super::diagnostic::{Diagnostic, Level, Place, Related, Words};
use super::folder::Folder;
use super::lint;
use super::live::RulesError;
use super::located::{Located, dismissal_words};
use super::parse::parse;
use super::schema::Case;
use super::trial::Trial;
use crate::model::{Hit, RuleId, Spans, Verdict};
use crate::scan::{Dismissal, Dismissed, Explanation};
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;

/// What a test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Debug, Clone, Serialize)]
pub struct CaseReport {
    /// The rule.
    pub rule: RuleId,
    /// What was asked for.
    pub kind: CaseKind,
    /// Where the test stands.
    #[serde(flatten)]
    pub place: Place,
    /// The text.
    pub text: String,
    /// It came out as asked.
    pub held: bool,
    /// What was asked for, in words.
    pub expected: Words,
    /// What the rule did, with the nearest reason.
    pub got: Words,
    /// Where in a rule file that reason stands: the phrase that hit, the allow-phrase that excused.
    pub reason: Option<Related>,
    /// What the rule found in the text, whether it counted or not.
    pub marks: Vec<Spans>,
    /// The phrases by which the rule was hit.
    #[serde(skip)]
    hit_by: Vec<String>,
    /// The allow-phrases that excused something.
    #[serde(skip)]
    pub(super) excused_by: Vec<String>,
}

/// A phrase whose loss no test would notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unprotected {
    /// The rule.
    pub rule: RuleId,
    /// The phrase, as written.
    pub phrase: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// What came of all tests of a folder.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many rules were tested.
    pub rules: usize,
    /// Every test, by file and rule.
    pub cases: Vec<CaseReport>,
    /// Rules that block and lack a test.
    pub untested: Vec<Diagnostic>,
    /// How many phrases the rules have.
    pub phrases: usize,
    /// Phrases through which no `must_hit` of their rule is hit.
    pub unprotected: Vec<Unprotected>,
}

impl Report {
    /// The tests that fail the run.
    pub fn failures(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| case.fails())
    }

    /// Known misses and known false alarms that have come right: they may become binding.
    pub fn solved(&self) -> impl Iterator<Item = &CaseReport> {
        self.cases.iter().filter(|case| !case.kind.is_binding() && case.held)
    }

    /// How many things fail the run.
    pub fn failed(&self) -> usize {
        self.failures().count() + self.untested.len()
    }

    /// How many known misses and known false alarms are still there.
    pub fn known(&self) -> usize {
        self.cases.iter().filter(|case| !case.held && !case.kind.is_binding()).count()
    }

    /// Takes over what came of another folder.
    pub fn extend(&mut self, other: Report) {
        self.rules += other.rules;
        self.cases.extend(other.cases);
        self.untested.extend(other.untested);
        self.phrases += other.phrases;
        self.unprotected.extend(other.unprotected);
    }

    /// Nothing fails the run.
    pub fn is_good(&self) -> bool {
        self.failed() == 0
    }
}

impl CaseReport {
    /// It fails the run.
    pub fn fails(&self) -> bool {
        self.kind.is_binding() && !self.held
    }
}

/// Runs the tests of every rule that is not retired, each rule by itself in its own scope.
///
/// # Errors
/// [`RulesError`] when the folder can't be loaded.
pub fn run(folder: &Path) -> Result<Report, RulesError> {
    run_some(&Folder::read(folder)?, &|_, _| true)
}

/// [`run`] for the rules that `wants`, by the path of their file and their id.
///
/// # Errors
/// [`RulesError`] when the folder can't be loaded.
pub fn run_some(folder: &Folder, wants: &dyn Fn(&str, &str) -> bool) -> Result<Report, RulesError> {
    let (book, diagnostics) = parse(folder);
    if diagnostics.iter().any(|fault| fault.level == Level::Error) {
        return Err(RulesError::Refused(diagnostics));
    }
    let trial = Trial::new(&book)?;
    Ok(report(&trial, trial.rules().filter(|at| wants(&at.pack.source.path, at.id()))))
}

/// Runs the tests of `rules`.
pub(super) fn report<'b>(trial: &Trial<'b>, rules: impl Iterator<Item = Located<'b>>) -> Report {
    let mut report = Report::default();
    for at in rules {
        let cases = of_rule(trial, at);
        report.rules += 1;
        report.untested.extend(lint::block_untested(at));
        report.phrases += at.rule.phrases.len();
        report.unprotected.extend(unprotected(at, &cases));
        report.cases.extend(cases);
    }
    report
}

fn of_rule(trial: &Trial<'_>, at: Located<'_>) -> Vec<CaseReport> {
    let tests = &at.rule.tests;
    let kinds = [
        (CaseKind::MustHit, &tests.must_hit),
        (CaseKind::MustPass, &tests.must_pass),
        (CaseKind::TodoHit, &tests.todo_hit),
        (CaseKind::TodoPass, &tests.todo_pass),
    ];
    let cases = kinds.into_iter().flat_map(|(kind, cases)| cases.iter().map(move |case| (kind, case)));
    cases.map(|(kind, case)| one(trial, at, kind, case)).collect()
}

fn unprotected(at: Located<'_>, cases: &[CaseReport]) -> Vec<Unprotected> {
    let binding = cases.iter().filter(|case| case.kind == CaseKind::MustHit);
    let protected: HashSet<_> = binding.flat_map(|case| &case.hit_by).collect();
    let bare = at.rule.phrases.iter().filter(|phrase| !protected.contains(&phrase.text.value));
    let told = bare.map(|phrase| Unprotected {
        rule: RuleId::new(at.id()),
        phrase: phrase.text.value.clone(),
        place: at.place(phrase.text.span),
    });
    told.collect()
}

fn one(trial: &Trial<'_>, at: Located<'_>, kind: CaseKind, case: &Case) -> CaseReport {
    let found = Found::new(&trial.explain_for(at, &case.text.value), at, case.span.as_deref());
    let (got, reason) = found.told(at);
    CaseReport {
        rule: RuleId::new(at.id()),
        kind,
        place: at.place(case.text.span),
        text: case.text.value.clone(),
        held: found.counted.is_empty() != kind.wants_hit(),
        expected: expected(kind, case.span.as_deref()),
        got,
        reason,
        marks: found.marks(),
        hit_by: found.counted.into_iter().map(|hit| hit.phrase).collect(),
        excused_by: found.dismissed.into_iter().filter_map(excuse).collect(),
    }
}

fn excuse(dismissed: Dismissed) -> Option<String> {
    match dismissed.why {
        Dismissal::Allowed { by } => Some(by),
        _ => None,
    }
}

fn expected(kind: CaseKind, span: Option<&str>) -> Words {
    match (kind.wants_hit(), span) {
        (true, Some(span)) => Words::new(format!("应该命中「{span}」"), format!("should hit `{span}`")),
        (true, None) => Words::new("应该命中", "should be hit"),
        (false, Some(span)) => Words::new(format!("不该命中「{span}」"), format!("should not hit `{span}`")),
        (false, None) => Words::new("不该命中", "should not be hit"),
    }
}

/// What one rule found in one text.
struct Found {
    /// Hits that make the rule count for the test.
    counted: Vec<Hit>,
    /// Hits that do not: elsewhere, or lowered until nothing stops.
    others: Vec<Hit>,
    dismissed: Vec<Dismissed>,
}

impl Found {
    fn new(explained: &Explanation, at: Located<'_>, span: Option<&str>) -> Self {
        let is_own = |id: &RuleId| id.as_str() == at.id();
        let counts = |hit: &Hit| {
            let stands = hit.lowered_by.is_none() || Verdict::from(hit.action) > Verdict::Pass;
            stands && span.is_none_or(|span| span == hit.matched)
        };
        let own = explained.judgement.hits.iter().filter(|hit| is_own(&hit.rule)).cloned();
        let (counted, others) = own.partition(counts);
        let dismissed = explained.dismissed.iter().filter(|find| is_own(&find.rule)).cloned().collect();
        Self { counted, others, dismissed }
    }

    /// Everything found, in the order of the text.
    fn marks(&self) -> Vec<Spans> {
        let hits = self.counted.iter().chain(&self.others).map(|hit| hit.span);
        let mut marks: Vec<_> = match self.counted.is_empty() && self.others.is_empty() {
            true => self.dismissed.iter().map(|find| find.span).collect(),
            false => hits.collect(),
        };
        marks.sort_by_key(|mark| mark.byte);
        marks
    }

    /// What happened and what decided it.
    fn told(&self, at: Located<'_>) -> (Words, Option<Related>) {
        if let Some(hit) = self.counted.first() {
            return (found(hit), Some(decisive(at, hit)));
        }
        if let Some(hit) = self.others.first() {
            return (weaker(hit), Some(decisive(at, hit)));
        }
        match self.dismissed.first() {
            Some(find) => {
                (dismissal_words(&find.phrase, &find.why), Some(at.dismisser(&find.why, &find.phrase)))
            }
            None => (Words::new("没有命中", "was not hit"), None),
        }
    }
}

fn decisive(at: Located<'_>, hit: &Hit) -> Related {
    let words = Words::new("命中的词条", "the phrase that hit");
    Related { place: at.place(at.phrase(&hit.phrase)), words }
}

fn found(hit: &Hit) -> Words {
    Words::new(
        format!("命中了「{}」(词条「{}」)", hit.matched, hit.phrase),
        format!("hit `{}` (phrase `{}`)", hit.matched, hit.phrase),
    )
}

/// A hit that is not the one asked for.
fn weaker(hit: &Hit) -> Words {
    let matched = &hit.matched;
    match &hit.lowered_by {
        Some(by) if Verdict::from(hit.action) == Verdict::Pass => Words::new(
            format!("命中了「{matched}」,但被「{}」降级", by.text),
            format!("hit `{matched}`, but lowered by `{}`", by.text),
        ),
        _ => Words::new(format!("命中的是「{matched}」"), format!("hit `{matched}` instead")),
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::rules::Code;
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
        assert_eq!(failed[0].expected.zh, "应该命中");
        assert_eq!(failed[0].got.zh, "「保底收益」被例外「不承诺保底收益」放行");
        let reason = failed[0].reason.as_ref().unwrap();
        assert_eq!((reason.place.line, reason.place.col), (9, 10));
    }

    #[test]
    fn a_known_miss_is_reported_and_fails_nothing() {
        let report = report();
        let todo = report.cases.iter().find(|case| case.kind == CaseKind::TodoHit).unwrap();
        assert!(!todo.held);
        assert_eq!(report.solved().count(), 0);
    }

    #[test]
    fn a_phrase_through_which_no_test_hits_is_unprotected() {
        let pack = PACK.replace(r#"["保底收益"]"#, r#"["保底收益", "稳赚"]"#);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("finance.toml"), pack).unwrap();
        let report = run(dir.path()).unwrap();
        let bare: Vec<_> =
            report.unprotected.iter().map(|one| (one.phrase.as_str(), one.place.col)).collect();
        assert_eq!((report.phrases, bare), (2, vec![("稳赚", 20)]));
    }

    #[test]
    fn a_rule_that_blocks_unseen_by_any_test_fails_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let pack = "[[rule]]\nid = \"A\"\nname = \"保本\"\naction = \"拦截\"\nphrases = [\"保底收益\"]\n";
        fs::write(dir.path().join("a.toml"), pack).unwrap();
        let report = run(dir.path()).unwrap();
        assert_eq!((report.untested.len(), report.is_good()), (1, false));
        assert_eq!(report.untested[0].code, Code::BlockUntested);
    }
}

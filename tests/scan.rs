//! Judging, as seen from outside: the evasion sample and the tables under `fixtures/scan`.
#![expect(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may stop at once")]

use serde::Deserialize;
use std::fs;
use std::path::Path;
use wecom_guard::model::{Action, Hit, Judgement, Revision};
use wecom_guard::scan::{
    Boundary, Context, Detector, Fold, NearSpec, Negation, PhraseSpec, RuleSpec, Ruleset,
};

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

fn ruleset(rules: Vec<RuleSpec>) -> Ruleset {
    Ruleset::build(Revision::new("r1-test"), rules).expect("the rules compile")
}

/// One line of the evasion sample.
#[derive(Deserialize)]
struct Line {
    text: String,
    phrase: Option<String>,
    technique: String,
    layer: String,
    near: Option<String>,
    needs: Option<String>,
}

impl Line {
    fn all() -> Vec<Line> {
        let text = fs::read_to_string(fixtures().join("evasion-sample.jsonl")).expect("the sample is there");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of the sample")).collect()
    }

    /// Every phrase of the sample: what an everyday line has to pass.
    fn phrases() -> Vec<PhraseSpec> {
        Self::all().iter().filter_map(|line| line.phrase.as_deref()).map(PhraseSpec::from).collect()
    }

    /// The phrase as a rule that asks for `block` and uses what the line says it needs.
    fn judge(&self) -> Judgement {
        let own = self.phrase.as_deref().or(self.near.as_deref()).map(|one| vec![PhraseSpec::from(one)]);
        let phrases = own.filter(|_| self.technique != "everyday").unwrap_or_else(Self::phrases);
        let mut rule = RuleSpec::new("T-1", "样例", Action::Block, phrases);
        rule.fold = self.layer.strip_prefix("optional-").and_then(Fold::parse).into_iter().collect();
        match self.needs.as_deref() {
            Some("allow") => rule.allow = ALLOWED.iter().map(|&allow| allow.to_owned()).collect(),
            Some("boundary") => rule.boundary = Boundary::Strict,
            Some("negation") => rule.negation = Negation::Drop,
            _ => {}
        }
        ruleset(vec![rule]).judge(&self.text, &Context::default())
    }
}

/// What an officer would write as allow-phrases for the sample.
const ALLOWED: &[&str] = &["无风险提示", "最高级别", "最高级比较"];

fn misses(layer: &str) -> Vec<String> {
    let hits = Line::all().into_iter().filter(|line| line.phrase.is_some() && line.layer == layer);
    hits.filter(|line| line.judge().hits_total == 0).map(|line| line.technique + " " + &line.text).collect()
}

fn stops(needs: &str) -> Vec<String> {
    let clean = Line::all().into_iter().filter(|line| line.needs.as_deref() == Some(needs));
    clean.filter(|line| line.judge().hits_total > 0).map(|line| line.technique + " " + &line.text).collect()
}

#[test]
fn every_always_on_line_of_the_sample_is_hit() {
    assert_eq!(misses("always"), [""; 0]);
}

#[test]
fn every_gap_line_of_the_sample_is_hit() {
    assert_eq!(misses("gap"), [""; 0]);
}

#[test]
fn every_line_of_an_optional_fold_is_hit_when_the_rule_asks_for_it() {
    for layer in ["number", "leet", "pinyin", "homophone", "shape", "split", "reversed", "markup"] {
        assert_eq!(misses(&format!("optional-{layer}")), [""; 0], "{layer}");
    }
}

#[test]
fn every_clean_line_of_the_sample_is_quiet() {
    for needs in ["none", "allow", "gap", "negation"] {
        assert_eq!(stops(needs), [""; 0], "{needs}");
    }
}

#[test]
fn a_phrase_across_two_words_is_quiet_unless_the_phrase_is_a_word_itself() {
    assert_eq!(stops("boundary"), ["cross-word 这种算法有效率低的问题"]);
}

/// A rule as the tables write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRule {
    id: String,
    action: Action,
    #[serde(default)]
    phrases: Vec<TablePhrase>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    near: Vec<TableNear>,
    gap: Option<u8>,
    #[serde(default)]
    fold: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    boundary: Option<String>,
    negation: Option<String>,
    #[serde(default)]
    detect: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TablePhrase {
    Bare(String),
    WithGap { text: String, gap: u8 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableNear {
    all: Vec<String>,
    within: usize,
    #[serde(default)]
    ordered: bool,
    #[serde(default)]
    without: Vec<String>,
}

impl From<TableRule> for RuleSpec {
    fn from(rule: TableRule) -> Self {
        let phrases = rule.phrases.into_iter().map(|phrase| match phrase {
            TablePhrase::Bare(text) => PhraseSpec { text, gap: None },
            TablePhrase::WithGap { text, gap } => PhraseSpec { text, gap: Some(gap) },
        });
        let near = rule.near.into_iter().map(|near| NearSpec {
            all: near.all,
            within: near.within,
            ordered: near.ordered,
            without: near.without,
        });
        RuleSpec {
            allow: rule.allow,
            near: near.collect(),
            gap: rule.gap,
            fold: rule.fold.iter().map(|name| Fold::parse(name).expect("a fold")).collect(),
            aliases: rule.aliases,
            boundary: match rule.boundary.as_deref() {
                None | Some("tip") => Boundary::Tip,
                Some("off") => Boundary::Off,
                Some("strict") => Boundary::Strict,
                Some(other) => panic!("boundary = {other:?}"),
            },
            negation: match rule.negation.as_deref() {
                None | Some("lower") => Negation::Lower,
                Some("off") => Negation::Off,
                Some("drop") => Negation::Drop,
                Some(other) => panic!("negation = {other:?}"),
            },
            detect: rule.detect.iter().map(|name| Detector::parse(name).expect("a detector")).collect(),
            ..RuleSpec::new(rule.id.as_str(), rule.id.as_str(), rule.action, phrases)
        }
    }
}

/// One row of a table, and the rules above it.
struct Case {
    place: String,
    message: String,
    decision: String,
    hit: String,
}

/// Runs every table of one file; each table is judged by the `toml rule` blocks of its section.
fn failures_in(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a fixture");
    let (mut rules, mut block, mut failures) = (Vec::new(), None::<String>, Vec::new());
    for (number, line) in text.lines().enumerate() {
        match &mut block {
            Some(toml) if line == "```" => {
                rules.push(
                    toml::from_str::<TableRule>(toml).unwrap_or_else(|e| panic!("{path:?}: {e}")).into(),
                );
                block = None;
            }
            Some(toml) => *toml += &format!("{line}\n"),
            None if line == "```toml rule" => block = Some(String::new()),
            None if line.starts_with("## ") => rules.clear(),
            None => failures.extend(row(path, number + 1, line).and_then(|case| case.failure(&rules))),
        }
    }
    failures
}

fn row(path: &Path, number: usize, line: &str) -> Option<Case> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let &[message, decision, hit] = cells.as_slice() else { panic!("{path:?}:{number}: three cells") };
    let is_head = message == "message" || message.starts_with("---");
    let place = format!("{}:{number}", path.file_name()?.display());
    let message = message.replace("\\n", "\n").replace("\\p", "|");
    (!is_head).then(|| Case { place, message, decision: decision.to_owned(), hit: hit.to_owned() })
}

impl Case {
    fn failure(&self, rules: &[RuleSpec]) -> Option<String> {
        let judged = ruleset(rules.to_vec()).judge(&self.message, &Context::default());
        let decision = match (judged.verdict.as_str(), judged.hits.iter().map(|hit| hit.action).max()) {
            ("pass", Some(Action::Tip)) => "tip",
            ("pass", Some(Action::Log)) => "log",
            (verdict, _) => verdict,
        };
        let hits: Vec<String> = judged.hits.iter().map(|hit| marked(&self.message, hit)).collect();
        let hits = hits.join(" ");
        let is_right = decision == self.decision && hits == self.hit;
        (!is_right).then(|| format!("{} {}: {decision} {hits}", self.place, self.message))
    }
}

/// `phrase`, with `@2` when an equal text stands before it, and `~fold` for each fold needed.
fn marked(message: &str, hit: &Hit) -> String {
    let before = message.get(..hit.span.byte[0]).unwrap_or_default();
    let nth = before.matches(&hit.matched).count() + 1;
    let nth = if nth > 1 { format!("@{nth}") } else { String::new() };
    let via: String = hit.via.iter().map(|fold| format!("~{fold}")).collect();
    format!("{}{nth}{via}", hit.phrase.replace(' ', "␣"))
}

#[test]
fn every_table_under_fixtures_scan_holds() {
    let mut files: Vec<_> =
        fs::read_dir(fixtures().join("scan")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let failures: Vec<String> = files.iter().flat_map(|path| failures_in(path)).collect();
    assert!(failures.is_empty() && !files.is_empty(), "\n{}", failures.join("\n"));
}

//! Ordinary lines against the rules: whatever is hit there is a false alarm.
//!
//! A rule that stops messages may stop none of them; one that only tips may speak up now and then.
//! A rule that can't do better says so in its own tests: `max_benign = 3`.

use super::diagnostic::Place;
use super::folder::FolderError;
use super::schema::{Book, Pack, Rule, State};
use crate::model::{Action, RuleId};
use crate::scan::{Context, Ruleset};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The folder inside a rules folder from which ordinary lines are read when none is named.
const BENIGN: &str = "benign";
/// A rule that only tips may speak up on one line in this many.
const LINES_A_TIP: usize = 100;

/// A line of ordinary text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file it stands in.
    pub file: String,
    /// Its number there, from 1.
    pub number: usize,
    /// What it says.
    pub text: String,
}

/// Ordinary text, a message a line.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    /// Its lines, by file name and number.
    pub lines: Vec<Line>,
}

impl Corpus {
    /// Reads `*.txt` of `dir`; empty lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// [`FolderError::Unreadable`].
    pub fn read(dir: &Path) -> Result<Self, FolderError> {
        let unreadable = |source| FolderError::Unreadable { path: dir.to_owned(), source };
        let entries = fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut files: Vec<_> = entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        let mut corpus = Self::default();
        for path in files {
            let unreadable = |source| FolderError::Unreadable { path: path.clone(), source };
            corpus.add(&path.display().to_string(), &fs::read_to_string(&path).map_err(unreadable)?);
        }
        Ok(corpus)
    }

    /// The lines of `named`, or of `benign/` inside the rules folder; none when there is no such folder.
    ///
    /// # Errors
    /// [`FolderError::Unreadable`].
    pub fn beside(rules: &Path, named: Option<&Path>) -> Result<Self, FolderError> {
        let own = rules.join(BENIGN);
        match named {
            Some(folder) => Self::read(folder),
            None if own.is_dir() => Self::read(&own),
            None => Ok(Self::default()),
        }
    }

    fn add(&mut self, file: &str, text: &str) {
        let lines = (1..).zip(text.lines().map(str::trim));
        let lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
        let line = |(number, text): (usize, &str)| Line { file: file.into(), number, text: text.into() };
        self.lines.extend(lines.map(line));
    }
}

/// A line that a rule hits and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The rule.
    pub rule: RuleId,
    /// The phrase, as written in the rule.
    pub phrase: String,
    /// What was asked for, after lowering.
    pub action: Action,
    /// The stretch of the line.
    pub matched: String,
    /// The line.
    pub line: Line,
}

/// Every hit of the corpus that a rep would see, a line at a time; no industry is named, so that the
/// rules of all of them hold.
pub fn run(ruleset: &Ruleset, corpus: &Corpus) -> Vec<Alarm> {
    let of_line = |line: &Line| {
        let hits = ruleset.judge(&line.text, &Context::default()).hits.into_iter();
        let seen = hits.filter(|hit| hit.action >= Action::Tip);
        let alarm = |hit: crate::model::Hit| Alarm {
            rule: hit.rule,
            phrase: hit.phrase,
            action: hit.action,
            matched: hit.matched,
            line: line.clone(),
        };
        seen.map(alarm).collect::<Vec<_>>()
    };
    corpus.lines.iter().flat_map(of_line).collect()
}

/// A rule that speaks up on more ordinary lines than it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overrun {
    /// The rule.
    pub rule: RuleId,
    /// Where it stands.
    pub place: Place,
    /// On how many lines it may.
    pub allowed: usize,
    /// What counts against it, a line once.
    pub alarms: Vec<Alarm>,
}

/// The rules that go over what they may, of a corpus of `lines` lines.
///
/// A rule that stops messages is counted where it stops one; one that tips where it shows anything.
pub fn overruns(book: &Book, lines: usize, alarms: &[Alarm]) -> Vec<Overrun> {
    let mut of: HashMap<&str, Vec<&Alarm>> = HashMap::new();
    for alarm in alarms {
        of.entry(alarm.rule.as_str()).or_default().push(alarm);
    }
    let rules = book.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
    let judging = rules.filter(|(_, rule)| rule.state == State::Live);
    judging.filter_map(|(pack, rule)| overrun(pack, rule, lines, of.get(rule.id.value.as_str())?)).collect()
}

fn overrun(pack: &Pack, rule: &Rule, lines: usize, alarms: &[&Alarm]) -> Option<Overrun> {
    let counts = |alarm: &&&Alarm| alarm.action >= rule.action.min(Action::Confirm);
    let mut counted: Vec<Alarm> = alarms.iter().filter(counts).map(|&alarm| alarm.clone()).collect();
    counted.dedup_by(|a, b| a.line == b.line);
    let allowed = budget(rule, lines);
    (counted.len() > allowed).then(|| Overrun {
        rule: RuleId::new(rule.id.value.as_str()),
        place: pack.source.place(rule.id.span),
        allowed,
        alarms: counted,
    })
}

fn budget(rule: &Rule, lines: usize) -> usize {
    let usual = if rule.action >= Action::Confirm { 0 } else { lines.div_ceil(LINES_A_TIP) };
    rule.tests.max_benign.map_or(usual, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Folder, LiveRules, parse};
    use jiff::Timestamp;

    /// What the rules make of ordinary lines.
    fn told(rules: &str, lines: &[&str]) -> Vec<(String, usize, Vec<String>)> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.toml"), rules).unwrap();
        let mut corpus = Corpus::default();
        corpus.add("benign/a.txt", &lines.join("\n"));
        let live = LiveRules::load(dir.path(), 1, Timestamp::UNIX_EPOCH).unwrap();
        let (book, _) = parse(&Folder::read(dir.path()).unwrap());
        let overruns = overruns(&book, corpus.lines.len(), &run(&live.ruleset, &corpus));
        let place = |alarm: &Alarm| format!("{}:{} {}", alarm.line.file, alarm.line.number, alarm.phrase);
        let told = |one: Overrun| (one.rule.to_string(), one.allowed, one.alarms.iter().map(place).collect());
        overruns.into_iter().map(told).collect()
    }

    #[test]
    fn the_folder_beside_the_rules_is_read_unless_another_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join(BENIGN);
        assert_eq!(Corpus::beside(dir.path(), None).unwrap().lines, []);
        fs::create_dir(&own).unwrap();
        fs::write(own.join("a.txt"), "# 日常\n您好\n").unwrap();
        fs::write(own.join("a.md"), "不是语料\n").unwrap();
        assert_eq!(Corpus::beside(dir.path(), None).unwrap().lines[0].number, 2);
        assert!(Corpus::beside(dir.path(), Some(&dir.path().join("none"))).is_err());
    }

    fn rule(action: &str, more: &str) -> String {
        format!("[[rule]]\nid = \"A\"\nname = \"甲\"\naction = \"{action}\"\nphrases = [\"保证\"]\n{more}")
    }

    #[test]
    fn a_rule_that_stops_may_stop_no_ordinary_line() {
        let lines = ["# 保证金一类", "请先交保证金", "", "周三见"];
        assert_eq!(told(&rule("确认", ""), &lines), [("A".into(), 0, vec!["benign/a.txt:2 保证".into()])]);
        assert_eq!(told(&rule("确认", "allow = [\"保证金\"]"), &lines), []);
    }

    #[test]
    fn a_rule_that_tips_may_speak_up_on_one_line_in_a_hundred() {
        assert_eq!(told(&rule("提示", ""), &["请先交保证金", "周三见"]), []);
        let often = told(&rule("提示", ""), &["请先交保证金", "保证金退了吗"]);
        assert_eq!((often[0].1, often[0].2.len()), (1, 2));
    }

    #[test]
    fn a_rule_may_say_how_often_it_is_wrong() {
        let lines = ["请先交保证金", "保证金退了吗"];
        assert_eq!(told(&rule("拦截", "tests = { max_benign = 2 }"), &lines), []);
        assert_eq!(told(&rule("拦截", "tests = { max_benign = 1 }"), &lines)[0].1, 1);
        assert_eq!(told(&rule("提示", "tests = { max_benign = 0 }"), &lines[..1])[0].1, 0);
    }
}

//! Phrases that make their rule speak up on more ordinary lines than it may.

use crate::rules::benign::{self, Alarm, Corpus};
use crate::rules::diagnostic::{Code, Diagnostic, Place, Words};
use crate::rules::schema::Book;
use crate::rules::source::Fault;
use crate::rules::trial::Trial;
use std::collections::BTreeMap;

/// How many of the lines are shown.
const SHOWN: usize = 3;

pub(super) fn too_wide(book: &Book, trial: &Trial<'_>, benign: &Corpus) -> Vec<Diagnostic> {
    let alarms = benign::run(trial.ruleset(), benign);
    let overruns = benign::overruns(book, benign.lines.len(), &alarms).into_iter();
    overruns.flat_map(|overrun| of_rule(trial, overrun.allowed, &overrun.alarms)).collect()
}

/// One complaint a phrase.
fn of_rule(trial: &Trial<'_>, allowed: usize, alarms: &[Alarm]) -> Vec<Diagnostic> {
    let mut by_phrase: BTreeMap<&str, Vec<&Alarm>> = BTreeMap::new();
    for alarm in alarms {
        by_phrase.entry(&alarm.phrase).or_default().push(alarm);
    }
    by_phrase.into_iter().filter_map(|(phrase, alarms)| told(trial, allowed, phrase, &alarms)).collect()
}

fn told(trial: &Trial<'_>, allowed: usize, phrase: &str, alarms: &[&Alarm]) -> Option<Diagnostic> {
    let at = trial.rule(&alarms.first()?.rule)?;
    let count = alarms.len();
    let why = Words::new(
        format!("「{phrase}」在示例语料里命中 {count} 条,这条规则最多 {allowed} 条"),
        format!("`{phrase}` hits {count} ordinary lines, the whole rule may hit {allowed}"),
    );
    let fault = Fault::new(Code::TooWide, at.phrase(phrase)).with("why", why);
    Some(
        at.diagnose(
            alarms.iter().take(SHOWN).fold(fault, |fault, alarm| {
                fault.beside(place(alarm), Words::from(alarm.line.text.as_str()))
            }),
        ),
    )
}

/// The line, of which the corpus keeps no columns.
fn place(alarm: &Alarm) -> Place {
    let (file, line) = (alarm.line.file.clone(), alarm.line.number);
    let end_col = alarm.line.text.chars().count() + 1;
    Place { file, line, col: 1, end_line: line, end_col }
}

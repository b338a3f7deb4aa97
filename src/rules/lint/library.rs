//! Legal grounds and replies.

use crate::model::{Action, Hit};
use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::fields::nearest;
use crate::rules::schema::{BasisEntry, Book, Reply, State, Verified};
use crate::rules::script::{ScriptPart, script_parts};
use crate::rules::source::{At, Fault, Source};
use crate::rules::trial::Trial;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A legal ground is looked at anew within this many months.
const FRESH_MONTHS: i32 = 12;
/// How many scripts a reply has at least: as many as are offered at once.
const SCRIPTS: usize = 3;

/// Grounds named by a rule or a reply that no file describes.
pub(super) fn unknown_bases(book: &Book) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> = book.bases.iter().map(|basis| basis.id.value.as_str()).collect();
    let of_rules = book.sound().flat_map(|at| at.rule.basis.iter().map(move |id| (&*at.pack.source, id)));
    let of_replies = book.replies.iter().flat_map(|reply| reply.basis.iter().map(|id| (&*reply.file.0, id)));
    let unknown = of_rules.chain(of_replies).filter(|(_, id)| !known.contains(id.value.as_str()));
    unknown.map(|(source, id)| unknown_basis(source, id, &known)).collect()
}

fn unknown_basis(source: &Source, id: &At<String>, known: &BTreeSet<&str>) -> Diagnostic {
    let fault = Fault::new(Code::UnknownBasis, id.span).with("id", id.value.as_str());
    source.diagnose(fault.with("nearest", nearest(&id.value, known.iter().copied())))
}

/// Grounds whose text nobody has compared with the law for too long.
pub(super) fn stale_bases(book: &Book, today: Date) -> Vec<Diagnostic> {
    let oldest = today.saturating_sub(FRESH_MONTHS.months());
    let told = book.bases.iter().filter_map(|basis| {
        let why = doubt(basis, oldest)?;
        let fault = Fault::new(Code::StaleBasis, basis.id.span).with("id", basis.id.value.as_str());
        Some(basis.file.0.diagnose(fault.with("why", why)))
    });
    told.collect()
}

fn doubt(basis: &BasisEntry, oldest: Date) -> Option<Words> {
    if basis.verified == Verified::Unverified {
        return Some(Words::new(
            "还没有人核实过 (verified = \"U\")",
            "was never verified (verified = \"U\")",
        ));
    }
    match basis.as_of {
        None => Some(Words::new("没有写核对日期 as_of", "lacks the day it was checked, as_of")),
        Some(day) if day < oldest => Some(Words::new(
            format!("超过 {FRESH_MONTHS} 个月没有核对 (as_of = {day})"),
            format!("was not checked for more than {FRESH_MONTHS} months (as_of = {day})"),
        )),
        Some(_) => None,
    }
}

/// Replies with fewer wordings than are offered at once.
pub(super) fn few_scripts(book: &Book) -> Vec<Diagnostic> {
    let few = live(book).filter(|reply| reply.scripts.len() < SCRIPTS);
    let told = few.map(|reply| {
        let fault = Fault::new(Code::FewScripts, reply.id.span)
            .with("id", reply.id.value.as_str())
            .with("count", reply.scripts.len().to_string().as_str());
        reply.file.0.diagnose(fault)
    });
    told.collect()
}

fn live(book: &Book) -> impl Iterator<Item = &Reply> {
    book.replies.iter().filter(|reply| reply.state == State::Live)
}

/// Scripts that the rules in force would stop.
pub(super) fn scripts_that_hit(book: &Book, trial: &Trial<'_>, today: Date) -> Vec<Diagnostic> {
    let scripts = live(book).flat_map(|reply| reply.scripts.iter().map(move |script| (reply, script)));
    let told = scripts.filter_map(|(reply, script)| {
        let hit = stopping(trial, reply, &script.value, today)?;
        let mut fault = Fault::new(Code::ScriptHits, script.span)
            .with("id", hit.rule.as_str())
            .with("matched", hit.matched.as_str());
        if let Some(at) = trial.rule(&hit.rule) {
            let words = Words::new("命中的词条", "the phrase that hit");
            fault = fault.beside(at.place(at.phrase(&hit.phrase)), words);
        }
        Some(reply.file.0.diagnose(fault))
    });
    told.collect()
}

/// The strictest hit that stops the script in an industry it is offered in.
fn stopping(trial: &Trial<'_>, reply: &Reply, script: &str, today: Date) -> Option<Hit> {
    // What a variable without a fallback becomes is not known: its name stands for it.
    let shown: String = script_parts(script).into_iter().map(ScriptPart::bare).collect();
    let industries = reply.industries.iter().map(|one| Some(one.as_str()));
    let industries = industries.chain(reply.industries.is_empty().then_some(None));
    let hits = industries.flat_map(|industry| trial.judge(&shown, industry).hits);
    let stops = |hit: &Hit| {
        let in_force = trial.rule(&hit.rule).is_some_and(|at| {
            let rule = at.rule;
            rule.state == State::Live
                && rule.valid_from.is_none_or(|first| first <= today)
                && rule.valid_to.is_none_or(|last| today <= last)
        });
        in_force && hit.action >= Action::Confirm
    };
    hits.filter(stops).max_by_key(|hit| hit.action)
}

//! What other rules would have done to texts that were judged before. Nothing is recorded.

use crate::model::{Channel, Hit, Judgement, Verdict};
use crate::scan::{Context, Ruleset};
use jiff::civil::Date;
use serde::Serialize;

/// How much of a recorded text is shown around what was found, in characters.
const AROUND: usize = 8;

/// One text.
#[derive(Debug, Clone, Copy)]
pub struct Text<'t> {
    /// What names it to people: a check's id, a line.
    pub id: &'t str,
    /// The text.
    pub text: &'t str,
    /// The way it came.
    pub channel: Option<Channel>,
    /// Whose rules apply.
    pub industry: Option<&'t str>,
    /// A sample shows what was found and little around it, without digits and letters.
    pub masked: bool,
}

/// A text with another outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// What names the text.
    pub id: String,
    /// The text, or what may be shown of it.
    pub text: String,
    /// Before.
    pub from: Verdict,
    /// After.
    pub to: Verdict,
    /// The rules that make the difference.
    pub rules: Vec<String>,
}

/// How many texts have another outcome. Each is counted once, by where it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// Texts judged.
    pub texts: u64,
    /// 多拦: blocked now.
    pub more_blocked: u64,
    /// 少拦: blocked before, and passing now.
    pub less_blocked: u64,
    /// 改为确认: to be confirmed now.
    pub to_confirm: u64,
    /// 不再确认: to be confirmed before, and passing now.
    pub no_longer_confirm: u64,
    /// The first of them.
    pub samples: Vec<Sample>,
}

/// Judges texts by two sets of rules and counts where they differ. Holds the samples alone.
pub struct Replay<'r> {
    before: &'r Ruleset,
    after: &'r Ruleset,
    day: Date,
    show: usize,
    effect: Effect,
}

impl<'r> Replay<'r> {
    /// Both sets as of `day`; at most `show` samples.
    pub fn new(before: &'r Ruleset, after: &'r Ruleset, day: Date, show: usize) -> Self {
        Self { before, after, day, show, effect: Effect::default() }
    }

    /// Judges one text.
    pub fn judge(&mut self, text: &Text<'_>) {
        let context =
            Context { channel: text.channel, industry: text.industry, day: self.day, ..Context::default() };
        let (before, after) = (self.before.judge(text.text, &context), self.after.judge(text.text, &context));
        self.effect.texts += 1;
        let Some(count) = self.effect.count_of(before.verdict, after.verdict) else { return };
        *count += 1;
        if self.effect.samples.len() < self.show {
            self.effect.samples.push(sample(text, &before, &after));
        }
    }

    /// What came of it.
    pub fn effect(self) -> Effect {
        self.effect
    }
}

impl Effect {
    fn count_of(&mut self, from: Verdict, to: Verdict) -> Option<&mut u64> {
        match (from, to) {
            (from, to) if from == to => None,
            (_, Verdict::Block) => Some(&mut self.more_blocked),
            (_, Verdict::Confirm) => Some(&mut self.to_confirm),
            (Verdict::Block, _) => Some(&mut self.less_blocked),
            (_, Verdict::Pass) => Some(&mut self.no_longer_confirm),
        }
    }
}

fn sample(text: &Text<'_>, before: &Judgement, after: &Judgement) -> Sample {
    // The stricter side holds what the other lacks.
    let (full, other) = if after.verdict > before.verdict { (after, before) } else { (before, after) };
    let same = |hit: &Hit| {
        other.hits.iter().any(|own| (&own.rule, own.action, own.span) == (&hit.rule, hit.action, hit.span))
    };
    let decisive = |hit: &&Hit| Verdict::from(hit.action) == full.verdict && !same(hit);
    let hits: Vec<&Hit> = full.hits.iter().filter(decisive).collect();
    let mut rules: Vec<String> = hits.iter().map(|hit| hit.rule.to_string()).collect();
    rules.dedup();
    let shown = match hits.first() {
        _ if !text.masked => text.text.to_owned(),
        Some(hit) => excerpt(text.text, hit),
        None => String::new(),
    };
    Sample { id: text.id.to_owned(), text: shown, from: before.verdict, to: after.verdict, rules }
}

/// What was found, with a little around it in which nobody can be recognised.
fn excerpt(text: &str, hit: &Hit) -> String {
    let [start, end] = hit.span.chars;
    let (from, to) = (start.saturating_sub(AROUND), end.saturating_add(AROUND));
    let mut shown: String = text
        .chars()
        .enumerate()
        .skip(from)
        .take(to - from)
        .map(|(at, ch)| match ch {
            '\n' | '\r' => ' ',
            _ if !(start..end).contains(&at) && ch.is_ascii_alphanumeric() => '*',
            _ => ch,
        })
        .collect();
    if from > 0 {
        shown.insert(0, '…');
    }
    if text.chars().nth(to).is_some() {
        shown.push('…');
    }
    shown
}

//! Phrases that get in one another's way, within a rule and between rules.
//!
//! Each phrase is tried as a rule of its own: in the rules as written a longer hit hides a shorter one.

use super::scope;
use crate::model::{Action, Hit, Revision, RuleId};
use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::located::Located;
use crate::rules::pack::action_words;
use crate::rules::schema::{Book, Phrase, State};
use crate::rules::source::Fault;
use crate::scan::{BuildError, Context, Fold, FoldSet, PhraseSpec, RuleSpec, Ruleset};
use crate::text::fold_phrase;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// Fillings with which a phrase is tried besides the way it is written: a short phrase may bear less of
/// them than the longer one around it.
const FILLINGS: [&str; 2] = [" ", "***"];

/// One phrase.
#[derive(Clone, Copy)]
struct Part<'b> {
    at: Located<'b>,
    phrase: &'b Phrase,
}

/// Every phrase as a rule of its own.
struct Parts<'b> {
    parts: Vec<Part<'b>>,
    /// The phrases that fold alike.
    alike: BTreeMap<String, Vec<usize>>,
    ruleset: Ruleset,
}

/// Phrases that a longer one already holds, and phrases for which two rules ask different things.
pub(super) fn overlaps(book: &Book) -> Result<Vec<Diagnostic>, BuildError> {
    let parts = Parts::new(book)?;
    let excusable = parts.excusable(book);
    let mut found = Vec::new();
    for group in parts.alike.values() {
        found.extend(parts.covered(group, &excusable));
        found.extend(parts.conflicts(group));
    }
    Ok(found)
}

impl<'b> Part<'b> {
    fn gap(self) -> Option<u8> {
        self.phrase.gap.or(self.at.rule.gap)
    }

    fn text(self) -> &'b str {
        &self.phrase.text.value
    }

    fn spec(self, id: usize) -> RuleSpec {
        let rule = self.at.rule;
        let phrase = PhraseSpec { text: self.text().to_owned(), gap: self.gap() };
        RuleSpec {
            boundary: rule.boundary.unwrap_or_default(),
            negation: rule.negation.unwrap_or_default(),
            ..RuleSpec::new(RuleId::new(id.to_string()), "", rule.action, [phrase])
        }
    }

    /// Whatever this one does for `long`'s rule, it does wherever that rule holds.
    fn stands_for(self, long: Self) -> bool {
        let (own, other) = (self.at.rule, long.at.rule);
        if self.at.is_same(long.at) {
            return true;
        }
        let folds = |part: Self| part.at.rule.fold.iter().copied().collect::<FoldSet>();
        own.action > other.action
            && [own, other].iter().all(|rule| rule.state == State::Live)
            && folds(long).iter().all(|fold| folds(self).has(fold))
            && (own.boundary, own.negation) == (other.boundary, other.negation)
            && scope::covers(own, other)
    }
}

impl<'b> Parts<'b> {
    fn new(book: &'b Book) -> Result<Self, BuildError> {
        let of_rule = |at: Located<'b>| at.rule.phrases.iter().map(move |phrase| Part { at, phrase });
        let parts: Vec<_> = book.sound().flat_map(of_rule).collect();
        let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (n, part) in parts.iter().enumerate() {
            alike.entry(fold_phrase(part.text())).or_default().push(n);
        }
        let specs = parts.iter().enumerate().map(|(n, part)| part.spec(n)).collect();
        Ok(Self { ruleset: Ruleset::build(Revision::new("parts"), specs)?, parts, alike })
    }

    fn part(&self, n: usize) -> Option<Part<'b>> {
        self.parts.get(n).copied()
    }

    /// The phrases that stand in `text`; with `full`, only those whose hit was not lowered and that stand
    /// there as written: 百分百 beside 100% is worth writing out, whatever a fold makes of it.
    fn standing_in(&self, text: &str, full: bool) -> HashSet<usize> {
        let is_full =
            |hit: &Hit| hit.lowered_by.is_none() && hit.via.iter().all(|name| Fold::parse(name).is_none());
        let hits = self.ruleset.judge(text, &Context::default()).hits.into_iter();
        let counted = hits.filter(|hit| !full || is_full(hit));
        counted.filter_map(|hit| hit.rule.as_str().parse().ok()).collect()
    }

    /// The phrases that an allow-phrase of their rule may excuse: where it does, a longer one still hits.
    fn excusable(&self, book: &Book) -> HashSet<usize> {
        let allows = book.sound().flat_map(|at| at.rule.allow.iter().map(move |allow| (at, allow)));
        let own = allows.flat_map(|(at, allow)| {
            let standing = self.standing_in(&allow.value, false).into_iter();
            standing.filter(move |n| self.part(*n).is_some_and(|part| part.at.is_same(at)))
        });
        own.collect()
    }

    /// The phrases of `group`, which fold alike, that a shorter one makes needless.
    fn covered(&self, group: &[usize], excusable: &HashSet<usize>) -> Vec<Diagnostic> {
        let Some(first) = group.first().and_then(|n| self.part(*n)) else { return Vec::new() };
        let mut shorter: Vec<_> = self.standing_in(first.text(), true).into_iter().collect();
        shorter.retain(|n| !group.contains(n) && !excusable.contains(n));
        shorter.sort_unstable();
        if shorter.is_empty() {
            return Vec::new();
        }
        let spread = FILLINGS.map(|filling| self.standing_in(&spread(first.text(), filling), true));
        let only_when_whole = |short: usize, long: usize| {
            spread.iter().any(|found| found.contains(&long) && !found.contains(&short))
        };
        let told = group.iter().filter_map(|long| {
            let part = self.part(*long)?;
            let pairs = shorter.iter().filter_map(|short| Some((*short, self.part(*short)?)));
            let (n, short) = pairs.into_iter().find(|(_, short)| short.stands_for(part))?;
            Some(covered(short, part, only_when_whole(n, *long)))
        });
        told.collect()
    }

    /// The phrases of `group`, which fold alike, over which a stricter rule wins.
    fn conflicts(&self, group: &[usize]) -> Vec<Diagnostic> {
        let parts = group.iter().filter_map(|n| self.part(*n));
        let mut live: Vec<_> = parts.filter(|part| part.at.rule.state == State::Live).collect();
        live.sort_by_key(|part| Reverse(part.at.rule.action));
        let told = live.iter().filter_map(|weak| {
            let (rule, mut stricter) = (weak.at.rule, live.iter());
            let strict = stricter.by_ref().take_while(|strict| strict.at.rule.action > rule.action);
            let strict = strict.into_iter().find(|strict| scope::overlaps(strict.at.rule, rule))?;
            Some(conflict(*weak, *strict))
        });
        told.collect()
    }
}

/// `text` with `filling` between its characters.
fn spread(text: &str, filling: &str) -> String {
    text.chars().map(String::from).collect::<Vec<_>>().join(filling)
}

fn covered(short: Part<'_>, long: Part<'_>, only_when_whole: bool) -> Diagnostic {
    let (own, other) = (short.text(), long.text());
    let care = match only_when_whole {
        true => Words::new(
            format!(";先给「{own}」写上 gap = 3,否则隔开写的「{other}」就查不到了"),
            format!("; give `{own}` a gap = 3 first, or `{other}` with symbols in it is missed"),
        ),
        false => Words::from(""),
    };
    let words = match short.at.is_same(long.at) {
        true => Words::new("只写这一条就够了", "this one is enough"),
        false => Words::new(
            format!("{} 更严,先一步生效", short.at.id()),
            format!("{} is stricter and wins", short.at.id()),
        ),
    };
    let fault = Fault::new(Code::Covered, long.phrase.text.span)
        .with("short", own)
        .with("long", other)
        .with("care", care)
        .beside(short.at.place(short.phrase.text.span), words);
    long.at.diagnose(fault)
}

fn conflict(weak: Part<'_>, strict: Part<'_>) -> Diagnostic {
    let says = |action: Action| {
        let action = action_words(action);
        Words::new(format!("这里是「{}」", action.zh), format!("asks for {} here", action.en))
    };
    let fault = Fault::new(Code::Conflict, weak.phrase.text.span)
        .with("id", strict.at.id())
        .with("action", action_words(strict.at.rule.action))
        .beside(strict.at.place(strict.phrase.text.span), says(strict.at.rule.action))
        .beside(weak.at.place(weak.phrase.text.span), says(weak.at.rule.action));
    weak.at.diagnose(fault)
}

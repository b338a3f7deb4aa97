//! What a find asks for once everything that may excuse or lower it has been heard.

use super::boundary::{Cut, cuts_words};
use super::compile::Ruleset;
use super::find::{Candidate, Find, Search, Via};
use super::index::{Sought, What};
use super::judge::{Dismissal, MAX_LISTED};
use super::negation::negation;
use super::rule::{Boundary, NearSpec, Negation, RuleSpec};
use super::scope::{self, Context};
use crate::model::{Action, Lowered, LoweredKind};
use crate::text::{Folded, fold_phrase, slice, spans};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A find that counts, and what it asks for.
pub(super) struct Weighed {
    pub(super) find: Find,
    pub(super) action: Action,
    pub(super) lowered: Option<Lowered>,
}

/// Everything that came out.
#[derive(Default)]
pub(super) struct Outcome {
    /// What counts, in the order of the text.
    pub(super) kept: Vec<Weighed>,
    /// What does not; of what is hidden by longer finds no more than can be listed.
    pub(super) dismissed: Vec<(Find, Dismissal)>,
}

/// Finds of one text that are heard with everything there is to say for them. What comes after as
/// many counts in full, without a look at words and negations: nobody writes such a text.
const MOST_HEARD: usize = 1_000;

/// Everything that is weighed together.
pub(super) struct Bench<'a> {
    ruleset: &'a Ruleset,
    text: &'a str,
    folded: &'a Folded,
    search: Search<'a>,
    allows: Allows,
    /// First unit of what was met, by its last unit.
    places: HashMap<usize, usize>,
    context: &'a Context<'a>,
    heard: usize,
    /// What hides whatever of its rule overlaps it and is no longer.
    sure: Taken,
    /// What hides as much of that as asks for `confirm` at most.
    capped: Taken,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        ruleset: &'a Ruleset,
        text: &'a str,
        folded: &'a Folded,
        context: &'a Context<'a>,
    ) -> Self {
        let mut search = Search::all(ruleset, text, folded);
        let allows = Allows::new(&std::mem::take(&mut search.finds.allows));
        let places = search.finds.candidates.places(folded);
        let (sure, capped) = (Taken::default(), Taken::default());
        Self { ruleset, text, folded, search, allows, places, context, heard: 0, sure, capped }
    }

    /// Weighs everything.
    ///
    /// Of overlapping finds of one rule the strictest stays, of equally strict ones the longest; so
    /// a longer find that was lowered hides no shorter one that was not. Longer ones have their turn
    /// first, and what one of them hides for certain has none: a text of 20,000 equal characters is
    /// judged in a moment.
    pub(super) fn weigh(mut self) -> Outcome {
        let mut outcome =
            Outcome { kept: Vec::new(), dismissed: std::mem::take(&mut self.search.finds.dismissed) };
        for candidate in std::mem::take(&mut self.search.finds.candidates).in_turn() {
            match self.turn(candidate, outcome.dismissed.len() < MAX_LISTED) {
                Some(Ok(weighed)) => outcome.kept.push(weighed),
                Some(Err(dismissed)) => outcome.dismissed.push(dismissed),
                None => {}
            }
        }
        outcome.part();
        outcome
    }

    /// `None` when it is something else than the words let expect, or hidden and not to be listed.
    fn turn(&mut self, candidate: Candidate, is_listed: bool) -> Option<Result<Weighed, (Find, Dismissal)>> {
        let Candidate { sought: Sought { rule, .. }, first, last, .. } = candidate;
        let hiding = if self.search.is_capped(candidate) { &self.capped } else { &self.sure };
        if hiding.overlaps(rule, first, last) {
            let find = is_listed.then(|| self.search.unsettled(candidate)).flatten()?;
            return Some(Err((find, Dismissal::Overlapped)));
        }
        let spec = self.ruleset.rules.get(rule as usize)?;
        let asked = self.search.settle(candidate)?.and_then(|find| match self.ask(spec, &find) {
            Ok((action, lowered)) => Ok(Weighed { find, action, lowered }),
            Err(why) => Err((find, why)),
        });
        let action = asked.as_ref().map(|weighed| weighed.action).ok();
        if action == Some(spec.action) {
            self.sure.take(rule, first, last);
        }
        if action >= Some(spec.action.min(Action::Confirm)) {
            self.capped.take(rule, first, last);
        }
        Some(asked)
    }

    /// What a find asks for, or why it is no hit.
    fn ask(&mut self, rule: &RuleSpec, find: &Find) -> Result<(Action, Option<Lowered>), Dismissal> {
        if !scope::holds(rule, self.context) {
            return Err(Dismissal::OutOfScope);
        }
        if let Some(what) = self.allows.excusing(find) {
            return Err(Dismissal::Allowed { by: self.ruleset.written(find.rule, what).into_owned() });
        }
        self.heard += 1;
        if self.heard > MOST_HEARD { Ok(cap(rule.action, find.via)) } else { self.lower(rule, find) }
    }

    fn lower(&self, rule: &RuleSpec, find: &Find) -> Result<(Action, Option<Lowered>), Dismissal> {
        let (action, lowered) = cap(rule.action, find.via);
        let (action, lowered) = match self.cut(rule, find) {
            Some(cut) if rule.boundary == Boundary::Strict => {
                return Err(Dismissal::CutsWord { by: cut.text });
            }
            Some(cut) if action > Action::Tip => (Action::Tip, Some(cut)),
            _ => (action, lowered),
        };
        match self.negation(rule, find) {
            Some(negation) if rule.negation == Negation::Drop => {
                Err(Dismissal::Negated { by: negation.text })
            }
            Some(negation) => Ok((action.lowered(), Some(negation))),
            None => Ok((action, lowered)),
        }
    }

    /// Only a phrase as people write it can be two words by chance.
    fn cut(&self, rule: &RuleSpec, find: &Find) -> Option<Lowered> {
        let Via { folds, optional, is_alias, gap: _ } = find.via;
        let is_plain = folds.are_everyday() && optional.is_empty() && !is_alias;
        if rule.boundary == Boundary::Off || !is_plain || !matches!(find.what, What::Phrase(_)) {
            return None;
        }
        let Cut { first, last } = cuts_words(self.folded, find.first, find.last)?;
        self.lowered(LoweredKind::Boundary, rule, first..last + 1)
    }

    fn negation(&self, rule: &RuleSpec, find: &Find) -> Option<Lowered> {
        if rule.negation == Negation::Off || matches!(find.what, What::Data(_)) {
            return None;
        }
        let reaching = |first: usize| negation(self.folded, first, find.last, &self.places);
        let units = reaching(find.first).or_else(|| {
            let inside = reaching(self.last_term(rule, find)?)?;
            (inside.start > find.first).then_some(inside)
        })?;
        self.lowered(LoweredKind::Negation, rule, units)
    }

    /// The first unit of the last term of a `near`: a negation may stand between its terms, as in
    /// 本金我们不能保证.
    fn last_term(&self, rule: &RuleSpec, find: &Find) -> Option<usize> {
        let What::Near(near) = find.what else { return None };
        let terms = &rule.near.get(near as usize)?.all;
        let wordings = terms.iter().flat_map(|term| NearSpec::wordings(term)).map(fold_phrase);
        let ends = |term: &String| {
            let chars = term.chars().rev();
            let units = self.folded.units().get(find.first..=find.last).unwrap_or_default().iter().rev();
            chars.clone().count() <= units.len() && chars.zip(units).all(|(ch, unit)| ch == unit.ch)
        };
        let longest = wordings.filter(ends).map(|term| term.chars().count()).max()?;
        (find.last + 1).checked_sub(longest)
    }

    fn lowered(&self, kind: LoweredKind, rule: &RuleSpec, units: Range<usize>) -> Option<Lowered> {
        let units = self.folded.units().get(units)?;
        let (start, end) = (units.first()?.start as usize, units.last()?.end as usize);
        let (text, span) = (slice(self.text, start, end).to_owned(), spans(self.text, start, end));
        Some(Lowered { kind, from: rule.action, text, span: Some(span) })
    }
}

/// What turns one word into another can't be sure enough to block.
fn cap(action: Action, via: Via) -> (Action, Option<Lowered>) {
    if via.is_sure() || action <= Action::Confirm {
        return (action, None);
    }
    let lowered = Lowered { kind: LoweredKind::Fold, from: action, text: String::new(), span: None };
    (Action::Confirm, Some(lowered))
}

/// Allow-phrases of each rule by where they start.
#[derive(Default)]
struct Allows(HashMap<usize, Vec<Reach>>);

/// Of the allow-phrases that start up to `start`, `what` reaches farthest: to `end`.
#[derive(Clone, Copy)]
struct Reach {
    start: usize,
    end: usize,
    what: What,
}

impl Allows {
    fn new(allows: &[Find]) -> Self {
        let (mut reaches, mut sorted) = (Self::default(), allows.iter().collect::<Vec<_>>());
        sorted.sort_by_key(|allow| (allow.start, Reverse(allow.end)));
        for &Find { rule, start, end, what, .. } in sorted {
            let own = reaches.0.entry(rule).or_default();
            let farther = own.last().filter(|before| before.end >= end);
            own.push(farther.map_or(Reach { start, end, what }, |before| Reach { start, ..*before }));
        }
        reaches
    }

    /// An allow-phrase of the same rule that covers the whole find and is longer.
    fn excusing(&self, find: &Find) -> Option<What> {
        let own = self.0.get(&find.rule)?;
        let reach = |upto: usize| upto.checked_sub(1).and_then(|n| own.get(n));
        let from_here = reach(own.partition_point(|one| one.start <= find.start));
        let from_before = reach(own.partition_point(|one| one.start < find.start));
        let longer = from_here.filter(|one| one.end > find.end);
        longer.or(from_before.filter(|one| one.end >= find.end)).map(|one| one.what)
    }
}

impl Outcome {
    /// Leaves of overlapping finds of one rule the one that asks for most, then the longest.
    fn part(&mut self) {
        let mut weighed = std::mem::take(&mut self.kept);
        weighed
            .sort_by_key(|one| (one.find.rule, Reverse(one.action), Reverse(one.find.len()), one.find.start));
        let mut taken = BTreeMap::new();
        for one in weighed {
            let Find { rule, start, end, .. } = one.find;
            let before = taken.range((rule, 0)..(rule, end)).next_back();
            if before.is_none_or(|(_, end)| *end <= start) {
                taken.insert((rule, start), end);
                self.kept.push(one);
            } else {
                self.dismissed.push((one.find, Dismissal::Overlapped));
            }
        }
        self.kept.sort_by_key(|one| (one.find.start, Reverse(one.find.end), one.find.rule));
    }
}

/// Words of the text that are taken, by rule.
#[derive(Default)]
struct Taken(BTreeMap<u32, Vec<u64>>);

impl Taken {
    /// Something that covers no fewer words overlaps these: then it covers one of their ends.
    fn overlaps(&self, rule: u32, first: u32, last: u32) -> bool {
        let Some(words) = self.0.get(&rule) else { return false };
        let is_taken =
            |word: u32| words.get(word as usize / 64).is_some_and(|bits| bits >> (word % 64) & 1 != 0);
        is_taken(first) || is_taken(last)
    }

    fn take(&mut self, rule: u32, first: u32, last: u32) {
        let (first, last) = (first as usize, last as usize);
        let words = self.0.entry(rule).or_default();
        if words.len() <= last / 64 {
            words.resize(last / 64 + 1, 0);
        }
        for word in first..=last {
            if let Some(bits) = words.get_mut(word / 64) {
                *bits |= 1 << (word % 64);
            }
        }
    }
}

//! What a find asks for once everything that may excuse or lower it has been heard.

use super::boundary::{Cut, cuts_words};
use super::compile::Ruleset;
use super::find::{Find, Via};
use super::index::What;
use super::judge::Dismissal;
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

/// Everything that is weighed together.
pub(super) struct Bench<'a> {
    ruleset: &'a Ruleset,
    text: &'a str,
    folded: &'a Folded,
    allows: Allows,
    /// First unit of what was found, by its last unit.
    places: HashMap<usize, usize>,
    context: &'a Context<'a>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        ruleset: &'a Ruleset,
        text: &'a str,
        folded: &'a Folded,
        hits: &[Find],
        allows: &[Find],
        context: &'a Context<'a>,
    ) -> Self {
        let places = hits.iter().map(|find| (find.last, find.first)).collect();
        Self { ruleset, text, folded, allows: Allows::new(allows), places, context }
    }

    /// What counts, in the order of the text, and what does not.
    ///
    /// Of overlapping finds of one rule the strictest stays, of equally strict ones the longest; so
    /// a longer find that was lowered hides no shorter one that was not. Longer ones come first, and
    /// what one of them hides for certain is not weighed: a text of 20,000 equal characters is
    /// judged in a moment.
    pub(super) fn weigh(&self, mut finds: Vec<Find>) -> (Vec<Weighed>, Vec<(Find, Dismissal)>) {
        finds.sort_by_key(|find| (find.rule, Reverse(find.len()), find.start));
        let (mut weighed, mut dismissed, mut unlowered) = (Vec::new(), Vec::new(), Taken::default());
        for find in finds {
            match self.ask(&find, &mut unlowered) {
                Ok((action, lowered)) => weighed.push(Weighed { find, action, lowered }),
                Err(why) => dismissed.push((find, why)),
            }
        }
        weighed
            .sort_by_key(|one| (one.find.rule, Reverse(one.action), Reverse(one.find.len()), one.find.start));
        let mut taken = Taken::default();
        let (mut kept, overlapped): (Vec<_>, Vec<_>) =
            weighed.into_iter().partition(|one| taken.take(&one.find));
        kept.sort_by_key(|one| (one.find.start, Reverse(one.find.end), one.find.rule));
        dismissed.extend(overlapped.into_iter().map(|one| (one.find, Dismissal::Overlapped)));
        (kept, dismissed)
    }

    /// What a find asks for, or why it is no hit; `unlowered` are those that ask for all they can.
    fn ask(&self, find: &Find, unlowered: &mut Taken) -> Result<(Action, Option<Lowered>), Dismissal> {
        if !unlowered.is_free(find) {
            return Err(Dismissal::Overlapped);
        }
        let rule = self.ruleset.rules.get(find.rule).filter(|rule| scope::holds(rule, self.context));
        let rule = rule.ok_or(Dismissal::OutOfScope)?;
        if let Some(what) = self.allows.excusing(find) {
            return Err(Dismissal::Allowed { by: self.ruleset.written(find.rule, what).into_owned() });
        }
        let (action, lowered) = self.lower(rule, find)?;
        if action == rule.action {
            unlowered.take(find);
        }
        Ok((action, lowered))
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
    let is_sure = via.optional.is_empty() && !via.is_alias;
    if is_sure || action <= Action::Confirm {
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

/// Stretches of the text that are taken, by rule.
#[derive(Default)]
struct Taken(BTreeMap<(usize, usize), usize>);

impl Taken {
    fn is_free(&self, find: &Find) -> bool {
        let before = self.0.range((find.rule, 0)..(find.rule, find.end)).next_back();
        before.is_none_or(|(_, end)| *end <= find.start)
    }

    /// Takes the find's stretch if it is free.
    fn take(&mut self, find: &Find) -> bool {
        let is_free = self.is_free(find);
        if is_free {
            self.0.insert((find.rule, find.start), find.end);
        }
        is_free
    }
}

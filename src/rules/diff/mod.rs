//! What changed between two sets of rule files, in the words of whoever answers for them: which
//! rules, which words, and whether more or less is stopped by it.

mod facets;

use super::diagnostic::Words;
use super::schema::{BasisEntry, Book, Policy, Reply, Rule, State};
use facets::{Facet, of_rule};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a change stops more or lets more pass; both, where one part of it does the one and
/// another the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Lean {
    /// 变严
    pub stricter: bool,
    /// 变松: a second person has to agree.
    pub looser: bool,
}

impl Lean {
    const STRICTER: Self = Self { stricter: true, looser: false };
    const LOOSER: Self = Self { stricter: false, looser: true };

    fn and(self, other: Self) -> Self {
        Self { stricter: self.stricter || other.stricter, looser: self.looser || other.looser }
    }

    fn turned(self) -> Self {
        Self { stricter: self.looser, looser: self.stricter }
    }
}

/// What happened to a rule or another entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone, or judges no more.
    Removed,
    /// It is another.
    Changed,
}

/// One key of a rule that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyDiff {
    /// The key in the rule file.
    pub key: &'static str,
    /// The single value before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Words>,
    /// The single value after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Words>,
    /// What the list has now and had not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// What the list had and has no more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What comes of it.
    #[serde(flatten)]
    pub lean: Lean,
}

/// One rule that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleDiff {
    /// The rule.
    pub id: String,
    /// Its name, the new one if it has changed.
    pub name: String,
    /// What happened to it.
    pub kind: Kind,
    /// Its keys that changed.
    pub keys: Vec<KeyDiff>,
    /// What comes of it all. A rule that judges on neither side leans nowhere.
    #[serde(flatten)]
    pub lean: Lean,
}

/// An entry beside the rules that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherDiff {
    /// `reply`, `basis` or `policy`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// What happened to it.
    pub kind: Kind,
}

/// What changed between two sets of rule files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Rules, by id.
    pub rules: Vec<RuleDiff>,
    /// Replies, legal grounds and the company's stance.
    pub others: Vec<OtherDiff>,
}

impl Diff {
    /// Nothing means anything else than before.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.others.is_empty()
    }

    /// What comes of it all.
    pub fn lean(&self) -> Lean {
        self.rules.iter().fold(Lean::default(), |lean, rule| lean.and(rule.lean))
    }

    /// How many rules there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.rules.iter().filter(|rule| rule.kind == kind).count()
    }

    /// How many phrases came and went.
    pub fn phrases(&self) -> [usize; 2] {
        let of = |rule: &RuleDiff| {
            let keys = rule.keys.iter().filter(|key| key.key == "phrases");
            keys.fold([0, 0], |[added, removed], key| [added + key.added.len(), removed + key.removed.len()])
        };
        let all = self.rules.iter().map(of);
        all.fold([0, 0], |[added, removed], [more, less]| [added + more, removed + less])
    }
}

/// Compares two sets of rule files that were read without a fault.
pub fn diff(before: &Book, after: &Book) -> Diff {
    let rules = pairs(&rules_of(before), &rules_of(after)).filter_map(of_pair).collect();
    let others = [
        of_others("reply", &replies(before), &replies(after)),
        of_others("basis", &bases(before), &bases(after)),
        of_others("policy", &policies(before), &policies(after)),
    ];
    Diff { rules, others: others.concat() }
}

fn rules_of(book: &Book) -> BTreeMap<&str, &Rule> {
    let rules = book.packs.iter().flat_map(|pack| &pack.rules);
    rules.map(|rule| (rule.id.value.as_str(), rule)).collect()
}

/// What each side has under every id of either.
fn pairs<'m, 'b: 'm, T>(
    before: &'m BTreeMap<&'b str, &'b T>,
    after: &'m BTreeMap<&'b str, &'b T>,
) -> impl Iterator<Item = (&'b str, Option<&'b T>, Option<&'b T>)> + 'm {
    let ids: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    ids.into_iter().map(|id| (id, before.get(id).copied(), after.get(id).copied()))
}

fn of_pair((id, before, after): (&str, Option<&Rule>, Option<&Rule>)) -> Option<RuleDiff> {
    let name = after.or(before).map(|rule| rule.name.clone()).unwrap_or_default();
    let judges = |rule: Option<&Rule>| rule.is_some_and(|rule| rule.state == State::Live);
    let (did, does) = (judges(before), judges(after));
    let mut keys = keys(before, after);
    if !did && !does {
        keys.iter_mut().for_each(|key| key.lean = Lean::default());
    }
    let whole = match (did, does) {
        (false, true) => Lean::STRICTER,
        (true, false) => Lean::LOOSER,
        _ => keys.iter().fold(Lean::default(), |lean, key| lean.and(key.lean)),
    };
    let kind = match (before, after) {
        (None, _) => Kind::Added,
        (_, None) => Kind::Removed,
        _ if did && !does => Kind::Removed,
        _ => Kind::Changed,
    };
    (!keys.is_empty()).then(|| RuleDiff { id: id.to_owned(), name, kind, keys, lean: whole })
}

fn keys(before: Option<&Rule>, after: Option<&Rule>) -> Vec<KeyDiff> {
    match (before.map(of_rule), after.map(of_rule)) {
        (Some(before), Some(after)) => {
            before.into_iter().zip(after).filter_map(|(old, new)| old.against(new)).collect()
        }
        (None, Some(after)) => after.into_iter().filter_map(Facet::appeared).collect(),
        (Some(before), None) => before.into_iter().filter_map(Facet::vanished).collect(),
        (None, None) => Vec::new(),
    }
}

fn replies(book: &Book) -> BTreeMap<&str, &Reply> {
    book.replies.iter().map(|reply| (reply.id.value.as_str(), reply)).collect()
}

fn bases(book: &Book) -> BTreeMap<&str, &BasisEntry> {
    book.bases.iter().map(|basis| (basis.id.value.as_str(), basis)).collect()
}

fn policies(book: &Book) -> BTreeMap<&str, &Policy> {
    book.policies.iter().map(|policy| (policy.id.as_str(), policy)).collect()
}

fn of_others<T: PartialEq>(
    what: &'static str,
    before: &BTreeMap<&str, &T>,
    after: &BTreeMap<&str, &T>,
) -> Vec<OtherDiff> {
    let kind = |old: Option<&T>, new: Option<&T>| match (old, new) {
        (None, _) => Some(Kind::Added),
        (_, None) => Some(Kind::Removed),
        (old, new) => (old != new).then_some(Kind::Changed),
    };
    let changed = pairs(before, after).filter_map(|(id, old, new)| Some((id, kind(old, new)?)));
    changed.map(|(id, kind)| OtherDiff { what, id: id.to_owned(), kind }).collect()
}

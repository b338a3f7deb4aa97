//! Patterns that say something only together: the terms of a `near`.

use std::collections::{BTreeMap, HashMap};

/// The terms of one `near`, by their patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Together<P> {
    /// The rule's place.
    pub(super) rule: u32,
    /// The place among the rule's.
    pub(super) near: u16,
    /// All of these must stand in a text.
    pub(super) all: Vec<P>,
    /// These excuse it.
    pub(super) without: Vec<P>,
}

impl<P> Together<P> {
    fn map<Q>(self, mut to: impl FnMut(P) -> Q) -> Together<Q> {
        let Self { rule, near, all, without } = self;
        let all = all.into_iter().map(&mut to).collect();
        Together { rule, near, all, without: without.into_iter().map(to).collect() }
    }
}

/// Every `near`, by the term that stands in fewest of them.
#[derive(Default)]
pub(super) struct Nears(HashMap<u32, Vec<Together<u32>>>);

impl Nears {
    /// `patterns` are the numbers of the words.
    pub(super) fn new(nears: Vec<Together<String>>, patterns: &BTreeMap<&str, u32>) -> Self {
        let number = |words: String| patterns.get(words.as_str()).copied().unwrap_or(u32::MAX);
        let nears: Vec<_> = nears.into_iter().map(|near| near.map(number)).collect();
        let mut uses: HashMap<u32, usize> = HashMap::new();
        nears.iter().flat_map(|near| &near.all).for_each(|term| *uses.entry(*term).or_default() += 1);
        let mut by_rarest: HashMap<u32, Vec<Together<u32>>> = HashMap::new();
        for near in nears {
            if let Some(rarest) = near.all.iter().min_by_key(|term| uses.get(term)) {
                by_rarest.entry(*rarest).or_default().push(near);
            }
        }
        Self(by_rarest)
    }

    /// Every `near` of which `met` holds all terms.
    pub(super) fn complete<'a>(&'a self, met: &'a [u32]) -> impl Iterator<Item = &'a Together<u32>> {
        let anchored = met.iter().filter_map(|pattern| self.0.get(pattern)).flatten();
        anchored.filter(|near| near.all.iter().all(|term| met.contains(term)))
    }

    /// Every term that must stand there.
    pub(super) fn terms(&self) -> impl Iterator<Item = u32> {
        self.0.values().flatten().flat_map(|near| &near.all).copied()
    }

    /// There is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Terms met in a text. Each is kept once.
#[derive(Default)]
pub(super) struct Terms {
    patterns: [u32; Self::MOST],
    count: usize,
}

impl Terms {
    /// A text with more of them is looked at closely.
    const MOST: usize = 16;

    /// `false` when there is no room.
    pub(super) fn keep(&mut self, pattern: u32) -> bool {
        if self.met().contains(&pattern) {
            return true;
        }
        let free = self.patterns.get_mut(self.count);
        let has_room = free.is_some();
        if let Some(slot) = free {
            *slot = pattern;
            self.count += 1;
        }
        has_room
    }

    pub(super) fn met(&self) -> &[u32] {
        self.patterns.get(..self.count).unwrap_or_default()
    }
}

//! Patterns that say something only together: the terms of a `near`.

use std::collections::{BTreeMap, HashMap};

/// The terms of one `near`, each by the patterns of its wordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Together<P> {
    /// The rule's place.
    pub(super) rule: u32,
    /// The place among the rule's.
    pub(super) near: u16,
    /// All of these must stand in a text, in one wording each.
    pub(super) all: Vec<Vec<P>>,
    /// These excuse it.
    pub(super) without: Vec<Vec<P>>,
}

impl<P> Together<P> {
    /// Every wording of every term.
    pub(super) fn wordings(&self) -> impl Iterator<Item = &P> {
        self.all.iter().chain(&self.without).flatten()
    }

    fn map<Q>(self, mut to: impl FnMut(P) -> Q) -> Together<Q> {
        let mut each = |terms: Vec<Vec<P>>| -> Vec<Vec<Q>> {
            terms.into_iter().map(|term| term.into_iter().map(&mut to).collect()).collect()
        };
        let Self { rule, near, all, without } = self;
        Together { rule, near, all: each(all), without: each(without) }
    }
}

/// Every `near`, found by the term whose wordings stand in fewest of them.
#[derive(Default)]
pub(super) struct Nears {
    nears: Vec<Together<u32>>,
    /// By each wording of that term: the `near`, and which of its terms it is.
    by_rarest: HashMap<u32, Vec<(usize, usize)>>,
}

impl Nears {
    /// `patterns` are the numbers of the words.
    pub(super) fn new(nears: Vec<Together<String>>, patterns: &BTreeMap<&str, u32>) -> Self {
        let number = |words: String| patterns.get(words.as_str()).copied().unwrap_or(u32::MAX);
        let nears: Vec<_> = nears.into_iter().map(|near| near.map(number)).collect();
        let mut uses: HashMap<u32, usize> = HashMap::new();
        let all = nears.iter().flat_map(|near| near.all.iter().flatten());
        all.for_each(|pattern| *uses.entry(*pattern).or_default() += 1);
        let used = |term: &[u32]| term.iter().filter_map(|pattern| uses.get(pattern)).sum::<usize>();
        let mut by_rarest: HashMap<u32, Vec<(usize, usize)>> = HashMap::new();
        for (place, near) in nears.iter().enumerate() {
            let rarest = near.all.iter().enumerate().min_by_key(|(_, term)| used(term));
            for (term, pattern) in
                rarest.into_iter().flat_map(|(n, term)| term.iter().map(move |one| (n, one)))
            {
                by_rarest.entry(*pattern).or_default().push((place, term));
            }
        }
        Self { nears, by_rarest }
    }

    /// Every `near` of which `met` holds all terms, once each.
    pub(super) fn complete<'a>(&'a self, met: &'a [u32]) -> impl Iterator<Item = &'a Together<u32>> {
        let wording = |term: &[u32]| term.iter().copied().find(|pattern| met.contains(pattern));
        let anchors = met.iter().filter_map(|pattern| Some((*pattern, self.by_rarest.get(pattern)?)));
        let places = anchors.flat_map(|(pattern, places)| places.iter().map(move |place| (pattern, *place)));
        places.filter_map(move |(pattern, (place, term))| {
            let near = self.nears.get(place)?;
            let is_first = near.all.get(term).is_some_and(|term| wording(term) == Some(pattern));
            (is_first && near.all.iter().all(|term| wording(term).is_some())).then_some(near)
        })
    }

    /// Every wording of the terms that must stand there.
    pub(super) fn terms(&self) -> impl Iterator<Item = u32> {
        self.nears.iter().flat_map(|near| near.all.iter().flatten()).copied()
    }

    /// There is none.
    pub(super) fn is_empty(&self) -> bool {
        self.nears.is_empty()
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

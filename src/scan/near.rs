//! Terms close to one another: 收益 … 保证.

use super::judge::Dismissal;
use super::rule::NearSpec;
use crate::text::Folded;

/// One occurrence of a term: which one, and its first and last unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) term: usize,
}

/// A stretch that holds every term, and why it may not count.
pub(super) type Stretch = (usize, usize, Option<Dismissal>);

/// Every stretch of the text that holds all terms, shortest first from the left, none overlapping.
///
/// `seen` are the terms' places and `barred` the places of those that excuse.
pub(super) fn stretches(
    text: &Folded,
    near: &NearSpec,
    mut seen: Vec<Seen>,
    barred: &[Seen],
) -> Vec<Stretch> {
    seen.sort();
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(rest) = seen.get(from..).filter(|rest| !rest.is_empty()) {
        match chain(text, near, rest) {
            Some((first, last)) => {
                found.push((first, last, excuse(near, first, last, barred)));
                from += rest.iter().take_while(|one| one.first <= last).count();
            }
            None => from += 1,
        }
    }
    found
}

/// From the first place of `rest` on: the stretch in which each next term follows near enough.
fn chain(text: &Folded, near: &NearSpec, rest: &[Seen]) -> Option<(usize, usize)> {
    let opening = rest.first()?;
    let mut missing: Vec<usize> = (0..near.all.len()).collect();
    let (mut last, mut reach) = (opening.last, opening.last);
    for seen in rest {
        if seen.first > reach + near.within + 1 || parts_sentences(text, opening.first, seen.first) {
            return None;
        }
        let is_next =
            if near.ordered { missing.first() == Some(&seen.term) } else { missing.contains(&seen.term) };
        if is_next && (seen == opening || seen.first > last || !near.ordered) {
            missing.retain(|term| *term != seen.term);
            (last, reach) = (last.max(seen.last), reach.max(seen.last));
        }
        if missing.is_empty() {
            return Some((opening.first, last));
        }
        let is_alone = missing.len() + 1 == near.all.len();
        if missing.len() == near.all.len() || (is_alone && is_repeated(opening, seen)) {
            return None;
        }
    }
    None
}

/// A later place of the opening term makes a shorter stretch, which is tried next.
fn is_repeated(opening: &Seen, seen: &Seen) -> bool {
    seen != opening && seen.term == opening.term
}

fn parts_sentences(text: &Folded, first: usize, last: usize) -> bool {
    let between = text.units().get(first..last).unwrap_or_default();
    between.iter().any(|unit| matches!(unit.ch, '。' | '!' | '?' | '\n'))
}

fn excuse(near: &NearSpec, first: usize, last: usize, barred: &[Seen]) -> Option<Dismissal> {
    let touches = |one: &&Seen| one.first <= last + near.within + 1 && first <= one.last + near.within + 1;
    let by = barred.iter().find(touches).and_then(|one| near.without.get(one.term))?;
    Some(Dismissal::Without { by: by.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(near: NearSpec, text: &str) -> Vec<(usize, usize, bool)> {
        let folded = Folded::of(text);
        let seen = |terms: &[String]| -> Vec<Seen> {
            let of = |(term, word): (usize, &String)| {
                let chars: Vec<char> = text.chars().collect();
                let length = word.chars().count();
                let word: Vec<char> = word.chars().collect();
                let at = move |first: usize| Seen { first, last: first + length - 1, term };
                chars
                    .windows(length)
                    .enumerate()
                    .filter(|(_, w)| **w == word[..])
                    .map(|(n, _)| at(n))
                    .collect::<Vec<_>>()
            };
            terms.iter().enumerate().flat_map(of).collect()
        };
        let barred = seen(&near.without);
        let stretches = stretches(&folded, &near, seen(&near.all), &barred);
        stretches.into_iter().map(|(first, last, excuse)| (first, last, excuse.is_none())).collect()
    }

    fn near(all: &[&str], within: usize, ordered: bool, without: &[&str]) -> NearSpec {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        NearSpec { all: owned(all), within, ordered, without: owned(without) }
    }

    #[test]
    fn terms_are_near_up_to_the_given_number_of_characters_between_them() {
        let spec = || near(&["收益", "保证"], 3, false, &[]);
        assert_eq!(found(spec(), "收益我来给保证"), [(0, 6, true)]);
        assert_eq!(found(spec(), "收益我来给您保证"), []);
        assert_eq!(found(spec(), "保证您收益"), [(0, 4, true)]);
        assert_eq!(found(spec(), "收益。保证"), []);
    }

    #[test]
    fn ordered_terms_stand_in_their_order() {
        let spec = || near(&["亏", "算我"], 4, true, &[]);
        assert_eq!(found(spec(), "亏了都算我的"), [(0, 4, true)]);
        assert_eq!(found(spec(), "算我亏了"), []);
        assert_eq!(found(spec(), "算我亏了算我"), [(2, 5, true)]);
    }

    #[test]
    fn the_shortest_stretch_is_taken_and_each_only_once() {
        let spec = near(&["收益", "保证"], 9, false, &[]);
        assert_eq!(found(spec, "收益收益保证呀收益保证"), [(2, 5, true), (7, 10, true)]);
    }

    #[test]
    fn a_term_that_must_not_be_there_excuses() {
        let spec = || near(&["收益"], 4, false, &["波动"]);
        assert_eq!(found(spec(), "收益会有波动"), [(0, 1, false)]);
        assert_eq!(found(spec(), "收益是多少呢您看一下波动"), [(0, 1, true)]);
    }
}

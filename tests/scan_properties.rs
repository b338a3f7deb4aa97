//! What holds for every text and every phrase.
#![expect(clippy::expect_used, reason = "a test may stop at once")]

use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::LazyLock;
use wecom_guard::model::{Action, Revision};
use wecom_guard::scan::{
    Boundary, Context, Detector, Fold, NearSpec, Negation, PhraseSpec, RuleSpec, Ruleset,
};
use wecom_guard::text::{Class, Folded, Table, fold_phrase, spans};

/// Every way to write a character, by the character it folds to.
static WAYS: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut ways: HashMap<char, Vec<char>> = HashMap::new();
    for written in '\0'..=char::MAX {
        let mut pieces = Vec::new();
        Table::get().fold(written, |piece| pieces.push(piece));
        if let [piece] = pieces.as_slice()
            && piece.class == Class::Text
        {
            ways.entry(piece.ch).or_default().push(written);
        }
    }
    ways
});
/// Characters that are dropped wherever they stand.
const DROPPED: [&str; 8] =
    ["", "\u{200b}", "\u{fe0f}", "\u{336}", "\u{ad}", "\u{202e}", "\u{3164}", "\u{e0041}"];

/// Phrases of two everyday words, and rules that look for them: a lexicon whose buckets part it, and
/// one so large that they do not.
static LARGE: LazyLock<[(Vec<String>, Ruleset); 2]> = LazyLock::new(|| {
    let list = include_str!("../src/text/data/words.txt");
    let words: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    [2_500, 12_000].map(|count| {
        let pair =
            |n: usize| format!("{}{}", words[n * 6_007 % words.len()], words[n * 30_011 % words.len()]);
        let phrases: Vec<String> = (1..=count).map(pair).map(|phrase| fold_phrase(&phrase)).collect();
        let ruleset = ruleset(vec![bare(&phrases)]);
        (phrases, ruleset)
    })
});

fn ruleset(rules: Vec<RuleSpec>) -> Ruleset {
    Ruleset::build(Revision::new("r1-test"), rules).expect("the rules compile")
}

/// A rule that only looks for its phrases.
fn bare(phrases: &[String]) -> RuleSpec {
    RuleSpec {
        boundary: Boundary::Off,
        negation: Negation::Off,
        gap: Some(0),
        ..RuleSpec::new(
            "T-1",
            "样例",
            Action::Block,
            phrases.iter().map(|phrase| PhraseSpec::from(phrase.as_str())),
        )
    }
}

/// A rule that asks for everything there is.
fn greedy(phrases: &[String]) -> RuleSpec {
    let near = NearSpec {
        all: vec!["收益".into(), "保证".into()],
        within: 6,
        ordered: false,
        without: vec!["不".into()],
    };
    RuleSpec {
        near: vec![near],
        allow: vec!["不承诺保底收益".into()],
        fold: Fold::ALL.into_iter().collect(),
        detect: Detector::ALL.to_vec(),
        aliases: vec!["wfx".into()],
        ..RuleSpec::new(
            "T-1",
            "样例",
            Action::Block,
            phrases.iter().map(|phrase| PhraseSpec::from(phrase.as_str())),
        )
    }
}

/// The phrase with each character written in one of its ways, and dropped characters between.
fn disguised(phrase: &str, choices: &[(usize, usize)]) -> String {
    let mut out = String::new();
    for (ch, (way, dropped)) in phrase.chars().zip(choices.iter().cycle()) {
        if !out.is_empty() {
            out.push_str(DROPPED[dropped % DROPPED.len()]);
        }
        out.push(WAYS.get(&ch).map_or(ch, |ways| ways[way % ways.len()]));
    }
    out
}

/// Where `phrase` stands in `text`, the two compared character by character: starts in bytes, the
/// leftmost of those that overlap.
fn naive(text: &str, phrase: &str) -> Vec<usize> {
    let kind = |ch: Option<char>| ch.filter(char::is_ascii_alphanumeric).map(|ch| ch.is_ascii_digit());
    let goes_on = |left: Option<char>, right: Option<char>| kind(left).is_some() && kind(left) == kind(right);
    let is_whole = |at: usize| {
        let (before, after) = (&text[..at], &text[at + phrase.len()..]);
        !goes_on(before.chars().last(), phrase.chars().next())
            && !goes_on(phrase.chars().last(), after.chars().next())
    };
    let mut starts: Vec<usize> = Vec::new();
    for (at, _) in text.char_indices().filter(|(at, _)| text[*at..].starts_with(phrase) && is_whole(*at)) {
        if starts.last().is_none_or(|last| last + phrase.len() <= at) {
            starts.push(at);
        }
    }
    starts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_phrase_is_found_however_its_characters_are_written(
        phrase in "[保底收益无风险承诺回报百分有效加微信qa1%]{2,8}",
        choices in prop::collection::vec((0_usize..64, 0_usize..64), 8),
    ) {
        prop_assume!(phrase.chars().any(|ch| ch != '%') && !phrase.starts_with('%') && !phrase.ends_with('%'));
        let written = disguised(&phrase, &choices);
        let text = format!("王姐，{written}，哦");
        let judged = ruleset(vec![bare(&[phrase])]).judge(&text, &Context::default());
        let start = "王姐，".len();
        prop_assert_eq!(judged.hits.len(), 1);
        prop_assert_eq!(&judged.hits[0].matched, &written);
        prop_assert_eq!(judged.hits[0].span, spans(&text, start, start + written.len()));
    }

    #[test]
    fn what_is_found_is_what_a_naive_search_finds(
        text in "[保底本a1 *。]{0,24}",
        phrases in prop::collection::btree_set("[保底本a1]{1,4}", 1..6),
    ) {
        let phrases: Vec<String> = phrases.into_iter().collect();
        let rules = phrases.iter().enumerate().map(|(n, phrase)| {
            RuleSpec { id: format!("T-{n}").as_str().into(), ..bare(std::slice::from_ref(phrase)) }
        });
        let judged = ruleset(rules.collect()).judge(&text, &Context::default());
        let mut found: Vec<(usize, &str)> = judged.hits.iter().map(|hit| (hit.span.byte[0], hit.phrase.as_str())).collect();
        let mut expected: Vec<(usize, &str)> =
            phrases.iter().flat_map(|phrase| naive(&text, phrase).into_iter().map(|at| (at, phrase.as_str()))).collect();
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_text_is_clean_if_and_only_if_no_phrase_stands_in_its_words(
        text in "[保底本收益a1 *。😀\u{200b}]{0,40}",
        phrases in prop::collection::btree_set("[保底本收益a1]{1,6}", 1..12),
    ) {
        let words = Folded::of(&text).words();
        let holds = phrases.iter().any(|phrase| words.contains(phrase.as_str()));
        let phrases: Vec<String> = phrases.into_iter().collect();
        prop_assert_eq!(ruleset(vec![bare(&phrases)]).is_clean(&text), !holds);
    }

    #[test]
    fn a_text_is_clean_if_and_only_if_none_of_thousands_of_phrases_stands_in_its_words(
        is_crowded in any::<bool>(),
        pieces in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..7, "[ *。的了一是在a1]{0,3}"), 0..6),
    ) {
        let (phrases, ruleset) = &LARGE[usize::from(is_crowded)];
        let piece = |(n, length, between): &(prop::sample::Index, usize, String)| {
            n.get(phrases).chars().take(*length).chain(between.chars()).collect::<String>()
        };
        let text: String = pieces.iter().map(piece).collect();
        let words = Folded::of(&text).words();
        let holds = phrases.iter().any(|phrase| words.contains(phrase.as_str()));
        prop_assert_eq!(ruleset.is_clean(&text), !holds, "{}", text);
    }

    #[test]
    fn every_span_is_a_piece_of_the_text(
        text in "([保证底收益本无风险不承诺回报wfxbaodi100%@.<b>&#;\\-*。，\n 138]|\\PC){0,60}",
        phrases in prop::collection::vec("[保底收益本无风险承诺回报1%a]{2,6}", 1..4),
    ) {
        prop_assume!(phrases.iter().all(|phrase| phrase.chars().any(|ch| ch != '%')));
        let ruleset = ruleset(vec![greedy(&phrases)]);
        let told = ruleset.explain(&text, &Context::default());
        for hit in &told.judgement.hits {
            let [start, end] = hit.span.byte;
            prop_assert_eq!(text.get(start..end), Some(hit.matched.as_str()));
            prop_assert_eq!(hit.span, spans(&text, start, end));
        }
        for span in told.judgement.suppressed.iter().map(|one| one.span).chain(told.dismissed.iter().map(|one| one.span)) {
            prop_assert!(text.get(span.byte[0]..span.byte[1]).is_some_and(|part| !part.is_empty()));
        }
        prop_assert_eq!(ruleset.judge(&text, &Context::default()), told.judgement);
    }
}

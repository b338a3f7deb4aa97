//! What is looked for and where: lexicons of any size, texts of sixty characters, and others' engines.

use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use wecom_guard::model::{Action, Clock};
use wecom_guard::rules::LiveRules;
use wecom_guard::scan::{Context, RuleSpec, Ruleset};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Characters of a text.
const LENGTH: usize = 60;

pub fn shipped() -> Ruleset {
    let folder = Path::new(ROOT).join("rules");
    LiveRules::load(&folder, 1, Clock::system().now()).expect("the shipped rules load").ruleset
}

/// The shipped rules' phrases, every nth of them for a small lexicon; for a large one, pairs of
/// everyday words beside them, drawn by a fixed seed.
pub fn phrases(count: usize) -> Vec<String> {
    let own = shipped();
    let own = own.rules().iter().flat_map(|rule| rule.phrases.iter().map(|phrase| phrase.text.clone()));
    let mut seen = HashSet::new();
    let mut all: Vec<String> = own.filter(|phrase| seen.insert(phrase.clone())).collect();
    if count <= all.len() {
        let step = all.len() / count;
        return all.into_iter().step_by(step).take(count).collect();
    }
    let list = include_str!("../../src/text/data/words.txt");
    let words: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        words[state as usize % words.len()]
    };
    while all.len() < count {
        let phrase = format!("{}{}", draw(), draw());
        if (2..=6).contains(&phrase.chars().count()) && seen.insert(phrase.clone()) {
            all.push(phrase);
        }
    }
    all
}

/// One rule with these phrases.
pub fn ruleset(phrases: &[String]) -> Ruleset {
    let rule = RuleSpec::new("BENCH-1", "样例", Action::Block, phrases.iter().map(String::as_str));
    Ruleset::build("r1-bench".into(), vec![rule]).expect("the lexicon compiles")
}

/// The harmless sentences of `fixtures/benign`, joined and cut into texts of sixty characters: those
/// without a hit, and those with one.
pub fn texts(ruleset: &Ruleset) -> (Vec<String>, Vec<String>) {
    let mut files: Vec<_> =
        std::fs::read_dir(Path::new(ROOT).join("fixtures/benign")).expect("fixtures").collect();
    files.sort_by_key(|file| file.as_ref().expect("a file").path());
    let read =
        |file: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(file.expect("a file").path());
    let all: String = files.into_iter().map(|file| read(file).expect("a text").replace('\n', "。")).collect();
    let chars: Vec<char> = all.chars().collect();
    let texts = chars.chunks_exact(LENGTH).map(|part| part.iter().collect::<String>());
    texts.partition(|text| ruleset.judge(text, &Context::default()).hits_total == 0)
}

/// An engine, as a function that says how much it found in a text.
pub type Search = Box<dyn Fn(&str) -> usize>;

/// Engines to stand beside ours, each with how it is built from phrases.
pub const OTHERS: [(&str, fn(&[String]) -> Search); 4] = [
    ("aho-corasick, unfolded", |phrases| {
        let engine = aho_corasick::AhoCorasick::new(phrases).expect("it builds");
        Box::new(move |text| engine.find_overlapping_iter(text).count())
    }),
    ("daachorse charwise, unfolded", |phrases| {
        let phrases: BTreeSet<&String> = phrases.iter().collect();
        let engine = CharwiseDoubleArrayAhoCorasick::<u32>::new(phrases).expect("it builds");
        Box::new(move |text| engine.find_overlapping_iter(text).count())
    }),
    ("NFKC, lower case, aho-corasick", |phrases| {
        let fold = |text: &str| text.nfkc().collect::<String>().to_lowercase();
        let engine =
            aho_corasick::AhoCorasick::new(phrases.iter().map(|phrase| fold(phrase))).expect("it builds");
        Box::new(move |text| engine.find_overlapping_iter(&fold(text)).count())
    }),
    ("sensitive-rs 1.3", |phrases| {
        let mut engine = sensitive_rs::Filter::new();
        engine.add_words(&phrases.iter().map(String::as_str).collect::<Vec<_>>());
        Box::new(move |text| usize::from(engine.find_in(text).0))
    }),
];

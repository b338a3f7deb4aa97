//! What share of each kind of disguise is found, with phrases of its own: no phrase of the evasion
//! sample. The floors are a little under what is measured.
#![expect(clippy::expect_used, reason = "a test may stop at once")]

use pinyin::ToPinyin;
use std::fs;
use std::path::Path;
use wecom_guard::model::{Action, Revision};
use wecom_guard::scan::{Boundary, Context, Fold, Negation, RuleSpec, Ruleset};

const PHRASES: [&str; 24] = [
    "返佣",
    "包过",
    "根治",
    "垫资",
    "零风险",
    "国家级",
    "保录取",
    "加微信",
    "返佣金",
    "黑户贷",
    "稳赚不赔",
    "保本保息",
    "刚性兑付",
    "内幕消息",
    "包教包会",
    "永不复发",
    "全网最低",
    "私下转账",
    "征信修复",
    "加盟回本",
    "日赚千元",
    "不看征信黑户可贷",
    "全额返还本金",
    "三天包好永不复发",
];
const CARRIERS: [&str; 8] = [
    "{}",
    "亲，咱们{}呢，周五前都算",
    "客户问我{}行不行",
    "（{}）具体细节电话聊",
    "明天开会说：{}！记得来",
    "这款产品{}，您放心买",
    "老师说了{}，不信您问",
    "方案发您了：{}～有空看看",
];
const SYMBOLS: [&str; 14] = ["*", "-", "_", ".", "~", "|", "/", "·", "•", "+", "#", "^", "—", "★"];
const EMOJI: [&str; 6] = ["😊", "👍", "💰", "🔥", "☀️", "👨\u{200d}👩\u{200d}👧"];
const DROPPED: [&str; 8] =
    ["\u{200b}", "\u{200e}", "\u{ad}", "\u{fe0f}", "\u{336}", "\u{2060}", "\u{3164}", "\u{e0041}"];

/// A text that has to be found, or to be left alone, by a rule for `phrase`.
struct Case {
    phrase: String,
    text: String,
}

impl Case {
    fn is_found(&self, rule: impl FnOnce(&mut RuleSpec)) -> bool {
        let mut spec = RuleSpec::new("T-1", "样例", Action::Block, [self.phrase.as_str()]);
        rule(&mut spec);
        let ruleset = Ruleset::build(Revision::new("r1-test"), vec![spec]).expect("the rule compiles");
        ruleset.judge(&self.text, &Context::default()).hits_total > 0
    }
}

/// Another way to write a phrase.
type Disguise = Box<dyn Fn(&str) -> String>;

/// Every phrase in every disguise, each in the next carrier.
fn disguised(disguises: &[Disguise]) -> Vec<Case> {
    let all =
        PHRASES.iter().flat_map(|phrase| disguises.iter().map(move |disguise| (phrase, disguise(phrase))));
    let carried = all.zip(CARRIERS.iter().cycle()).map(|((phrase, hidden), carrier)| Case {
        phrase: (*phrase).to_owned(),
        text: carrier.replace("{}", &hidden),
    });
    carried.collect()
}

fn between(filling: &'static str) -> Disguise {
    Box::new(move |phrase| phrase.chars().map(String::from).collect::<Vec<_>>().join(filling))
}

fn in_the_middle(filling: &'static str) -> Disguise {
    Box::new(move |phrase| {
        let half = phrase.chars().count() / 2;
        let (front, back): (Vec<_>, Vec<_>) =
            phrase.chars().enumerate().partition(|(place, _)| *place < half);
        let text = |part: Vec<(usize, char)>| part.into_iter().map(|(_, ch)| ch).collect::<String>();
        text(front) + filling + &text(back)
    })
}

/// The rows of a table `| phrase | message |`, under `heading` if one is named.
fn table(file: &str, heading: &str) -> Vec<Case> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/shares")).join(file);
    let text = fs::read_to_string(path).expect("the table is there");
    let part = text.split("\n## ").find(|part| part.starts_with(heading)).expect("the heading is there");
    let rows = part.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let case = |(phrase, text): (&str, &str)| Case { phrase: phrase.to_owned(), text: text.to_owned() };
    rows.filter(|(phrase, _)| *phrase != "phrase").map(case).collect()
}

/// At least `floor` percent of the cases come out as `wanted` under `rule`.
fn assert_share(cases: &[Case], floor: usize, wanted: bool, rule: impl Fn(&mut RuleSpec)) {
    let wrong: Vec<_> = cases.iter().filter(|case| case.is_found(&rule) != wanted).collect();
    let right = (cases.len() - wrong.len()) * 100;
    let shown: Vec<_> = wrong.iter().map(|case| format!("{}: {:?}", case.phrase, case.text)).collect();
    assert!(!cases.is_empty() && right >= floor * cases.len(), "{right} of {}: {shown:#?}", cases.len());
}

fn fold(fold: Fold) -> impl Fn(&mut RuleSpec) {
    move |rule| rule.fold = [fold].into_iter().collect()
}

#[test]
fn every_character_that_is_always_dropped_is_looked_past() {
    let disguises: Vec<_> = DROPPED.into_iter().map(between).collect();
    assert_share(&disguised(&disguises), 100, true, |_| {});
}

#[test]
fn symbols_between_the_characters_hide_next_to_nothing() {
    let all = SYMBOLS.into_iter().chain(EMOJI).flat_map(|filling| [between(filling), in_the_middle(filling)]);
    assert_share(&disguised(&all.collect::<Vec<_>>()), 99, true, |_| {});
}

#[test]
fn blanks_lines_and_brackets_hide_little() {
    let mut disguises: Vec<_> = [" ", "\u{3000}", "\u{a0}", "\n"].into_iter().map(between).collect();
    disguises.push(Box::new(|phrase| {
        let (first, rest) = phrase.split_at(phrase.chars().next().map_or(0, char::len_utf8));
        format!("**{first}**{rest}")
    }));
    disguises.push(Box::new(|phrase| phrase.chars().map(|ch| format!("【{ch}】")).collect()));
    assert_share(&disguised(&disguises), 93, true, |_| {});
}

#[test]
fn pinyin_of_one_or_all_characters_is_read() {
    let syllable = |ch: char| ch.to_pinyin().map_or(ch.to_string(), |reading| reading.plain().to_owned());
    let disguises: Vec<Disguise> = vec![
        Box::new(move |phrase| phrase.chars().map(syllable).collect()),
        Box::new(move |phrase| phrase.chars().map(syllable).collect::<Vec<_>>().join(" ")),
        Box::new(move |phrase| {
            let mut chars = phrase.chars();
            let last = chars.next_back().map(syllable).unwrap_or_default();
            chars.as_str().to_owned() + &last
        }),
    ];
    assert_share(&disguised(&disguises), 85, true, fold(Fold::Pinyin));
}

#[test]
fn numbers_in_words_are_read() {
    assert_share(&table("spellings.md", "number"), 95, true, fold(Fold::Number));
}

#[test]
fn homophones_are_heard() {
    assert_share(&table("spellings.md", "homophone"), 90, true, fold(Fold::Homophone));
}

#[test]
fn who_denies_a_promise_is_not_stopped_for_it() {
    assert_share(&table("negation.md", ""), 95, false, |rule| rule.negation = Negation::Drop);
}

#[test]
fn a_negator_that_denies_something_else_hides_nothing() {
    let strict = |rule: &mut RuleSpec| (rule.negation, rule.boundary) = (Negation::Drop, Boundary::Strict);
    assert_share(&table("traps.md", ""), 98, true, strict);
}

#[test]
fn phrases_across_two_words_are_mostly_left_alone() {
    assert_share(&table("cross-word.md", ""), 85, false, |rule| rule.boundary = Boundary::Strict);
}

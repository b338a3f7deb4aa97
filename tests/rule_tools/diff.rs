//! `rules diff`: what changed, whether it is stricter, and what it would do.

use jiff::Timestamp;
use jiff::civil::date;
use wecom_guard::model::Verdict;
use wecom_guard::publish::{Effect, Replay, Text};
use wecom_guard::rules::diff::{Diff, Kind, Lean, diff};
use wecom_guard::rules::{Book, Folder, LiveRules, RawFile, parse};

const RULE: &str = r#"
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "确认"
phrases = ["保底收益", "稳赚不赔"]
allow = ["不承诺保底收益"]
gap = 2
fold = ["pinyin"]
channels = ["机器人", "接口"]
scope = { exclude_departments = ["培训部"] }
valid_to = 2027-12-31
[rule.tests]
must_hit = ["保底收益5%"]
"#;

fn folder(text: &str) -> Folder {
    let bytes = text.as_bytes().to_vec();
    Folder { files: vec![RawFile { name: "a.toml".into(), path: "a.toml".into(), bytes }] }
}

fn book(text: &str) -> Book {
    let (book, faults) = parse(&folder(text));
    assert_eq!(faults, [], "{text}");
    book
}

fn between(before: &str, after: &str) -> Diff {
    diff(&book(before), &book(after))
}

/// The rule with one thing changed.
fn with(from: &str, to: &str) -> String {
    assert!(RULE.contains(from), "{from}");
    RULE.replacen(from, to, 1)
}

const STRICTER: Lean = Lean { stricter: true, looser: false };
const LOOSER: Lean = Lean { stricter: false, looser: true };
const NEITHER: Lean = Lean { stricter: false, looser: false };

#[test]
fn every_key_says_whether_its_change_stops_more() {
    for (from, to, key, lean) in [
        ("\"确认\"", "\"拦截\"", "action", STRICTER),
        ("\"稳赚不赔\"]", "\"稳赚不赔\", \"刚兑\"]", "phrases", STRICTER),
        ("\"不承诺保底收益\"", "\"不承诺保底收益\", \"没有保底收益\"", "allow", LOOSER),
        ("gap = 2", "gap = 4", "gap", STRICTER),
        ("[\"pinyin\"]", "[\"pinyin\", \"形近\"]", "fold", STRICTER),
        ("[\"机器人\", \"接口\"]", "[\"机器人\"]", "channels", LOOSER),
        ("[\"机器人\", \"接口\"]", "[]", "channels", STRICTER),
        ("[\"培训部\"]", "[\"培训部\", \"财务部\"]", "exclude_departments", LOOSER),
        ("{ exclude", "{ industries = [\"金融\"], exclude", "industries", LOOSER),
        ("2027-12-31", "2026-12-31", "valid_to", LOOSER),
        ("gap = 2", "gap = 2\nvalid_from = 2026-01-01", "valid_from", LOOSER),
        ("gap = 2", "gap = 2\nboundary = \"off\"", "boundary", STRICTER),
        ("gap = 2", "gap = 2\nnegation = \"drop\"", "negation", LOOSER),
        ("gap = 2", "gap = 2\nnear = [{ all = [\"收益\", \"保证\"], within = 9 }]", "near", STRICTER),
        ("gap = 2", "gap = 2\ndetect = [\"手机号\"]", "detect", STRICTER),
        ("gap = 2", "gap = 2\naliases = [\"bdsy\"]", "aliases", STRICTER),
        ("gap = 2", "gap = 2\nrequire_reason = true", "require_reason", STRICTER),
        ("gap = 2", "gap = 2\nrequire_approval = true", "require_approval", STRICTER),
        ("gap = 2", "gap = 2\nwhy = \"说明\"", "why", NEITHER),
        ("\"保底收益5%\"", "\"保底收益5%\", \"稳赚不赔的\"", "tests", NEITHER),
        ("承诺保本保收益", "保本保收益", "name", NEITHER),
    ] {
        let there = between(RULE, &with(from, to));
        assert_eq!(there.rules.len(), 1, "{key}");
        assert_eq!((there.rules[0].keys[0].key, there.rules[0].lean), (key, lean), "{there:?}");
        let back = between(&with(from, to), RULE);
        let turned = Lean { stricter: lean.looser, looser: lean.stricter };
        assert_eq!((back.rules[0].keys[0].key, back.rules[0].lean), (key, turned), "{back:?}");
    }
}

#[test]
fn order_spacing_and_comments_are_no_change() {
    let other = RULE
        .replace("\"保底收益\", \"稳赚不赔\"", "\"稳赚不赔\",  # 注\n\"保底收益\"")
        .replace("确认", "confirm");
    assert!(between(RULE, &other).is_empty());
}

#[test]
fn a_rule_that_comes_or_goes_leans_by_whether_it_judges() {
    let added = between("[pack]\nid = \"a\"\n", RULE);
    assert_eq!((added.rules[0].kind, added.rules[0].lean, added.phrases()), (Kind::Added, STRICTER, [2, 0]));
    let removed = between(RULE, "[pack]\nid = \"a\"\n");
    assert_eq!((removed.rules[0].kind, removed.rules[0].lean), (Kind::Removed, LOOSER));
    let retired = between(RULE, &with("gap = 2", "gap = 2\nstate = \"停用\""));
    assert_eq!((retired.rules[0].kind, retired.lean()), (Kind::Removed, LOOSER));
    let draft = with("gap = 2", "gap = 2\nstate = \"草稿\"");
    let written = between(&draft, &draft.replacen("稳赚不赔", "刚兑", 1));
    assert_eq!((written.rules[0].kind, written.lean()), (Kind::Changed, NEITHER));
}

fn effect(after: &str, texts: &[&str], masked: bool) -> Effect {
    let rules = |text| LiveRules::compile(folder(text), 1, Timestamp::UNIX_EPOCH).unwrap();
    let (before, after) = (rules(RULE), rules(after));
    let mut replay = Replay::new(&before.ruleset, &after.ruleset, date(2026, 11, 23), 9);
    for text in texts {
        replay.judge(&Text { id: "chk_1", text, channel: None, industry: None, masked });
    }
    replay.effect()
}

const TEXTS: [&str; 4] = [
    "您好,产品说明书已发您邮箱",
    "王芳13800138000您好,这款产品保底收益5%,我微信abc123,方便时联系",
    "这个稳赚不赔",
    "刚兑产品,放心",
];

#[test]
fn each_text_is_counted_once_by_where_it_ends() {
    let counts = |effect: Effect| {
        let Effect { texts, more_blocked, less_blocked, to_confirm, no_longer_confirm, .. } = effect;
        [texts, more_blocked, less_blocked, to_confirm, no_longer_confirm]
    };
    assert_eq!(counts(effect(RULE, &TEXTS, false)), [4, 0, 0, 0, 0]);
    assert_eq!(counts(effect(&with("\"确认\"", "\"拦截\""), &TEXTS, false)), [4, 2, 0, 0, 0]);
    assert_eq!(counts(effect(&with("\"稳赚不赔\"", "\"刚兑\""), &TEXTS, false)), [4, 0, 0, 1, 1]);
}

#[test]
fn a_recorded_text_is_shown_with_little_around_and_nobody_in_it() {
    let shown = |masked| effect(&with("\"确认\"", "\"拦截\""), &TEXTS, masked).samples;
    let [first, _] = shown(true).try_into().unwrap();
    assert_eq!((first.from, first.to), (Verdict::Confirm, Verdict::Block));
    assert_eq!(
        (first.rules, first.text.as_str()),
        (vec!["FIN-001".to_owned()], "…*您好,这款产品保底收益*%,我微信**…")
    );
    assert_eq!(shown(false)[0].text, TEXTS[1]);
}

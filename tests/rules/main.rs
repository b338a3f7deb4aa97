//! Rule files with a fault are refused with the exact place and a sentence that helps.

mod docs;
mod lint;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use wecom_guard::model::{Action, Basis, Verdict};
use wecom_guard::rules::benign::{self, Corpus};
use wecom_guard::rules::{Diagnostic, Folder, LiveRules, RawFile, parse, tests};
use wecom_guard::scan::Context;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn load(folder: &Path) -> LiveRules {
    LiveRules::load(folder, 1, Timestamp::UNIX_EPOCH).unwrap()
}

fn folder(name: &str, bytes: Vec<u8>) -> Folder {
    Folder { files: vec![RawFile { name: name.to_owned(), path: format!("rules/{name}"), bytes }] }
}

/// The diagnostics of `fixtures/rules/bad/<code>.toml`.
fn faults(code: &str) -> Vec<Diagnostic> {
    let name = format!("{code}.toml");
    let bytes = fs::read(root().join("fixtures/rules/bad").join(&name)).unwrap();
    parse(&folder(&name, bytes)).1
}

/// One line a fault, as a person counts: line, first and last column, then both sentences.
fn told(code: &str) -> String {
    lines(&faults(code))
}

fn lines(faults: &[Diagnostic]) -> String {
    faults.iter().fold(String::new(), |mut out, fault| {
        let place = &fault.place;
        let (line, cols) = (place.line, format!("{}-{}", place.col, place.end_col));
        let (zh, en) = (&fault.message.zh, &fault.message.en);
        writeln!(out, "{} {line}:{cols} {zh} | {en}", fault.code.as_str()).unwrap();
        out
    })
}

#[test]
fn a_file_with_broken_syntax_names_each_broken_line_once() {
    insta::assert_snapshot!(told("r001"), @r#"
    R001 7:19-19 第 7 行写法不对:列表的两项之间缺少逗号 | line 7 is not valid: missing comma between array elements
    R001 9:1-4 第 9 行写法不对:同一个字段写了两次 | line 9 is not valid: duplicate key
    R001 13:8-12 第 13 行写法不对:文字要加英文引号 | line 13 is not valid: string values must be quoted
    "#);
}

#[test]
fn chinese_punctuation_is_pointed_at_and_the_rest_of_the_file_still_read() {
    insta::assert_snapshot!(told("r002"), @r#"
    R002 2:6-7 这里用了中文标点「“」,请改成英文 " | full-width punctuation `“`, write "
    R002 2:14-15 这里用了中文标点「”」,请改成英文 " | full-width punctuation `”`, write "
    R002 4:7-8 这里用了中文标点「：」,请改成英文 = | full-width punctuation `：`, write =
    R002 5:18-19 这里用了中文标点「，」,请改成英文 , | full-width punctuation `，`, write ,
    R002 8:3-4 这里用了中文标点「　」,请改成英文 空格 | full-width punctuation `　`, write a blank
    R006 10:10-14 action 只能是 拦截/确认/提示/记录,这里写的是「拦接」 | action must be block/confirm/tip/log, found `拦接`
    R002 11:11-12 这里用了中文标点「【」,请改成英文 [ | full-width punctuation `【`, write [
    R002 11:19-20 这里用了中文标点「】」,请改成英文 ] | full-width punctuation `】`, write ]
    R002 17:15-16 这里用了中文标点「”」,请改成英文 " | full-width punctuation `”`, write "
    "#);
}

#[test]
fn a_file_saved_as_gbk_is_named_at_its_first_foreign_byte() {
    insta::assert_snapshot!(told("r003"), @r#"
    R003 3:9-9 文件不是 UTF-8 编码,请另存为 UTF-8 | the file is not UTF-8, save it as UTF-8
    "#);
}

#[test]
fn an_unknown_key_is_an_error_with_the_nearest_known_one() {
    insta::assert_snapshot!(told("r004"), @r#"
    R004 3:1-6 不认识的字段 onwer,是不是 owner? | unknown key onwer, did you mean owner?
    R004 9:1-8 不认识的字段 severty,是不是 severity? | unknown key severty, did you mean severity?
    R004 10:39-42 不认识的字段 gpa,是不是 gap? | unknown key gpa, did you mean gap?
    R004 11:1-7 不认识的字段 colour | unknown key colour
    "#);
}

#[test]
fn a_missing_key_is_named_with_its_rule() {
    insta::assert_snapshot!(told("r005"), @r#"
    R005 1:1-9 规则 FIN-001 缺少 name | rule FIN-001 lacks name
    R005 6:1-9 这条规则 缺少 id | this rule lacks id
    R005 9:9-31 near 缺少 within | near lacks within
    R005 9:33-57 near 缺少 all | near lacks all
    R005 11:1-9 规则 FIN-003 缺少 phrases | rule FIN-003 lacks phrases
    "#);
}

#[test]
fn a_wrong_value_is_quoted_beside_the_allowed_ones() {
    insta::assert_snapshot!(told("r006"), @r#"
    R006 1:10-11 schema 只能是 1,这里写的是「2」 | schema must be 1, found `2`
    R006 6:10-16 action 只能是 拦截/确认/提示/记录,这里写的是「blok」 | action must be block/confirm/tip/log, found `blok`
    R006 7:7-9 gap 只能是 0 到 9 的整数,这里写的是「12」 | gap must be a whole number from 0 to 9, found `12`
    R006 8:11-17 phrases 要写成列表,放在 [ ] 里,这里写的是「保底收益」 | phrases must be a list, in [ ], found `保底收益`
    R006 9:20-24 channels 只能是 侧边栏/机器人/接口/微信客服/群发/存档,这里写的是「短信」 | channels must be sidebar/bot/api/kf/template/archive, found `短信`
    R006 10:18-21 require_reason 只能是 true 或 false,这里写的是「是」 | require_reason must be true or false, found `是`
    R006 11:12-31 valid_to 要写成日期,如 2026-11-01,这里写的是「2026-11-01T08:00:00」 | valid_to must be a day such as 2026-11-01, found `2026-11-01T08:00:00`
    R006 14:6-8 id 要写成不为空的文字,加英文引号,这里写的是「」 | id must be a text that is not empty, in quotes, found ``
    R006 17:21-24 phrases 里的每一项都要写成不为空的文字,加英文引号,这里写的是「100」 | phrases holds texts that are not empty, in quotes, found `100`
    R006 17:26-28 phrases 里的每一项都要写成不为空的文字,加英文引号,这里写的是「」 | phrases holds texts that are not empty, in quotes, found ``
    R006 17:30-100 phrases 最多 64 个字,这里写的是「稳赚不赔稳赚不赔稳赚不赔稳赚不赔稳赚不赔稳赚不赔」 | phrases has at most 64 characters, found `稳赚不赔稳赚不赔稳赚不赔稳赚不赔稳赚不赔稳赚不赔`
    "#);
}

#[test]
fn an_id_used_twice_names_its_first_place() {
    insta::assert_snapshot!(told("r010"), @r#"
    R010 8:6-15 规则号 FIN-001 已在 rules/r010.toml:2 用过 | rule id FIN-001 is already used at rules/r010.toml:2
    "#);
    let related = &faults("r010")[0].related[0];
    assert_eq!((related.place.line, related.place.col), (2, 6));
}

#[test]
fn a_rule_without_phrases_is_refused() {
    insta::assert_snapshot!(told("r011"), @r#"
    R011 1:1-9 规则 FIN-001 没有词条 | rule FIN-001 has no phrases
    "#);
}

#[test]
fn a_phrase_of_symbols_alone_is_refused() {
    insta::assert_snapshot!(told("r013"), @r#"
    R013 5:20-25 这个词条去掉符号后是空的 | nothing is left of this phrase without its symbols
    R013 5:36-41 这个词条去掉符号后是空的 | nothing is left of this phrase without its symbols
    R013 6:10-14 这个词条去掉符号后是空的 | nothing is left of this phrase without its symbols
    "#);
}

#[test]
fn every_key_of_the_format_is_read_and_every_rule_keeps_its_own_tests() {
    let folder = root().join("fixtures/rules/ok");
    let (book, faults) = parse(&Folder::read(&folder).unwrap());
    assert_eq!(faults, []);
    let rules: usize = book.packs.iter().map(|pack| pack.rules.len()).sum();
    assert_eq!((rules, book.replies.len(), book.bases.len(), book.policies.len()), (3, 1, 1, 1));
    let report = tests::run(&folder).unwrap();
    assert_eq!(report.failures().map(|case| &case.text).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_reply_that_only_moved_down_its_file_says_the_same() {
    let text = "[[reply]]\nid = \"R-1\"\nbasis = [\"ad-25\"]\nscripts = [\"收益会随市场波动\"]\n";
    let read = |text: String| parse(&folder("replies/a.toml", text.into())).0.replies;
    assert_eq!(read(text.to_owned()), read(format!("# 金融\n{text}")));
    assert_ne!(read(text.to_owned()), read(text.replace("波动", "起伏")));
}

#[test]
fn a_hit_shows_the_title_of_its_legal_ground() {
    let live = load(&root().join("fixtures/rules/ok"));
    let (departments, tags) = ([String::from("华东")], [String::from("未持证"), String::from("老年")]);
    let context = Context {
        industry: Some("金融"),
        departments: Some(&departments),
        sender_tags: Some(&tags),
        contact_tags: Some(&tags),
        day: date(2026, 11, 23),
        ..Context::default()
    };
    let judged = live.ruleset.judge("这款产品保底收益5%", &context);
    assert_eq!(judged.verdict, Verdict::Block);
    let basis = Basis { id: "ad-25".to_owned(), title: "《广告法》第二十五条".to_owned() };
    assert_eq!(judged.hits[0].basis, [basis]);
}

#[test]
fn a_shadow_rule_judges_unseen_and_a_draft_not_at_all() {
    let live = load(&root().join("fixtures/rules/ok"));
    let context = Context { day: date(2026, 11, 23), ..Context::default() };
    assert_eq!(live.rules, 2);
    for text in ["这款年化百分百", "本金翻倍"] {
        let judged = live.ruleset.judge(text, &context);
        assert_eq!((judged.verdict, judged.hits.len()), (Verdict::Pass, 0), "{text}");
    }
}

#[test]
fn the_shipped_rules_load_and_pass_their_own_tests() {
    let report = tests::run(&root().join("rules")).unwrap_or_else(|error| panic!("{error}"));
    assert!(!report.cases.is_empty());
    let failures: Vec<_> =
        report.failures().map(|case| (&case.place, case.kind, &case.text, &case.got.zh)).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn every_shipped_script_passes_the_shipped_rules() {
    let live = load(&root().join("rules"));
    let context = Context { day: date(2026, 11, 23), ..Context::default() };
    let scripts = live
        .replies
        .iter()
        .flat_map(|reply| reply.scripts.iter().map(move |script| (&reply.id.value, &script.value)));
    for (id, script) in scripts {
        let judged = live.ruleset.judge(script, &context);
        assert_eq!(judged.verdict, Verdict::Pass, "{id}: {script}: {:?}", judged.hits);
    }
}

#[test]
fn the_shipped_rules_stop_no_ordinary_line() {
    let live = load(&root().join("rules"));
    let corpus = Corpus::read(&root().join("fixtures/benign")).unwrap();
    let alarms = benign::run(&live.ruleset, &corpus);
    let stopped: Vec<_> = alarms.iter().filter(|alarm| alarm.action >= Action::Confirm).collect();
    assert!(corpus.lines.len() > 2_000 && stopped.is_empty(), "{stopped:#?}");
    let (book, _) = parse(&Folder::read(&root().join("rules")).unwrap());
    assert_eq!(benign::overruns(&book, corpus.lines.len(), &alarms), []);
}

/// The share of the wordings under each heading, in percent, that the shipped rules stop.
#[test]
fn promises_in_other_words_are_stopped_all_the_same() {
    let live = load(&root().join("rules"));
    let text = fs::read_to_string(root().join("fixtures/wordings/promises.md")).unwrap();
    let context = Context { day: date(2026, 11, 23), ..Context::default() };
    let passes = |line: &&str| live.ruleset.judge(line, &context).verdict == Verdict::Pass;
    for part in text.split("\n## ").skip(1) {
        let lines: Vec<_> = part.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        let missed: Vec<_> = lines.iter().copied().filter(passes).collect();
        assert!(missed.len() * 10 <= lines.len(), "{}: {missed:#?}", part.lines().next().unwrap());
    }
}

proptest! {
    #[test]
    fn whatever_stands_in_a_file_is_told_at_a_place_inside_it(
        text in "([a-z\\[\\]{}=\"'#,.“”，＝保 \n]|\\[\\[rule\\]\\]\n|id = \"|phrases = |true|-1){0,30}",
        name in "(a|basis|policy|replies/a)\\.toml",
    ) {
        let lines = text.split('\n').count();
        for fault in parse(&folder(&name, text.into_bytes())).1 {
            prop_assert!(fault.place.line <= lines && fault.place.end_line <= lines, "{fault}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_never_stop_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        parse(&folder("a.toml", bytes));
    }
}

//! `rules check`, `rules test` and `rules try`: what people and programs get to read.

use super::binary::{Said, run_in};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wecom_guard::rules::Code;

/// A folder in which `rules/` holds what a fixture holds, and `benign/` ordinary lines.
fn place(fixture: &str) -> TempDir {
    let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    let (dir, from) = (tempfile::tempdir().unwrap(), fixtures.join("bad").join(fixture));
    copy(&fixtures.join("everyday"), &dir.path().join("benign"));
    if from.is_dir() {
        copy(&from, &dir.path().join("rules"));
    } else {
        write(dir.path(), &format!("rules/{fixture}.toml"), &fs::read(from.with_extension("toml")).unwrap());
    }
    dir
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => _ = fs::copy(entry.path(), target).unwrap(),
        }
    }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn rules(dir: &TempDir, args: &str) -> Said {
    let args: Vec<_> = ["rules"].into_iter().chain(args.split(' ')).collect();
    run_in(dir.path(), &args)
}

/// Everything a person sees, and the exit code.
fn shown(said: &Said) -> String {
    format!("{}{}exit code {}\n", said.err, said.out, said.code.unwrap())
}

#[test]
fn every_fault_is_drawn_into_the_line_it_stands_in() {
    // Whether a basis is stale depends on the day, and this is what a person sees on any day.
    for code in Code::ALL.iter().filter(|code| **code != Code::StaleBasis) {
        let dir = place(&code.as_str().to_lowercase());
        let said = rules(&dir, "check --lang both --benign benign");
        insta::assert_snapshot!(code.as_str(), shown(&said));
    }
}

#[test]
fn a_fault_is_told_in_the_language_that_is_asked_for() {
    let dir = place("r012");
    insta::assert_snapshot!(rules(&dir, "check --lang zh").err.split("\n\n").next().unwrap(), @r#"
    错误[R012]: 词条重复
     --> rules/r012.toml:5:28
      |
    5 | phrases = ["保底收益", "稳赚不赔", "保底收益"]
      |            ----------              ^^^^^^^^^^ 这里又写了一次
      |            |
      |            第一次出现在这里
      |
      = 怎么办: 删掉其中一个
    "#);
    insta::assert_snapshot!(rules(&dir, "check --lang en").err.split("\n\n").next().unwrap(), @r#"
    error[R012]: duplicate phrase
     --> rules/r012.toml:5:28
      |
    5 | phrases = ["保底收益", "稳赚不赔", "保底收益"]
      |            ----------              ^^^^^^^^^^ written again here
      |            |
      |            first written here
      |
      = help: remove one of them
    "#);
}

#[test]
fn colour_is_used_when_it_is_asked_for_and_never_in_a_pipe() {
    let dir = place("r012");
    assert!(rules(&dir, "check --color always").err.contains("\u{1b}["));
    assert!(!rules(&dir, "check").err.contains('\u{1b}'));
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let dir = place("r018");
    assert_eq!(rules(&dir, "check").code, Some(0));
    assert_eq!(rules(&dir, "check --deny-warnings").code, Some(1));
}

#[test]
fn a_program_gets_one_document_with_every_fault() {
    let dir = place("r012");
    let said = rules(&dir, "check --format json");
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, said.err.as_str()), (Some(1), ""));
    assert_eq!(
        (&document["files"], &document["rules"], &document["errors"]),
        (&1.into(), &2.into(), &3.into())
    );
    let first = &document["diagnostics"][0];
    assert_eq!((&first["code"], &first["line"], &first["col"]), (&"R012".into(), &5.into(), &28.into()));
    assert_eq!(first["related"][0]["zh"], "第一次出现在这里");
}

#[test]
fn a_pull_request_gets_a_line_for_each_fault() {
    insta::assert_snapshot!(rules(&place("r012"), "check --format github --lang zh").out, @r#"
    ::error file=rules/r012.toml,line=5,endLine=5,col=28,endColumn=34,title=R012::词条重复%0A删掉其中一个
    ::warning file=rules/r012.toml,line=8,endLine=8,col=6,endColumn=15,title=R050::这条不能完整同步到企业微信:用了 aliases%0A企业微信只认原词,其余仍由本系统检查;不想同步就写 native = "off"
    ::error file=rules/r012.toml,line=14,endLine=14,col=12,endColumn=17,title=R012::词条重复:「无风险」和「無風險」查的是同一个说法%0A删掉其中一个
    ::error file=rules/r012.toml,line=16,endLine=16,col=19,endColumn=24,title=R012::词条重复:「wfx」和「WFX」查的是同一个说法%0A删掉其中一个
    检查 1 个文件,2 条规则:3 个错误,1 个提醒
    "#);
}

#[test]
fn a_dashboard_gets_a_suite_for_each_file_and_one_that_is_good_has_a_case_too() {
    insta::assert_snapshot!(rules(&place("r040"), "check --format junit --lang zh").out, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rules check" tests="2" skipped="0" failures="1" errors="0">
        <testsuite name="rules/finance.toml" tests="1" skipped="0" errors="0" failures="0">
            <testcase name="rules/finance.toml" classname="rules/finance.toml"/>
        </testsuite>
        <testsuite name="rules/replies/finance.toml" tests="1" skipped="0" errors="0" failures="1">
            <testcase name="R040 rules/replies/finance.toml:4:32" classname="rules/replies/finance.toml">
                <failure message="推荐话术自己命中了 FIN-001:「保底收益」">换一种说法;命中确认或拦截的话术不会推荐给任何人</failure>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_named_file_is_judged_with_its_folder_and_the_others_are_left_out() {
    let dir = place("r030");
    write(dir.path(), "rules/other.toml", b"[[rule]]\nid = 1\n");
    assert_eq!(rules(&dir, "check rules/basis.toml").code, Some(0));
    let said = rules(&dir, "check rules/finance.toml --lang zh");
    assert!(said.err.contains("R030") && !said.err.contains("other.toml"), "{}", said.err);
    assert_eq!(said.out, "检查 1 个文件,1 条规则:1 个错误,0 个提醒\n");
    assert_eq!(rules(&dir, "check rules/none.toml").code, Some(2));
}

#[test]
fn many_warnings_of_one_kind_are_counted_and_many_errors_are_shown_up_to_fifty() {
    let dir = place("r012");
    let word = |n: usize| format!("\"保底{n}收益\",\"保底{n}收益\"");
    let phrases: Vec<_> = (0..60).map(word).collect();
    let allows: Vec<_> = (0..9).map(|n| format!("\"不保底{n}收益\"")).collect();
    let head = "[[rule]]\nid = \"A\"\nname = \"甲\"\naction = \"提示\"\n";
    let text = format!("{head}phrases = [{}]\nallow = [{}]\n", phrases.join(",\n"), allows.join(","));
    write(dir.path(), "rules/r012.toml", text.as_bytes());
    let said = rules(&dir, "check --lang zh");
    assert_eq!(said.err.matches("错误[R012]").count(), 50);
    assert!(
        said.err.ends_with("R012 还有 10 处,用 --all 全部列出\nR017 还有 9 处,用 --all 全部列出\n"),
        "{}",
        said.err
    );
    assert_eq!(said.out, "检查 1 个文件,1 条规则:60 个错误,9 个提醒\n");
    let all = rules(&dir, "check --lang zh --all").err;
    assert_eq!((all.matches("错误[R012]").count(), all.matches("提醒[R017]").count()), (60, 9));
}

#[test]
fn a_line_of_a_thousand_phrases_is_cut_around_the_place() {
    let dir = place("r012");
    let phrases: Vec<_> = (0..1_000).map(|n| format!("\"保底{n}号收益\"")).collect();
    let head = "[[rule]]\nid = \"A\"\nname = \"甲\"\naction = \"提示\"\n";
    let text = format!("{head}phrases = [{}, \"保底7号收益\"]\n", phrases.join(", "));
    write(dir.path(), "rules/r012.toml", text.as_bytes());
    insta::assert_snapshot!(rules(&dir, "check --lang zh").err, @r#"
    错误[R012]: 词条重复
     --> rules/r012.toml:5:11902
      |
    5 | ..."保底997号收益", "保底998号收益", "保底999号收益", "保底7号收益"]
      |                                                       ^^^^^^^^^^^^^ 这里又写了一次
      |
      = 另见: rules/r012.toml:5:82: 第一次出现在这里
      = 怎么办: 删掉其中一个
    "#);
}

#[test]
fn a_failed_test_shows_what_was_asked_what_came_and_what_decided() {
    insta::assert_snapshot!(shown(&rules(&place("r021"), "test --lang zh")), @r#"
    测试没过: FIN-001 must_hit
     --> rules/r021.toml:8:13
      |
    6 | allow = ["不承诺保底收益"]
      |          ---------------- 放行它的例外
    7 | [rule.tests]
    8 | must_hit = ["我们不承诺保底收益", "保本又高息", { text = "年化6,稳赚不赔", span = "年化6" }]
      |             ^^^^^^^^^^^^^^^^^^^^
      |
      = 期望: 应该命中
      = 实际: 「保底收益」被例外「不承诺保底收益」放行 rules/r021.toml:6:10
      = 文本: 我们不承诺【保底收益】

    测试没过: FIN-001 must_hit
     --> rules/r021.toml:8:26
      |
    8 | must_hit = ["我们不承诺保底收益", "保本又高息", { text = "年化6,稳赚不赔", span = "年化6" }]
      |                                   ^^^^^^^^^^^^
      |
      = 期望: 应该命中
      = 实际: 没有命中
      = 文本: 保本又高息

    测试没过: FIN-001 must_hit
     --> rules/r021.toml:8:44
      |
    5 | phrases = ["保底收益", "稳赚不赔"]
      |                        ---------- 命中的词条
    ...
    8 | must_hit = ["我们不承诺保底收益", "保本又高息", { text = "年化6,稳赚不赔", span = "年化6" }]
      |                                                          ^^^^^^^^^^^^^^^^
      |
      = 期望: 应该命中「年化6」
      = 实际: 命中的是「稳赚不赔」 rules/r021.toml:5:20
      = 文本: 年化6,【稳赚不赔】

    测试没过: FIN-001 must_pass
     --> rules/r021.toml:9:14
      |
    5 | phrases = ["保底收益", "稳赚不赔"]
      |                        ---------- 命中的词条
    ...
    9 | must_pass = ["谁敢说稳赚不赔"]
      |              ^^^^^^^^^^^^^^^^
      |
      = 期望: 不该命中
      = 实际: 命中了「稳赚不赔」(词条「稳赚不赔」) rules/r021.toml:5:20
      = 文本: 谁敢说【稳赚不赔】

    词条 2 个:0 个有测试保护,2 个没有 (--unprotected 列出)
    测试 4 条:0 通过,4 失败
    exit code 1
    "#);
}

#[test]
fn tests_are_told_to_programs_pull_requests_and_dashboards() {
    let dir = place("r021");
    insta::assert_snapshot!(rules(&dir, "test --format github --lang en").out, @r#"
    ::error file=rules/r021.toml,line=8,endLine=8,col=13,endColumn=24,title=FIN-001 must_hit::expected: should be hit%0Agot: `保底收益` is excused by `不承诺保底收益` rules/r021.toml:6:10%0Atext: 我们不承诺【保底收益】
    ::error file=rules/r021.toml,line=8,endLine=8,col=26,endColumn=33,title=FIN-001 must_hit::expected: should be hit%0Agot: was not hit%0Atext: 保本又高息
    ::error file=rules/r021.toml,line=8,endLine=8,col=44,endColumn=54,title=FIN-001 must_hit::expected: should hit `年化6`%0Agot: hit `稳赚不赔` instead rules/r021.toml:5:20%0Atext: 年化6,【稳赚不赔】
    ::error file=rules/r021.toml,line=9,endLine=9,col=14,endColumn=23,title=FIN-001 must_pass::expected: should not be hit%0Agot: hit `稳赚不赔` (phrase `稳赚不赔`) rules/r021.toml:5:20%0Atext: 谁敢说【稳赚不赔】
    4 tests: 0 passed, 4 failed
    "#);
    insta::assert_snapshot!(rules(&dir, "test --format junit --lang en").out, @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="rules test" tests="4" skipped="0" failures="4" errors="0">
        <testsuite name="FIN-001" tests="4" skipped="0" errors="0" failures="4">
            <testcase name="must_hit: 我们不承诺保底收益" classname="FIN-001">
                <failure message="`保底收益` is excused by `不承诺保底收益`">expected: should be hit
    got: `保底收益` is excused by `不承诺保底收益` rules/r021.toml:6:10
    text: 我们不承诺【保底收益】</failure>
            </testcase>
            <testcase name="must_hit: 保本又高息" classname="FIN-001">
                <failure message="was not hit">expected: should be hit
    got: was not hit
    text: 保本又高息</failure>
            </testcase>
            <testcase name="must_hit: 年化6,稳赚不赔" classname="FIN-001">
                <failure message="hit `稳赚不赔` instead">expected: should hit `年化6`
    got: hit `稳赚不赔` instead rules/r021.toml:5:20
    text: 年化6,【稳赚不赔】</failure>
            </testcase>
            <testcase name="must_pass: 谁敢说稳赚不赔" classname="FIN-001">
                <failure message="hit `稳赚不赔` (phrase `稳赚不赔`)">expected: should not be hit
    got: hit `稳赚不赔` (phrase `稳赚不赔`) rules/r021.toml:5:20
    text: 谁敢说【稳赚不赔】</failure>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
    let document: Value = serde_json::from_str(&rules(&dir, "test --format json --unprotected").out).unwrap();
    assert_eq!((&document["tests"], &document["failed"]), (&4.into(), &4.into()));
    assert_eq!(document["failures"][0]["reason"]["line"], 6);
    assert_eq!(document["unprotected"][0]["phrase"], "保底收益");
}

#[test]
fn a_block_rule_without_tests_fails_and_a_filter_chooses_rules() {
    let dir = place("r020");
    let all = rules(&dir, "test --lang zh");
    assert!(all.out.ends_with("测试 3 条:1 通过,2 失败\n"), "{}", all.out);
    assert_eq!(all.code, Some(1));
    let one = rules(&dir, "test --lang zh --filter FIN-002 --unprotected");
    insta::assert_snapshot!(one.out, @r#"
    词条 1 个:1 个有测试保护,0 个没有 (--unprotected 列出)
    测试 2 条:1 通过,1 失败
    "#);
    assert_eq!(rules(&dir, "test --filter NOPE").code, Some(2));
}

#[test]
fn a_text_is_tried_with_every_reason() {
    let dir = place("r021");
    let said = |args: &[&str]| run_in(dir.path(), &[&["rules", "try"], args].concat());
    insta::assert_snapshot!(said(&["我們不承诺保底收益,这个稳.赚.不.赔", "--explain", "--lang", "zh"]).out, @r#"
    已拦截  r0-211c
      我們不承诺保底收益,这个【稳.赚.不.赔】
    - 拦截 「稳.赚.不.赔」 FIN-001 承诺保本保收益
        词条: 「稳赚不赔」
        经过折叠: gap:1
    - 不算 FIN-001: 「保底收益」被例外「不承诺保底收益」放行
    折叠后: 我们不承诺保底收益,这个稳.赚.不.赔
    "#);
    insta::assert_snapshot!(said(&["这个不是稳赚不赔", "--explain", "--lang", "en"]).out, @r#"
    confirm  r0-211c
      这个不是【稳赚不赔】
    - confirm 「稳赚不赔」 FIN-001 承诺保本保收益
        phrase: 「稳赚不赔」
        action: block → confirm (negated by `不是`)
    folded: 这个不是稳赚不赔
    "#);
    let json = said(&["这个稳賺不赔", "--explain", "--format", "json"]);
    let document: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&document["verdict"], &document["folded"]), (&"block".into(), &"这个稳赚不赔".into()));
    assert_eq!((json.code, &document["hits"][0]["via"][0]), (Some(0), &"traditional".into()));
}

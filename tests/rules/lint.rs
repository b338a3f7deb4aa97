//! Rule files that read well and are still wrong, and the shipped ones, which are not.

use super::{folder, lines, root};
use jiff::civil::date;
use std::fs;
use wecom_guard::rules::{Code, Corpus, Diagnostic, Folder, Level, check};

fn run(folder: &Folder, benign: &Corpus) -> Vec<Diagnostic> {
    check(folder, benign, date(2026, 11, 23)).unwrap().1
}

/// `fixtures/rules/bad/<code>.toml`, or the folder `fixtures/rules/bad/<code>` where one file is not enough.
fn fixture(code: &str) -> Folder {
    let path = root().join("fixtures/rules/bad").join(code);
    if path.is_dir() {
        return Folder::read(&path).unwrap();
    }
    let name = format!("{code}.toml");
    folder(&name, fs::read(path.with_extension("toml")).unwrap())
}

/// What is found of this code alone.
fn findings(code: &str) -> Vec<Diagnostic> {
    let benign = Corpus::read(&root().join("fixtures/rules/everyday")).unwrap();
    let found = run(&fixture(code), &benign).into_iter();
    found.filter(|fault| fault.code.as_str().eq_ignore_ascii_case(code)).collect()
}

fn told(code: &str) -> String {
    lines(&findings(code))
}

/// Where the related places of the first finding stand, with their words.
fn beside(code: &str) -> Vec<(usize, usize, String)> {
    let first = findings(code).remove(0);
    first.related.into_iter().map(|other| (other.place.line, other.place.col, other.words.zh)).collect()
}

#[test]
fn every_code_has_a_file_that_triggers_it() {
    for code in Code::ALL {
        let found = findings(&code.as_str().to_lowercase());
        assert!(!found.is_empty(), "{code:?}");
    }
}

#[test]
fn a_phrase_written_twice_or_in_another_script_is_a_duplicate() {
    insta::assert_snapshot!(told("r012"), @r#"
    R012 5:28-34 词条重复 | duplicate phrase
    R012 14:12-17 词条重复:「无风险」和「無風險」查的是同一个说法 | duplicate phrase: `无风险` and `無風險` find the same texts
    R012 16:19-24 词条重复:「wfx」和「WFX」查的是同一个说法 | duplicate phrase: `wfx` and `WFX` find the same texts
    "#);
    assert_eq!(
        beside("r012"),
        [(5, 12, "第一次出现在这里".to_owned()), (5, 28, "这里又写了一次".to_owned())]
    );
}

#[test]
fn a_single_character_and_a_phrase_of_everyday_talk_are_too_wide() {
    insta::assert_snapshot!(told("r014"), @r#"
    R014 5:20-23 词条太宽:「赚」只有一个字 | too wide: `赚` is a single character
    R014 5:25-29 词条太宽:「您好」在示例语料里命中 2 条,这条规则最多 0 条 | too wide: `您好` hits 2 ordinary lines, the whole rule may hit 0
    R014 5:31-36 词条太宽:「🎁亏🎁」只有一个字 | too wide: `🎁亏🎁` is a single character
    "#);
}

#[test]
fn a_longer_phrase_is_needless_unless_the_shorter_one_may_be_excused() {
    insta::assert_snapshot!(told("r015"), @r#"
    R015 5:18-24 「稳赚」已经包含「稳赚不赔」 | `稳赚` already covers `稳赚不赔`
    R015 5:26-34 「本金零损失」已经包含「本金零损失吗」 | `本金零损失` already covers `本金零损失吗`
    R015 16:12-18 「稳赚」已经包含「稳赚一倍」 | `稳赚` already covers `稳赚一倍`
    "#);
    let help: Vec<_> = findings("r015").into_iter().map(|found| found.help_zh).collect();
    insta::assert_snapshot!(help.join("\n"), @r#"
    删掉「稳赚不赔」,或者把「稳赚」改得更具体;先给「稳赚」写上 gap = 3,否则隔开写的「稳赚不赔」就查不到了
    删掉「本金零损失吗」,或者把「本金零损失」改得更具体
    删掉「稳赚一倍」,或者把「稳赚」改得更具体;先给「稳赚」写上 gap = 3,否则隔开写的「稳赚一倍」就查不到了
    "#);
}

#[test]
fn an_allow_phrase_that_is_the_phrase_itself_is_an_error() {
    insta::assert_snapshot!(told("r016"), @r#"
    R016 6:10-16 例外「穩賺不賠」和词条「稳赚不赔」是同一个说法:又要查又要放 | the allow-phrase `穩賺不賠` is the phrase `稳赚不赔` itself: looked for and excused at once
    "#);
}

#[test]
fn an_allow_phrase_without_a_test_is_named_and_one_that_can_never_work_is_called_so() {
    insta::assert_snapshot!(told("r017"), @r#"
    R017 6:21-29 例外「没有保底收益」没有测试 | no test needs the allow-phrase `没有保底收益`
    R017 6:31-38 例外「收益会波动」没有测试,而且里面没有本规则要查的说法,不起作用 | no test needs the allow-phrase `收益会波动`, and nothing that the rule looks for stands in it
    "#);
}

#[test]
fn the_same_phrase_with_two_actions_is_a_conflict_where_somebody_is_under_both() {
    insta::assert_snapshot!(told("r018"), @r#"
    R018 15:21-27 与 FIN-001 冲突,将按更严的「拦截」执行 | conflicts with FIN-001; the stricter action applies: block
    "#);
    assert_eq!(beside("r018")[0], (5, 12, "这里是「拦截」".to_owned()));
}

#[test]
fn a_rule_that_blocks_needs_tests_unless_it_is_a_draft() {
    insta::assert_snapshot!(told("r020"), @r#"
    R020 2:6-15 拦截规则至少要有 1 条 must_hit 和 1 条 must_pass,规则 FIN-001 缺 must_hit、must_pass | a block rule needs at least 1 must_hit and 1 must_pass; rule FIN-001 lacks must_hit and must_pass
    R020 8:6-15 拦截规则至少要有 1 条 must_hit 和 1 条 must_pass,规则 FIN-002 缺 must_pass | a block rule needs at least 1 must_hit and 1 must_pass; rule FIN-002 lacks must_pass
    "#);
}

#[test]
fn a_failed_test_says_what_decided_it() {
    insta::assert_snapshot!(told("r021"), @r#"
    R021 8:13-24 测试没过:应该命中,实际「保底收益」被例外「不承诺保底收益」放行 | a test fails: should be hit, `保底收益` is excused by `不承诺保底收益`
    R021 8:26-33 测试没过:应该命中,实际没有命中 | a test fails: should be hit, was not hit
    R021 8:44-54 测试没过:应该命中「年化6」,实际命中的是「稳赚不赔」 | a test fails: should hit `年化6`, hit `稳赚不赔` instead
    R021 9:14-23 测试没过:不该命中,实际命中了「稳赚不赔」(词条「稳赚不赔」) | a test fails: should not be hit, hit `稳赚不赔` (phrase `稳赚不赔`)
    "#);
    assert_eq!(beside("r021"), [(6, 10, "放行它的例外".to_owned())]);
}

#[test]
fn an_unknown_basis_is_told_with_the_nearest_known_one() {
    insta::assert_snapshot!(told("r030"), @r#"
    R030 5:19-26 依据 ad-52 不在 basis.toml,是不是 ad-25? | the basis ad-52 is not in basis.toml, did you mean ad-25?
    "#);
}

#[test]
fn a_basis_is_to_be_looked_at_again_after_a_year() {
    insta::assert_snapshot!(told("r031"), @r#"
    R031 2:6-13 依据 ad-25 超过 12 个月没有核对 (as_of = 2025-11-22) | the basis ad-25 was not checked for more than 12 months (as_of = 2025-11-22)
    R031 8:6-12 依据 ad-9 没有写核对日期 as_of | the basis ad-9 lacks the day it was checked, as_of
    R031 13:6-15 依据 fund-20 还没有人核实过 (verified = "U") | the basis fund-20 was never verified (verified = "U")
    "#);
}

#[test]
fn a_script_must_not_hit_the_rules_of_its_own_industry_once_its_variables_are_filled() {
    insta::assert_snapshot!(told("r040"), @r#"
    R040 4:32-50 推荐话术自己命中了 FIN-001:「保底收益」 | the script itself hits FIN-001: `保底收益`
    "#);
}

#[test]
fn a_live_reply_has_three_scripts() {
    insta::assert_snapshot!(told("r041"), @r#"
    R041 2:6-16 话术要有 3 条,R-FIN-01 只有 2 条 | a reply has 3 scripts, R-FIN-01 has 2
    "#);
}

#[test]
fn what_wecom_can_not_repeat_is_said_unless_the_rule_stays_here() {
    insta::assert_snapshot!(told("r050"), @r#"
    R050 2:6-15 这条不能完整同步到企业微信:用了 gap、fold、allow;1 个词条超过 30 个字 | WeCom's own rules can't repeat all of this: it uses gap, fold, allow; 1 phrases have more than 30 characters
    "#);
}

#[test]
fn a_rule_with_a_fault_is_not_judged_further_and_the_others_are() {
    let text = "[[rule]]\nid = \"A\"\nname = \"甲\"\naction = \"拦接\"\nphrases = [\"保底\", \"保底\"]\n\
                [[rule]]\nid = \"B\"\nname = \"乙\"\naction = \"提示\"\nphrases = [\"稳赚\", \"稳赚\"]\n";
    let found = run(&folder("a.toml", text.into()), &Corpus::default());
    let codes: Vec<_> = found.iter().map(|fault| (fault.code, fault.place.line)).collect();
    assert_eq!(codes, [(Code::WrongValue, 4), (Code::DuplicatePhrase, 10)]);
}

#[test]
fn what_a_broken_file_may_hold_is_not_called_missing() {
    let mut both = folder("basis.toml", "[[basis]]\nid = \"ad-25\"\ntitle = 广告法\n".into());
    let text =
        "[[rule]]\nid = \"B\"\nname = \"乙\"\naction = \"提示\"\nbasis = [\"ad-9\"]\nphrases = [\"稳赚\"]\n";
    both.files.extend(folder("a.toml", text.into()).files);
    let found = run(&both, &Corpus::default());
    assert!(found.iter().all(|fault| fault.code == Code::Syntax), "{found:#?}");
    both.files.remove(0);
    assert_eq!(run(&both, &Corpus::default())[0].code, Code::UnknownBasis);
}

#[test]
fn the_shipped_rules_have_no_error() {
    let benign = Corpus::read(&root().join("fixtures/benign")).unwrap();
    let found = run(&Folder::read(&root().join("rules")).unwrap(), &benign);
    let errors: Vec<_> = found.iter().filter(|fault| fault.level == Level::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn thousands_of_phrases_are_linted_without_comparing_each_with_each() {
    // All on one line: compared pairwise, or counted from its start each time, this would take minutes.
    let phrases: Vec<_> = (0..5_000).map(|n| format!("\"保底{n}号收益\"")).collect();
    let head = "[[rule]]\nid = \"A\"\nname = \"甲\"\naction = \"提示\"\nphrases = [\"保底7号收益\",";
    let found = run(&folder("a.toml", format!("{head}{}]\n", phrases.join(",")).into()), &Corpus::default());
    assert_eq!(found.iter().map(|fault| fault.code).collect::<Vec<_>>(), [Code::DuplicatePhrase]);
}

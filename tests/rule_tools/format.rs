//! `rules fmt`: the same meaning and the same comments, written one way.

use insta::assert_snapshot;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use wecom_guard::rules::{Folder, RawFile, format, format_file};

fn file(name: &str, text: &str) -> RawFile {
    RawFile { name: name.to_owned(), path: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

fn meaning(text: &str) -> toml::Table {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Every comment, however often it stands there.
fn comments(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        // No text of these tests has the mark inside quotes.
        if let Some((_, comment)) = line.split_once('#') {
            *found.entry(comment.trim().to_owned()).or_default() += 1;
        }
    }
    found
}

fn holds(text: &str) -> String {
    let once = format(text).unwrap_or_else(|| panic!("not formatted:\n{text}"));
    assert_eq!(meaning(&once), meaning(text), "{once}");
    assert_eq!(format(&once).as_ref(), Some(&once), "not the same a second time");
    once
}

#[test]
fn keys_find_their_order_and_every_comment_its_place() {
    let untidy = r#"# whose rules these are
schema=1   # of the format

# --- 金融 ---

[[rule]]  # the first
# asked for by 合规部
action   =   "拦截"
phrases=["保底收益",   # the classic
  # since May
  {gap=0,text="100%保本"} , "稳赚不赔"   # the other
  # nothing after this
]
id='FIN-001'


why = """
属于承诺
保本保收益"""
near = [ { within = 12, all = ["收益", "保证"], ordered = false } ]
name = "承诺保本保收益"
scope.industries = ["金融"]
allow = ["不承诺保底收益","没有保底收益","不存在保底收益","打破刚性兑付","不存在刚性兑付","没有刚性兑付","不承诺保本","不能承诺保本"]
tests = { must_pass = ["本产品不承诺保底收益"], # has to pass
  must_hit  = ["保底收益5%", { span = "稳赚不赔", text = "年化6,稳赚不赔" }], # has to hit
  # known
  todo_hit = ["bao底收益哦"] }
[pack]
name = "金融营销"
id = "finance-cn"
# the end
"#;
    let tidy = holds(untidy);
    assert_eq!(comments(&tidy), comments(untidy));
    assert_snapshot!(tidy, @r#"
    # whose rules these are
    schema = 1  # of the format

    [pack]
    id = "finance-cn"
    name = "金融营销"

    # --- 金融 ---

    [[rule]]  # the first
    id = 'FIN-001'
    name = "承诺保本保收益"
    # asked for by 合规部
    action = "拦截"
    phrases = [
      "保底收益",  # the classic
      # since May
      { text = "100%保本", gap = 0 },
      "稳赚不赔",  # the other
      # nothing after this
    ]
    near = [{ all = ["收益", "保证"], within = 12, ordered = false }]
    allow = [
      "不承诺保底收益", "没有保底收益", "不存在保底收益", "打破刚性兑付", "不存在刚性兑付",
      "没有刚性兑付", "不承诺保本", "不能承诺保本",
    ]
    scope = { industries = ["金融"] }
    why = """
    属于承诺
    保本保收益"""
    [rule.tests]
    must_hit = [
      "保底收益5%",
      { text = "年化6,稳赚不赔", span = "稳赚不赔" },
    ]  # has to hit
    must_pass = ["本产品不承诺保底收益"]  # has to pass
    # known
    todo_hit = ["bao底收益哦"]

    # the end
    "#);
}

#[test]
fn whatever_is_shipped_keeps_its_meaning_and_is_stable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["rules", "fixtures/rules/ok"] {
        for file in Folder::read(&root.join(folder)).unwrap().files {
            let text = String::from_utf8(file.bytes).unwrap();
            let tidy = holds(&text);
            assert_eq!(tidy.matches('#').count(), text.matches('#').count(), "{}", file.path);
        }
    }
}

#[test]
fn a_faulty_file_is_left_alone_and_its_faults_are_told() {
    for text in ["[[rule]\nid = 1", "[[rule]]\nid = “A”\n", "[[rule]]\nid = \"A-1\"\nname = \"名\"\n"] {
        assert!(!format_file(&file("a.toml", text)).unwrap_err().is_empty(), "{text}");
    }
    assert_eq!(format("a = = 1"), None);
}

#[test]
fn windows_line_ends_and_the_byte_order_mark_go() {
    let text = "\u{FEFF}[[rule]]\r\nid = \"A-1\" # 甲\r\nname = \"名\"\r\naction = \"提示\"\r\nphrases = [\"词\"]\r\n";
    let tidy = format_file(&file("a.toml", text)).unwrap().unwrap();
    assert!(!tidy.contains('\r') && tidy.starts_with("[[rule]]\nid = \"A-1\"  # 甲\n"), "{tidy}");
}

/// A blank, a line end, a comment: what may stand between two values in brackets.
fn between() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", " ", "\n", "\n\n", " # 注\n", "\n# 又注\n\n", "\t# 三\n # 四\n"])
}

fn scalar() -> impl Strategy<Value = String> {
    let word =
        prop::sample::select(vec!["保底收益", "稳赚不赔", "a", "很长的一个词条很长的一个词条很长的一个词条"]);
    prop_oneof![
        word.clone().prop_map(|word| format!("\"{word}\"")),
        word.prop_map(|word| format!("'{word}'")),
        Just("{ text = \"100%保本\", gap = 0 }".to_owned()),
    ]
}

prop_compose! {
    fn list()(items in prop::collection::vec((between(), scalar(), between()), 0..9), end in between(), comma: bool) -> String {
        let inside: Vec<_> = items.iter().map(|(before, item, after)| format!("{before}{item}{after}")).collect();
        let comma = if comma && !items.is_empty() { "," } else { "" };
        format!("[{}{comma}{end}]", inside.join(","))
    }
}

prop_compose! {
    fn rule()(
        lists in prop::collection::vec(list(), 4),
        order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(),
        gaps in prop::collection::vec(prop::sample::select(vec!["", "\n", "# 说明\n", "\n# 说明\n\n"]), 8),
        inline: bool,
        beside: bool,
    ) -> String {
        let tests = format!("must_hit = {}, must_pass = {}", lists[2], lists[3]);
        let beside = if beside { "  # 旁注" } else { "" };
        let entries = [
            "id = \"A-1\"".to_owned(),
            "name = \"名\"".to_owned(),
            format!("phrases = {}", lists[0]),
            format!("allow = {}", lists[1]),
            "scope = { industries = [\"金融\"], departments = [] }".to_owned(),
            if inline { format!("tests = {{ {tests} }}") } else { "gap = 2".to_owned() },
        ];
        let mut text = format!("{}[[rule]]{beside}\n", gaps[0]);
        for (place, gap) in order.iter().zip(&gaps[1..]) {
            text += &format!("{gap}{}{beside}\n", entries[*place]);
        }
        if !inline {
            text += &format!("{}[rule.tests]\nmust_hit = {}\n", gaps[7], lists[2]);
        }
        text
    }
}

proptest! {
    #[test]
    fn formatting_twice_is_formatting_once_and_no_comment_is_lost(
        rules in prop::collection::vec(rule(), 1..3),
        end in prop::sample::select(vec!["", "\n\n", "# 完", "\n# 完\n\n# 真的\n"]),
    ) {
        let text = format!("schema = 1\n{}{end}", rules.concat());
        let tidy = holds(&text);
        prop_assert_eq!(comments(&tidy), comments(&text), "{}", tidy);
    }
}

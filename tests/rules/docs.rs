//! `docs/rules.md` and its Chinese twin name everything that can stand in a rule file, and every code.

use super::{folder, root};
use std::collections::BTreeSet;
use std::fs;
use wecom_guard::rules::{Code, Diagnostic, Level, parse};

const DOCUMENTS: [&str; 2] = ["docs/rules.md", "docs/rules.zh-CN.md"];

/// Every table of every file, each with a key that nobody knows and choices that nobody has.
const FILES: [(&str, &str); 4] = [
    (
        "a.toml",
        r#"
zz = 1
[pack]
zz = 1
[[rule]]
zz = 1
phrases = [{ zz = 1 }]
near = [{ zz = 1 }]
scope = { zz = 1 }
action = "?"
state = "?"
severity = "?"
fold = ["?"]
detect = ["?"]
boundary = "?"
negation = "?"
channels = ["?"]
native = "?"
[rule.tests]
zz = 1
must_hit = [{ zz = 1 }]
"#,
    ),
    ("replies/a.toml", "[[reply]]\nzz = 1\n"),
    ("basis.toml", "[[basis]]\nzz = 1\nverified = \"?\"\n"),
    ("policy.toml", "[[policy]]\nzz = 1\npolicy = \"?\"\n"),
];

fn faults() -> Vec<Diagnostic> {
    FILES.iter().flat_map(|(name, text)| parse(&folder(name, (*text).into())).1).collect()
}

/// The words between backticks.
fn quoted(document: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let prose = text.split("```").step_by(2);
    let quoted = prose.flat_map(|text| text.split('`').skip(1).step_by(2));
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    quoted.flat_map(|part| part.split(move |c| !is_inside(c))).map(str::to_owned).collect()
}

/// What the documents don't name.
fn unnamed<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    let words: Vec<_> = words.into_iter().collect();
    let of = |document: &&str| {
        let named = quoted(document);
        let unnamed = words.iter().filter(|word| !named.contains(**word));
        unnamed.map(|word| format!("{document} doesn't name `{word}`")).collect::<Vec<_>>()
    };
    DOCUMENTS.iter().flat_map(of).collect()
}

#[test]
fn both_documents_name_every_key() {
    let faults = faults();
    let unknown: Vec<_> = faults.iter().filter(|fault| fault.code == Code::UnknownKey).collect();
    assert_eq!(unknown.len(), 11, "a table of the format is missing here: {unknown:#?}");
    let keys = unknown.iter().flat_map(|fault| fault.help_en.trim_start_matches("known here: ").split(", "));
    assert_eq!(unnamed(keys), [""; 0]);
}

#[test]
fn both_documents_name_every_choice_in_both_languages() {
    let faults = faults();
    let wrong =
        faults.iter().filter(|fault| fault.code == Code::WrongValue && fault.message.en.contains("`?`"));
    let choices: Vec<&str> =
        wrong.flat_map(|fault| [choices(&fault.message.zh), choices(&fault.message.en)]).flatten().collect();
    assert!(choices.len() > 60, "{choices:?}");
    assert_eq!(unnamed(choices), [""; 0]);
}

/// 拦截 and 确认 of 「action 只能是 拦截/确认,这里写的是…」.
fn choices(message: &str) -> impl Iterator<Item = &str> {
    let list = message.split([' ', ',']).find(|part| part.contains('/')).unwrap_or_default();
    list.split('/')
}

#[test]
fn both_documents_name_every_code_with_its_level() {
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for code in Code::ALL {
            let level = if code.level() == Level::Error { "E" } else { "W" };
            let row = format!("| {} | {level}", code.as_str());
            assert!(text.contains(&row), "{document} has no row `{row}`");
        }
    }
}

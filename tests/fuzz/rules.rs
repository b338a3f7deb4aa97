//! Rule files: read, complained about, compiled.

use crate::harness::Target;
use jiff::Timestamp;
use std::fs;
use wecom_guard::rules::{Folder, Level, LiveRules, RawFile, parse};

const TARGET: Target = Target {
    name: "rules",
    check,
    borrowed: &["rules/ok", "rules/bad", "rules/ok/replies"],
    words: &[
        "[[rule]]\n",
        "[[reply]]\n",
        "[[policy]]\n",
        "[[basis]]\n",
        "[pack]\n",
        "id = \"X-1\"\n",
        "action = \"拦截\"\n",
        "phrases = [\"保本\"]\n",
        "phrases = [\"——\"]\n",
        "near = [{ all = [\"a\", \"b\"], within = 300 }]\n",
        "gap = 99999999999999999999\n",
        "valid_from = 2026-02-30\n",
        "“",
        "，",
        "＝",
        "\u{feff}",
        "\r",
        "\t",
        "'''",
        "\"\"\"",
        "\\u{d800}",
        "{",
        "[",
        "]",
        ",",
        "#",
        "=",
        "\u{0}",
        "tests = { must_hit = [\"保本\"] }\n",
        "-0.0e999",
        "inf",
    ],
};

/// Whatever stands in a file is told at a place inside it; what has no error compiles or says why not.
fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let lines = text.split('\n').count();
    for name in ["finance.toml", "policy.toml", "basis.toml", "replies/finance.toml"] {
        let raw = RawFile { name: name.to_owned(), path: format!("rules/{name}"), bytes: input.to_vec() };
        let (_, faults) = parse(&Folder { files: vec![raw] });
        for fault in &faults {
            let place = &fault.place;
            assert!(1 <= place.line && place.line <= place.end_line && place.end_line <= lines, "{fault}");
            assert!(1 <= place.col && 1 <= place.end_col, "{fault}");
        }
        if name == "finance.toml" && !faults.iter().any(|fault| fault.level == Level::Error) {
            compile(input);
        }
    }
}

fn compile(input: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("finance.toml"), input).unwrap();
    if let Ok(live) = LiveRules::load(dir.path(), 1, Timestamp::UNIX_EPOCH) {
        live.ruleset.judge("这款产品保底收益5%,不承诺保本", &Default::default());
    }
}

#[test]
fn rules() {
    TARGET.run();
}

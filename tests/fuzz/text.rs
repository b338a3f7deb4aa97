//! Texts of reps: folded, matched, judged.

use crate::harness::Target;
use std::sync::LazyLock;
use wecom_guard::model::{Action, Revision};
use wecom_guard::scan::{Context, Detector, Fold, NearSpec, RuleSpec, Ruleset};
use wecom_guard::text::{Folded, spans};

/// Rules that ask for everything the engine can do.
static RULES: LazyLock<Ruleset> = LazyLock::new(|| {
    let near = NearSpec {
        all: vec!["收益".into(), "保证".into()],
        within: 6,
        ordered: false,
        without: vec!["不".into()],
    };
    let words = RuleSpec {
        allow: vec!["不承诺保底收益".into()],
        near: vec![near],
        fold: Fold::ALL.into_iter().collect(),
        ..RuleSpec::new("FIN-001", "承诺保本保收益", Action::Block, ["保底收益", "100%保本", "稳赚不赔"])
    };
    let tip =
        RuleSpec { gap: Some(9), ..RuleSpec::new("GEN-001", "催促", Action::Tip, ["最后一天", "vip"]) };
    let data = RuleSpec {
        detect: Detector::ALL.to_vec(),
        ..RuleSpec::new("PRI-001", "个人信息", Action::Confirm, Vec::<&str>::new())
    };
    Ruleset::build(Revision::new("r1-fuzz"), vec![words, tip, data]).unwrap()
});

const TARGET: Target = Target {
    name: "text",
    check,
    borrowed: &[],
    words: &[
        "保底收益",
        "保 底 收 益",
        "bao底",
        "不承诺",
        "收益",
        "保证",
        "１００％",
        "\u{200b}",
        "\u{fe0f}",
        "\u{336}",
        "\u{202e}",
        "😀",
        "👩‍👩‍👧",
        "ﷺ",
        "ﬃ",
        "İ",
        "\u{0}",
        "\u{feff}",
        "\r\n",
        "13800138000",
        "110101199003074514",
        "https://例子.cn/?a=",
        "@",
        "a.b@c.cn",
        "6222 0212 3456 7890",
        "<b>",
        "**",
        "\u{e0041}",
        "㍿",
        "㈠",
    ],
};

/// Every hit stands where it says, and explaining judges as judging does.
fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (explained, context) = (RULES.explain(&text, &Context::default()), Context::default());
    assert_eq!(explained.judgement, RULES.judge(&text, &context), "explaining changes the judgement");
    for hit in explained.judgement.hits.iter().chain(&explained.shadow) {
        let [start, end] = hit.span.byte;
        assert!(start < end, "an empty hit");
        assert_eq!(text.get(start..end), Some(hit.matched.as_str()), "a hit that stands elsewhere");
        assert_eq!(hit.span, spans(&text, start, end), "places that are counted apart");
    }
    assert!(explained.judgement.hits.len() <= explained.judgement.hits_total);
    drop(Folded::of(&text));
}

#[test]
fn text() {
    TARGET.run();
}

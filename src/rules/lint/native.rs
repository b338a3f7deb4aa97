//! What WeCom's own sensitive words (敏感词规则) can't repeat of a rule.
//!
//! Limits as in WeCom's pages on `add_intercept_rule` and `get_intercept_rule` (developer documentation,
//! 2024-04-08): 100 rules a company, 300 words a rule; the two pages say 32 and 30 characters a word, and
//! the smaller number is safe.

use crate::model::Action;
use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::located::Located;
use crate::rules::schema::{Book, Native, Rule, State};
use crate::rules::source::Fault;
use crate::scan::Detector;

const RULES: usize = 100;
const WORDS: usize = 300;
const WORD_CHARS: usize = 30;

pub(super) fn not_native(book: &Book) -> Vec<Diagnostic> {
    let mut taken = 0;
    let pushed = book.sound().filter(|at| at.rule.state == State::Live && is_pushed(at.rule));
    let told = pushed.filter_map(|at| {
        taken += at.rule.phrases.len().div_ceil(WORDS);
        let lost = lost(at.rule, taken);
        (!lost.is_empty()).then(|| told(at, &lost))
    });
    told.collect()
}

fn is_pushed(rule: &Rule) -> bool {
    match rule.native {
        Some(native) => native != Native::Off,
        None => rule.action >= Action::Confirm,
    }
}

fn told(at: Located<'_>, lost: &[Words]) -> Diagnostic {
    let zh: Vec<_> = lost.iter().map(|words| words.zh.as_str()).collect();
    let en: Vec<_> = lost.iter().map(|words| words.en.as_str()).collect();
    let why = Words::new(zh.join(";"), en.join("; "));
    at.diagnose(Fault::new(Code::NotNative, at.rule.id.span).with("why", why))
}

/// What gets lost; `taken` counts WeCom's rules up to and with this one.
fn lost(rule: &Rule, taken: usize) -> Vec<Words> {
    let long = rule.phrases.iter().filter(|phrase| phrase.text.value.chars().count() > WORD_CHARS).count();
    let keys = keys(rule);
    let lost = [
        (!keys.is_empty())
            .then(|| Words::new(format!("用了 {}", keys.join("、")), format!("it uses {}", keys.join(", ")))),
        (long > 0).then(|| {
            Words::new(
                format!("{long} 个词条超过 {WORD_CHARS} 个字"),
                format!("{long} phrases have more than {WORD_CHARS} characters"),
            )
        }),
        (taken > RULES).then(|| {
            Words::new(
                format!("企业微信最多 {RULES} 条规则,每条 {WORDS} 个词,到这里已经用完"),
                format!("WeCom has room for {RULES} rules of {WORDS} words, used up before this one"),
            )
        }),
    ];
    lost.into_iter().flatten().collect()
}

/// The keys in use that WeCom has nothing like.
fn keys(rule: &Rule) -> Vec<&'static str> {
    let known = |detector: &Detector| matches!(detector, Detector::Mobile | Detector::Email);
    let gap = rule.gap.unwrap_or(0) > 0 || rule.phrases.iter().any(|phrase| phrase.gap.unwrap_or(0) > 0);
    let used = [
        ("gap", gap),
        ("fold", !rule.fold.is_empty()),
        ("aliases", !rule.aliases.is_empty()),
        ("allow", !rule.allow.is_empty()),
        ("near", !rule.near.is_empty()),
        ("detect", !rule.detect.iter().all(known)),
    ];
    used.into_iter().filter_map(|(key, is_used)| is_used.then_some(key)).collect()
}

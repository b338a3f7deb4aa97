//! The commands from outside: what they say, in both languages, and how they end.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

#[path = "../support/binary.rs"]
mod binary;
mod demo;
mod ledger;
mod login_link;
mod rule_tools;
mod rules;
mod serve;

/// Said to a person: in Chinese and in English, without a panic and without a secret.
fn assert_plain_words(text: &str) {
    assert!(text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)), "no Chinese in: {text}");
    assert!(text.split_whitespace().filter(|word| word.is_ascii()).count() > 3, "no English in: {text}");
    for bad in ["panicked", "RUST_BACKTRACE", "Err(", "Os {", binary::TOKEN] {
        assert!(!text.contains(bad), "`{bad}` in: {text}");
    }
}

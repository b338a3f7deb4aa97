//! Full-width punctuation where TOML needs ASCII, found before the parser speaks: its own words for
//! these mislead whoever types with a Chinese keyboard.

use super::diagnostic::{Code, Words};
use super::source::Fault;
use crate::model::Span;

/// The ASCII sign that is meant.
fn ascii(found: char) -> Option<char> {
    Some(match found {
        '“' | '”' | '＂' => '"',
        '‘' | '’' | '＇' => '\'',
        '，' | '、' => ',',
        // a key and its value are never joined by a colon here
        '＝' | '：' => '=',
        '［' | '【' | '（' => '[',
        '］' | '】' | '）' => ']',
        '｛' => '{',
        '｝' => '}',
        '＃' => '#',
        '\u{3000}' | '\u{a0}' => ' ',
        _ => return None,
    })
}

/// Where the scan stands.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Comment,
    /// Opened by this quote; `long` is the form of three quotes.
    Text {
        quote: char,
        long: bool,
    },
}

/// Reports each full-width sign outside texts and comments, and returns the file as it was meant, byte
/// for byte as long, so that the parser can report the rest at the right places.
pub(super) fn mend(text: &str) -> (String, Vec<Fault>) {
    let (mut mended, mut faults) = (String::with_capacity(text.len()), Vec::new());
    let (mut inside, mut skip_to) = (Inside::Nothing, 0);
    for (at, found) in text.char_indices() {
        if at < skip_to {
            mended.push(found);
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let (next, taken) = step(inside, found, rest);
        skip_to = at + taken;
        match ascii(found).filter(|_| is_structure(inside, next)) {
            Some(meant) => {
                faults.push(fault(at, found, meant));
                push_padded(&mut mended, meant, found.len_utf8(), next != Inside::Nothing);
            }
            None => mended.push(found),
        }
        inside = next;
    }
    (mended, faults)
}

/// The sign stands outside, opens a text or ends one.
fn is_structure(before: Inside, after: Inside) -> bool {
    before == Inside::Nothing || (matches!(before, Inside::Text { .. }) && after == Inside::Nothing)
}

/// The sign `found` at byte `at` should be `meant`.
pub(super) fn fault(at: usize, found: char, meant: char) -> Fault {
    let ascii = match meant {
        ' ' => Words::new("空格", "a blank"),
        _ => Words::from(meant.to_string().as_str()),
    };
    let span = Span { start: at, end: at + found.len_utf8() };
    Fault::new(Code::FullWidth, span).with("found", found.to_string().as_str()).with("ascii", ascii)
}

/// An opening quote takes its padding before it and all else behind it, so that texts stay as they are.
fn push_padded(out: &mut String, meant: char, width: usize, opens: bool) {
    let padding = " ".repeat(width.saturating_sub(meant.len_utf8()));
    if opens {
        out.push_str(&padding);
        out.push(meant);
    } else {
        out.push(meant);
        out.push_str(&padding);
    }
}

/// What follows after `found`, and how many bytes were taken with it.
fn step(inside: Inside, found: char, rest: &str) -> (Inside, usize) {
    let one = found.len_utf8();
    match inside {
        Inside::Nothing => open(found, rest),
        Inside::Comment if found == '\n' => (Inside::Nothing, one),
        Inside::Comment => (Inside::Comment, one),
        Inside::Text { quote: '"' | '“', .. } if found == '\\' => {
            (inside, one + rest.chars().nth(1).map_or(0, char::len_utf8))
        }
        Inside::Text { quote, long: true } => {
            // up to two quotes may stand right before the closing three
            let run = rest.chars().take_while(|next| *next == quote).take(5).count();
            if run >= 3 { (Inside::Nothing, run) } else { (inside, one) }
        }
        Inside::Text { .. } if found == '\n' => (Inside::Nothing, one),
        Inside::Text { quote, long: false } => {
            if closes(quote, found) {
                (Inside::Nothing, one)
            } else {
                (inside, one)
            }
        }
    }
}

/// A text opened by a curly quote ends at a curly or a plain one, a text opened plainly only plainly.
fn closes(quote: char, found: char) -> bool {
    match quote {
        '“' => matches!(found, '”' | '“' | '＂' | '"'),
        '‘' => matches!(found, '’' | '‘' | '＇' | '\''),
        _ => found == quote,
    }
}

fn open(found: char, rest: &str) -> (Inside, usize) {
    let one = found.len_utf8();
    match found {
        '#' | '＃' => (Inside::Comment, one),
        '"' if rest.starts_with("\"\"\"") => (Inside::Text { quote: '"', long: true }, 3),
        '\'' if rest.starts_with("'''") => (Inside::Text { quote: '\'', long: true }, 3),
        '"' | '\'' => (Inside::Text { quote: found, long: false }, one),
        '“' | '”' | '＂' => (Inside::Text { quote: '“', long: false }, one),
        '‘' | '’' | '＇' => (Inside::Text { quote: '‘', long: false }, one),
        _ => (Inside::Nothing, one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<&str> {
        mend(text).1.iter().map(|fault| &text[fault.span.start..fault.span.end]).collect()
    }

    #[test]
    fn chinese_punctuation_in_a_text_or_comment_is_left_alone() {
        let text = "why = \"他说“保底”，真的（吗）\" # 注意：「」，\nfix = '''\n“好”，\n'''\n";
        assert_eq!(found(text), [""; 0]);
        assert_eq!(mend(text).0, text);
    }

    #[test]
    fn a_text_in_curly_quotes_keeps_its_value_once_mended() {
        let text = "phrases = [“保底收益”，“稳赚\"]";
        assert_eq!(found(text), ["“", "”", "，", "“"]);
        assert_eq!(mend(text).0, "phrases = [  \"保底收益\"  ,    \"稳赚\"]");
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_text() {
        assert_eq!(found("a = \"\\\"，\" ，"), ["，"]);
    }

    #[test]
    fn a_wide_blank_between_words_is_pointed_at() {
        assert_eq!(found("id\u{3000}= \"a\u{3000}b\""), ["\u{3000}"]);
    }

    proptest! {
        #[test]
        fn mending_keeps_the_length_whatever_stands_in_the_file(text in "[a\"'#=,“”‘’，＝【】\u{3000}\\\\\n保]{0,40}") {
            prop_assert_eq!(mend(&text).0.len(), text.len());
        }
    }
}

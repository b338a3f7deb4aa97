//! From bytes to a table: encoding, punctuation and TOML's own syntax, in that order.

use super::diagnostic::{Code, Words};
use super::fields;
use super::folder::RawFile;
use super::punctuation;
use super::source::{Fault, Source};
use crate::model::Span;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use toml::Spanned;
use toml::de::{DeTable, Error};

/// The file as text; with the fault when it is not UTF-8, and then only as far as it is.
pub(super) fn decode(file: &RawFile) -> (Source, Option<Fault>) {
    let bytes = file.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&file.bytes);
    let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let at = Span { start: valid.len(), end: valid.len() };
    let fault = (valid.len() < bytes.len()).then(|| Fault::new(Code::NotUtf8, at));
    (Source::new(file.path.clone(), valid.to_owned()), fault)
}

/// What could be read, and every syntax fault, at most one a line.
///
/// The offset says how far the meaning of the file can be trusted: up to the table in which the first
/// syntax fault stands. Behind it the parser guesses.
pub(super) fn parse<'t>(
    source: &Source,
    mended: &'t str,
    faults: &mut Vec<Fault>,
) -> (Spanned<DeTable<'t>>, usize) {
    let (table, errors) = DeTable::parse_recoverable(mended);
    let line = |fault: &Fault| source.place(fault.span).line;
    let mut lines: BTreeSet<_> = faults.iter().map(line).collect();
    let mut trusted = usize::MAX;
    for error in errors {
        let fault = told(source, &error);
        trusted = trusted.min(table_around(source, fault.span.start));
        if lines.insert(line(&fault)) {
            faults.push(fault);
        }
    }
    (table, trusted)
}

/// Where the table around `offset` begins.
fn table_around(source: &Source, offset: usize) -> usize {
    source.text.get(..offset).and_then(|before| before.rfind("\n[")).unwrap_or(0)
}

fn told(source: &Source, error: &Error) -> Fault {
    let span = fields::span(error.span().unwrap_or_default());
    lone_curly_quote(source, span).unwrap_or_else(|| {
        let message = error.message().split(", expected").next().unwrap_or_default();
        Fault::new(Code::Syntax, span).with("detail", Words::new(chinese(message), message))
    })
}

/// A text opened with a plain quote and ended with a curly one breaks its line; the curly one is to blame.
fn lone_curly_quote(source: &Source, span: Span) -> Option<Fault> {
    let before = source.text.get(..span.start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = source.text.get(start..)?.lines().next()?;
    let curly: Vec<_> = line.char_indices().filter(|(_, ch)| matches!(ch, '“' | '”')).collect();
    let opening = curly.iter().filter(|(_, ch)| *ch == '“').count();
    let (at, quote) = match (opening * 2).cmp(&curly.len()) {
        Ordering::Less => curly.last(),
        Ordering::Greater => curly.first(),
        Ordering::Equal => None,
    }?;
    Some(punctuation::fault(start + at, *quote, '"'))
}

/// The parser's complaint in Chinese.
fn chinese(message: &str) -> &'static str {
    match message {
        "duplicate key" => "同一个字段写了两次",
        "unclosed array" => "列表没有写完,缺少 ]",
        "unclosed inline table" => "花括号没有写完,缺少 }",
        "unclosed table" | "unclosed array table" => "表头没有写完,缺少 ]",
        "missing comma between array elements" => "列表的两项之间缺少逗号",
        "missing comma between key-value pairs" => "花括号里的两项之间缺少逗号",
        "extra comma in array" | "extra comma in inline table" => "多了一个逗号",
        "key with no value" | "missing value for key" | "missing value" => "字段后面没有值",
        "missing assignment between key-value pairs" => "字段和值之间缺少等号",
        "extra `=`" | "extra assignment between key-value pairs" | "unexpected `=` in array" => {
            "多了一个等号"
        }
        "missing key for inline table element" | "unquoted keys cannot be empty" => "等号前面缺少字段名",
        "invalid unquoted key" => "字段名只能用英文字母、数字、- 和 _",
        "missing opening quote" | "string values must be quoted" => "文字要加英文引号",
        "invalid basic string" | "invalid literal string" => "引号没有成对",
        "invalid multi-line basic string" | "invalid multi-line literal string" => "三个引号没有成对",
        "missing escaped value" | "too few unicode value digits" => "反斜杠 \\ 后面的写法不对,要写 \\\\",
        "invalid value" => "这个值看不懂,文字要加英文引号",
        _ => "这里不符合格式",
    }
}

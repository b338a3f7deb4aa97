//! One rule file as text, and where in it a byte stands.

use super::diagnostic::{Code, Diagnostic, Place, Related, Words};
use crate::model::Span;
use std::sync::Arc;

/// A rule file, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as shown to people.
    pub path: String,
    /// The text without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
    /// How many characters stand before every [`BLOCK`]th byte: a list may be one line of many thousands.
    chars_before: Vec<usize>,
}

const BLOCK: usize = 256;

/// A value and where it stands in its file, in bytes. Two are equal when they say the same, wherever.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its stretch in the file.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for At<T> {}

/// The file that something was read from. It is no part of what it says, so two are always equal.
#[derive(Debug, Clone)]
pub struct Origin(pub Arc<Source>);

impl PartialEq for Origin {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Origin {}

/// A fault that is not yet placed in lines and columns.
#[derive(Debug)]
pub(super) struct Fault {
    pub code: Code,
    pub span: Span,
    pub args: Vec<(&'static str, Words)>,
    pub related: Vec<Related>,
}

impl Fault {
    pub fn new(code: Code, span: Span) -> Self {
        Self { code, span, args: Vec::new(), related: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<Words>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    pub fn beside(mut self, place: Place, words: Words) -> Self {
        self.related.push(Related { place, words });
        self
    }
}

impl Source {
    pub(super) fn new(path: String, text: String) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut chars_before = vec![0];
        for block in text.as_bytes().chunks(BLOCK) {
            chars_before.push(chars_before.last().copied().unwrap_or(0) + characters(block));
        }
        Self { path, text, line_starts, chars_before }
    }

    /// How many characters begin before a byte offset.
    fn chars_to(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset.min(self.text.len())).unwrap_or_default();
        self.chars_before.get(block).copied().unwrap_or(0) + characters(rest)
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    fn line_col(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or(0);
        (line, self.chars_to(offset) - self.chars_to(start) + 1)
    }

    /// Where a stretch of bytes stands.
    pub fn place(&self, span: Span) -> Place {
        let (line, col) = self.line_col(span.start);
        let (end_line, end_col) = self.line_col(span.end);
        Place { file: self.path.clone(), line, col, end_line, end_col }
    }

    /// The byte at which `line` and `col` stand, both from 1; the end of the text when it is shorter.
    pub fn offset(&self, line: usize, col: usize) -> usize {
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied();
        let start = start.unwrap_or(self.text.len());
        let mut chars = self.text.get(start..).unwrap_or_default().char_indices();
        chars.nth(col.saturating_sub(1)).map_or(self.text.len(), |(at, _)| start + at)
    }

    pub(super) fn diagnose(&self, fault: Fault) -> Diagnostic {
        Diagnostic::new(fault.code, self.place(fault.span), &fault.args, fault.related)
    }
}

/// The characters that begin in `bytes`.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source::new("rules/a.toml".into(), "id = \"a\"\r\n名 = \"保底😀收益\"\n".into());
        let start = source.text.find("收益").unwrap();
        let place = source.place(Span { start, end: start + "收益".len() });
        assert_eq!((place.line, place.col, place.end_line, place.end_col), (2, 9, 2, 11));
        assert_eq!(source.offset(place.line, place.col), start);
    }

    #[test]
    fn the_end_of_a_file_has_a_place() {
        let source = Source::new("a".into(), "ab\n".into());
        let place = source.place(Span { start: 3, end: 3 });
        assert_eq!((place.line, place.col), (2, 1));
    }

    proptest! {
        #[test]
        fn every_character_is_found_again_at_its_place(text in "[a保😀\\n]{0,600}") {
            let source = Source::new("a".into(), text);
            for (at, _) in source.text.char_indices() {
                let (line, col) = source.line_col(at);
                prop_assert_eq!(source.offset(line, col), at);
            }
        }
    }
}

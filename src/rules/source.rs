//! One rule file as text, and where in it a byte stands.

use super::diagnostic::{Code, Diagnostic, Place, Related, Words};
use crate::model::Span;

/// A rule file, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as shown to people.
    pub path: String,
    /// The text without a byte order mark.
    pub text: String,
    line_starts: Vec<usize>,
}

/// A value and where it stands in its file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its stretch in the file.
    pub span: Span,
}

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
}

impl Source {
    pub(super) fn new(path: String, text: String) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { path, text, line_starts }
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    fn line_col(&self, offset: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.line_starts.get(index)).copied().unwrap_or(0);
        let before = self.text.get(start..).unwrap_or_default().char_indices();
        (line, before.take_while(|(at, _)| start + at < offset).count() + 1)
    }

    /// Where a stretch of bytes stands.
    pub fn place(&self, span: Span) -> Place {
        let (line, col) = self.line_col(span.start);
        let (end_line, end_col) = self.line_col(span.end);
        Place { file: self.path.clone(), line, col, end_line, end_col }
    }

    pub(super) fn diagnose(&self, fault: Fault) -> Diagnostic {
        Diagnostic::new(fault.code, self.place(fault.span), &fault.args, fault.related)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        let source = Source::new("rules/a.toml".into(), "id = \"a\"\r\n名 = \"保底😀收益\"\n".into());
        let start = source.text.find("收益").unwrap();
        let place = source.place(Span { start, end: start + "收益".len() });
        assert_eq!((place.line, place.col, place.end_line, place.end_col), (2, 9, 2, 11));
    }

    #[test]
    fn the_end_of_a_file_has_a_place() {
        let source = Source::new("a".into(), "ab\n".into());
        let place = source.place(Span { start: 3, end: 3 });
        assert_eq!((place.line, place.col), (2, 1));
    }
}

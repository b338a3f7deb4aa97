//! Spans of the original, counted in bytes, characters and UTF-16 code units.

use crate::model::Spans;

/// Counts the places of one text. Asking from front to back costs one walk over the text.
pub struct Ruler<'t> {
    text: &'t str,
    byte: usize,
    chars: usize,
    utf16: usize,
}

impl<'t> Ruler<'t> {
    /// Starts at the front of `text`.
    pub fn new(text: &'t str) -> Self {
        Self { text, byte: 0, chars: 0, utf16: 0 }
    }

    /// The bytes `start..end`, counted in three ways.
    pub fn measure(&mut self, start: usize, end: usize) -> Spans {
        if start < self.byte {
            *self = Self::new(self.text);
        }
        let (chars, utf16) = counts(slice(self.text, self.byte, start));
        (self.byte, self.chars, self.utf16) = (start, self.chars + chars, self.utf16 + utf16);
        let (chars, utf16) = counts(slice(self.text, start, end));
        Spans {
            byte: [start, end],
            chars: [self.chars, self.chars + chars],
            utf16: [self.utf16, self.utf16 + utf16],
        }
    }
}

/// The bytes `byte_start..byte_end` of `text`, counted in three ways.
///
/// ```
/// // the smiling face is 4 bytes, 1 character and 2 UTF-16 code units
/// let spans = wecom_guard::text::spans("😀保本", 4, 10);
/// assert_eq!((spans.byte, spans.chars, spans.utf16), ([4, 10], [1, 3], [2, 4]));
/// ```
pub fn spans(text: &str, byte_start: usize, byte_end: usize) -> Spans {
    Ruler::new(text).measure(byte_start, byte_end)
}

/// The bytes `start..end` of `text`; empty when they are not on character borders.
pub fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// Characters and UTF-16 code units of a text.
fn counts(text: &str) -> (usize, usize) {
    text.chars().fold((0, 0), |(chars, utf16), ch| (chars + 1, utf16 + ch.len_utf16()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_span_is_counted_in_bytes_characters_and_utf16() {
        let text = "这款产品保底收益5%";
        let spans = spans(text, 12, 24);
        assert_eq!((spans.byte, spans.chars, spans.utf16), ([12, 24], [4, 8], [4, 8]));
    }

    proptest! {
        #[test]
        fn a_ruler_asked_in_any_order_agrees_with_a_fresh_one(text in "\\PC{1,30}", asks in prop::collection::vec((0_usize..30, 0_usize..30), 1..6)) {
            let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut ruler = Ruler::new(&text);
            for (a, b) in asks {
                let (a, b) = (borders[a % borders.len()], borders[b % borders.len()]);
                let (start, end) = (a.min(b), a.max(b));
                prop_assert_eq!(ruler.measure(start, end), spans(&text, start, end));
            }
        }
    }
}

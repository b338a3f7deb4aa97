//! Foreign text inside our messages: it may not bring markup of its own, and it is cut to fit.

/// The mark at the end of a text that was cut; 3 bytes, 1 character.
const ELLIPSIS: &str = "…";

/// Foreign text for a place that knows tags: text messages and text cards (page 90236).
///
/// What would open a tag gets a full-width `＜`, since WeCom documents no escape; control characters
/// go, since their JSON escapes are refused (code 40033).
///
/// ```
/// # use wecom_guard::wecom::markup::tagless;
/// assert_eq!(tagless("点<a href=\"http://x\">这里</a>,收益<5%"), "点＜a href=\"http://x\">这里＜/a>,收益<5%");
/// ```
pub fn tagless(text: &str) -> String {
    // First, since a control character could hide what follows the `<`.
    let text = visible(text);
    let mut rest = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        let opens =
            c == '<' && rest.peek().is_none_or(|next| next.is_ascii_alphabetic() || "/!?".contains(*next));
        out.push(if opens { '＜' } else { c });
    }
    out
}

/// Foreign text inside a markdown message: no link, no tag, no heading, no quote, no emphasis.
///
/// WeCom's subset of markdown has no escape either, so its signs become full-width.
pub fn markless(text: &str) -> String {
    let lines: Vec<_> = tagless(text).split('\n').map(markless_line).collect();
    lines.join("\n")
}

fn markless_line(line: &str) -> String {
    let start = line.chars().position(|c| !c.is_whitespace());
    let wide = |(place, c): (usize, char)| match c {
        '#' if Some(place) == start => '＃',
        '>' if Some(place) == start => '＞',
        '[' => '［',
        ']' => '］',
        '*' => '＊',
        '`' => '｀',
        other => other,
    };
    line.chars().enumerate().map(wide).collect()
}

/// The text without control characters; line breaks and tabs stay.
pub(super) fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// At most `most` bytes of UTF-8, cut on a character border, with `…` at the end when cut.
///
/// ```
/// # use wecom_guard::wecom::markup::cut_bytes;
/// assert_eq!(cut_bytes("保底收益", 9), "保底…");
/// assert_eq!(cut_bytes("保底收益", 12), "保底收益");
/// ```
pub fn cut_bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(ELLIPSIS.len()) else { return String::new() };
    let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
    format!("{kept}{ELLIPSIS}")
}

/// At most `most` characters, with `…` as the last one when cut.
pub fn cut_chars(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(ELLIPSIS.chars()).collect()
}

/// A markdown message in the making: our own markup and foreign texts, kept apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Markdown(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Own(String),
    Foreign(String),
}

impl Markdown {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds our own markup, which stays as it is and is never cut.
    #[must_use]
    pub fn own(mut self, markup: impl Into<String>) -> Self {
        self.0.push(Piece::Own(markup.into()));
        self
    }

    /// Adds foreign text, without its markup; it is cut when the message is too long.
    #[must_use]
    pub fn foreign(mut self, text: &str) -> Self {
        self.0.push(Piece::Foreign(markless(text)));
        self
    }

    /// The message in at most `most` bytes: the longest foreign texts are cut first, so that our own
    /// tags stay in pairs. `None` when our own markup alone is too long.
    pub fn fit(&self, most: usize) -> Option<String> {
        let mut pieces = self.0.clone();
        loop {
            let over = pieces.iter().map(Piece::len).sum::<usize>().saturating_sub(most);
            if over == 0 {
                return Some(pieces.iter().map(Piece::as_str).collect());
            }
            let longest = pieces.iter_mut().filter_map(Piece::foreign).max_by_key(|text| text.len())?;
            if longest.is_empty() {
                return None;
            }
            *longest = cut_bytes(longest, longest.len().saturating_sub(over));
        }
    }
}

impl Piece {
    fn as_str(&self) -> &str {
        match self {
            Piece::Own(text) | Piece::Foreign(text) => text,
        }
    }

    fn len(&self) -> usize {
        self.as_str().len()
    }

    fn foreign(&mut self) -> Option<&mut String> {
        match self {
            Piece::Own(_) => None,
            Piece::Foreign(text) => Some(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_draft_brings_no_link_and_no_heading_into_markdown() {
        let draft = "# 内部通知\n> 点[这里](http://evil.example)领**红包**<font color=\"warning\">";
        let shown = markless(draft);
        assert!(!shown.contains(['[', ']', '*', '`']), "{shown}");
        assert!(shown.starts_with("＃ 内部通知\n＞ 点"), "{shown}");
        assert!(!shown.contains("<font"), "{shown}");
    }

    #[test]
    fn control_characters_never_reach_wecom() {
        assert_eq!(tagless("保底\u{0}收\u{7}益\n第二行"), "保底收益\n第二行");
        assert_eq!(tagless("<\u{0}a href>"), "＜a href>");
    }

    #[test]
    fn our_tags_stay_in_pairs_when_a_long_draft_is_cut() {
        let message = Markdown::new()
            .own("<font color=\"warning\">不能发送</font>\n> ")
            .foreign(&"保底收益".repeat(400))
            .own("\n<font color=\"comment\">短号 0042</font>");
        let shown = message.fit(2048).unwrap();
        assert!(shown.len() <= 2048);
        assert_eq!(shown.matches("<font").count(), shown.matches("</font>").count());
        assert!(shown.ends_with("短号 0042</font>") && shown.contains('…'));
    }

    #[test]
    fn markup_of_ours_that_is_too_long_is_said_so() {
        assert_eq!(Markdown::new().own("保".repeat(700)).foreign("x").fit(2048), None);
    }

    proptest! {
        #[test]
        fn a_cut_text_fits_and_begins_as_it_did(text in "\\PC{0,60}", most in 3_usize..80) {
            let cut = cut_bytes(&text, most);
            prop_assert!(cut.len() <= most);
            prop_assert!(text.starts_with(cut.trim_end_matches('…')));
        }

        #[test]
        fn any_markdown_fits(drafts in prop::collection::vec("\\PC{0,400}", 0..4)) {
            let mut message = Markdown::new().own("**检查结果**\n");
            for draft in &drafts { message = message.own("> ").foreign(draft).own("\n"); }
            prop_assert!(message.fit(256).unwrap().len() <= 256);
        }
    }
}

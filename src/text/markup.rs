//! Text written for a browser or an address bar: tags, entities, percent-encoding.

use super::fold::Folded;

/// The longest tag that is taken for one, in bytes.
const LONGEST_TAG: usize = 256;
/// The longest entity, in bytes, `&` and `;` included.
const LONGEST_ENTITY: usize = 12;
const NAMED: [(&str, char); 6] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("nbsp", ' '), ("middot", '·')];

/// The text as a browser would show it, or `None` when there is nothing to decode.
///
/// ```
/// let shown = wecom_guard::text::read_markup("<b>无风</b>&#38505; %E6%97%A0").expect("there is markup");
/// assert_eq!(shown.words(), "无风险无");
/// assert!(wecom_guard::text::read_markup("1 < 2 & 100%").is_none());
/// ```
pub fn read_markup(text: &str) -> Option<Folded> {
    let (mut folded, mut at, mut has_markup) = (Folded::default(), 0, false);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (ch, length) = match tag(rest).map(|length| (None, length)).or_else(|| encoded(rest)) {
            Some(markup) => {
                has_markup = true;
                markup
            }
            None => (rest.chars().next(), rest.chars().next().map_or(1, char::len_utf8)),
        };
        if let Some(ch) = ch {
            folded.push(ch, at, at + length);
        }
        at += length;
    }
    has_markup.then_some(folded)
}

/// The length of the tag at the front.
fn tag(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let opens = inner.starts_with(|ch: char| ch.is_ascii_alphabetic() || ch == '/' || ch == '!');
    let end = inner.bytes().take(LONGEST_TAG).position(|byte| byte == b'>')?;
    opens.then_some(end + 2)
}

/// The entity or percent-encoded character at the front, and its length.
fn encoded(text: &str) -> Option<(Option<char>, usize)> {
    let (ch, length) = entity(text).or_else(|| percent(text))?;
    Some((Some(ch), length))
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.strip_prefix('&')?.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let name = text.get(1..end + 1)?;
    let hex = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X"));
    let number = hex
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .or_else(|| name.strip_prefix('#').and_then(|digits| digits.parse().ok()));
    let named = || NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, ch)| ch);
    Some((number.and_then(char::from_u32).or_else(named)?, end + 2))
}

/// One character of UTF-8 as `%E6%97%A0`.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut bytes = Vec::new();
    for place in 0..4 {
        let hex = text.get(place * 3..place * 3 + 3)?.strip_prefix('%')?;
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        if let Ok(done) = std::str::from_utf8(&bytes) {
            return done.chars().next().map(|ch| (ch, (place + 1) * 3));
        }
    }
    None
}

//! Where the words of a Chinese text begin and end.
//!
//! The likeliest way to cut a text into words, each taken by its frequency alone. Good enough to
//! tell 势必|过问 from 必过; asked only about the few characters around a find.

use std::collections::HashMap;
use std::sync::LazyLock;

const LIST: &str = include_str!("data/words.txt");
/// Words that the list is too old for, or too polite.
const OURS: [&str; 10] =
    ["微信", "微信号", "微信群", "朋友圈", "公众号", "小程序", "视频号", "支付宝", "私域", "网贷"];
/// The frequency of our own words: that of an everyday noun.
const OURS_COUNT: u32 = 1_000;
/// What all frequencies of the list's source add up to.
const TOTAL: f32 = 60_101_964.0;
/// The longest word in the list, in characters.
const LONGEST: usize = 4;

/// Words and how often they are used.
pub struct Words(HashMap<&'static str, u32>);

static WORDS: LazyLock<Words> = LazyLock::new(Words::read);

impl Words {
    /// The one list; the first call reads it, which takes some milliseconds.
    pub fn get() -> &'static Words {
        &WORDS
    }

    fn read() -> Self {
        let listed = LIST.lines().filter_map(|line| {
            let (word, count) = line.split_once(' ')?;
            Some((word, count.parse().ok()?))
        });
        Self(listed.chain(OURS.map(|word| (word, OURS_COUNT))).collect())
    }

    /// Where the words of `text` end, in characters; the last end is the text's.
    ///
    /// ```
    /// let words = wecom_guard::text::Words::get();
    /// assert_eq!(words.ends("势必过问此事"), [2, 4, 6]);
    /// ```
    pub fn ends(&self, text: &str) -> Vec<usize> {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let count = places.len() - 1;
        // The best way on from each place: its likelihood, and the length of its first word.
        let mut best = vec![(0.0_f32, 1_usize); count + 1];
        for from in (0..count).rev() {
            let way = |length: usize| {
                let word = super::slice(text, *places.get(from)?, *places.get(from + length)?);
                let (onwards, _) = best.get(from + length)?;
                Some((self.likelihood(word, length)? + onwards, length))
            };
            let found = (1..=LONGEST).filter_map(way).max_by(|one, other| one.0.total_cmp(&other.0));
            if let Some((slot, found)) = best.get_mut(from).zip(found) {
                *slot = found;
            }
        }
        let next = |end: &usize| best.get(*end).map(|(_, length)| end + length).filter(|end| *end <= count);
        std::iter::successors(next(&0), next).collect()
    }

    /// `None` for what is no word; a single character always is one.
    fn likelihood(&self, word: &str, length: usize) -> Option<f32> {
        let count = self.0.get(word).copied().or((length == 1).then_some(1))?;
        Some((count as f32 / TOTAL).ln())
    }
}

/// A character of a Chinese word.
pub fn is_ideograph(ch: char) -> bool {
    matches!(ch, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let (mut words, mut from) = (Vec::new(), 0);
        for end in Words::get().ends(text) {
            words.push(chars[from..end].iter().collect::<String>());
            from = end;
        }
        words.join("/")
    }

    #[test]
    fn a_text_is_cut_where_its_likeliest_words_end() {
        for words in [
            "势必/过问/此事",
            "他/走私/账本/被/查",
            "政府/承诺/回/报告厅/开会",
            "加/我/微信号",
            "对公/账户",
            "A/1/丂",
        ] {
            assert_eq!(cut(&words.replace('/', "")), words);
        }
        assert!(Words::get().ends("").is_empty());
    }
}

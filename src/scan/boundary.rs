//! Whether a find begins or ends inside a word.

use crate::text::{Folded, Unit, Words, is_ideograph};

/// How many characters on each side are read to find the words a find stands in.
const CONTEXT: usize = 8;

/// A letter or digit goes on directly before or after: MBA in MBAX, 加QQ in 加QQQ.
pub(super) fn cuts_a_latin_word(text: &Folded, first: usize, last: usize) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| text.units().get(place));
    goes_on(at(first.checked_sub(1)), at(Some(first))) || goes_on(at(Some(last)), at(last.checked_add(1)))
}

fn goes_on(left: Option<&Unit>, right: Option<&Unit>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    let both = |is: fn(&char) -> bool| is(&left.ch) && is(&right.ch);
    both(char::is_ascii_alphabetic) || both(char::is_ascii_digit)
}

/// Units `first..=last` of the words that a find cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) first: usize,
    pub(super) last: usize,
}

/// The words that are cut where the find begins or ends, if it is made of parts of other words:
/// 必过 in 势必|过问.
///
/// A word of the find that only grows (收益 to 收益率) is not cut. Two characters count as cut only
/// when they begin inside a word, as 返|佣金 still means 返佣; more than three only when a word of
/// their own is torn, as 回报 is in 承诺|回|报告厅.
pub(super) fn cuts_words(text: &Folded, first: usize, last: usize) -> Option<Cut> {
    let length = text.units().get(first..=last)?.iter().filter(|unit| unit.is_text()).count();
    let run = Run::around(text, first, (first, last))?;
    let opening = run.torn_at(Edge::Start, length);
    let run = if run.from + run.end > last { run } else { Run::around(text, last, (first, last))? };
    let closing = run.torn_at(Edge::End, length);
    let closing = closing.filter(|_| length > 2 || opening.is_some());
    let (left, right) = (opening.or(closing)?, closing.or(opening)?);
    Some(Cut { first: left.0.min(first), last: right.1.max(last) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// Ideographs without anything between them, and the part of the find that stands among them.
struct Run {
    /// The first unit.
    from: usize,
    /// Where its words end, counted from `from`.
    ends: Vec<usize>,
    /// The find's part: its first place, the ends of its own words, its end.
    start: usize,
    own: Vec<usize>,
    end: usize,
}

impl Run {
    fn around(text: &Folded, place: usize, (first, last): (usize, usize)) -> Option<Run> {
        let is_word = |place: &usize| text.units().get(*place).is_some_and(|unit| is_ideograph(unit.ch));
        let own_from = (first..=place).rev().take_while(is_word).last()?;
        let own_upto = (place..=last).take_while(is_word).last()?;
        let from = (0..own_from).rev().take(CONTEXT).take_while(is_word).last().unwrap_or(own_from);
        let upto =
            (own_upto + 1..text.units().len()).take(CONTEXT).take_while(is_word).last().unwrap_or(own_upto);
        let ends = |from: usize, upto: usize| {
            let units = text.units().get(from..=upto).unwrap_or_default();
            Words::get().ends(&units.iter().map(|unit| unit.ch).collect::<String>())
        };
        let (start, end) = (own_from - from, own_upto + 1 - from);
        Some(Run { from, ends: ends(from, upto), start, own: ends(own_from, own_upto), end })
    }

    /// First and last unit of the word that goes on beyond the find's edge and tears its outermost
    /// word.
    fn torn_at(&self, edge: Edge, length: usize) -> Option<(usize, usize)> {
        let own_length = self.own.last().copied().unwrap_or(0);
        let (at, other) = match edge {
            Edge::Start => (self.start, self.start + self.own.first().copied().unwrap_or(own_length)),
            Edge::End => (self.end, self.start + self.own.iter().rev().nth(1).copied().unwrap_or(0)),
        };
        let start = self.ends.iter().rev().find(|end| **end < at).copied().unwrap_or(0);
        let end = self.ends.iter().find(|end| **end >= at).copied()?;
        let own = at.abs_diff(other);
        let grows = own > 1 && start <= at.min(other) && at.max(other) <= end;
        let is_torn = at != 0 && end != at && !grows && (length <= 3 || own > 1);
        is_torn.then_some((self.from + start, self.from + end - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, phrase: &str) -> Option<String> {
        let before = text.split(phrase).next()?.chars().count();
        let folded = Folded::of(text);
        let Cut { first, last } = cuts_words(&folded, before, before + phrase.chars().count() - 1)?;
        Some(folded.units()[first..=last].iter().map(|unit| unit.ch).collect())
    }

    #[test]
    fn a_phrase_made_of_parts_of_other_words_is_cut() {
        for (text, phrase, words) in [
            ("势必过问此事", "必过", "势必过问"),
            ("他走私账本被查", "走私账", "走私账本"),
            ("政府承诺回报告厅开会", "承诺回报", "承诺回报告厅"),
            ("医保本月额度", "保本", "医保本月"),
            ("面包过期了", "包过", "面包过期"),
        ] {
            assert_eq!(cut(text, phrase).as_deref(), Some(words), "{text}");
        }
    }

    #[test]
    fn a_phrase_whose_words_only_grow_is_not() {
        for (text, phrase) in [
            ("保底收益率5%", "保底收益"),
            ("这款保本理财", "保本"),
            ("给您返佣金", "返佣"),
            ("我们包过关", "包过"),
            ("加我微信号", "加我微信"),
            ("无风险性投资", "无风险"),
            ("无风险", "无风险"),
            ("我们家必过，可以写进聊天记录", "必过"),
            ("这款产品无风险哦", "无风险"),
        ] {
            assert_eq!(cut(text, phrase), None, "{text}");
        }
    }
}

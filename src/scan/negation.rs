//! Whether a negation reaches a phrase: 我们不承诺回报.
//!
//! Only expressions count, only to the left, only inside the clause, and only when they reach the
//! phrase directly or through a few words; for a promise is easily hidden behind a negator that
//! denies something else.

use crate::text::{Class, Folded, Unit};
use std::collections::HashMap;
use std::ops::Range;

/// Expressions that deny what follows, some words later too.
#[rustfmt::skip]
const EXPRESSIONS: &[&str] = &[
    "不承诺", "不保证", "不得", "不能", "不可", "不可以", "不会", "不可能", "不应", "不该", "不许", "不准", "不允许",
    "不要", "不是", "不存在", "不提供", "不属于", "不构成", "不代表", "不等于", "不意味着", "不做", "不作", "不支持",
    "不敢", "不宜", "从不", "绝不", "决不", "永不", "从来不", "并不", "概不", "没有", "没有任何", "没法", "从没",
    "从未", "未曾", "并未", "尚未", "并非", "绝非", "无法", "禁止", "严禁", "杜绝", "拒绝", "抵制", "谨防", "警惕",
    "防范", "远离", "勿信", "别信", "不信", "不再", "请勿", "切勿", "避免", "打破", "哪有", "哪来", "别相信", "别轻信",
    "不相信", "不能够", "不应当", "不应该", "不建议", "不推荐", "不鼓励", "不向", "不给", "未向", "未给", "未对", "没向",
    "没给", "难以", "很难", "难于", "暂无", "尚无", "打击", "查处", "举报",
];
/// Characters that deny only the word directly after them.
const BARE: &[&str] = &["不", "没", "无", "未", "非", "勿", "别"];
/// Words that end like a negator and are none.
#[rustfmt::skip]
const EXEMPT: &[&str] = &[
    "要不", "要不是", "可不", "岂不", "何不", "差不", "无非", "除非", "莫非", "是非", "特别", "个别", "级别", "差别", "类别",
    "区别", "分别", "识别", "鉴别", "告别", "出没", "淹没",
];
/// Negators that with this word mean "let alone": 不要说保本，翻倍都行.
const LET_ALONE: &[&str] = &["不要说", "不要讲", "不用说"];
/// Words that turn a negation into an assertion, anywhere before it in the clause.
const RHETORICAL: &[&str] = &["谁说", "谁敢说", "难道", "何尝", "怎么会", "怎么可能", "怎能", "哪能"];
/// Words after the phrase that turn a negation into an assertion.
const REVERSALS: &[&str] = &["才怪", "不可能", "是假的", "都不", "我们敢", "我敢", "除了我", "就不", "就退"];
/// After a bare negator these make a condition of it: 不包过不收费, 没效果全额退款.
const CONDITIONS: &[&str] = &["不", "退", "赔", "免"];
/// Words through which a negation reaches on.
#[rustfmt::skip]
const LINKS: &[&str] = &[
    "承诺", "保证", "许诺", "任何", "所谓", "可以", "提供", "存在", "宣传", "宣称", "使用", "出现", "进行", "做出",
    "作出", "给出", "相信", "轻信", "什么", "一种", "一个", "这种", "这样", "这类", "此类", "此种", "哪种", "形式",
    "给您", "给你", "向您", "为您", "客户", "投资者", "的", "过", "给", "向", "用", "做", "会", "能", "再", "以",
    "对", "您", "你", "有", "说", "讲", "称", "跟", "敢", "哪家", "哪个", "哪款", "一款", "一家", "机构", "公司", "平台", "产品",
    "开展", "从事", "经营", "涉及", "办理", "接受", "传播", "发布", "参与", "推销", "拥有", "具有", "任何人", "任何一方",
    "业务员", "员工", "销售人员", "代理人", "工作人员", "老师", "个人", "从业人员",
];
/// Negators of every one of a kind; between them and what it can't do its name may stand: 没有什么药能根治.
const NONE_OF: &[&str] = &["没有什么", "没有哪", "没有任何", "没有一种", "没有一家"];
/// What a kind can't do begins with one of these.
const CAN: &[&str] = &["能", "能够", "可以", "敢", "会"];
/// The longest name of a kind, in characters.
const NAME: usize = 4;
/// Whose negation is a boast: 别家不敢包过，我们敢.
const OTHERS: &[&str] = &["别家", "别人", "别的", "人家", "其他", "其它", "同行"];
/// Who boasts.
const OURSELVES: &[&str] = &["我们", "我敢", "咱们", "我家", "我这"];
/// Words that put the phrase beside another one: 不承诺保本或保收益.
const CONNECTORS: &[&str] = &["或者", "以及", "或", "和", "及", "与"];
/// How many characters of links a negation reaches through.
const REACH: usize = 8;
/// How many characters before a phrase are looked at.
const LOOK_BACK: usize = 24;
/// How many characters after a phrase are looked at.
const LOOK_AHEAD: usize = 8;

/// The units of the expression that denies the phrase at `first..=last`, if there is one.
///
/// `places` are the first units of everything found by the last ones, for lists of phrases.
pub(super) fn negation(
    text: &Folded,
    first: usize,
    last: usize,
    places: &HashMap<usize, usize>,
) -> Option<Range<usize>> {
    let left = Left::of(text, first);
    let right = right_of(text, last, ends_a_clause);
    let opens = text.units().get(first).map(|unit| unit.ch);
    let (start, end) = left.reaching(text, places)?;
    let (before, negator) = (left.text.get(..start)?, left.text.get(start..end)?);
    let is_direct = end == left.text.len();
    let cancelled = is_question(before, negator)
        || EXEMPT.iter().any(|word| left.text.get(..end).is_some_and(|upto| upto.ends_with(word)))
        || LET_ALONE.iter().any(|word| left.text.get(start..).is_some_and(|from| from.starts_with(word)))
        || RHETORICAL.iter().any(|word| before.contains(word))
        || REVERSALS.iter().any(|word| right.contains(word))
        || (OTHERS.iter().any(|word| before.contains(word)) && boasts(text, last))
        || (is_direct && negator == "不得" && opens == Some('不'))
        || (BARE.contains(&negator) && CONDITIONS.iter().any(|word| right.contains(word)))
        || (BARE.contains(&negator) && BARE.iter().any(|word| before.contains(word)))
        || reaching_end(before).is_some();
    (!cancelled).then(|| left.units(start, end))?
}

/// The words of the clause before a phrase.
struct Left {
    text: String,
    places: Vec<usize>,
}

impl Left {
    fn of(text: &Folded, first: usize) -> Self {
        let before = text.units().get(..first).unwrap_or_default().iter().enumerate().rev();
        let clause = before.take_while(|(_, unit)| !ends_a_clause(unit)).filter(|(_, unit)| unit.is_text());
        let mut places: Vec<usize> = clause.take(LOOK_BACK).map(|(place, _)| place).collect();
        places.reverse();
        let text = places.iter().filter_map(|place| text.units().get(*place)).map(|unit| unit.ch).collect();
        Self { text, places }
    }

    /// The bytes of the negator that reaches the end, past phrases in a list with this one too.
    fn reaching(&self, text: &Folded, places: &HashMap<usize, usize>) -> Option<(usize, usize)> {
        let mut upto = self.text.as_str();
        loop {
            if let Some(found) = reaching_end(upto) {
                return Some(found);
            }
            let (rest, connected) = self.without_connector(text, upto);
            let last = self.places.get(rest.chars().count().checked_sub(1)?)?;
            let first = places.get(last).filter(|_| connected)?;
            let kept = self.places.iter().take_while(|place| *place < first).count();
            upto = upto.char_indices().nth(kept).and_then(|(at, _)| upto.get(..at))?;
        }
    }

    /// `upto` without the connector at its end, and whether there was one (`、` counts).
    fn without_connector<'t>(&self, text: &Folded, upto: &'t str) -> (&'t str, bool) {
        if let Some(rest) = CONNECTORS.iter().find_map(|word| upto.strip_suffix(word)) {
            return (rest, true);
        }
        let last = upto.chars().count().checked_sub(1).and_then(|n| self.places.get(n));
        let after = last.and_then(|place| text.units().get(place + 1));
        (upto, after.is_some_and(|unit| unit.ch == '、'))
    }

    fn units(&self, start: usize, end: usize) -> Option<Range<usize>> {
        let count = |byte: usize| self.text.get(..byte).map(|part| part.chars().count());
        let (first, past) = (count(start)?, count(end)?);
        Some(*self.places.get(first)?..*self.places.get(past.checked_sub(1)?)? + 1)
    }
}

/// What is said next, in the next clause too, is about oneself.
fn boasts(text: &Folded, last: usize) -> bool {
    let next = right_of(text, last, |unit| unit.class >= Class::StrongStop);
    OURSELVES.iter().any(|word| next.contains(word))
}

fn right_of(text: &Folded, last: usize, ends: impl Fn(&Unit) -> bool) -> String {
    let after = text.units().get(last + 1..).unwrap_or_default().iter();
    after
        .take_while(|unit| !ends(unit))
        .filter(|unit| unit.is_text())
        .take(LOOK_AHEAD)
        .map(|u| u.ch)
        .collect()
}

fn ends_a_clause(unit: &Unit) -> bool {
    unit.class >= Class::WeakStop && unit.ch != '、'
}

/// The bytes of the negator that reaches the end of `left`, directly or through links.
fn reaching_end(left: &str) -> Option<(usize, usize)> {
    let (mut upto, mut reach) = (left, REACH);
    loop {
        let bare = BARE.iter().filter(|_| upto.len() == left.len());
        let found = EXPRESSIONS.iter().chain(bare).filter(|word| upto.ends_with(**word));
        if let Some(negator) = found.max_by_key(|word| word.len()) {
            return Some((upto.len() - negator.len(), upto.len()));
        }
        if let Some(none) = none_of(upto) {
            return Some(none);
        }
        let link = LINKS.iter().filter(|link| upto.ends_with(**link)).max_by_key(|link| link.len())?;
        reach = reach.checked_sub(link.chars().count())?;
        upto = upto.strip_suffix(link)?;
    }
}

/// The bytes of the negator of a whole kind at the end of `left`, whose name and 能 follow it.
fn none_of(left: &str) -> Option<(usize, usize)> {
    let named = CAN.iter().find_map(|can| left.strip_suffix(can))?;
    let found = NONE_OF.iter().filter_map(|none| Some((named.rfind(none)?, none.len())));
    let (start, length) = found.max()?;
    let name = named.get(start + length..)?;
    (name.chars().count() <= NAME).then_some((start, start + length))
}

/// 是不是, 能不能, 有没有.
fn is_question(before: &str, negator: &str) -> bool {
    let mut chars = negator.chars();
    let is_doubt = matches!(chars.next(), Some('不' | '没'));
    is_doubt && chars.next().is_some_and(|doubted| before.ends_with(doubted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The negator that reaches `phrase` in `text`.
    fn negator(text: &str, phrase: &str) -> Option<String> {
        let folded = Folded::of(text);
        let place = |bytes: usize| folded.units().iter().position(|unit| unit.start as usize == bytes);
        let first = place(text.find(phrase)?)?;
        let last = first + phrase.chars().count() - 1;
        let units = negation(&folded, first, last, &HashMap::new())?;
        Some(folded.units()[units].iter().filter(|unit| unit.is_text()).map(|unit| unit.ch).collect())
    }

    #[test]
    fn a_directed_negation_reaches_the_phrase() {
        for (text, phrase, expected) in [
            ("我们不承诺回报", "承诺回报", "不"),
            ("投资不可能只赚不赔", "只赚不赔", "不可能"),
            ("禁止宣传有效率", "有效率", "禁止"),
            ("本公司从不给客户保底收益", "保底收益", "不给"),
            ("请勿轻信任何保底收益", "保底收益", "请勿"),
            ("没有所谓的保底收益", "保底收益", "没有"),
            ("不得以任何形式承诺保底收益", "保底收益", "不得"),
            ("没有哪家机构能包过", "包过", "没有哪"),
            ("千万别信保底收益", "保底收益", "别信"),
            ("不 承 诺保底收益", "保底收益", "不承诺"),
            ("没有什么药能根治", "根治", "没有什么"),
            ("严禁业务员返佣", "返佣", "严禁"),
            ("公司未向任何人承诺保底收益", "保底收益", "未向"),
            ("糖尿病很难根治", "根治", "很难"),
            ("其他机构不承诺包过", "包过", "不承诺"),
        ] {
            assert_eq!(negator(text, phrase).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_negator_that_denies_something_else_does_not() {
        for (text, phrase) in [
            ("我们不骗人，承诺回报", "承诺回报"),
            ("不仅无风险，还有礼品", "无风险"),
            ("不得不承诺回报", "承诺回报"),
            ("谁说不能保本", "保本"),
            ("难道不是无风险吗", "无风险"),
            ("没有一个不保本", "保本"),
            ("不可能不保本", "保本"),
            ("有没有保底收益", "保底收益"),
            ("是不是保本", "保本"),
            ("特别承诺回报", "承诺回报"),
            ("不包过不收费", "包过"),
            ("不保本是不可能的", "保本"),
            ("不用担心无风险", "无风险"),
            ("不要说保本，翻倍都行", "保本"),
            ("别家不敢做保本我们敢", "保本"),
            ("要不是保本我都不推荐", "保本"),
            ("不能保本我就不卖给您了", "保本"),
            ("不是承诺是保证无风险", "无风险"),
            ("不骗您保证无风险", "无风险"),
            ("别的机构不敢包过，我们敢", "包过"),
            ("不是内幕消息我都不发您", "内幕消息"),
            ("难道根治不好吗", "根治"),
            ("没有什么手续费保底收益", "保底收益"),
        ] {
            assert_eq!(negator(text, phrase), None, "{text}");
        }
    }

    #[test]
    fn a_list_of_phrases_is_denied_as_a_whole() {
        let folded = Folded::of("不承诺保本、保收益");
        assert_eq!(negation(&folded, 6, 8, &HashMap::from([(4, 3)])), Some(0..3));
        assert_eq!(negation(&folded, 6, 8, &HashMap::new()), None);
    }
}

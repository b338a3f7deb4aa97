//! A script with its variables: `{称呼|您}好,{产品}的风险等级是…`.

use crate::rules::{ScriptPart, script_parts};

/// The longest value of a variable in a text that somebody filled, in characters.
const MAX_VALUE: usize = 20;

/// The script with every variable filled; `None` when one has neither a value nor a fallback, since a
/// customer must never read a bare variable.
pub(super) fn fill(script: &str, variables: &[(&str, &str)]) -> Option<String> {
    let value = |name: &str| {
        let known = variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim());
        known.filter(|value| !value.is_empty())
    };
    let filled = script_parts(script).into_iter().map(|part| match part {
        ScriptPart::Words(words) => Some(words),
        ScriptPart::Variable { name, fallback } => value(name).or(fallback),
    });
    filled.collect()
}

/// Whether a text is the script with its variables filled: each by its fallback or by at most
/// [`MAX_VALUE`] characters within one clause, so that a variable can't carry a sentence.
pub(super) fn is_filled(script: &str, text: &str) -> bool {
    fits(&script_parts(script), text)
}

fn fits(parts: &[ScriptPart<'_>], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((ScriptPart::Words(words), next)) => {
            text.strip_prefix(words).is_some_and(|text| fits(next, text))
        }
        Some((ScriptPart::Variable { fallback, .. }, next)) => {
            let by_fallback = fallback.and_then(|fallback| text.strip_prefix(fallback));
            by_fallback.into_iter().chain(after_values(text)).any(|text| fits(next, text))
        }
    }
}

/// What can stand behind the value of a variable that begins the text.
fn after_values(text: &str) -> impl Iterator<Item = &str> {
    let may_stand = |letter: &char| !letter.is_control() && !"，,。！!？?；;".contains(*letter);
    let letters = text.char_indices().take(MAX_VALUE).take_while(move |(_, letter)| may_stand(letter));
    letters.filter_map(|(at, letter)| text.get(at + letter.len_utf8()..))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(script: &str, name: &str) -> Option<String> {
        fill(script, &[("称呼", name)])
    }

    #[test]
    fn a_variable_takes_its_value_and_else_its_fallback() {
        assert_eq!(filled("{称呼|您}好", "李姐").as_deref(), Some("李姐好"));
        assert_eq!(filled("{称呼|您}好", " ").as_deref(), Some("您好"));
    }

    #[test]
    fn a_variable_that_nothing_fills_withholds_the_script() {
        assert_eq!(filled("{称呼}好,{产品}的说明书发您", "李姐"), None);
    }

    #[test]
    fn a_lone_brace_is_plain_text() {
        assert_eq!(filled("{称呼}:看这里 {", "李姐").as_deref(), Some("李姐:看这里 {"));
    }

    #[test]
    fn a_text_is_the_script_with_any_short_value_and_no_other_words() {
        let script = "{称呼|您}好,{产品}的风险等级在第二页";
        for text in ["您好,稳盈三号的风险等级在第二页", "李姐好,稳盈三号(R2)的风险等级在第二页"]
        {
            assert!(is_filled(script, text), "{text}");
        }
        for text in [
            "您好,的风险等级在第二页",
            "您好,稳盈三号的风险等级在第二页。放心买",
            "放心买!您好,稳盈三号的风险等级在第二页",
            "您好,稳盈三号肯定涨,放心买,它的风险等级在第二页",
            "您好,这是一款我个人非常非常看好并且自己也买了很多的产品的风险等级在第二页",
            "您好,稳盈三号的风险等级在第三页",
            "",
        ] {
            assert!(!is_filled(script, text), "{text}");
        }
    }

    #[test]
    fn a_script_without_variables_is_itself_alone() {
        assert!(is_filled("收益会随市场波动", "收益会随市场波动"));
        assert!(!is_filled("收益会随市场波动", "收益会随市场波动,但是我们稳"));
        assert!(is_filled("看这里 {", "看这里 {"));
    }
}

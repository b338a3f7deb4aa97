//! A script with its variables: `{称呼|您}好,{产品}的风险等级是…`.

use crate::rules::fill_script;

/// The script with every variable filled; `None` when one has neither a value nor a fallback, since a
/// customer must never read a bare variable.
pub(super) fn fill(script: &str, variables: &[(&str, &str)]) -> Option<String> {
    fill_script(script, |variable| value(variable, variables))
}

/// The variable's value, or what stands behind its `|`.
fn value<'v>(variable: &'v str, variables: &'v [(&str, &str)]) -> Option<&'v str> {
    let (name, fallback) = match variable.split_once('|') {
        Some((name, fallback)) => (name, Some(fallback)),
        None => (variable, None),
    };
    let known = variables.iter().find(|(known, _)| *known == name.trim()).map(|(_, value)| value.trim());
    known.filter(|value| !value.is_empty()).or(fallback)
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
}

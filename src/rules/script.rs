//! A script as it stands in a file: `{称呼|您}好,{产品}的风险等级是…`.

/// The script with what `value` gives for each variable, named as it stands between the braces; `None`
/// as soon as it gives nothing. A brace without its partner is plain text.
pub fn fill_script<'s>(script: &'s str, value: impl Fn(&'s str) -> Option<&'s str>) -> Option<String> {
    let mut parts = script.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((variable, rest)) => {
                filled.push_str(value(variable)?);
                filled.push_str(rest);
            }
            None => {
                filled.push('{');
                filled.push_str(part);
            }
        }
    }
    Some(filled)
}

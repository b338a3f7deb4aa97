//! XML that no value can break out of.

use std::fmt::Write;

/// What an element that we write holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any text; written as CDATA.
    Text(String),
    /// A number, written bare.
    Number(serde_json::Number),
    /// `true` or `false`.
    Flag(bool),
    /// Elements; a repeated name is how WeCom writes a list.
    Fields(Vec<(String, Value)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number.into())
    }
}

impl<const N: usize> From<[(&str, Value); N]> for Value {
    fn from(fields: [(&str, Value); N]) -> Self {
        Value::Fields(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// Writes `<xml>` around the fields, in their order. Of a name only ASCII letters, digits and `_` are kept,
/// of a text every character that XML 1.0 can carry.
///
/// ```
/// # use wecom_guard::wecom::xml;
/// let reply = xml::build(&[("CreateTime", 1_790_000_006.into()), ("Content", "a ]]> b".into())]);
/// assert_eq!(
///     reply,
///     "<xml><CreateTime>1790000006</CreateTime><Content><![CDATA[a ]]]]><![CDATA[> b]]></Content></xml>",
/// );
/// ```
pub fn build(fields: &[(&str, Value)]) -> String {
    let mut out = "<xml>".to_owned();
    fields.iter().for_each(|(name, value)| write_element(&mut out, name, value));
    out.push_str("</xml>");
    out
}

fn write_element(out: &mut String, name: &str, value: &Value) {
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    // Writing to a `String` can't fail.
    let _ = write!(out, "<{name}>");
    let _ = match value {
        Value::Text(text) => write!(out, "<![CDATA[{}]]>", cdata(text)),
        Value::Number(number) => write!(out, "{number}"),
        Value::Flag(flag) => write!(out, "{flag}"),
        Value::Fields(fields) => {
            fields.iter().for_each(|(name, value)| write_element(out, name, value));
            Ok(())
        }
    };
    let _ = write!(out, "</{name}>");
}

/// Drops what XML can't carry, then parts every `]]>`, which would end the section.
fn cdata(text: &str) -> String {
    let carried: String = text.chars().filter(|c| is_xml_char(*c)).collect();
    carried.replace("]]>", "]]]]><![CDATA[>")
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::xml::Element;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(text in "[\\PC\n\t\\]>]*") {
            let document = build(&[("A", [("B", Value::from(text.as_str()))].into())]);
            let root = Element::parse(&document).unwrap();
            prop_assert_eq!(root.child("A").unwrap().child("B").unwrap().text(), text);
        }

        #[test]
        fn a_control_character_can_not_forge_the_end_of_a_section(text in "[\\]>\u{1}<a]*") {
            let root = Element::parse(&build(&[("A", text.as_str().into())])).unwrap();
            prop_assert_eq!(root.child("A").unwrap().text(), text.replace('\u{1}', ""));
        }
    }
}

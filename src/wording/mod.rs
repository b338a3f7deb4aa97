//! Every sentence a person reads, by key, in Chinese and English.
//!
//! This room must never know who is spoken to or why; it fills in blanks. Tone: plain, 「你」, no
//! blame, what happened → why → what to do. Read [`say`] first.

mod table;

pub use table::Wording;

/// The language somebody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The tag for `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// Chinese unless something else is clearly wanted: `zh…` or `en…`, as browsers and shells write it.
    pub fn parse(text: &str) -> Option<Self> {
        match text.get(..2)?.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
}

/// One sentence with its blanks filled: `{name}` becomes the value given for `name`.
///
/// ```
/// use wecom_guard::wording::{say, Lang, Wording};
/// let row = say(Lang::Zh, Wording::BlockRow, &[("phrase", "保底收益")]);
/// assert_eq!(row, "不能发送:「保底收益」");
/// ```
pub fn say(lang: Lang, wording: Wording, blanks: &[(&str, &str)]) -> String {
    let template = wording.text(lang);
    let mut said = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let Some((name, tail)) = after.split_once('}') else { break };
        said.push_str(blanks.iter().find(|(blank, _)| *blank == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    said.push_str(rest);
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn blanks(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn both_languages_have_the_same_blanks() {
        for wording in Wording::ALL {
            assert_eq!(blanks(wording.text(Lang::Zh)), blanks(wording.text(Lang::En)), "{wording:?}");
        }
    }

    #[test]
    fn english_has_no_chinese_left() {
        for wording in Wording::ALL {
            // The typed commands are Chinese words in every language.
            let text = wording
                .text(Lang::En)
                .replace("确认", "")
                .replace("取消", "")
                .replace("客户", "")
                .replace("我的待办", "");
            assert!(!text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{wording:?}");
        }
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        assert_eq!(say(Lang::Zh, Wording::BlockRow, &[("phrase", "{phrase}")]), "不能发送:「{phrase}」");
    }
}

//! Which column is what, by its head.

use super::sheet::{Row, SheetFault};
use crate::rules::Words;
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The rule's id.
    Rule,
    /// Its name.
    Name,
    /// What it asks for.
    Action,
    /// Its phrases.
    Phrases,
    /// Phrases that excuse.
    Allow,
    /// Where it stands in its life.
    State,
    /// How grave it is.
    Severity,
    /// Ids of legal grounds.
    Basis,
    /// For which industries.
    Industries,
    /// Why it is a problem.
    Why,
    /// What to write instead.
    Fix,
    /// Ids of replies.
    Replies,
    /// Texts it has to hit.
    MustHit,
    /// Texts it has to leave alone.
    MustPass,
    /// For people alone: not taken over.
    Note,
}

/// What a head may say; the first two are shown.
const HEADS: &[(Column, &[&str])] = &[
    (Column::Rule, &["规则号", "rule", "id", "编号", "规则编号", "规则id", "ruleid"]),
    (Column::Name, &["规则名称", "name", "名称", "规则名", "rulename"]),
    (Column::Action, &["动作", "action", "处置", "处理", "处理方式"]),
    (Column::Phrases, &["词条", "phrases", "phrase", "敏感词", "违禁词", "关键词", "词", "word", "words"]),
    (Column::Allow, &["例外", "allow", "放行词", "白名单", "exception", "exceptions"]),
    (Column::State, &["状态", "state"]),
    (Column::Severity, &["级别", "severity", "严重程度"]),
    (Column::Basis, &["依据", "basis", "法律依据"]),
    (Column::Industries, &["行业", "industries", "industry", "适用行业"]),
    (Column::Why, &["原因", "why", "为什么", "说明", "reason"]),
    (Column::Fix, &["改法", "fix", "怎么改", "建议", "修改建议", "advice"]),
    (Column::Replies, &["话术", "replies", "reply", "推荐话术"]),
    (Column::MustHit, &["应命中", "must_hit", "必须命中", "musthit"]),
    (Column::MustPass, &["应放行", "must_pass", "必须放行", "mustpass"]),
    (Column::Note, &["备注", "note", "notes"]),
];

impl Column {
    /// As people know it, for example 动作 action.
    pub fn head(self) -> String {
        let names = HEADS.iter().find(|(column, _)| *column == self).map(|(_, names)| *names);
        names.unwrap_or_default().iter().take(2).copied().collect::<Vec<_>>().join(" ")
    }

    fn read(head: &str) -> Option<Self> {
        let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-'], "");
        let wanted = plain(head);
        HEADS
            .iter()
            .find(|(_, names)| names.iter().any(|name| plain(name) == wanted))
            .map(|(column, _)| *column)
    }
}

/// Where each column stands, from 0.
pub(super) type Columns = BTreeMap<Column, usize>;

/// Reads the head: rule and phrases have to be there, nothing unknown and nothing twice.
pub(super) fn columns(head: Option<&Row>) -> Result<Columns, SheetFault> {
    let Some(head) = head else { return Err(told("表里没有内容".into(), "the sheet is empty".into())) };
    let mut found = Columns::new();
    for (at, text) in head.cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
        let (row, letter) = (head.number, letter(at));
        let Some(column) = Column::read(text) else {
            return Err(told(
                format!("第 {row} 行 {letter} 列的表头「{text}」不认识"),
                format!("unknown head `{text}` in row {row}, column {letter}"),
            ));
        };
        if found.insert(column, at).is_some() {
            return Err(told(
                format!("「{}」有两列,第二列是 {letter}", column.head()),
                format!("`{}` stands in two columns, the second is {letter}", column.head()),
            ));
        }
    }
    for needed in [Column::Rule, Column::Phrases] {
        if !found.contains_key(&needed) {
            let head = needed.head();
            return Err(told(format!("缺少一列:{head}"), format!("a column is missing: {head}")));
        }
    }
    Ok(found)
}

fn told(zh: String, en: String) -> SheetFault {
    let known: Vec<_> = HEADS.iter().map(|(column, _)| column.head()).collect();
    let known = known.join(", ");
    SheetFault(Words::new(
        format!("{zh}。第一行要写列名,可以用:{known}"),
        format!("{en}. The first row names the columns, known are: {known}"),
    ))
}

/// 0 is A, 26 is AA.
pub(super) fn letter(at: usize) -> String {
    let digit = char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    match at / 26 {
        0 => digit.to_string(),
        rest => letter(rest - 1) + &digit.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        assert_eq!([0, 25, 26, 27, 51, 52, 63].map(letter), ["A", "Z", "AA", "AB", "AZ", "BA", "BL"]);
    }

    #[test]
    fn no_head_means_two_columns() {
        for (column, names) in HEADS {
            for name in *names {
                assert_eq!(Column::read(&name.to_uppercase()), Some(*column), "{name}");
            }
        }
    }
}

//! A value of the file as the kind that is asked for.

use super::fault::Wrong;
use std::borrow::Cow;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// A value with its place in the file.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lexeme {
    /// In quotes.
    Text,
    /// As a whole number.
    Number,
}

/// The text of a scalar.
pub(super) fn scalar(node: &Node<'_>, lexeme: Lexeme) -> Result<Cow<'static, str>, Wrong> {
    match (node.get_ref(), lexeme) {
        (DeValue::String(text), Lexeme::Text) => Ok(text.to_string().into()),
        (DeValue::Integer(number), Lexeme::Number) => Ok(number.to_string().into()),
        (other, Lexeme::Text) => Err(other_kind("string", other)),
        (other, Lexeme::Number) => Err(other_kind("integer", other)),
    }
}

pub(super) fn array<'n, 'a>(node: &'n Node<'a>) -> Result<&'n DeArray<'a>, Wrong> {
    node.get_ref().as_array().ok_or_else(|| other_kind("array", node.get_ref()))
}

pub(super) fn table<'n, 'a>(node: &'n Node<'a>) -> Result<&'n DeTable<'a>, Wrong> {
    node.get_ref().as_table().ok_or_else(|| other_kind("table", node.get_ref()))
}

fn other_kind(wanted: &'static str, found: &DeValue<'_>) -> Wrong {
    let found = found.type_str();
    Wrong::new(
        format!("要{},写的是{}", chinese(wanted), chinese(found)),
        format!("must be of type {wanted}, is {found}"),
    )
}

fn chinese(kind: &str) -> &str {
    match kind {
        "string" => "带引号的文字",
        "integer" => "整数",
        "float" => "小数",
        "boolean" => "真假值",
        "datetime" => "时间",
        "array" => "列表",
        _ => "表",
    }
}

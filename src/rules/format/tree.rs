//! A rule file as values and the comments that belong to them, without its spacing.

use toml_edit::{
    Array, ArrayOfTables, Decor, DocumentMut, InlineTable, Item, Key, RawString, Table, TableLike, Value,
};

/// A value with what is said about it.
pub(super) struct Node {
    /// The comment lines above; an empty one parts paragraphs.
    pub above: Vec<String>,
    /// The key as written; none in a list.
    pub key: Option<String>,
    pub value: Tree,
    /// The comment on the same line.
    pub beside: Option<String>,
}

pub(super) enum Tree {
    /// Anything that holds nothing else, as written.
    Leaf(String),
    /// Its items and the comment lines after the last of them.
    List(Vec<Node>, Vec<String>),
    /// The same of a table, however it was written.
    Table(Vec<Node>, Vec<String>),
}

/// The top of a file.
pub(super) fn read(document: &DocumentMut) -> Vec<Node> {
    table(document.as_table())
}

/// What stands after the last value of a file.
pub(super) fn trailing(document: &DocumentMut) -> String {
    format!("{}\n", text(Some(document.trailing())))
}

/// The comment lines of what stands above something, with one empty line for every gap after one.
pub(super) fn paragraphs(raw: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in raw.rsplit_once('\n').map_or("", |(above, _)| above).split('\n').map(str::trim) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line.to_owned());
        }
    }
    lines
}

fn text(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

fn prefix(decor: &Decor) -> &str {
    text(decor.prefix())
}

fn beside(decor: &Decor) -> Option<String> {
    let comment = text(decor.suffix()).trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}

fn table(table: &Table) -> Vec<Node> {
    let entries = table.iter().filter_map(|(name, _)| table.get_key_value(name));
    entries.filter_map(|(key, item)| entry(key, item)).collect()
}

fn entry(key: &Key, item: &Item) -> Option<Node> {
    let (above, value, beside) = match item {
        Item::None => return None,
        Item::Value(value) => (prefix(key.leaf_decor()), of_value(value), beside(value.decor())),
        Item::Table(inner) => {
            (prefix(inner.decor()), Tree::Table(table(inner), Vec::new()), beside(inner.decor()))
        }
        Item::ArrayOfTables(tables) => ("", of_tables(tables), None),
    };
    Some(Node { above: paragraphs(above), key: Some(key.display_repr().into_owned()), value, beside })
}

fn of_tables(tables: &ArrayOfTables) -> Tree {
    let node = |inner: &Table| Node {
        above: paragraphs(prefix(inner.decor())),
        key: None,
        value: Tree::Table(table(inner), Vec::new()),
        beside: beside(inner.decor()),
    };
    Tree::List(tables.iter().map(node).collect(), Vec::new())
}

fn of_value(value: &Value) -> Tree {
    match value {
        Value::Array(array) => of_array(array),
        Value::InlineTable(inline) => of_inline(inline),
        scalar => {
            let mut bare = scalar.clone();
            bare.decor_mut().clear();
            Tree::Leaf(bare.to_string().trim().to_owned())
        }
    }
}

fn of_array(array: &Array) -> Tree {
    let mut inside = Inside::default();
    for value in array {
        inside.pass(prefix(value.decor()));
        inside.put(None, of_value(value));
        inside.pass(text(value.decor().suffix()));
    }
    inside.pass(text(Some(array.trailing())));
    Tree::List(inside.nodes, inside.waiting)
}

fn of_inline(inline: &InlineTable) -> Tree {
    let mut inside = Inside::default();
    for (key, item) in inline.iter().filter_map(|(name, _)| TableLike::get_key_value(inline, name)) {
        let Some(value) = item.as_value() else { continue };
        inside.pass(prefix(key.leaf_decor()));
        inside.put(Some(key.display_repr().into_owned()), of_value(value));
        inside.pass(text(value.decor().suffix()));
    }
    inside.pass(text(Some(inline.trailing())));
    Tree::Table(inside.nodes, inside.waiting)
}

/// Gives the comments inside brackets to the values they stand beside or above.
#[derive(Default)]
struct Inside {
    nodes: Vec<Node>,
    waiting: Vec<String>,
}

impl Inside {
    /// What stands between two values: the rest of a line, then whole lines.
    fn pass(&mut self, raw: &str) {
        let (rest, lines) = raw.split_once('\n').unwrap_or((raw, ""));
        let rest = rest.trim();
        match self.nodes.last_mut() {
            _ if rest.is_empty() => {}
            Some(last) if last.beside.is_none() && self.waiting.is_empty() => {
                last.beside = Some(rest.to_owned());
            }
            _ => self.waiting.push(rest.to_owned()),
        }
        let comments = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        self.waiting.extend(comments.map(str::to_owned));
    }

    fn put(&mut self, key: Option<String>, value: Tree) {
        let above = std::mem::take(&mut self.waiting);
        self.nodes.push(Node { above, key, value, beside: None });
    }
}

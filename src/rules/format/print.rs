//! Writes values and comments down, each in its place.

use super::tree::{Node, Tree};
use crate::text::is_ideograph;

/// How wide a line gets, an ideograph counting as two.
const WIDTH: usize = 100;
const INDENT: &str = "  ";
/// Written as tables of their own, with a head in brackets, in this order.
const SECTIONS: [&str; 5] = ["pack", "rule", "reply", "basis", "policy"];
/// The table inside a section that has a head of its own.
const TESTS: &str = "tests";
/// Lists of short words, several a line. Of any other list a line holds one item.
const FILLED: [&str; 14] = [
    "phrases",
    "allow",
    "aliases",
    "basis",
    "replies",
    "fold",
    "detect",
    "channels",
    "keywords",
    "needs",
    "industries",
    "departments",
    "all",
    "without",
];
/// The order of keys, in every table that has them.
const ORDER: &[&str] = &[
    "schema",
    "id",
    "name",
    "title",
    "owner",
    "instrument",
    "article",
    "source",
    "as_of",
    "verified",
    "notice",
    "action",
    "state",
    "severity",
    "departments",
    "exclude_departments",
    "industries",
    "sender_tags",
    "contact_tags",
    "keywords",
    "needs",
    "basis",
    "phrases",
    "near",
    "all",
    "within",
    "ordered",
    "without",
    "detect",
    "allow",
    "text",
    "span",
    "gap",
    "fold",
    "aliases",
    "boundary",
    "negation",
    "channels",
    "scope",
    "valid_from",
    "valid_to",
    "says",
    "native",
    "why",
    "fix",
    "replies",
    "approved_by",
    "approved_on",
    "expires_on",
    "scripts",
    "policy",
    "require_reason",
    "require_approval",
    "must_hit",
    "must_pass",
    "todo_hit",
    "todo_pass",
    "max_benign",
];

fn rank(node: &Node) -> usize {
    let key = node.key.as_deref().unwrap_or_default();
    ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len())
}

fn in_order(mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.sort_by_key(rank);
    nodes
}

/// The whole file.
pub(super) fn document(nodes: Vec<Node>, tail: &[String]) -> String {
    let is_section = |node: &Node| {
        SECTIONS.contains(&node.key.as_deref().unwrap_or_default()) && !matches!(node.value, Tree::Leaf(_))
    };
    let (mut sections, plain): (Vec<_>, Vec<_>) = nodes.into_iter().partition(is_section);
    sections.sort_by_key(|node| SECTIONS.iter().position(|name| node.key.as_deref() == Some(*name)));
    let mut out = String::new();
    for node in in_order(plain) {
        comments(&node.above, true, &mut out);
        entry(&node, &mut out);
    }
    for node in sections {
        section(node, &mut out);
    }
    if !tail.is_empty() {
        part(&mut out);
        comments(tail.strip_suffix(&[String::new()]).unwrap_or(tail), true, &mut out);
    }
    out
}

/// An empty line between what stands and what comes.
fn part(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

fn comments(lines: &[String], gaps: bool, out: &mut String) {
    for line in lines.iter().filter(|line| gaps || !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
}

fn section(node: Node, out: &mut String) {
    let Node { above, key, value, beside } = node;
    let key = key.unwrap_or_default();
    match value {
        Tree::Table(nodes, tail) => headed(&above, &format!("[{key}]"), beside, nodes, &tail, out),
        Tree::List(items, tail) => {
            let mut above = above;
            for item in items {
                above.extend(item.above);
                let Tree::Table(nodes, tail) = item.value else { continue };
                headed(&above, &format!("[[{key}]]"), item.beside, nodes, &tail, out);
                above.clear();
            }
            comments(&tail, false, out);
        }
        Tree::Leaf(_) => {}
    }
}

fn headed(
    above: &[String],
    head: &str,
    beside: Option<String>,
    nodes: Vec<Node>,
    tail: &[String],
    out: &mut String,
) {
    part(out);
    comments(above, true, out);
    line(head, beside.as_deref(), out);
    let name = head.trim_matches(['[', ']']);
    let (tests, nodes): (Vec<_>, Vec<_>) = nodes.into_iter().partition(is_tests);
    comments(tail, false, out);
    body(nodes, out);
    for node in tests {
        let Tree::Table(nodes, tail) = node.value else { continue };
        comments(&node.above, false, out);
        line(&format!("[{name}.{TESTS}]"), node.beside.as_deref(), out);
        // A comment at the end would belong to whatever comes next.
        comments(&tail, false, out);
        body(nodes, out);
    }
}

fn is_tests(node: &Node) -> bool {
    node.key.as_deref() == Some(TESTS) && matches!(node.value, Tree::Table(..))
}

fn body(nodes: Vec<Node>, out: &mut String) {
    for node in in_order(nodes) {
        comments(&node.above, false, out);
        entry(&node, out);
    }
}

fn line(text: &str, beside: Option<&str>, out: &mut String) {
    out.push_str(text);
    if let Some(comment) = beside {
        out.push_str(INDENT);
        out.push_str(comment);
    }
    out.push('\n');
}

fn entry(node: &Node, out: &mut String) {
    line(&assignment(node, ""), node.beside.as_deref(), out);
}

fn assignment(node: &Node, indent: &str) -> String {
    let Some(key) = &node.key else { return value(&node.value, indent, 0, false) };
    let used = width(indent) + width(key) + " = ".len();
    let filled = FILLED.contains(&key.as_str());
    format!("{key} = {}", value(&node.value, indent, used, filled))
}

/// A value whose first line begins at column `used`.
fn value(tree: &Tree, indent: &str, used: usize, filled: bool) -> String {
    let one_line = one_line(tree);
    match (tree, one_line) {
        (Tree::Leaf(text), _) => text.clone(),
        (Tree::Table(..), Some(text)) => text,
        (Tree::List(nodes, _), Some(text)) if used + width(&text) <= WIDTH && (filled || nodes.len() < 2) => {
            text
        }
        (Tree::List(nodes, _), Some(_)) if filled => fill(nodes, indent),
        (Tree::List(nodes, tail), _) => lines(["[", "]"], nodes.iter().collect(), tail, indent),
        (Tree::Table(nodes, tail), _) => lines(["{", "}"], sorted(nodes), tail, indent),
    }
}

fn sorted(nodes: &[Node]) -> Vec<&Node> {
    let mut nodes: Vec<_> = nodes.iter().collect();
    nodes.sort_by_key(|node| rank(node));
    nodes
}

/// On one line, if no comment and no text of several lines asks for more.
fn one_line(tree: &Tree) -> Option<String> {
    let joined = |nodes: &[&Node], tail: &[String]| {
        let parts: Option<Vec<String>> = nodes.iter().map(|node| bare(node)).collect();
        parts.filter(|_| tail.is_empty()).map(|parts| parts.join(", "))
    };
    match tree {
        Tree::Leaf(text) => (!text.contains('\n')).then(|| text.clone()),
        Tree::List(nodes, tail) => {
            joined(&nodes.iter().collect::<Vec<_>>(), tail).map(|inside| format!("[{inside}]"))
        }
        Tree::Table(nodes, tail) => joined(&sorted(nodes), tail).map(|inside| match inside.is_empty() {
            true => "{}".to_owned(),
            false => format!("{{ {inside} }}"),
        }),
    }
}

fn bare(node: &Node) -> Option<String> {
    let has_comment = node.above.iter().any(|line| !line.is_empty()) || node.beside.is_some();
    let text = one_line(&node.value).filter(|_| !has_comment)?;
    Some(node.key.as_ref().map_or_else(|| text.clone(), |key| format!("{key} = {text}")))
}

/// As many on each line as fit.
fn fill(nodes: &[Node], indent: &str) -> String {
    let inner = format!("{indent}{INDENT}");
    let (mut out, mut used) = ("[".to_owned(), WIDTH);
    for item in nodes.iter().filter_map(bare) {
        let needed = 1 + width(&item) + 1;
        if used + needed > WIDTH {
            out.push('\n');
            out.push_str(&inner);
            used = width(&inner) + needed - 1;
        } else {
            out.push(' ');
            used += needed;
        }
        out.push_str(&item);
        out.push(',');
    }
    format!("{out}\n{indent}]")
}

/// One on each line, with its comments.
fn lines([open, close]: [&str; 2], nodes: Vec<&Node>, tail: &[String], indent: &str) -> String {
    let inner = format!("{indent}{INDENT}");
    let mut out = format!("{open}\n");
    let indented = |comments: &[String], out: &mut String| {
        for comment in comments.iter().filter(|comment| !comment.is_empty()) {
            line(&format!("{inner}{comment}"), None, out);
        }
    };
    for node in nodes {
        indented(&node.above, &mut out);
        line(&format!("{inner}{},", assignment(node, &inner)), node.beside.as_deref(), &mut out);
    }
    indented(tail, &mut out);
    format!("{out}{indent}{close}")
}

/// Columns on a screen, near enough.
fn width(text: &str) -> usize {
    let wide = |ch: char| is_ideograph(ch) || ('\u{2E80}'..='\u{FFEF}').contains(&ch);
    text.chars().map(|ch| 1 + usize::from(wide(ch))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::{Table, Value};

    fn keys(table: &Table, found: &mut Vec<String>) {
        for (key, value) in table {
            found.push(key.clone());
            let lists = value.as_array().into_iter().flatten();
            lists.chain([value]).filter_map(Value::as_table).for_each(|inner| keys(inner, found));
        }
    }

    #[test]
    fn every_key_of_a_rule_has_its_place() {
        let mut found = Vec::new();
        keys(&toml::from_str(include_str!("../../../fixtures/rules/ok/finance.toml")).unwrap(), &mut found);
        let known = |key: &str| ORDER.contains(&key) || SECTIONS.contains(&key) || key == TESTS;
        let lost: Vec<_> = found.iter().filter(|key| !known(key)).collect();
        assert_eq!(lost, [""; 0]);
    }
}

//! Puts what a sheet adds into the text of a pack, and leaves everything else as it stands.

use super::plan::{Addition, Plan};
use crate::rules::format::format;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// The pack's text with the plan's additions; `None` when the text is no TOML. A file that is
/// formatted stays so; without a text there comes a new pack.
pub fn append(text: Option<&str>, pack: &str, plan: &Plan) -> Option<String> {
    let fresh = fresh(pack);
    let before = text.unwrap_or(&fresh);
    let mut document: DocumentMut = before.strip_prefix('\u{FEFF}').unwrap_or(before).parse().ok()?;
    let rules = document.entry("rule").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let rules = rules.as_array_of_tables_mut()?;
    for addition in &plan.additions {
        put(rules, addition);
    }
    let after = document.to_string();
    let was_formatted = text.is_none_or(|text| format(text).as_deref() == Some(text));
    if was_formatted { format(&after) } else { Some(after) }
}

fn fresh(pack: &str) -> String {
    format!("schema = 1\n\n[pack]\nid = {}\n", Value::from(pack))
}

fn put(rules: &mut ArrayOfTables, addition: &Addition) {
    let is_it = |rule: &Table| rule.get("id").and_then(Item::as_str) == Some(&addition.id);
    if let Some(rule) = rules.iter_mut().find(|rule| is_it(rule)) {
        extend(rule, addition);
        return;
    }
    let mut rule = Table::new();
    rule.insert("id", toml_edit::value(&addition.id));
    for (key, text) in addition.new.iter().flatten() {
        rule.insert(key, toml_edit::value(text));
    }
    extend(&mut rule, addition);
    rules.push(rule);
}

fn extend(rule: &mut Table, addition: &Addition) {
    for (key, texts) in addition.lists.iter().filter(|(_, texts)| !texts.is_empty()) {
        let owner: &mut dyn toml_edit::TableLike = match *key {
            "must_hit" | "must_pass" => match inner(rule, "tests", Item::Table(Table::new())) {
                Some(tests) => tests,
                None => continue,
            },
            "industries" => match inner(rule, "scope", toml_edit::value(InlineTable::new())) {
                Some(scope) => scope,
                None => continue,
            },
            _ => rule,
        };
        let list = owner.entry(key).or_insert_with(|| toml_edit::value(Array::new()));
        if let Some(list) = list.as_array_mut() {
            texts.iter().for_each(|text| add(list, text));
        }
    }
}

fn inner<'r>(rule: &'r mut Table, key: &str, empty: Item) -> Option<&'r mut dyn toml_edit::TableLike> {
    rule.entry(key).or_insert(empty).as_table_like_mut()
}

/// Adds a text that is not there yet. A comment after the last item stays behind that item.
fn add(list: &mut Array, text: &str) {
    if list.iter().any(|value| value.as_str() == Some(text)) {
        return;
    }
    let trailing = list.trailing().as_str().unwrap_or_default().to_owned();
    if trailing.contains('#') {
        let mut value = Value::from(text);
        value.decor_mut().set_prefix(format!("{}\n  ", trailing.trim_end()));
        value.decor_mut().set_suffix("");
        list.push_formatted(value);
        list.set_trailing("\n");
    } else {
        list.push(text);
    }
}

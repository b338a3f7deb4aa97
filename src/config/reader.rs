//! The file and the environment on one side; on the other what was read and what is wrong.

use super::fault::{ConfigFault, Place, Wrong};
use super::key::{self, TABLES, Table};
use super::node::Node;
use super::row::Row;
use super::secret;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One key as it was read, for people who ask where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Table and name, for example `server.listen`; `app.2.token` for the second `[[app]]`.
    pub key: String,
    /// The value as written; of a secret, and of what has no value, only whether it is set.
    pub value: String,
    /// Where it was written.
    pub origin: Place,
}

/// Reads tables and writes down what it meets.
pub(super) struct Reader<'a> {
    root: &'a DeTable<'a>,
    text: &'a str,
    path: &'a Path,
    env: Env<'a>,
    corps: BTreeSet<&'a str>,
    broken_lines: BTreeSet<usize>,
    taken: BTreeMap<(&'static str, String), Place>,
    settings: Vec<Setting>,
    faults: Vec<ConfigFault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a DeTable<'a>, text: &'a str, path: &'a Path, env: Env<'a>) -> Self {
        let corps = corps(root);
        let (broken_lines, taken) = (BTreeSet::new(), BTreeMap::new());
        Self { root, text, path, env, corps, broken_lines, taken, settings: Vec::new(), faults: Vec::new() }
    }

    /// Writes down what is no TOML at all. Other faults on the same lines would only be echoes.
    pub(super) fn syntax(&mut self, errors: &[toml::de::Error]) {
        for error in errors {
            let (line, column) = self.position(error.span().unwrap_or_default().start);
            let wrong = Wrong::new(format!("不是 TOML:{}", error.message()), error.message());
            let place = Place::File { file: self.file(), at: Some((line, column)) };
            self.faults.push(ConfigFault::new(place, wrong));
            self.broken_lines.insert(line);
        }
    }

    /// Everything written down, the faults in the order of the file.
    pub(super) fn finish(mut self) -> (Vec<Setting>, Vec<ConfigFault>) {
        self.faults.sort_by(|a, b| a.place.cmp(&b.place));
        (self.settings, self.faults)
    }

    /// Finds tables that don't exist or stand in the wrong brackets.
    pub(super) fn check_tables(&mut self) {
        for (name, node) in self.root {
            let wrong = match (key::table(name.get_ref()), node.get_ref()) {
                (None, node) => unknown_table(name.get_ref(), node),
                (Some(table), DeValue::Array(_)) if table.many => continue,
                (Some(table), DeValue::Table(_)) if !table.many => continue,
                (Some(table), _) => wrong_brackets(table),
            };
            self.fault(self.at(name), wrong);
        }
    }

    /// The table that stands at most once; absent, it has no keys.
    pub(super) fn one(&mut self, table: &'static Table) -> Row<'_, 'a> {
        let node = self.root.get(table.name);
        let place = node.map_or_else(|| self.whole_file(), |node| self.at(node));
        let entries = node.and_then(|node| node.get_ref().as_table());
        Row::new(self, table, table.name.to_owned(), entries, place)
    }

    /// Reads each row of the table that may stand several times. `None` when one is faulty.
    pub(super) fn many<T>(
        &mut self,
        table: &'static Table,
        read: fn(&mut Row<'_, 'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let nodes = self.root.get(table.name).and_then(|node| node.get_ref().as_array());
        let mut items = Vec::new();
        for (index, node) in nodes.into_iter().flatten().enumerate() {
            let place = self.at(node);
            let Some(entries) = node.get_ref().as_table() else {
                self.fault(place, wrong_brackets(table));
                continue;
            };
            let label = format!("{}.{}", table.name, index + 1);
            items.push(read(&mut Row::new(self, table, label, Some(entries), place)));
        }
        items.into_iter().collect()
    }

    /// The text of a secret.
    pub(super) fn secret(&self, node: &Node<'_>) -> Result<String, Wrong> {
        secret::plain(node, self.env, self.dir())
    }

    /// The folder that relative paths count from.
    pub(super) fn dir(&self) -> &'a Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Every company the file names.
    pub(super) fn corps(&self) -> &BTreeSet<&'a str> {
        &self.corps
    }

    pub(super) fn env(&self, name: &str) -> Option<String> {
        (self.env)(name)
    }

    /// Where a piece of the file starts.
    pub(super) fn at<T>(&self, piece: &Spanned<T>) -> Place {
        Place::File { file: self.file(), at: Some(self.position(piece.span().start)) }
    }

    /// Writes down one fault, unless its line is no TOML anyway.
    pub(super) fn fault(&mut self, place: Place, wrong: Wrong) {
        let line = match &place {
            Place::File { at, .. } => at.map(|(line, _)| line),
            _ => None,
        };
        if !line.is_some_and(|line| self.broken_lines.contains(&line)) {
            self.faults.push(ConfigFault::new(place, wrong));
        }
    }

    /// Writes down that a value is missing, unless a syntax error may have swallowed it.
    pub(super) fn missing(&mut self, place: Place, wrong: Wrong) {
        if self.broken_lines.is_empty() {
            self.fault(place, wrong);
        }
    }

    pub(super) fn note(&mut self, setting: Setting) {
        self.settings.push(setting);
    }

    /// Claims `name` for the one at `place`; gives back who has it already.
    pub(super) fn claim(&mut self, kind: &'static str, name: String, place: Place) -> Option<Place> {
        use std::collections::btree_map::Entry;
        match self.taken.entry((kind, name)) {
            Entry::Occupied(first) => Some(first.get().clone()),
            Entry::Vacant(free) => {
                free.insert(place);
                None
            }
        }
    }

    fn file(&self) -> String {
        self.path.display().to_string()
    }

    fn whole_file(&self) -> Place {
        Place::File { file: self.file(), at: None }
    }

    /// Line and column of a byte, both from 1; a byte order mark takes no column.
    fn position(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let column = line.chars().filter(|c| *c != '\u{feff}').count();
        (before.matches('\n').count() + 1, column + 1)
    }
}

/// Every `corp_id` of every table that may stand several times.
fn corps<'a>(root: &'a DeTable<'a>) -> BTreeSet<&'a str> {
    let tables = TABLES.iter().filter(|table| table.many).filter_map(|table| root.get(table.name));
    let rows = tables.filter_map(|node| node.get_ref().as_array()).flatten();
    rows.filter_map(|row| row.get_ref().as_table()?.get("corp_id")?.get_ref().as_str()).collect()
}

fn unknown_table(name: &DeString<'_>, node: &DeValue<'_>) -> Wrong {
    let home = TABLES.iter().find(|table| table.key(name).is_some());
    match home {
        Some(table) if !node.is_table() => Wrong::new(
            format!("「{name}」要放在 [{}] 下面", table.name),
            format!("`{name}` belongs under [{}]", table.name),
        ),
        _ => Wrong::unknown(("表", "table"), name, TABLES.iter().map(|table| table.name)),
    }
}

fn wrong_brackets(table: &Table) -> Wrong {
    let (open, close) = if table.many { ("[[", "]]") } else { ("[", "]") };
    let header = format!("{open}{}{close}", table.name);
    Wrong::new(format!("要写成 {header}"), format!("must be written {header}"))
}

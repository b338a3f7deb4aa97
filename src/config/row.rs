//! One table of the file, key by key.
//!
//! A method answers `None` for a value that is absent or faulty. The fault is then already
//! written down, so the caller goes on and reads the other keys before it gives up.

use super::LOCAL_CORP;
use super::fault::{Place, Wrong};
use super::key::{Absent, Table};
use super::node::{self, Lexeme, Node};
use super::reader::{Reader, Setting};
use super::value;
use crate::model::{CorpId, Secret};
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// A value before it is understood.
enum Raw<'a> {
    /// From the file.
    Node(&'a Node<'a>, Place),
    /// From the environment, or a default.
    Text(Cow<'static, str>, Place),
}

/// One `[table]` or one row of a `[[table]]`.
pub(super) struct Row<'r, 'a> {
    reader: &'r mut Reader<'a>,
    table: &'static Table,
    label: String,
    entries: Option<&'a DeTable<'a>>,
    place: Place,
}

impl<'r, 'a> Row<'r, 'a> {
    /// `label` names the row in settings, `place` is where its header stands. Unknown keys are
    /// found here.
    pub(super) fn new(
        reader: &'r mut Reader<'a>,
        table: &'static Table,
        label: String,
        entries: Option<&'a DeTable<'a>>,
        place: Place,
    ) -> Self {
        for (name, _) in entries.into_iter().flatten() {
            if table.key(name.get_ref()).is_none() {
                let known = table.keys.iter().map(|key| key.name);
                let wrong = Wrong::unknown(("键", "key"), name.get_ref(), known);
                reader.fault(reader.at(name), wrong);
            }
        }
        Self { reader, table, label, entries, place }
    }

    /// A string.
    pub(super) fn text<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        self.scalar(name, Lexeme::Text, parse)
    }

    /// A whole number from 1.
    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        self.scalar(name, Lexeme::Number, value::number)
    }

    fn scalar<T>(
        &mut self,
        name: &str,
        lexeme: Lexeme,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let (text, place) = match self.raw(name)? {
            Raw::Text(text, place) => (Ok(text), place),
            Raw::Node(node, place) => (node::scalar(node, lexeme), place),
        };
        let parsed = text.and_then(|text| Ok((parse(&text)?, text)));
        let (value, text) = self.settle(place.clone(), parsed)?;
        self.note(name, text.into_owned(), place);
        Some(value)
    }

    /// An array; in the environment, words apart by blanks or commas.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        lexeme: Lexeme,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let (words, place) = match self.raw(name)? {
            Raw::Text(text, place) => (words(&text, &place), place),
            Raw::Node(node, place) => (self.items(node, lexeme, &place)?, place),
        };
        let mut values = Vec::new();
        for (word, place) in &words {
            values.push(self.settle(place.clone(), parse(word)));
        }
        let shown: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
        self.note(name, shown.join(", "), place);
        values.into_iter().collect()
    }

    fn items(&mut self, node: &Node<'a>, lexeme: Lexeme, place: &Place) -> Option<Vec<(String, Place)>> {
        let array = self.settle(place.clone(), node::array(node))?;
        let mut items = Vec::new();
        for item in array {
            let place = self.reader.at(item);
            let word = self.settle(place.clone(), node::scalar(item, lexeme));
            items.push(word.map(|word| (word.into_owned(), place)));
        }
        items.into_iter().collect()
    }

    /// As [`Row::list`], with at least one item.
    pub(super) fn some<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, Wrong>) -> Option<Vec<T>> {
        let values = self.list(name, Lexeme::Text, parse)?;
        if values.is_empty() {
            self.fault(name, Wrong::new("至少要一项", "needs at least one item"));
        }
        Some(values)
    }

    /// A secret, written plainly or as `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub(super) fn secret(&mut self, name: &str, check: fn(&str) -> Result<(), Wrong>) -> Option<Secret> {
        let (secret, place) = match self.raw(name)? {
            Raw::Text(text, place) => (Ok(text.into_owned()), place),
            Raw::Node(node, place) => (self.reader.secret(node), place),
        };
        let checked = secret.and_then(|plain| value::sealed(plain, check));
        let secret = self.settle(place.clone(), checked)?;
        self.note(name, "set".to_owned(), place);
        Some(secret)
    }

    /// A table of names to values. The environment can't give one.
    pub(super) fn map<T>(
        &mut self,
        name: &str,
        check_key: fn(&str) -> Result<(), Wrong>,
        read: fn(&Reader<'a>, &Node<'a>) -> Result<T, Wrong>,
    ) -> Option<BTreeMap<String, T>> {
        let (node, place) = match self.raw(name)? {
            Raw::Node(node, place) => (node::table(node), place),
            Raw::Text(_, place) => {
                (Err(Wrong::new("这一项只能写在设置文件里", "stands in the settings file only")), place)
            }
        };
        let entries = self.settle(place.clone(), node)?;
        let mut map = Vec::new();
        for (key, node) in entries {
            let known = self.settle(self.reader.at(key), check_key(key.get_ref()));
            let value = self.settle(self.reader.at(node), read(self.reader, node));
            map.push(known.and(value).map(|value| (key.get_ref().to_string(), value)));
        }
        self.note(name, entries.keys().map(|key| &**key.get_ref()).collect::<Vec<_>>().join(", "), place);
        map.into_iter().collect()
    }

    /// The company of a row that need not name one: the only company there is, if none is named.
    pub(super) fn corp(&mut self) -> Option<CorpId> {
        let named = self.text("corp_id", value::text);
        if self.has("corp_id") {
            return named.map(CorpId::new);
        }
        let corps = self.reader.corps();
        if corps.len() > 1 {
            let all = corps.iter().copied().collect::<Vec<_>>().join(", ");
            let zh = format!("文件里有几家企业({all}),要写明 corp_id");
            self.missing(Wrong::new(zh, format!("needs corp_id: the file names several companies ({all})")));
            return None;
        }
        Some(CorpId::new(corps.first().copied().unwrap_or(LOCAL_CORP)))
    }

    /// Makes sure that no other `kind` of thing has the same `name`; the fault stands at `key`.
    pub(super) fn claim(&mut self, kind: &'static str, key: &str, name: &str) {
        let place = self.at(key);
        if let Some(first) = self.reader.claim(kind, name.to_owned(), place) {
            self.fault(key, Wrong::new(format!("与 {first} 重复"), format!("the same as at {first}")));
        }
    }

    /// Makes sure that `name` is given, which `because` asks for.
    pub(super) fn need(&mut self, name: &str, because: &str) {
        if !self.has(name) {
            let zh = format!("{because} 时要有 {name}");
            self.missing(Wrong::new(zh, format!("{because} needs {name}")));
        }
    }

    /// Writes down a fault of the key `name`.
    pub(super) fn fault(&mut self, name: &str, wrong: Wrong) {
        let place = self.at(name);
        self.reader.fault(place, wrong);
    }

    fn raw(&mut self, name: &str) -> Option<Raw<'a>> {
        if let Some((text, place)) = self.overriding(name) {
            return Some(Raw::Text(text.into(), place));
        }
        if let Some(node) = self.node(name) {
            return Some(Raw::Node(node, self.reader.at(node)));
        }
        match self.table.key(name)?.absent {
            Absent::Default(text) => return Some(Raw::Text(text.into(), Place::Default)),
            Absent::Unset => self.note(name, "not set".to_owned(), Place::Default),
            Absent::Required => self.missing(Wrong::new(format!("缺 {name}"), format!("{name} is missing"))),
        }
        None
    }

    fn overriding(&self, name: &str) -> Option<(String, Place)> {
        if self.table.many {
            return None;
        }
        let variable = self.table.variable(name);
        Some((self.reader.env(&variable)?, Place::Environment { name: variable }))
    }

    fn node(&self, name: &str) -> Option<&'a Node<'a>> {
        self.entries?.get(name)
    }

    fn has(&self, name: &str) -> bool {
        self.node(name).is_some() || self.overriding(name).is_some()
    }

    fn at(&self, name: &str) -> Place {
        let env = self.overriding(name).map(|(_, place)| place);
        env.or_else(|| Some(self.reader.at(self.node(name)?))).unwrap_or_else(|| self.place.clone())
    }

    fn settle<T>(&mut self, place: Place, outcome: Result<T, Wrong>) -> Option<T> {
        outcome.map_err(|wrong| self.reader.fault(place, wrong)).ok()
    }

    fn missing(&mut self, wrong: Wrong) {
        self.reader.missing(self.place.clone(), wrong);
    }

    fn note(&mut self, name: &str, value: String, origin: Place) {
        self.reader.note(Setting { key: format!("{}.{name}", self.label), value, origin });
    }
}

fn words(text: &str, place: &Place) -> Vec<(String, Place)> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    words.map(|word| (word.to_owned(), place.clone())).collect()
}

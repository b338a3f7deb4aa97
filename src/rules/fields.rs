//! Takes the values out of one TOML table, key by key, and reports what does not fit.
//!
//! Every key asked for is a known one; [`Fields::finish`] reports the rest with the nearest known key.

use super::diagnostic::{Code, Words};
use super::ids::{Ids, Kind};
use super::source::{At, Fault, Source};
use crate::model::Span;
use crate::scan::MAX_PHRASE_CHARS;
use crate::text::Folded;
use jiff::civil::Date;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The values a key may have, with their Chinese and English names.
pub(super) type Choices<T> = [(T, &'static str, &'static str)];

/// How much of a wrong value is quoted, in characters.
const QUOTED_CHARS: usize = 24;
/// A known key is named as the nearest when at most one character in this many differs, one at least.
const LIKENESS: usize = 3;

/// A value of the file, with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// One table while it is read.
pub(super) struct Fields<'t, 'f> {
    text: &'t str,
    table: &'t DeTable<'t>,
    span: Span,
    owner: Words,
    asked: Vec<&'static str>,
    faults: &'f mut Vec<Fault>,
}

/// The parser's range as our span.
pub(super) fn span(range: Range<usize>) -> Span {
    Span { start: range.start, end: range.end }
}

fn text_of(value: &DeValue<'_>) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn date_of(value: &DeValue<'_>) -> Option<Date> {
    let date = match value {
        DeValue::Datetime(at) if at.time.is_none() => at.date?,
        _ => return None,
    };
    let number = |part: u8| i8::try_from(part).ok();
    Date::new(i16::try_from(date.year).ok()?, number(date.month)?, number(date.day)?).ok()
}

impl<'t, 'f> Fields<'t, 'f> {
    /// `span` is the table's head; `owner` is how a missing key names the table, for example 规则 FIN-001.
    pub fn new(
        text: &'t str,
        table: &'t DeTable<'t>,
        span: Span,
        owner: impl Into<Words>,
        faults: &'f mut Vec<Fault>,
    ) -> Self {
        Self { text, table, span, owner: owner.into(), asked: Vec::new(), faults }
    }

    /// The table's head.
    pub fn span(&self) -> Span {
        self.span
    }

    /// From now on a missing key names the table like this.
    pub fn call(&mut self, owner: Words) {
        self.owner = owner;
    }

    /// Reports a fault of this table.
    pub fn report(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// How many faults the file has so far.
    pub fn fault_count(&self) -> usize {
        self.faults.len()
    }

    /// The table's id, which has to be there and not be taken.
    pub fn claimed_id(&mut self, kind: Kind, source: &Source, ids: &mut Ids) -> Option<At<String>> {
        let id = self.text_at("id");
        let id = self.require("id", id)?;
        self.faults.extend(ids.claim(kind, &id, source));
        Some(id)
    }

    /// What stands for the id of a table that has none.
    pub fn nameless(&self) -> At<String> {
        At { value: String::new(), span: self.span }
    }

    /// The value of `key`, whatever it is.
    fn value(&mut self, key: &'static str) -> Option<&'t Value<'t>> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// Whether the table has `key`.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn convert<T>(
        &mut self,
        key: &'static str,
        expected: impl FnOnce() -> Words,
        convert: impl FnOnce(&DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        let converted = convert(value.get_ref());
        if converted.is_none() {
            self.wrong(key, value, expected());
        }
        converted.map(|converted| At { value: converted, span: span(value.span()) })
    }

    fn wrong(&mut self, key: &'static str, value: &Value<'_>, expected: Words) {
        let written = value.get_ref().as_str().or_else(|| self.text.get(value.span())).unwrap_or_default();
        self.misfit(key, span(value.span()), expected, written);
    }

    fn misfit(&mut self, key: &'static str, span: Span, expected: Words, written: &str) {
        let found: String = written.chars().take(QUOTED_CHARS).collect();
        let fault = Fault::new(Code::WrongValue, span);
        self.faults.push(fault.with("key", key).with("expected", expected).with("found", found.as_str()));
    }

    /// Reports that `key` is missing, when `found` is `None` for that reason.
    pub fn require<T>(&mut self, key: &'static str, found: Option<T>) -> Option<T> {
        if found.is_none() && !self.has(key) {
            self.lacks(key);
        }
        found
    }

    /// Reports that `key` is missing.
    pub fn lacks(&mut self, key: &'static str) {
        let fault = Fault::new(Code::MissingKey, self.span);
        self.faults.push(fault.with("owner", self.owner.clone()).with("key", key));
    }

    /// A text that is not blank, with its place.
    pub fn text_at(&mut self, key: &'static str) -> Option<At<String>> {
        let expected =
            || Words::new("要写成不为空的文字,加英文引号", "must be a text that is not empty, in quotes");
        self.convert(key, expected, |value| text_of(value).filter(|text| !text.trim().is_empty()))
    }

    /// A text that may be empty.
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let expected = || Words::new("要写成文字,加英文引号", "must be a text in quotes");
        self.convert(key, expected, text_of).map(|at| at.value)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        let expected = || Words::new("只能是 true 或 false", "must be true or false");
        self.convert(key, expected, |value| value.as_bool()).map(|at| at.value)
    }

    /// A day.
    pub fn date(&mut self, key: &'static str) -> Option<Date> {
        let expected = || Words::new("要写成日期,如 2026-11-01", "must be a day such as 2026-11-01");
        self.convert(key, expected, date_of).map(|at| at.value)
    }

    /// A whole number in `range`.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<u8>) -> Option<u8> {
        let (low, high) = (*range.start(), *range.end());
        let expected = || match low == high {
            true => Words::new(format!("只能是 {low}"), format!("must be {low}")),
            false => Words::new(
                format!("只能是 {low} 到 {high} 的整数"),
                format!("must be a whole number from {low} to {high}"),
            ),
        };
        let in_range = |value: &DeValue<'_>| {
            let number = value.as_integer()?;
            u8::from_str_radix(number.as_str(), number.radix()).ok().filter(|number| range.contains(number))
        };
        self.convert(key, expected, in_range).map(|at| at.value)
    }

    /// One of `choices`, by its Chinese or English name.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &Choices<T>) -> Option<T> {
        let value = self.value(key)?;
        self.choose(key, value, choices)
    }

    fn choose<T: Copy>(&mut self, key: &'static str, value: &Value<'t>, choices: &Choices<T>) -> Option<T> {
        let chosen = value.get_ref().as_str().and_then(|name| {
            choices.iter().find(|(_, zh, en)| name == *zh || name == *en).map(|(choice, ..)| *choice)
        });
        if chosen.is_none() {
            self.wrong(key, value, one_of(choices));
        }
        chosen
    }

    /// The items of a list; none when the key is absent.
    pub fn list(&mut self, key: &'static str) -> &'t [Value<'t>] {
        let Some(value) = self.value(key) else { return &[] };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, Words::new("要写成列表,放在 [ ] 里", "must be a list, in [ ]"));
            return &[];
        };
        items
    }

    /// A list of texts, none of them blank, each with its place.
    pub fn texts_at(&mut self, key: &'static str) -> Vec<At<String>> {
        self.list(key).iter().filter_map(|item| self.item(key, item)).collect()
    }

    /// A list of texts, none of them blank.
    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        self.texts_at(key).into_iter().map(|at| at.value).collect()
    }

    /// A list of which every item is one of `choices`.
    pub fn choices<T: Copy>(&mut self, key: &'static str, choices: &Choices<T>) -> Vec<T> {
        self.list(key).iter().filter_map(|item| self.choose(key, item, choices)).collect()
    }

    /// One item of the list `key` as a text that is not blank.
    pub fn item(&mut self, key: &'static str, item: &Value<'t>) -> Option<At<String>> {
        let text = text_of(item.get_ref()).filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let expected = "里的每一项都要写成不为空的文字,加英文引号";
            self.wrong(key, item, Words::new(expected, "holds texts that are not empty, in quotes"));
        }
        text.map(|value| At { value, span: span(item.span()) })
    }

    /// One item of the list `key` as a phrase the engine can look for.
    pub fn word(&mut self, key: &'static str, item: &Value<'t>) -> Option<At<String>> {
        self.item(key, item).filter(|word| self.is_word(key, word))
    }

    /// Whether the engine can look for the phrase; reported when not.
    pub fn is_word(&mut self, key: &'static str, phrase: &At<String>) -> bool {
        let chars = Folded::of(&phrase.value).words_len();
        match chars {
            0 => self.report(Fault::new(Code::EmptyPhrase, phrase.span)),
            1..=MAX_PHRASE_CHARS => {}
            _ => {
                let most = MAX_PHRASE_CHARS;
                let expected =
                    Words::new(format!("最多 {most} 个字"), format!("has at most {most} characters"));
                self.misfit(key, phrase.span, expected, &phrase.value);
            }
        }
        (1..=MAX_PHRASE_CHARS).contains(&chars)
    }

    /// The table under `key`, to be read by itself.
    pub fn table(&mut self, key: &'static str) -> Option<Fields<'t, '_>> {
        let value = self.value(key)?;
        self.inner(key, value)
    }

    /// A value of `key` that has to be a table, to be read by itself.
    pub fn inner(&mut self, key: &'static str, value: &'t Value<'t>) -> Option<Fields<'t, '_>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(key, value, Words::new("要写成 { 字段 = 值 }", "must be { key = value }"));
            return None;
        };
        Some(Fields::new(self.text, table, span(value.span()), key, self.faults))
    }

    /// Reports every key that was not asked for; returns how many faults the file then has.
    pub fn finish(self) -> usize {
        for key in self.table.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())) {
            let fault = Fault::new(Code::UnknownKey, span(key.span()));
            let known = self.asked.join(", ");
            self.faults.push(
                fault
                    .with("nearest", nearest(key.get_ref(), self.asked.iter().copied()))
                    .with("known", known.as_str())
                    .with("key", key.get_ref().as_ref()),
            );
        }
        self.faults.len()
    }
}

/// How people call a choice.
pub(super) fn called<T: Copy + PartialEq>(choices: &Choices<T>, choice: T) -> Words {
    let found = choices.iter().find(|(own, ..)| *own == choice);
    found.map_or_else(|| Words::from(""), |(_, zh, en)| Words::new(*zh, *en))
}

fn one_of<T>(choices: &Choices<T>) -> Words {
    let zh: Vec<_> = choices.iter().map(|(_, zh, _)| *zh).collect();
    let en: Vec<_> = choices.iter().map(|(.., en)| *en).collect();
    Words::new(format!("只能是 {}", zh.join("/")), format!("must be {}", en.join("/")))
}

/// The question whether the most similar of `known` is meant; empty when none is similar.
pub(super) fn nearest<'k>(unknown: &str, known: impl IntoIterator<Item = &'k str>) -> Words {
    let most = (unknown.chars().count() / LIKENESS).max(1);
    let best = known.into_iter().map(|key| (strsim::damerau_levenshtein(unknown, key), key)).min();
    match best {
        Some((edits, key)) if edits <= most => {
            Words::new(format!(",是不是 {key}?"), format!(", did you mean {key}?"))
        }
        _ => Words::from(""),
    }
}

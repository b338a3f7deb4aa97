//! The fold table: one look-up for each code point.
//!
//! Two levels: the code point's upper bits choose a page, its lower bits an entry. Pages without
//! any fold share one empty page, so ordinary text stays in a few cache lines.

use std::sync::LazyLock;

const ROWS: &str = include_str!("data/fold.tsv");
const PAGE_BITS: u32 = 6;
const PAGE: usize = 1 << PAGE_BITS;
const PAGES: usize = 0x11_0000 >> PAGE_BITS;

/// What a character is to a reader who looks for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A letter, digit or ideograph.
    Text,
    /// A blank, bracket, emoji, decoration.
    Symbol,
    /// `、` `,` `…`: the clause goes on.
    WeakStop,
    /// `。` `!` `?` `;` `:` `.` and the line end.
    StrongStop,
}

/// A set of ways in which a character was written differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Folds(u8);

impl Folds {
    /// Each fold and the name it has in a hit's `via`.
    const NAMES: [(&str, u8); 8] = [
        ("width", 1),
        ("case", 2),
        ("traditional", 4),
        ("style", 8),
        ("compat", 16),
        ("lookalike", 32),
        ("mark", 64),
        ("ignorable", 128),
    ];

    /// No fold.
    pub const NONE: Folds = Folds(0);

    /// Their names, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(_, bit)| self.0 & bit != 0).map(|(name, _)| name)
    }

    /// The folds of either.
    pub fn or(self, other: Folds) -> Folds {
        Folds(self.0 | other.0)
    }

    /// The folds that only one of the two has: what tells two writings of one character apart.
    pub fn differing(self, other: Folds) -> Folds {
        Folds(self.0 ^ other.0)
    }

    /// There is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Nothing but width, case and traditional: the writings that ordinary people use.
    pub fn are_everyday(self) -> bool {
        self.0 & !7 == 0
    }

    fn parse(names: &str) -> Folds {
        let bit = |name: &str| Self::NAMES.into_iter().find(|(known, _)| *known == name);
        Folds(names.split(',').filter_map(bit).fold(0, |bits, (_, bit)| bits | bit))
    }
}

/// One folded character: what a piece of the original becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The character after folding.
    pub ch: char,
    /// What it is to a reader.
    pub class: Class,
    /// The folds that led to it.
    pub folds: Folds,
}

/// One entry, packed: the target's code point or its place in `Table::many` in bits 0–20, the
/// kind in bits 21–23, the folds in bits 24–31. Zero means: stays as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry(u32);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Drop,
    One(Class),
    Many,
}

impl Entry {
    const SAME: Entry = Entry(0);

    fn pack(kind: Kind, target: u32, folds: Folds) -> Self {
        let code = match kind {
            Kind::Same => 0,
            Kind::Drop => 1,
            Kind::Many => 2,
            Kind::One(Class::Text) => 3,
            Kind::One(Class::Symbol) => 4,
            Kind::One(Class::WeakStop) => 5,
            Kind::One(Class::StrongStop) => 6,
        };
        Self(target | code << 21 | u32::from(folds.0) << 24)
    }

    fn kind(self) -> Kind {
        match (self.0 >> 21) & 7 {
            1 => Kind::Drop,
            2 => Kind::Many,
            3 => Kind::One(Class::Text),
            4 => Kind::One(Class::Symbol),
            5 => Kind::One(Class::WeakStop),
            6 => Kind::One(Class::StrongStop),
            _ => Kind::Same,
        }
    }

    fn target(self) -> u32 {
        self.0 & 0x1F_FFFF
    }

    fn folds(self) -> Folds {
        Folds(self.0.to_le_bytes()[3])
    }
}

/// What becomes of each code point under the folds that are always on.
pub struct Table {
    page_of: Box<[u16; PAGES]>,
    pages: Vec<[Entry; PAGE]>,
    many: Vec<Vec<Piece>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

impl Table {
    /// The one table; the first call reads it, which takes a millisecond or two.
    pub fn get() -> &'static Table {
        &TABLE
    }

    /// Hands over the folded characters that `ch` becomes: mostly one, none when it is dropped.
    #[inline]
    pub fn fold(&self, ch: char, mut visit: impl FnMut(Piece)) {
        let entry = self.entry(u32::from(ch));
        match entry.kind() {
            Kind::Same => visit(Piece { ch, class: Class::Text, folds: Folds::NONE }),
            Kind::Drop => {}
            Kind::One(class) => {
                let ch = char::from_u32(entry.target()).unwrap_or(ch);
                visit(Piece { ch, class, folds: entry.folds() });
            }
            Kind::Many => self.pieces(entry).iter().copied().for_each(visit),
        }
    }

    /// The folds that `ch` undergoes; of a dropped character, why it is dropped.
    pub fn folds_of(&self, ch: char) -> Folds {
        self.entry(u32::from(ch)).folds()
    }

    #[inline]
    fn entry(&self, code: u32) -> Entry {
        let code = code as usize;
        let page = self.page_of.get(code >> PAGE_BITS).copied().unwrap_or(0);
        let entries = self.pages.get(usize::from(page));
        entries.and_then(|page| page.get(code % PAGE)).copied().unwrap_or(Entry::SAME)
    }

    fn pieces(&self, entry: Entry) -> &[Piece] {
        self.many.get(entry.target() as usize).map(Vec::as_slice).unwrap_or_default()
    }

    fn read() -> Self {
        let mut table =
            Self { page_of: Box::new([0; PAGES]), pages: vec![[Entry::SAME; PAGE]], many: Vec::new() };
        ROWS.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(Row::parse)
            .for_each(|row| table.add(row));
        table.class_the_many();
        table
    }

    fn add(&mut self, row: Row<'_>) {
        for code in row.first..=row.last {
            let entry = self.entry_for(&row, code);
            self.set(code, entry);
        }
    }

    fn entry_for(&mut self, row: &Row<'_>, code: u32) -> Entry {
        let mut chars = row.target.chars();
        match (chars.next(), chars.next()) {
            (Some(first), Some(_)) if row.kind == Kind::One(Class::Text) => {
                let folded = |ch| Piece { ch, class: Class::Text, folds: row.folds };
                self.many.push([first].into_iter().chain(row.target.chars().skip(1)).map(folded).collect());
                Entry::pack(Kind::Many, (self.many.len() - 1) as u32, row.folds)
            }
            (Some(only), _) => Entry::pack(row.kind, u32::from(only), row.folds),
            (None, _) => Entry::pack(row.kind, code, row.folds),
        }
    }

    fn set(&mut self, code: u32, entry: Entry) {
        let code = code as usize;
        let Some(page) = self.page_of.get_mut(code >> PAGE_BITS) else { return };
        if *page == 0 {
            *page = self.pages.len() as u16;
            self.pages.push([Entry::SAME; PAGE]);
        }
        if let Some(slot) = self.pages.get_mut(usize::from(*page)).and_then(|page| page.get_mut(code % PAGE))
        {
            *slot = entry;
        }
    }

    /// Some characters become a word with a symbol in it (½ is 1⁄2): each part has its own class.
    fn class_the_many(&mut self) {
        let mut many = std::mem::take(&mut self.many);
        for piece in many.iter_mut().flatten() {
            if let Kind::One(class) = self.entry(u32::from(piece.ch)).kind() {
                piece.class = class;
            }
        }
        self.many = many;
    }
}

/// One line of the data: `first[..last]`, kind, target (nothing: itself), folds.
struct Row<'a> {
    first: u32,
    last: u32,
    kind: Kind,
    target: &'a str,
    folds: Folds,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut cells = line.split('\t');
        let codes = cells.next()?;
        let (first, last) = codes.split_once("..").unwrap_or((codes, codes));
        let hex = |text| u32::from_str_radix(text, 16).ok();
        let kind = match cells.next()? {
            "drop" => Kind::Drop,
            "symbol" => Kind::One(Class::Symbol),
            "weak" => Kind::One(Class::WeakStop),
            "strong" => Kind::One(Class::StrongStop),
            "text" => Kind::One(Class::Text),
            _ => return None,
        };
        let target = match cells.next()? {
            "\\n" => "\n",
            "\\s" => " ",
            other => other,
        };
        Some(Self { first: hex(first)?, last: hex(last)?, kind, target, folds: Folds::parse(cells.next()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|ch| Table::get().fold(ch, |piece| out.push(piece.ch)));
        out
    }

    #[test]
    fn every_line_of_the_data_is_understood() {
        let lines = ROWS.lines().filter(|line| !line.starts_with('#'));
        assert!(lines.clone().count() > 10_000);
        for line in lines {
            assert!(Row::parse(line).is_some(), "{line}");
        }
    }

    #[test]
    fn the_always_on_folds_reach_every_way_of_writing_a_character() {
        for (written, meant) in [
            ("１００％有效", "100%有效"),
            ("①⓪⓪%", "100%"),
            ("➀⓿¹𝟏٣", "10113"),
            ("加ⓆⓆ⒬🅠🆀🇶𝐐", "加qqqqqqq"),
            ("🈚㊙㈠⑴", "无秘一1"),
            ("無風險後", "无风险后"),
            ("⽆⾦率⻓⻋", "无金率长车"),
            ("МВА Р2Р", "mba p2p"),
            ("必̶过̶é", "必过e"),
            ("无\u{200b}风\u{fe0f}险\u{ad}", "无风险"),
            ("﹪٪％", "%%%"),
        ] {
            assert_eq!(folded(written), meant, "{written}");
        }
    }

    #[test]
    fn folding_a_folded_character_changes_nothing() {
        for ch in '\0'..=char::MAX {
            let once = folded(&ch.to_string());
            assert_eq!(folded(&once), once, "U+{:04X}", u32::from(ch));
        }
    }
}

//! `src/text/data/fold.tsv` is generated: this test makes it anew from its sources and compares.
//!
//! `REWRITE_FOLD_TABLE=1 cargo test --test fold_table` writes it.
#![expect(
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may stop at once and read its switch"
)]

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory as Gc};
use icu_properties::{CodePointMapData, CodePointSetData};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use unicode_normalization::UnicodeNormalization;

const OPENCC: &str = include_str!("../src/text/data/TSCharacters.txt");
const VARIANTS: &str = include_str!("../src/text/data/variants.txt");
const RADICALS: &str = include_str!("../src/text/data/radicals.txt");
const COMMITTED: &str = include_str!("../src/text/data/fold.tsv");

/// Cyrillic, Greek and other letters that are drawn like a Latin one, and that Latin letter.
/// Not Unicode's whole list of confusables: that also makes 1 an l and 0 an o.
const LOOKALIKES: &[(&str, &str)] = &[
    ("АВСЕНІЈКМОРЅТХУѴԚԜ", "ABCEHIJKMOPSTXYVQW"),
    ("авсенікмортхуѕјѵһӏԁԛԝ", "abcehikmoptxysjvhldqw"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
    ("αικνορτυχ", "aikvoptux"),
    ("ɑɡıⱪ", "agik"),
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "ABCDEFGHIJKLMNOPQRSTUVWYZ"),
];
/// Letters in a frame that Unicode does not decompose: the frame's first code point, its `A`.
const FRAMED_LETTERS: &[(u32, u32)] = &[(0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26)];
/// Digits in a frame that Unicode does not decompose: first code point, first number, how many.
const FRAMED_NUMBERS: &[(u32, u32, u32)] = &[
    (0x2776, 1, 10),
    (0x2780, 1, 10),
    (0x278A, 1, 10),
    (0x24EB, 11, 10),
    (0x24F5, 1, 10),
    (0x24FF, 0, 1),
    (0x1F10B, 0, 1),
    (0x1F10C, 0, 1),
];
/// Characters that stand between others as decoration although Unicode calls them letters.
const DECORATION: &str = "ーｰˆˇˉˊˋㆍ丶丨丿灬乄";
/// Signs that decompose into letters but are put between characters as decoration.
const SIGNS: &str = "™℠℡";
const WEAK_STOPS: &str = "、,…‥";
const STRONG_STOPS: &str = "。.!?;:\n";

/// One character's row: what becomes of it, into what, by which folds.
#[derive(Clone, PartialEq, Eq)]
struct Row {
    kind: &'static str,
    target: String,
    folds: BTreeSet<&'static str>,
}

impl Row {
    fn new(kind: &'static str, target: impl Into<String>, folds: BTreeSet<&'static str>) -> Self {
        Self { kind, target: target.into(), folds }
    }
}

struct Sources {
    category: icu_properties::CodePointMapDataBorrowed<'static, Gc>,
    ignorable: icu_properties::CodePointSetDataBorrowed<'static>,
    /// Each character's next form and the fold that leads to it.
    single: HashMap<char, (String, &'static str)>,
    simplified: HashMap<char, String>,
}

impl Sources {
    fn read() -> Self {
        Self {
            category: CodePointMapData::<Gc>::new(),
            ignorable: CodePointSetData::new::<DefaultIgnorableCodePoint>(),
            single: own_table(),
            simplified: two_columns(OPENCC).collect(),
        }
    }

    fn is_mark(&self, ch: char) -> bool {
        matches!(self.category.get(ch), Gc::NonspacingMark | Gc::EnclosingMark)
    }

    fn is_dropped(&self, ch: char) -> bool {
        let skin_tone = ('\u{1F3FB}'..='\u{1F3FF}').contains(&ch);
        let control = self.category.get(ch) == Gc::Control && !ch.is_whitespace() || ch == '\r';
        skin_tone || control || self.ignorable.contains(ch) || self.category.get(ch) == Gc::Format
    }

    fn is_symbol(&self, ch: char) -> bool {
        DECORATION.contains(ch) || ch.is_whitespace() || self.has_symbol_category(ch)
    }

    #[rustfmt::skip]
    fn has_symbol_category(&self, ch: char) -> bool {
        matches!(self.category.get(ch),
            Gc::MathSymbol | Gc::CurrencySymbol | Gc::ModifierSymbol | Gc::OtherSymbol
            | Gc::DashPunctuation | Gc::OpenPunctuation | Gc::ClosePunctuation | Gc::ConnectorPunctuation
            | Gc::InitialPunctuation | Gc::FinalPunctuation | Gc::OtherPunctuation
            | Gc::SpaceSeparator | Gc::LineSeparator | Gc::ParagraphSeparator | Gc::PrivateUse)
    }

    /// The row of a character, or `None` when it stays as it is.
    fn row(&self, ch: char) -> Option<Row> {
        if self.is_mark(ch) {
            return Some(Row::new("drop", "", BTreeSet::from(["mark"])));
        }
        if self.is_dropped(ch) {
            return Some(Row::new("drop", "", BTreeSet::from(["ignorable"])));
        }
        let (target, folds) = self.fold(ch);
        if self.is_symbol(ch) && (SIGNS.contains(ch) || target.chars().all(|c| self.is_symbol(c))) {
            return Some(self.symbol_row(ch, &target, folds));
        }
        (target != ch.to_string()).then(|| Row::new("text", target, folds))
    }

    fn symbol_row(&self, ch: char, target: &str, folds: BTreeSet<&'static str>) -> Row {
        let mut chars = target.chars();
        let (target, folds) = match (chars.next(), chars.next()) {
            (Some(only), None) if only != ch => (only, folds),
            _ => (ch, BTreeSet::new()),
        };
        let target = blank(target);
        let kind = match target {
            _ if WEAK_STOPS.contains(target) => "weak",
            _ if STRONG_STOPS.contains(target) => "strong",
            _ => "symbol",
        };
        let written = if target == ch { String::new() } else { escaped(target) };
        Row::new(kind, written, folds)
    }

    /// Folds one step at a time until nothing changes.
    fn fold(&self, ch: char) -> (String, BTreeSet<&'static str>) {
        let (mut done, mut todo, mut folds) = (String::new(), vec![ch], BTreeSet::new());
        let mut steps = 0;
        while let Some(next) = todo.pop() {
            match self.step(next) {
                Some((form, by)) => {
                    steps += 1;
                    assert!(steps < 32, "the folds of `{ch}` lead in a circle");
                    folds.insert(by);
                    todo.extend(form.chars().rev());
                }
                None if self.is_mark(next) || self.is_dropped(next) => {
                    folds.insert("mark");
                }
                None => done.push(next),
            }
        }
        (done, folds)
    }

    fn step(&self, ch: char) -> Option<(String, &'static str)> {
        if let Some((form, by)) = self.single.get(&ch) {
            return Some((form.clone(), by));
        }
        if let Some(digit) = self.decimal_digit(ch) {
            return Some((digit.to_string(), "style"));
        }
        let decomposed = bare(&ch.nfkd().collect::<String>());
        if decomposed != ch.to_string() && !is_hangul(ch) {
            return Some((decomposed.clone(), self.decomposition_kind(ch)));
        }
        let lower: String = ch.to_lowercase().collect();
        if lower != ch.to_string() {
            return Some((lower, "case"));
        }
        let simple = self.simplified.get(&ch).filter(|simple| **simple != ch.to_string())?;
        Some((simple.clone(), "traditional"))
    }

    fn decomposition_kind(&self, ch: char) -> &'static str {
        match u32::from(ch) {
            0xFF00..=0xFFEF | 0x3000 => "width",
            0xF900..=0xFAFF | 0x2F800..=0x2FA1F | 0x2F00..=0x2FDF => "compat",
            _ if ch.nfd().any(|c| self.is_mark(c)) => "mark",
            _ => "style",
        }
    }

    /// The value of a decimal digit of another script: they stand in runs of ten from zero.
    fn decimal_digit(&self, ch: char) -> Option<u32> {
        if ch.is_ascii() || self.category.get(ch) != Gc::DecimalNumber || ch.nfkd().ne([ch]) {
            return None;
        }
        let code = u32::from(ch);
        let run = (0..code).rev().take_while(|c| self.category.get32(*c) == Gc::DecimalNumber).count();
        u32::try_from(run % 10).ok()
    }
}

fn is_hangul(ch: char) -> bool {
    matches!(u32::from(ch), 0x1100..=0x11FF | 0x3131..=0x318E | 0xAC00..=0xD7FB | 0xFFA1..=0xFFDC)
}

/// The character in a pair of brackets, or before a full stop or comma, without them.
fn bare(form: &str) -> String {
    let inner = form.strip_prefix(['(', '〔']).and_then(|rest| rest.strip_suffix([')', '〕']));
    let numbered = form.strip_suffix(['.', ',']).filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    inner.or(numbered.filter(|rest| !rest.is_empty())).unwrap_or(form).to_owned()
}

/// Every blank is one blank, every line end one line end.
fn blank(ch: char) -> char {
    match ch {
        '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        _ if ch.is_whitespace() => ' ',
        _ => ch,
    }
}

fn escaped(ch: char) -> String {
    match ch {
        '\n' => "\\n".to_owned(),
        ' ' => "\\s".to_owned(),
        _ => ch.to_string(),
    }
}

fn own_table() -> HashMap<char, (String, &'static str)> {
    let mut table = HashMap::new();
    for (from, to) in LOOKALIKES {
        assert_eq!(from.chars().count(), to.chars().count(), "{from}");
        table.extend(from.chars().zip(to.chars()).map(|(f, t)| (f, (t.to_string(), "lookalike"))));
    }
    let letters = |(first, many): &(u32, u32)| {
        let first = *first;
        (0..*many).filter_map(move |n| Some((char::from_u32(first + n)?, char::from_u32(0x61 + n)?)))
    };
    table.extend(FRAMED_LETTERS.iter().flat_map(letters).map(|(f, t)| (f, (t.to_string(), "style"))));
    for (first, number, many) in FRAMED_NUMBERS {
        let numbers = (0..*many).filter_map(|n| Some((char::from_u32(first + n)?, (number + n).to_string())));
        table.extend(numbers.map(|(f, t)| (f, (t, "style"))));
    }
    let radical = |line: &str| {
        let mut cells = line.split('\t');
        let code = u32::from_str_radix(cells.next()?, 16).ok()?;
        Some((char::from_u32(code)?, (cells.next()?.to_owned(), "compat")))
    };
    table.extend(RADICALS.lines().filter(|line| !line.starts_with('#')).filter_map(radical));
    table.extend(two_columns(VARIANTS).map(|(from, to)| (from, (to, "traditional"))));
    table.insert('٪', ("%".to_owned(), "style"));
    table
}

/// `key<TAB>first other …`: the key and the first candidate.
fn two_columns(data: &str) -> impl Iterator<Item = (char, String)> + '_ {
    data.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (key, values) = line.split_once('\t')?;
        Some((key.chars().next()?, values.split(' ').next()?.to_owned()))
    })
}

fn generate() -> String {
    let sources = Sources::read();
    let mut out = String::from(
        "# Generated by tests/fold_table.rs: code points, what becomes of them, into what, by which folds.\n",
    );
    let mut open: Option<(u32, u32, Row)> = None;
    for ch in '\0'..=char::MAX {
        let (code, row) = (u32::from(ch), sources.row(ch));
        match (&mut open, row) {
            (Some((_, end, same)), Some(row)) if *end + 1 == code && *same == row => *end = code,
            (_, None) => {}
            (previous, Some(row)) => {
                write_row(&mut out, previous.replace((code, code, row)));
            }
        }
    }
    write_row(&mut out, open);
    out
}

fn write_row(out: &mut String, row: Option<(u32, u32, Row)>) {
    let Some((first, last, row)) = row else { return };
    let codes = if first == last { format!("{first:04X}") } else { format!("{first:04X}..{last:04X}") };
    let folds: Vec<&str> = row.folds.iter().copied().collect();
    writeln!(out, "{codes}\t{}\t{}\t{}", row.kind, row.target, folds.join(",")).expect("a string takes all");
}

#[test]
fn the_committed_fold_table_is_what_its_sources_give() {
    let fresh = generate();
    if std::env::var_os("REWRITE_FOLD_TABLE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/text/data/fold.tsv");
        std::fs::write(path, &fresh).expect("the table can be written");
        return;
    }
    let differs = fresh.lines().zip(COMMITTED.lines()).find(|(fresh, old)| fresh != old);
    assert_eq!(differs, None, "REWRITE_FOLD_TABLE=1 cargo test --test fold_table writes it anew");
    assert_eq!(fresh.len(), COMMITTED.len());
}

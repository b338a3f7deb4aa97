//! A spreadsheet or CSV file as rows of text, whoever wrote it: bounded in memory whatever it claims
//! to be.

use crate::rules::Words;
use calamine::{DataRef, Reader, Xlsx};
use encoding_rs::GBK;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use zip::ZipArchive;

/// The most rows, the head included.
pub const MAX_ROWS: u32 = 20_000;
/// The most columns.
const MAX_COLUMNS: u32 = 64;
/// The longest text in a cell, in bytes.
const MAX_CELL_BYTES: usize = 16 << 10;
/// The longest file, in bytes.
const MAX_FILE_BYTES: u64 = 16 << 20;
/// What a file may unpack to, in bytes. A sheet of [`MAX_ROWS`] rows of words needs a tenth of it.
const MAX_UNPACKED_BYTES: u64 = 128 << 20;

/// Why a file can't be read as a sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} / {}", .0.zh, .0.en)]
pub struct SheetFault(pub Words);

fn fault(zh: impl Into<String>, en: impl Into<String>) -> SheetFault {
    SheetFault(Words::new(zh, en))
}

/// How the bytes of a text file were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or a spreadsheet, which says itself what it is.
    Utf8,
    /// GBK, as Excel writes CSV in Chinese: taken when the bytes are no UTF-8.
    Gbk,
}

/// One row that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// As the spreadsheet counts, from 1; the line in a CSV file.
    pub number: u32,
    /// Its cells from column A on, blanks at their ends removed.
    pub cells: Vec<String>,
}

/// The first sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its rows.
    pub rows: Vec<Row>,
    /// How its bytes were read.
    pub encoding: Encoding,
}

impl Sheet {
    /// Reads an .xlsx or .csv file; its first bytes say which it is.
    ///
    /// # Errors
    /// [`SheetFault`] when it is neither, too large, or can't be read.
    pub fn open(path: &Path) -> Result<Self, SheetFault> {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes));
        read.map_err(|error| unreadable(&error))?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(too_much(&format!("{} MiB", MAX_FILE_BYTES >> 20)));
        }
        Self::read(bytes)
    }

    /// The same of bytes that were read already.
    ///
    /// # Errors
    /// As [`Sheet::open`].
    pub fn read(bytes: Vec<u8>) -> Result<Self, SheetFault> {
        let mut rows = Rows::default();
        let encoding = match bytes.as_slice() {
            [b'P', b'K', 3, 4, ..] => of_xlsx(bytes, &mut rows)?,
            [0xD0, 0xCF, 0x11, 0xE0, ..] => {
                return Err(fault(
                    "这是旧的 .xls,请另存为 .xlsx 或 CSV",
                    "an old .xls, save it as .xlsx or CSV",
                ));
            }
            text => of_csv(text, &mut rows)?,
        };
        Ok(Self { rows: rows.0, encoding })
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> SheetFault {
    fault(format!("读不了:{error}"), format!("can't be read: {error}"))
}

fn too_much(most: &str) -> SheetFault {
    fault(format!("太大了,最多 {most}"), format!("too large, at most {most}"))
}

/// Collects cells, which come row by row.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    /// `row` from 1, `column` from 0.
    fn put(&mut self, row: u32, column: u32, text: &str) -> Result<(), SheetFault> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if row > MAX_ROWS {
            return Err(too_much(&format!("{MAX_ROWS} 行 / rows")));
        }
        if column >= MAX_COLUMNS {
            return Err(too_much(&format!("{MAX_COLUMNS} 列 / columns")));
        }
        if text.len() > MAX_CELL_BYTES {
            return Err(too_much(&format!("每格 {} KiB / a cell", MAX_CELL_BYTES >> 10)));
        }
        if self.0.last().is_none_or(|last| last.number != row) {
            self.0.push(Row { number: row, cells: Vec::new() });
        }
        if let Some(last) = self.0.last_mut() {
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            last.cells.resize(last.cells.len().max(column), String::new());
            last.cells.push(text.to_owned());
        }
        Ok(())
    }
}

fn of_xlsx(bytes: Vec<u8>, rows: &mut Rows) -> Result<Encoding, SheetFault> {
    measure(&bytes)?;
    let broken = |error: calamine::XlsxError| unreadable(&error);
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let name = book.sheet_names().into_iter().next().unwrap_or_default();
    // Cell by cell: a range would hold every cell between the first and one in the last row.
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        rows.put(row.saturating_add(1), column, &shown(cell.get_value()))?;
    }
    Ok(Encoding::Utf8)
}

fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(_) | DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// Unpacks everything once into nothing: what a file says of its own size need not be true.
fn measure(bytes: &[u8]) -> Result<(), SheetFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut left = MAX_UNPACKED_BYTES + 1;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|error| unreadable(&error))?;
        left -= io::copy(&mut entry.take(left), &mut io::sink()).map_err(|error| unreadable(&error))?;
        if left == 0 {
            return Err(too_much(&format!("解开后 {} MiB / unpacked", MAX_UNPACKED_BYTES >> 20)));
        }
    }
    Ok(())
}

fn of_csv(bytes: &[u8], rows: &mut Rows) -> Result<Encoding, SheetFault> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let (text, encoding) = match std::str::from_utf8(bytes) {
        Ok(text) => (text.into(), Encoding::Utf8),
        Err(_) => match GBK.decode_without_bom_handling(bytes) {
            (text, false) => (text, Encoding::Gbk),
            (_, true) => {
                return Err(fault(
                    "既不是 UTF-8 也不是 GBK,请另存为 UTF-8 的 CSV 或 .xlsx",
                    "neither UTF-8 nor GBK, save it as CSV in UTF-8 or as .xlsx",
                ));
            }
        },
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        for (column, text) in (0..).zip(&record) {
            rows.put(u32::try_from(line).unwrap_or(u32::MAX), column, text)?;
        }
    }
    Ok(encoding)
}

//! `rules import`: words from a spreadsheet into a pack, with a preview.

use super::{RulesDir, refuse, show};
use crate::cli::Exit;
use crate::rules::import::{Encoding, Outcome, Plan, RowReport, Sheet, SheetFault, append, plan};
use crate::rules::{Book, Folder, RawFile, RulesError, parse, write_file};
use clap::Args;
use std::path::PathBuf;

/// Rows of each kind that are shown before only their number is.
const SHOWN: usize = 50;

/// `wecom-guard rules import FILE --pack ID`
#[derive(Debug, Args)]
pub struct Import {
    /// .xlsx 或 .csv · The sheet
    file: PathBuf,
    /// 导入到哪个规则包;没有就新建 · The pack that gets the words; a new one if there is none
    #[arg(long, value_name = "ID", value_parser = pack_id)]
    pack: String,
    /// 只预览 · Preview alone
    #[arg(long)]
    dry_run: bool,
    /// 跳过无效的行,其余照常导入 · Leave invalid rows out and import the rest
    #[arg(long)]
    skip_invalid: bool,
    #[command(flatten)]
    rules: RulesDir,
}

/// A pack's id may become a file's name.
fn pack_id(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let fits = !text.is_empty() && text.chars().all(is_plain) && !["basis", "policy"].contains(&text);
    let fault = "只能用文字、数字、- 和 _ / letters, digits, - and _ alone";
    fits.then(|| text.to_owned()).ok_or_else(|| fault.to_owned())
}

impl Import {
    /// Exit code 0 when the words are in or would be, 1 when a row is invalid and nothing was
    /// written, 2 when the sheet or the rules can't be used.
    pub fn run(self) -> Exit {
        let sheet = Sheet::open(&self.file).map_err(|fault| self.unusable(&fault))?;
        if sheet.encoding == Encoding::Gbk {
            eprintln!("按 GBK 编码读取 / read as GBK");
        }
        let mut folder = Folder::read(&self.rules.dir).map_err(|error| refuse(&error.into()))?;
        let (book, faults) = parse(&folder);
        if !faults.is_empty() {
            return Err(refuse(&RulesError::Refused(faults)));
        }
        let plan = plan(&sheet, &book, &self.pack).map_err(|fault| self.unusable(&fault))?;
        preview(&plan);
        let written = self.write(&plan, &mut folder, &book);
        tell(&plan, written == Ok(true));
        written.map(drop)
    }

    fn unusable(&self, fault: &SheetFault) -> u8 {
        eprintln!("{}: {fault}", self.file.display());
        2
    }

    /// Whether the pack was changed.
    fn write(&self, plan: &Plan, folder: &mut Folder, book: &Book) -> Result<bool, u8> {
        let [_, _, invalid] = plan.counts();
        if invalid > 0 && !self.skip_invalid {
            return Err(1);
        }
        if self.dry_run || !plan.adds() {
            return Ok(false);
        }
        let pack = book.packs.iter().find(|pack| pack.id == self.pack).map(|pack| pack.source.path.clone());
        let path =
            pack.unwrap_or_else(|| self.rules.dir.join(format!("{}.toml", self.pack)).display().to_string());
        let place = folder.files.iter().position(|file| file.path == path);
        let before =
            place.and_then(|at| folder.files.get(at)).map(|file| String::from_utf8_lossy(&file.bytes));
        if before.is_none() && PathBuf::from(&path).exists() {
            eprintln!("{path} 已存在,但不是规则包 {} / it exists and is another pack", self.pack);
            return Err(2);
        }
        let Some(text) = append(before.as_deref(), &self.pack, plan) else {
            eprintln!("{path} 里的 rule 要写成 [[rule]] / its rules must be written as [[rule]]");
            return Err(2);
        };
        self.is_good(folder, place, &path, &text)?;
        write_file(path.as_ref(), text.as_bytes()).map_err(|error| refuse(&error.into()))?;
        Ok(true)
    }

    /// What would be written must be rules that load.
    fn is_good(&self, folder: &mut Folder, place: Option<usize>, path: &str, text: &str) -> Result<(), u8> {
        let name = format!("{}.toml", self.pack);
        let file = RawFile { name, path: path.to_owned(), bytes: text.as_bytes().to_vec() };
        match place.and_then(|at| folder.files.get_mut(at)) {
            Some(old) => old.bytes = file.bytes,
            None => folder.files.push(file),
        }
        let (_, faults) = parse(folder);
        if faults.is_empty() {
            return Ok(());
        }
        show(&faults);
        Err(1)
    }
}

fn preview(plan: &Plan) {
    type Line = fn(&RowReport) -> Option<String>;
    let kinds: [(&str, Line); 3] = [("新增 new", new), ("已有 there", already), ("无效 invalid", invalid)];
    for (kind, line) in kinds {
        let lines: Vec<_> = plan.rows.iter().filter_map(line).collect();
        for line in lines.iter().take(SHOWN) {
            println!("{kind}  {line}");
        }
        if lines.len() > SHOWN {
            println!("{kind}  还有 {} 行 / {} more rows", lines.len() - SHOWN, lines.len() - SHOWN);
        }
    }
}

fn new(row: &RowReport) -> Option<String> {
    let Outcome::New(phrases) = &row.outcome else { return None };
    Some(format!("第 {} 行 {} 「{}」", row.row, row.rule, phrases.join("」「")))
}

fn already(row: &RowReport) -> Option<String> {
    let Outcome::Already(at) = &row.outcome else { return None };
    Some(format!("第 {} 行 {} {at}", row.row, row.rule))
}

fn invalid(row: &RowReport) -> Option<String> {
    let Outcome::Invalid(fault) = &row.outcome else { return None };
    let (at, column, words) = (&fault.letter, fault.column.head(), &fault.words);
    Some(format!("第 {} 行 {at} 列({column}): {} / {}", row.row, words.zh, words.en))
}

fn tell(plan: &Plan, written: bool) {
    let [new, already, invalid] = plan.counts();
    let (zh, en) = if written { ("", "") } else { (",没有写入", "; nothing was written") };
    println!("{} rows: {new} new, {already} already there, {invalid} invalid{en}", plan.rows.len());
    let above = if invalid > 0 { "(见上)" } else { "" };
    println!("读到 {} 行:新增 {new},已有 {already},无效 {invalid}{above}{zh}", plan.rows.len());
}

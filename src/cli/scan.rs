//! `scan`: judge texts from a file or a pipe, line by line, in bounded memory.

use super::Exit;
use crate::intercept::{Circumstances, Look};
use crate::model::{Channel, Clock, CompanyZone, Judgement, MessageText, Suggestion, Verdict};
use crate::rules::LiveRules;
use crate::scan::Dismissed;
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;

/// A line longer than this, in bytes, is no message: it is told and skipped.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// `wecom-guard scan [FILE|-]`
#[derive(Debug, Args)]
pub struct Scan {
    /// 规则目录 · The folder of rule files
    #[arg(long, value_name = "DIR", default_value = "rules")]
    rules: PathBuf,
    /// 行业 · Whose rules apply
    #[arg(long, value_name = "NAME")]
    industry: Option<String>,
    /// 输出 · What is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// 每行一个 JSON 对象,含 text · One object with `text` a line
    #[arg(long)]
    jsonl: bool,
    /// 说明每一处为什么算或不算 · Say why each find counts or not
    #[arg(long)]
    explain: bool,
    /// 文件,- 为标准输入 · The file; - is standard input
    #[arg(default_value = "-")]
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// One message of the input.
#[derive(Debug, Deserialize)]
pub struct Message {
    #[serde(default)]
    id: Option<Value>,
    /// The text.
    pub text: String,
    /// Whose rules apply.
    #[serde(default)]
    pub industry: Option<String>,
    /// The way it came.
    #[serde(default)]
    pub channel: Option<Channel>,
}

/// One line of JSON output: a check without id and state.
#[derive(Debug, Serialize)]
struct Judged {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    #[serde(flatten)]
    judgement: Judgement,
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dismissed: Option<Vec<Dismissed>>,
}

impl Scan {
    /// Judges every line. Exit code 0 when all pass, 1 when something does not, 2 when it could not run.
    pub fn run(self) -> Exit {
        let now = Clock::system().now();
        let rules = LiveRules::load(&self.rules, 0, now).map_err(|error| super::rules::refuse(&error))?;
        super::rules::warn(&rules.findings);
        let input: Box<dyn Read> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&self.file).map_err(|error| unreadable(&self.file.display(), &error))?)
        };
        let mut judge =
            Judge { scan: &self, rules, day: CompanyZone::china().business_day(now), worst: Verdict::Pass };
        match judge.all(BufReader::new(input), &mut BufWriter::new(io::stdout().lock())) {
            Ok(()) if judge.worst == Verdict::Pass => Ok(()),
            Ok(()) => Err(1),
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(unreadable(&self.file.display(), &error)),
        }
    }
}

/// Says that a file can't be read and gives the exit code.
pub fn unreadable(file: &dyn std::fmt::Display, error: &io::Error) -> u8 {
    eprintln!("读不了 {file} / can't read it: {error}");
    2
}

struct Judge<'s> {
    scan: &'s Scan,
    rules: LiveRules,
    day: jiff::civil::Date,
    worst: Verdict,
}

impl Judge<'_> {
    fn all(&mut self, input: impl BufRead, output: &mut impl Write) -> io::Result<()> {
        each_message(input, self.scan.jsonl, |number, message| self.one(number, message, output))?;
        output.flush()
    }

    fn one(&mut self, number: u64, message: Message, output: &mut impl Write) -> io::Result<()> {
        let industry = message.industry.as_deref().or(self.scan.industry.as_deref());
        let (channel, industry) = (message.channel, industry.map(str::to_owned));
        let known = Circumstances { channel, industry, ..Circumstances::on(self.day) };
        let look = Look { live: &self.rules, known: &known };
        let explained = look.explain(&message.text);
        let judgement = explained.judgement;
        self.worst = self.worst.max(judgement.verdict);
        if self.scan.format == Format::Text {
            return tell(
                number,
                &message.text,
                &judgement,
                self.scan.explain.then_some(&explained.dismissed),
                output,
            );
        }
        let suggestions = look.instead_of(&message.text, &judgement);
        let dismissed = self.scan.explain.then_some(explained.dismissed);
        serde_json::to_writer(&mut *output, &Judged { id: message.id, judgement, suggestions, dismissed })?;
        output.write_all(b"\n")
    }
}

/// Gives every message of the input with its line, and tells which lines hold none.
///
/// # Errors
/// What reading or `each` gives.
pub fn each_message(
    mut input: impl BufRead,
    jsonl: bool,
    mut each: impl FnMut(u64, Message) -> io::Result<()>,
) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        if input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let whole = line.last() == Some(&b'\n') || (line.len() as u64) < MAX_LINE_BYTES;
        if !whole {
            skip_line(&mut input)?;
        }
        match message(&line, whole, jsonl) {
            Ok(Some(message)) => each(number, message)?,
            Ok(None) => {}
            Err(why) => eprintln!("第 {number} 行没有检查 / line {number} was not checked: {why}"),
        }
    }
    Ok(())
}

/// Reads on to the end of a line that is too long.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    let mut rest = Vec::new();
    while input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut rest)? > 0 && rest.last() != Some(&b'\n')
    {
        rest.clear();
    }
    Ok(())
}

/// The message on a line; `None` on an empty one.
fn message(line: &[u8], whole: bool, jsonl: bool) -> Result<Option<Message>, String> {
    if !whole {
        return Err(format!("超过 {MAX_LINE_BYTES} 字节 / longer than {MAX_LINE_BYTES} bytes"));
    }
    let line = std::str::from_utf8(line).map_err(|_| "不是 UTF-8 / not UTF-8".to_owned())?;
    let line = line.trim_end_matches(['\r', '\n']);
    if line.trim().is_empty() {
        return Ok(None);
    }
    let message = if jsonl {
        serde_json::from_str(line).map_err(|error| error.to_string())?
    } else {
        Message { id: None, text: line.to_owned(), industry: None, channel: None }
    };
    MessageText::new(message.text.as_str()).map_err(|fault| fault.to_string())?;
    Ok(Some(message))
}

fn tell(
    number: u64,
    text: &str,
    judgement: &Judgement,
    dismissed: Option<&Vec<Dismissed>>,
    output: &mut impl Write,
) -> io::Result<()> {
    let word = match judgement.verdict {
        Verdict::Pass => "通过",
        Verdict::Confirm => "确认",
        Verdict::Block => "拦截",
    };
    writeln!(output, "{number}\t{word}\t{text}")?;
    for hit in &judgement.hits {
        let via = if hit.via.is_empty() { String::new() } else { format!(" ({})", hit.via.join(", ")) };
        writeln!(output, "\t{:?}\t「{}」{} {}{via}", hit.action, hit.matched, hit.rule, hit.name)?;
    }
    for one in dismissed.into_iter().flatten() {
        writeln!(output, "\t–\t「{}」{} {:?}", one.phrase, one.rule, one.why)?;
    }
    Ok(())
}

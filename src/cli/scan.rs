//! `scan`: judge texts from a file or a pipe, line by line, in bounded memory and in order.

mod lines;

use super::Exit;
use crate::intercept::{Circumstances, Look};
use crate::model::{Channel, Clock, CompanyZone, Judgement, MessageText, Suggestion, Verdict};
use crate::rules::LiveRules;
use crate::scan::Dismissed;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use lines::{Line, Lines, MAX_LINE_BYTES};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

/// Fewer lines than this are judged faster than threads are started.
const WORTH_A_THREAD: usize = 64;

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
        let bar = progress(&self.file);
        let done = judge.all(Lines::new(input), &mut BufWriter::new(io::stdout().lock()), &bar);
        bar.finish_and_clear();
        match done {
            Ok(()) if judge.worst == Verdict::Pass => Ok(()),
            Ok(()) => Err(1),
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(error) => Err(unreadable(&self.file.display(), &error)),
        }
    }
}

/// How far it is, on stderr when that is a terminal and the results go elsewhere.
fn progress(file: &Path) -> ProgressBar {
    if io::stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let length = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let shape = if length.is_some() { "{wide_bar} {bytes}/{total_bytes}" } else { "{spinner} {bytes}" };
    let style = ProgressStyle::with_template(&[shape, "{bytes_per_sec}", "{msg}"].join("  "));
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
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

/// What came of some lines, to be written in their order.
#[derive(Default)]
struct Part {
    output: Vec<u8>,
    complaints: Vec<String>,
    worst: Option<Verdict>,
}

impl Judge<'_> {
    fn all(
        &mut self,
        mut lines: Lines<impl Read>,
        output: &mut impl Write,
        bar: &ProgressBar,
    ) -> io::Result<()> {
        loop {
            let batch = lines.next_batch()?;
            let Some(last) = batch.last() else { return output.flush() };
            for part in self.parts(&batch) {
                let part = part?;
                output.write_all(&part.output)?;
                bar.suspend(|| part.complaints.iter().for_each(|complaint| eprintln!("{complaint}")));
                self.worst = self.worst.max(part.worst.unwrap_or(Verdict::Pass));
            }
            output.flush()?;
            bar.inc(batch.iter().map(|line| line.bytes.len() as u64).sum());
            bar.set_message(format!("{} 行 / lines", last.number));
        }
    }

    /// The lines dealt out to as many threads as there are processors.
    fn parts(&self, batch: &[Line]) -> Vec<io::Result<Part>> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        if batch.len() < WORTH_A_THREAD || threads == 1 {
            return vec![self.part(batch)];
        }
        thread::scope(|scope| {
            let parts = batch.chunks(batch.len().div_ceil(threads));
            let running: Vec<_> = parts.map(|lines| scope.spawn(|| self.part(lines))).collect();
            let lost = |_| Err(io::Error::other("a thread that judged stopped"));
            running.into_iter().map(|part| part.join().unwrap_or_else(lost)).collect()
        })
    }

    fn part(&self, lines: &[Line]) -> io::Result<Part> {
        let mut part = Part::default();
        for line in lines {
            match message(line, self.scan.jsonl) {
                Ok(Some(message)) => {
                    let verdict = self.one(line.number, message, &mut part.output)?;
                    part.worst = part.worst.max(Some(verdict));
                }
                Ok(None) => {}
                Err(why) => part.complaints.push(unchecked(line.number, &why)),
            }
        }
        Ok(part)
    }

    fn one(&self, number: u64, message: Message, output: &mut impl Write) -> io::Result<Verdict> {
        let industry = message.industry.as_deref().or(self.scan.industry.as_deref());
        let (channel, industry) = (message.channel, industry.map(str::to_owned));
        let known = Circumstances { channel, industry, ..Circumstances::on(self.day) };
        let look = Look { live: &self.rules, known: &known };
        let (judgement, dismissed) = self.judgement(&look, &message.text);
        let verdict = judgement.verdict;
        if self.scan.format == Format::Text {
            tell(number, &message.text, &judgement, dismissed.as_ref(), output)?;
            return Ok(verdict);
        }
        let suggestions = look.instead_of(&message.text, &judgement);
        serde_json::to_writer(&mut *output, &Judged { id: message.id, judgement, suggestions, dismissed })?;
        output.write_all(b"\n")?;
        Ok(verdict)
    }

    fn judgement(&self, look: &Look<'_>, text: &str) -> (Judgement, Option<Vec<Dismissed>>) {
        if !self.scan.explain {
            return (look.judge(text), None);
        }
        let explained = look.explain(text);
        (explained.judgement, Some(explained.dismissed))
    }
}

/// Gives every message of the input with its line, and tells which lines hold none.
///
/// # Errors
/// What reading or `each` gives.
pub fn each_message(
    input: impl Read,
    jsonl: bool,
    mut each: impl FnMut(u64, Message) -> io::Result<()>,
) -> io::Result<()> {
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next()? {
        match message(&line, jsonl) {
            Ok(Some(message)) => each(line.number, message)?,
            Ok(None) => {}
            Err(why) => eprintln!("{}", unchecked(line.number, &why)),
        }
    }
    Ok(())
}

fn unchecked(number: u64, why: &str) -> String {
    format!("第 {number} 行没有检查 / line {number} was not checked: {why}")
}

/// The message on a line; `None` on an empty one.
fn message(line: &Line, jsonl: bool) -> Result<Option<Message>, String> {
    if !line.is_whole {
        return Err(format!("超过 {MAX_LINE_BYTES} 字节 / longer than {MAX_LINE_BYTES} bytes"));
    }
    let line = std::str::from_utf8(&line.bytes).map_err(|_| "不是 UTF-8 / not UTF-8".to_owned())?;
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

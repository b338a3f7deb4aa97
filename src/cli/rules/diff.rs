//! `rules diff`: what changed between two sets of rules, and what it would do.

use super::past::{Past, PastArgs, folder};
use super::refuse;
use crate::cli::Exit;
use crate::cli::fail;
use crate::cli::scan::{each_message, unreadable};
use crate::model::{Clock, CompanyZone, Verdict};
use crate::publish::{Effect, Replay, Sample, Text};
use crate::rules::diff::{Diff, KeyDiff, Kind, Lean, OtherDiff, RuleDiff, diff};
use crate::rules::{Folder, LiveRules, RulesError, parse};
use crate::store::{Change, Facts};
use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::fs::File;

use std::path::{Path, PathBuf};

/// The most items of a list that a line names.
const NAMED: usize = 12;

/// `wecom-guard rules diff A B`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// 旧规则:目录,或版本(r12、live) · The old rules: a folder, or a revision
    a: String,
    /// 新规则 · The new rules
    b: String,
    /// 看影响:近几天的记录(如 30d),或 JSONL 文件 · What it would do to the last days' checks, or to a JSONL file
    #[arg(long, value_name = "30d|FILE")]
    replay: Option<Source>,
    /// 显示几条样本 · How many samples to show
    #[arg(long, value_name = "N", num_args = 0..=1, default_value_t = 0, default_missing_value = "20")]
    show: usize,
    /// 有改动就返回 1 · 1 when something changed
    #[arg(long)]
    exit_code: bool,
    /// 输出 · What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    past: PastArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// What is judged again.
#[derive(Debug, Clone)]
enum Source {
    /// The checks recorded in so many days.
    Days(u32),
    /// One message a line.
    File(PathBuf),
}

impl std::str::FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        Ok(days.map_or_else(|| Source::File(text.into()), Source::Days))
    }
}

impl DiffArgs {
    /// Exit code 0; 1 with `--exit-code` when something changed; 2 when something can't be read.
    pub fn run(self) -> Exit {
        let is_folder = |side: &str| Path::new(side).is_dir();
        let recorded = matches!(self.replay, Some(Source::Days(_)));
        let needed = recorded || !is_folder(&self.a) || !is_folder(&self.b);
        let past = if needed { Some(self.past.open()?) } else { None };
        let (before, after) = (side(&self.a, past.as_ref())?, side(&self.b, past.as_ref())?);
        let now = Clock::system().now();
        let found = compare(&before, &after)?;
        let effect = match &self.replay {
            Some(source) => Some(effect(source, before, after, past.as_ref(), self.show, now)?),
            None => None,
        };
        match self.format {
            Format::Json => println!("{}", as_json(&found, effect.as_ref())),
            Format::Human => tell(&found, effect.as_ref(), self.replay.as_ref(), self.show),
        }
        if self.exit_code && !found.is_empty() { Err(1) } else { Ok(()) }
    }
}

fn side(name: &str, past: Option<&Past>) -> Result<Folder, u8> {
    match past {
        Some(past) if !Path::new(name).is_dir() => past.files(name),
        _ => folder(Path::new(name)),
    }
}

fn compare(before: &Folder, after: &Folder) -> Result<Diff, u8> {
    let read = |folder: &Folder| {
        let (book, faults) = parse(folder);
        if faults.is_empty() { Ok(book) } else { Err(refuse(&RulesError::Refused(faults))) }
    };
    Ok(diff(&read(before)?, &read(after)?))
}

fn effect(
    source: &Source,
    before: Folder,
    after: Folder,
    past: Option<&Past>,
    show: usize,
    now: Timestamp,
) -> Result<Effect, u8> {
    let compile = |folder| LiveRules::compile(folder, 0, now).map_err(|error| refuse(&error));
    let (before, after) = (compile(before)?, compile(after)?);
    let day = CompanyZone::china().business_day(now);
    let mut replay = Replay::new(&before.ruleset, &after.ruleset, day, show);
    match (source, past) {
        (Source::File(file), _) => of_file(file, &mut replay)?,
        (Source::Days(days), Some(past)) => {
            let back = SignedDuration::from_hours(24 * i64::from(*days));
            of_record(past, now.saturating_sub(back).unwrap_or(Timestamp::MIN), &mut replay)?;
        }
        (Source::Days(_), None) => {}
    }
    Ok(replay.effect())
}

fn of_file(file: &Path, replay: &mut Replay<'_>) -> Exit {
    let told = |error: std::io::Error| unreadable(&file.display(), &error);
    let input = File::open(file).map_err(told)?;
    let judged = each_message(input, true, |number, message| {
        let (id, industry) = (number.to_string(), message.industry.as_deref());
        let (text, channel) = (message.text.as_str(), message.channel);
        replay.judge(&Text { id: &id, text, channel, industry, masked: false });
        Ok(())
    });
    judged.map_err(told)
}

fn of_record(past: &Past, since: Timestamp, replay: &mut Replay<'_>) -> Exit {
    let facts = Facts::read(&past.dir, past.master.clone(), |head| head.kind == "check.judged");
    for fact in facts.map_err(|error| fail(&error.into()))? {
        let fact = fact.map_err(|error| fail(&error.into()))?;
        let Change::CheckOpened(check) = fact.change else { continue };
        if fact.at >= since {
            let (id, channel) = (check.id.as_str(), Some(check.channel));
            let (text, industry) = (check.text.as_str(), check.industry.as_deref());
            replay.judge(&Text { id, text, channel, industry, masked: true });
        }
    }
    Ok(())
}

fn as_json(found: &Diff, effect: Option<&Effect>) -> serde_json::Value {
    json!({
        "rules": found.rules,
        "others": found.others,
        "needs_second_person": found.lean().looser,
        "effect": effect,
    })
}

fn tell(found: &Diff, effect: Option<&Effect>, source: Option<&Source>, show: usize) {
    for rule in &found.rules {
        println!("{}", line(rule));
    }
    for other in &found.others {
        println!("{}", other_line(other));
    }
    if let (Some(effect), Some(source)) = (effect, source) {
        tell_effect(effect, source, show);
    }
    let [added, removed] = found.phrases();
    let count = |kind| found.count(kind);
    let (new, changed, gone) = (count(Kind::Added), count(Kind::Changed), count(Kind::Removed));
    println!("plan: {new} rules added, {changed} changed, {gone} stopped; phrases +{added} −{removed}");
    let second = if found.lean().looser { ";有变松,需要第二人批准" } else { "" };
    let then = effect.map(|effect| will(effect, source)).unwrap_or_default();
    println!("计划:新增 {new} 条规则,改动 {changed} 条,停用 {gone} 条,词 +{added} −{removed}{then}{second}");
}

fn mark(kind: Kind) -> char {
    match kind {
        Kind::Added => '+',
        Kind::Removed => '-',
        Kind::Changed => '~',
    }
}

fn line(rule: &RuleDiff) -> String {
    let keys: Vec<_> = rule.keys.iter().map(key).collect();
    let lean = match rule.lean {
        Lean { stricter: true, looser: true } => "  (有严有松 both, 需要第二人批准 needs a second person)",
        Lean { stricter: true, looser: false } => "  (变严 stricter)",
        Lean { stricter: false, looser: true } => "  (变松 looser, 需要第二人批准 needs a second person)",
        Lean { stricter: false, looser: false } => "",
    };
    format!("  {} {} {}  {}{lean}", mark(rule.kind), rule.id, rule.name, keys.join("; "))
}

fn key(diff: &KeyDiff) -> String {
    let label = label(diff.key);
    match (&diff.from, &diff.to) {
        (Some(from), Some(to)) => format!("{label} {} → {}", from.zh, to.zh),
        (None, Some(to)) => format!("{label} {}", to.zh),
        _ => format!("{label}{}{}", listed(" +", &diff.added), listed(" −", &diff.removed)),
    }
}

fn listed(sign: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let named: Vec<&str> = items.iter().take(NAMED).map(String::as_str).collect();
    let more = if items.len() > NAMED { ", …" } else { "" };
    format!("{sign}{}: {}{more}", items.len(), named.join(", "))
}

/// A key as people call it, and as it stands in the file.
fn label(key: &str) -> String {
    let zh = match key {
        "name" => "名称",
        "action" => "动作",
        "state" => "状态",
        "severity" => "级别",
        "basis" => "依据",
        "phrases" => "词",
        "near" => "组合",
        "detect" => "识别",
        "allow" => "例外",
        "gap" => "间隔",
        "fold" => "变形",
        "aliases" => "别名",
        "boundary" => "词边界",
        "negation" => "否定",
        "channels" => "渠道",
        "departments" => "部门",
        "exclude_departments" => "除外部门",
        "industries" => "行业",
        "sender_tags" => "销售标签",
        "contact_tags" => "客户标签",
        "valid_from" => "起",
        "valid_to" => "止",
        "native" => "同步",
        "why" => "原因",
        "fix" => "改法",
        "replies" => "话术",
        "require_reason" => "要写原因",
        "require_approval" => "要第二人",
        "tests" => "测试",
        _ => "",
    };
    format!("{zh} {key}")
}

fn other_line(other: &OtherDiff) -> String {
    let zh = match other.what {
        "reply" => "话术",
        "basis" => "依据",
        _ => "策略",
    };
    format!("  {} {} {zh} {}", mark(other.kind), other.id, other.what)
}

fn over(source: Option<&Source>) -> [String; 2] {
    match source {
        Some(Source::Days(days)) => [format!("近{days}天"), format!("the last {days} days, masked")],
        _ => ["这份文件".to_owned(), "this file".to_owned()],
    }
}

fn tell_effect(effect: &Effect, source: &Source, show: usize) {
    let Effect { texts, more_blocked, less_blocked, to_confirm, no_longer_confirm, samples } = effect;
    let [zh, en] = over(Some(source));
    let masked = if matches!(source, Source::Days(_)) { ",已脱敏" } else { "" };
    let hint = if show == 0 { "   用 --show 看样本" } else { "" };
    println!(
        "影响({zh} {texts} 条{masked}): 多拦 {more_blocked}  少拦 {less_blocked}  改为确认 {to_confirm}  不再确认 {no_longer_confirm}{hint}"
    );
    println!(
        "effect ({texts} texts of {en}): {more_blocked} more blocked, {less_blocked} less, {to_confirm} to confirm, {no_longer_confirm} no longer"
    );
    samples.iter().for_each(|sample| println!("{}", sample_line(sample)));
}

fn sample_line(sample: &Sample) -> String {
    let word = |verdict| match verdict {
        Verdict::Pass => "通过",
        Verdict::Confirm => "确认",
        Verdict::Block => "拦截",
    };
    let (from, to) = (word(sample.from), word(sample.to));
    format!("    {from} → {to}  {}  「{}」 {}", sample.rules.join(","), sample.text, sample.id)
}

fn will(effect: &Effect, source: Option<&Source>) -> String {
    let [zh, _] = over(source);
    format!(";{zh}将多拦 {} 条,少拦 {} 条", effect.more_blocked, effect.less_blocked)
}

//! What a scan finds and what follows from it.

use super::{Revision, RuleId};
use serde::{Deserialize, Serialize};

/// What a rule asks for, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Only recorded (记录).
    Log,
    /// Shown to the rep, stops nothing (提示).
    Tip,
    /// Sent only after the rep says so (确认).
    Confirm,
    /// Never sent (拦截).
    Block,
}

impl Action {
    /// One step weaker; `Log` stays `Log`.
    pub fn lowered(self) -> Self {
        match self {
            Action::Block => Action::Confirm,
            Action::Confirm => Action::Tip,
            Action::Tip | Action::Log => Action::Log,
        }
    }
}

/// The strictest action left, as the sender sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing, or only log and tip.
    Pass,
    /// The rep has to confirm.
    Confirm,
    /// It can't be sent.
    Block,
}

impl Verdict {
    /// The name used in JSON and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Confirm => "confirm",
            Verdict::Block => "block",
        }
    }
}

impl From<Action> for Verdict {
    fn from(action: Action) -> Self {
        match action {
            Action::Log | Action::Tip => Verdict::Pass,
            Action::Confirm => Verdict::Confirm,
            Action::Block => Verdict::Block,
        }
    }
}

/// How grave a rule is to the company, for queues and bulk decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// 低
    Low,
    /// 中
    Medium,
    /// 高
    High,
}

/// A stretch of the original text, in bytes, end exclusive, on character borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The same stretch counted in three ways: programs, people and browsers count differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spans {
    /// Bytes of UTF-8, end exclusive.
    pub byte: [usize; 2],
    /// Unicode scalar values, end exclusive.
    #[serde(rename = "char")]
    pub chars: [usize; 2],
    /// UTF-16 code units, end exclusive: what JavaScript counts.
    pub utf16: [usize; 2],
}

/// A legal ground, as shown beside a hit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// Its id in `rules/basis.toml`, for example `ad-25`.
    pub id: String,
    /// Instrument and article, for example 广告法 第二十五条.
    pub title: String,
}

/// Why a hit asks for less than its rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoweredKind {
    /// A directed negation stands before it.
    Negation,
    /// It begins or ends inside a word.
    Boundary,
    /// It was found only through an optional fold.
    Fold,
}

/// What lowered a hit, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lowered {
    /// The reason.
    pub kind: LoweredKind,
    /// The action before.
    pub from: Action,
    /// The words that lowered it, as they stand in the text; empty when there are none.
    pub text: String,
    /// Where they stand, if they stand in the text.
    pub span: Option<Spans>,
}

/// One rule found at one span of the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hit {
    /// The rule.
    pub rule: RuleId,
    /// Its name, for people.
    pub name: String,
    /// What it asks for here, after lowering.
    pub action: Action,
    /// The phrase as written in the rule file.
    pub phrase: String,
    /// The original text that matched, from the first to the last character.
    pub matched: String,
    /// Where it stands.
    pub span: Spans,
    /// The folds that were needed to find it, for example `traditional`, `gap:2`.
    pub via: Vec<String>,
    /// What lowered it.
    pub lowered_by: Option<Lowered>,
    /// The legal grounds.
    pub basis: Vec<Basis>,
    /// Why this is a problem, in plain words.
    pub why: String,
    /// What to write instead.
    pub fix: String,
}

/// A hit that an allow-phrase excused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Suppressed {
    /// The rule.
    pub rule: RuleId,
    /// The phrase that was found.
    pub phrase: String,
    /// The allow-phrase that covers it.
    pub by: String,
    /// Where the excused phrase stands.
    pub span: Spans,
}

/// The full answer of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The rules that judged.
    pub revision: Revision,
    /// The strictest action over all hits, listed or not.
    pub verdict: Verdict,
    /// At most 200 hits, in the order of the text.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub hits_total: usize,
    /// Hits that an allow-phrase excused.
    pub suppressed: Vec<Suppressed>,
    /// A rule that asks to confirm also asks for a written reason.
    pub require_reason: bool,
    /// A rule that asks to confirm also asks for a second person.
    pub require_approval: bool,
    /// Replies that the rules hit name, best first, for `suggest`.
    #[serde(default)]
    pub replies: Vec<String>,
}

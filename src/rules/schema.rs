//! The rule files as types: what every key means, before anything is compiled.

use super::source::{At, Origin, Source};
use crate::model::{Action, Channel, Severity};
use crate::scan::{Boundary, Detector, Fold, Negation};
use jiff::civil::Date;
use std::sync::Arc;

/// A whole folder of rule files, read.
#[derive(Debug, Default)]
pub struct Book {
    /// Every file that was read, in the order of their names.
    pub sources: Vec<Arc<Source>>,
    /// The packs, by file name.
    pub packs: Vec<Pack>,
    /// The replies of all files.
    pub replies: Vec<Reply>,
    /// The legal grounds.
    pub bases: Vec<BasisEntry>,
    /// The company's stance.
    pub policies: Vec<Policy>,
}

/// One file of rules (规则包).
#[derive(Debug)]
pub struct Pack {
    /// The file.
    pub source: Arc<Source>,
    /// Its id; the file's name where it gives none.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// The day its contents were last checked against the law.
    pub as_of: Option<Date>,
    /// What a reader has to know, for example that it is no legal advice.
    pub notice: String,
    /// Its rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// Where a rule or a reply stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// 草稿: being written, never judges.
    Draft,
    /// 影子: judges and is counted, never shown.
    Shadow,
    /// 生效
    #[default]
    Live,
    /// 停用: kept for the record, never judges.
    Retired,
}

/// One prohibition.
#[derive(Debug)]
pub struct Rule {
    /// Never reused, never renamed.
    pub id: At<String>,
    /// Its name, for people.
    pub name: String,
    /// What it asks for.
    pub action: Action,
    /// Where it stands in its life.
    pub state: State,
    /// How grave it is.
    pub severity: Severity,
    /// Ids in `basis.toml`.
    pub basis: Vec<At<String>>,
    /// What is looked for.
    pub phrases: Vec<Phrase>,
    /// Terms that count only together.
    pub near: Vec<Near>,
    /// Phrases that excuse a hit wholly inside them.
    pub allow: Vec<At<String>>,
    /// How many symbols or blanks may stand between two characters; absent: by the phrase's length.
    pub gap: Option<u8>,
    /// The optional folds switched on.
    pub fold: Vec<Fold>,
    /// Abbreviations a person wrote, for example initials.
    pub aliases: Vec<At<String>>,
    /// What a hit across two words does; absent: the engine's default.
    pub boundary: Option<Boundary>,
    /// What a negation before a hit does; absent: the engine's default.
    pub negation: Option<Negation>,
    /// Kinds of data looked for.
    pub detect: Vec<Detector>,
    /// The ways it judges; none: all.
    pub channels: Vec<Channel>,
    /// For whom it holds.
    pub scope: RuleScope,
    /// The first day it holds.
    pub valid_from: Option<Date>,
    /// The last day it holds.
    pub valid_to: Option<Date>,
    /// What WeCom's own rule does; absent: derived.
    pub native: Option<Native>,
    /// Why this is a problem, in plain words.
    pub why: String,
    /// What to write instead.
    pub fix: String,
    /// Replies to offer on a hit.
    pub replies: Vec<At<String>>,
    /// Confirming asks for a written reason.
    pub require_reason: bool,
    /// Confirming asks for a second person.
    pub require_approval: bool,
    /// What the rule has to hit and to leave alone.
    pub tests: Cases,
    /// It was read without a fault. Of another one nothing more can be said for certain.
    pub is_sound: bool,
}

/// One phrase, with what it has of its own.
#[derive(Debug)]
pub struct Phrase {
    /// As the admin wrote it.
    pub text: At<String>,
    /// Its own gap, over the rule's.
    pub gap: Option<u8>,
}

/// Terms that count only together.
#[derive(Debug)]
pub struct Near {
    /// Every one of these, each in one of the wordings parted by `/`.
    pub all: Vec<At<String>>,
    /// None of these in the same stretch.
    pub without: Vec<At<String>>,
    /// How many characters may stand between one term and the next.
    pub within: u8,
    /// In the order written.
    pub ordered: bool,
}

/// For whom a rule holds. An empty list means everybody.
#[derive(Debug, Default)]
pub struct RuleScope {
    /// Departments by name or id, their children included.
    pub departments: Vec<String>,
    /// Not in these departments.
    pub exclude_departments: Vec<String>,
    /// Industries of the text.
    pub industries: Vec<String>,
    /// Tags of the sender.
    pub sender_tags: Vec<String>,
    /// Tags of the customer.
    pub contact_tags: Vec<String>,
}

/// What WeCom's own sensitive-word rule does with the phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Native {
    /// 拦截
    Block,
    /// 提示
    Warn,
    /// 不同步
    Off,
}

/// A rule's own tests.
#[derive(Debug, Default)]
pub struct Cases {
    /// Must be hit.
    pub must_hit: Vec<Case>,
    /// Must be left alone.
    pub must_pass: Vec<Case>,
    /// Known miss: reported, does not fail.
    pub todo_hit: Vec<Case>,
    /// Known false alarm: reported, does not fail.
    pub todo_pass: Vec<Case>,
    /// On how many lines of ordinary text the rule may speak up; absent: by its action.
    pub max_benign: Option<u8>,
}

/// One text of a rule's own tests.
#[derive(Debug)]
pub struct Case {
    /// The text.
    pub text: At<String>,
    /// The part of it that has to be found.
    pub span: Option<String>,
}

/// Scripts for one need (话术).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The file it stands in.
    pub file: Origin,
    /// Its id; a script's id adds a dot and its place.
    pub id: At<String>,
    /// Only a live one is offered.
    pub state: State,
    /// For these industries; none: for all.
    pub industries: Vec<String>,
    /// Words of the draft or of what the customer wrote that bring it up.
    pub keywords: Vec<String>,
    /// Needs of the customer (核心诉求) that it answers.
    pub needs: Vec<String>,
    /// Ids in `basis.toml`.
    pub basis: Vec<At<String>>,
    /// Who approved it.
    pub approved_by: String,
    /// The day from which it is approved; absent: since it is live.
    pub approved_on: Option<Date>,
    /// The last day it may be offered.
    pub expires_on: Option<Date>,
    /// The wordings, with `{variable}` and `{variable|fallback}`.
    pub scripts: Vec<At<String>>,
}

/// A legal ground.
#[derive(Debug, PartialEq, Eq)]
pub struct BasisEntry {
    /// The file it stands in.
    pub file: Origin,
    /// Its id, for example `ad-25`.
    pub id: At<String>,
    /// Short form for cards, for example 《广告法》第二十五条.
    pub title: String,
    /// The law or rule it stands in.
    pub instrument: String,
    /// The article in it.
    pub article: String,
    /// What it demands, in our words.
    pub says: String,
    /// Where it was read.
    pub source: String,
    /// The day up to which the text was known.
    pub as_of: Option<Date>,
    /// How well it was checked.
    pub verified: Verified,
    /// The first day it is in force.
    pub valid_from: Option<Date>,
    /// The last day it is in force.
    pub valid_to: Option<Date>,
}

/// How well a legal ground was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verified {
    /// `A`: read in a full text.
    FullText,
    /// `B`: seen in public pages or excerpts.
    Excerpt,
    /// `U`: from general knowledge; a person has to check it before it is quoted.
    #[default]
    Unverified,
}

/// What the company asks of a department or an industry beyond the rules. Who is bound by one policy
/// and freed by another is free only where that one names a department or an industry, and the text
/// is known to belong there.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// For these departments; none: for all.
    pub departments: Vec<String>,
    /// For these industries; none: for all.
    pub industries: Vec<String>,
    /// What may be sent.
    pub policy: Stance,
}

/// What may be sent without approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// 自由: any text the rules let pass.
    Free,
    /// 仅限话术: approved scripts with filled variables only.
    ApprovedOnly,
}

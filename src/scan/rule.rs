//! What a rule file compiles into: plain data.

use crate::model::{Action, Basis, Channel, RuleId, Severity};
use jiff::civil::Date;

/// Whether a rule's hits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RuleState {
    /// They count.
    #[default]
    Live,
    /// They are counted, but never shown and never part of a verdict.
    Shadow,
}

/// A fold that turns one word into another. Off unless the rule asks; its hits ask for `confirm`
/// at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fold {
    /// 无feng险, wufengxian.
    Pinyin,
    /// 吴风险.
    Homophone,
    /// 百分百, 100%.
    Number,
    /// wfx: only through [`RuleSpec::aliases`].
    Initials,
    /// 兂风险.
    Shape,
    /// 讠若 for 诺.
    Split,
    /// l00%.
    Leet,
    /// 险风无.
    Reversed,
    /// 无风风险.
    Repeat,
    /// `<b>无风</b>险`, `&#26080;`, `%E6%97%A0`.
    Markup,
}

impl Fold {
    /// Every optional fold.
    pub const ALL: [Fold; 10] = [
        Fold::Pinyin,
        Fold::Homophone,
        Fold::Number,
        Fold::Initials,
        Fold::Shape,
        Fold::Split,
        Fold::Leet,
        Fold::Reversed,
        Fold::Repeat,
        Fold::Markup,
    ];

    /// The name used in rule files and in a hit's `via`.
    pub fn as_str(self) -> &'static str {
        match self {
            Fold::Pinyin => "pinyin",
            Fold::Homophone => "homophone",
            Fold::Number => "number",
            Fold::Initials => "initials",
            Fold::Shape => "shape",
            Fold::Split => "split",
            Fold::Leet => "leet",
            Fold::Reversed => "reversed",
            Fold::Repeat => "repeat",
            Fold::Markup => "markup",
        }
    }

    /// The reverse of [`Fold::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fold| fold.as_str() == text)
    }
}

/// A set of optional folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FoldSet(u16);

impl FoldSet {
    /// The set with `fold` in it.
    pub fn with(self, fold: Fold) -> Self {
        Self(self.0 | 1 << fold as u16)
    }

    /// `fold` is in it.
    pub fn has(self, fold: Fold) -> bool {
        self.0 & 1 << fold as u16 != 0
    }

    /// There is none in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The folds in it, in the order of [`Fold::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Fold> {
        Fold::ALL.into_iter().filter(move |fold| self.has(*fold))
    }
}

impl FromIterator<Fold> for FoldSet {
    fn from_iter<I: IntoIterator<Item = Fold>>(folds: I) -> Self {
        folds.into_iter().fold(Self::default(), Self::with)
    }
}

/// What happens to a short phrase that begins or ends inside a word (势必|过问).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Boundary {
    /// It counts in full.
    Off,
    /// It is lowered to `tip`.
    #[default]
    Tip,
    /// It is excused.
    Strict,
}

/// What happens to a phrase that a negation reaches (我们不承诺回报).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Negation {
    /// It counts in full.
    Off,
    /// It is lowered by one step.
    #[default]
    Lower,
    /// It is excused.
    Drop,
}

/// A kind of personal or contact data that a rule looks for without a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detector {
    /// A mobile number of mainland China.
    Mobile,
    /// An ID card number with a right check digit.
    IdCard,
    /// A bank card number that passes Luhn.
    BankCard,
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// A WeChat id after a word that announces one.
    WechatId,
}

impl Detector {
    /// Every detector.
    pub const ALL: [Detector; 6] = [
        Detector::Mobile,
        Detector::IdCard,
        Detector::BankCard,
        Detector::Email,
        Detector::Url,
        Detector::WechatId,
    ];

    /// The name used in rule files and as a hit's `phrase`.
    pub fn as_str(self) -> &'static str {
        match self {
            Detector::Mobile => "mobile",
            Detector::IdCard => "id_card",
            Detector::BankCard => "bank_card",
            Detector::Email => "email",
            Detector::Url => "url",
            Detector::WechatId => "wechat_id",
        }
    }

    /// The reverse of [`Detector::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detector| detector.as_str() == text)
    }
}

/// One phrase of a rule, as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhraseSpec {
    /// The phrase.
    pub text: String,
    /// Its own gap setting, in characters (0–9), over the rule's.
    pub gap: Option<u8>,
}

impl From<&str> for PhraseSpec {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), gap: None }
    }
}

/// Several terms close to one another, and none of some others: 收益 … 保证.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct NearSpec {
    /// The terms that must all stand there, each in one of its wordings: 亏/赔.
    pub all: Vec<String>,
    /// How many characters may stand between one term and the next.
    pub within: usize,
    /// The terms stand in the order given.
    pub ordered: bool,
    /// Terms that excuse it when they stand inside it or `within` characters around it.
    pub without: Vec<String>,
}

impl NearSpec {
    /// What a hit of it is called: its terms in their first wordings, 亏…算我.
    pub fn name(&self) -> String {
        Self::name_of(self.all.iter().map(String::as_str))
    }

    /// The same, of the terms alone.
    pub fn name_of<'t>(terms: impl Iterator<Item = &'t str>) -> String {
        terms.filter_map(|term| Self::wordings(term).next()).collect::<Vec<_>>().join("…")
    }

    /// The wordings of one term: 亏 and 赔 of 亏/赔.
    pub fn wordings(term: &str) -> impl Iterator<Item = &str> {
        term.split('/').filter(|wording| !wording.trim().is_empty())
    }
}

/// For whom a rule holds. An empty list holds for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ScopeSpec {
    /// Departments, by name or id; the sender's own or one above it.
    pub departments: Vec<String>,
    /// Departments that are exempt.
    pub exclude_departments: Vec<String>,
    /// Industries.
    pub industries: Vec<String>,
    /// Ways a message comes.
    pub channels: Vec<Channel>,
    /// Tags of the sender, one of which is needed.
    pub sender_tags: Vec<String>,
    /// Tags of the contact, one of which is needed.
    pub contact_tags: Vec<String>,
}

/// One prohibition, as read from a rule file.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSpec {
    /// Its id.
    pub id: RuleId,
    /// Its name, for people.
    pub name: String,
    /// What it asks for.
    pub action: Action,
    /// How grave it is.
    pub severity: Severity,
    /// Whether its hits count.
    pub state: RuleState,
    /// What it looks for.
    pub phrases: Vec<PhraseSpec>,
    /// Phrases that excuse a hit lying wholly inside them.
    pub allow: Vec<String>,
    /// Terms it looks for together.
    pub near: Vec<NearSpec>,
    /// How many symbols or blanks may stand between two characters of a phrase (0–9); absent: by
    /// the phrase's length.
    pub gap: Option<u8>,
    /// Optional folds.
    pub fold: FoldSet,
    /// Other spellings, written by hand: initials, nicknames. Their hits ask for `confirm` at most.
    pub aliases: Vec<String>,
    /// What a word boundary inside the phrase does.
    pub boundary: Boundary,
    /// What a negation before the phrase does.
    pub negation: Negation,
    /// Personal and contact data it looks for.
    pub detect: Vec<Detector>,
    /// For whom it holds.
    pub scope: ScopeSpec,
    /// First day it holds.
    pub valid_from: Option<Date>,
    /// Last day it holds.
    pub valid_to: Option<Date>,
    /// Legal grounds.
    pub basis: Vec<Basis>,
    /// Why this is a problem.
    pub why: String,
    /// What to write instead.
    pub fix: String,
    /// Ids of replies to offer.
    pub replies: Vec<String>,
    /// To confirm, a reason must be written.
    pub require_reason: bool,
    /// To confirm, a second person is needed.
    pub require_approval: bool,
}

impl RuleSpec {
    /// A live rule with these phrases and nothing else set.
    pub fn new(
        id: impl Into<RuleId>,
        name: impl Into<String>,
        action: Action,
        phrases: impl IntoIterator<Item = impl Into<PhraseSpec>>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            action,
            severity: Severity::Medium,
            state: RuleState::Live,
            phrases: phrases.into_iter().map(Into::into).collect(),
            allow: Vec::new(),
            near: Vec::new(),
            gap: None,
            fold: FoldSet::default(),
            aliases: Vec::new(),
            boundary: Boundary::default(),
            negation: Negation::default(),
            detect: Vec::new(),
            scope: ScopeSpec::default(),
            valid_from: None,
            valid_to: None,
            basis: Vec::new(),
            why: String::new(),
            fix: String::new(),
            replies: Vec::new(),
            require_reason: false,
            require_approval: false,
        }
    }
}

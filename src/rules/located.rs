//! A rule together with its file, so that whatever is said of it can be placed.

use super::diagnostic::{Diagnostic, Place, Related, Words};
use super::schema::{Book, Near, Pack, Rule, State};
use super::source::Fault;
use crate::model::Span;
use crate::scan::{Dismissal, NearSpec};

/// A rule in its pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Located<'b> {
    pub pack: &'b Pack,
    pub rule: &'b Rule,
}

impl Book {
    /// The rules that were read without a fault and are not retired, in the order of the files.
    pub(super) fn sound(&self) -> impl Iterator<Item = Located<'_>> {
        let rules =
            self.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| Located { pack, rule }));
        rules.filter(|at| at.rule.is_sound && at.rule.state != State::Retired)
    }
}

impl<'b> Located<'b> {
    pub fn id(self) -> &'b str {
        &self.rule.id.value
    }

    pub fn place(self, span: Span) -> Place {
        self.pack.source.place(span)
    }

    pub fn diagnose(self, fault: Fault) -> Diagnostic {
        self.pack.source.diagnose(fault)
    }

    pub fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.rule, other.rule)
    }

    /// Where that by which a hit calls its phrase stands; the rule's id when it stands nowhere.
    pub fn phrase(self, written: &str) -> Span {
        let rule = self.rule;
        let phrases = rule.phrases.iter().map(|phrase| &phrase.text);
        let word = phrases.chain(&rule.aliases).find(|text| text.value == written);
        let near = || rule.near.iter().find(|near| name(near) == written)?.all.first();
        word.or_else(near).map_or(rule.id.span, |text| text.span)
    }

    /// Where an allow-phrase stands.
    pub fn allow(self, written: &str) -> Option<Span> {
        self.rule.allow.iter().find(|allow| allow.value == written).map(|allow| allow.span)
    }

    /// The place of what dismissed a find of `phrase`, with what it did.
    pub fn dismisser(self, why: &Dismissal, phrase: &str) -> Related {
        let allow = match why {
            Dismissal::Allowed { by } => self.allow(by),
            _ => None,
        };
        let words = match allow {
            Some(_) => Words::new("放行它的例外", "the allow-phrase that excuses it"),
            None => Words::new("要找的词条", "the phrase looked for"),
        };
        Related { place: self.place(allow.unwrap_or_else(|| self.phrase(phrase))), words }
    }
}

/// A two-term phrase as a hit calls it.
fn name(near: &Near) -> String {
    NearSpec::name_of(near.all.iter().map(|term| term.value.as_str()))
}

/// Why a find of `phrase` is no hit, in words.
pub fn dismissal_words(phrase: &str, why: &Dismissal) -> Words {
    let (zh, en) = match why {
        Dismissal::OutOfScope => ("不在规则的适用范围内".into(), "is out of the rule's scope".into()),
        Dismissal::InsideWord => {
            ("在一个更长的英文词或数字里".into(), "is part of a longer word or number".into())
        }
        Dismissal::Gap => ("的字隔得太开".into(), "has its characters too far apart".into()),
        Dismissal::Allowed { by } => (format!("被例外「{by}」放行"), format!("is excused by `{by}`")),
        Dismissal::CutsWord { by } => (format!("切断了词语「{by}」"), format!("cuts the words `{by}`")),
        Dismissal::Negated { by } => (format!("被否定「{by}」放行"), format!("is negated by `{by}`")),
        Dismissal::Without { by } => (format!("旁边有「{by}」"), format!("has `{by}` beside it")),
        Dismissal::Overlapped => {
            ("被同一规则的另一处盖住".into(), "is covered by another hit of its rule".into())
        }
    };
    Words::new(format!("「{phrase}」{zh}"), format!("`{phrase}` {en}"))
}

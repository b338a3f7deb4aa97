//! Reads one pack: `[pack]` and its `[[rule]]` tables.

use super::diagnostic::{Code, Words};
use super::fields::{Choices, Fields, Value, called};
use super::ids::{Ids, Kind};
use super::schema::{Case, Cases, Native, Near, Pack, Phrase, Rule, RuleScope, State};
use super::source::{At, Fault, Source};
use crate::model::{Action, Channel, Severity};
use crate::scan::{Boundary, Detector, Fold, NearSpec, Negation};
use std::sync::Arc;

pub(super) const ACTIONS: &Choices<Action> = &[
    (Action::Block, "拦截", "block"),
    (Action::Confirm, "确认", "confirm"),
    (Action::Tip, "提示", "tip"),
    (Action::Log, "记录", "log"),
];
pub(super) const STATES: &Choices<State> = &[
    (State::Draft, "草稿", "draft"),
    (State::Shadow, "影子", "shadow"),
    (State::Live, "生效", "live"),
    (State::Retired, "停用", "retired"),
];
pub(super) const SEVERITIES: &Choices<Severity> =
    &[(Severity::High, "高", "high"), (Severity::Medium, "中", "medium"), (Severity::Low, "低", "low")];
pub(super) const CHANNELS: &Choices<Channel> = &[
    (Channel::Sidebar, "侧边栏", "sidebar"),
    (Channel::Bot, "机器人", "bot"),
    (Channel::Api, "接口", "api"),
    (Channel::Kf, "微信客服", "kf"),
    (Channel::Template, "群发", "template"),
    (Channel::Archive, "存档", "archive"),
];
pub(super) const BOUNDARIES: &Choices<Boundary> =
    &[(Boundary::Off, "关闭", "off"), (Boundary::Tip, "提示", "tip"), (Boundary::Strict, "严格", "strict")];
pub(super) const NEGATIONS: &Choices<Negation> =
    &[(Negation::Off, "关闭", "off"), (Negation::Lower, "降级", "lower"), (Negation::Drop, "放行", "drop")];
pub(super) const NATIVES: &Choices<Native> =
    &[(Native::Block, "拦截", "block"), (Native::Warn, "提示", "warn"), (Native::Off, "不同步", "off")];
pub(super) const FOLDS: &Choices<Fold> = &[
    (Fold::Pinyin, "拼音", "pinyin"),
    (Fold::Homophone, "同音", "homophone"),
    (Fold::Number, "数字", "number"),
    (Fold::Initials, "首字母", "initials"),
    (Fold::Shape, "形近", "shape"),
    (Fold::Split, "拆字", "split"),
    (Fold::Leet, "字母数字互换", "leet"),
    (Fold::Reversed, "倒写", "reversed"),
    (Fold::Repeat, "重复", "repeat"),
    (Fold::Markup, "标记", "markup"),
];
pub(super) const DETECTORS: &Choices<Detector> = &[
    (Detector::Mobile, "手机号", "mobile"),
    (Detector::IdCard, "身份证", "id_card"),
    (Detector::BankCard, "银行卡", "bank_card"),
    (Detector::Email, "邮箱", "email"),
    (Detector::Url, "网址", "url"),
    (Detector::WechatId, "微信号", "wechat_id"),
];

/// What an action is called in rule files.
pub fn action_words(action: Action) -> Words {
    called(ACTIONS, action)
}

/// The widest gap a rule may ask for, in characters.
const MAX_GAP: u8 = 9;
/// How many characters may stand between two terms of a two-term rule at most.
const MAX_WITHIN: u8 = 200;

/// Reads the pack of `source`; `stem` is its id when it gives none.
pub(super) fn read(file: &mut Fields<'_, '_>, stem: &str, source: &Arc<Source>, ids: &mut Ids) -> Pack {
    file.number("schema", 1..=1);
    let mut pack = head(file, stem, source, ids);
    for item in file.list("rule") {
        let Some(fields) = file.inner("rule", item) else { continue };
        pack.rules.extend(rule(fields, source, ids));
    }
    pack
}

fn head(file: &mut Fields<'_, '_>, stem: &str, source: &Arc<Source>, ids: &mut Ids) -> Pack {
    let bare = |id: String| Pack {
        source: Arc::clone(source),
        name: id.clone(),
        id,
        owner: String::new(),
        as_of: None,
        notice: String::new(),
        rules: Vec::new(),
    };
    let Some(mut fields) = file.table("pack") else { return bare(stem.to_owned()) };
    let id = fields.claimed_id(Kind::Pack, source, ids);
    let mut pack = bare(id.map_or_else(|| stem.to_owned(), |id| id.value));
    pack.name = fields.text("name").unwrap_or(pack.name);
    pack.owner = fields.text("owner").unwrap_or_default();
    pack.as_of = fields.date("as_of");
    pack.notice = fields.text("notice").unwrap_or_default();
    fields.finish();
    pack
}

/// `None` only without an id: every other fault leaves a rule to find further faults in.
fn rule(mut fields: Fields<'_, '_>, source: &Source, ids: &mut Ids) -> Option<Rule> {
    let before = fields.fault_count();
    fields.call(Words::new("这条规则", "this rule"));
    let id = fields.claimed_id(Kind::Rule, source, ids);
    if let Some(id) = &id {
        fields.call(Words::new(format!("规则 {}", id.value), format!("rule {}", id.value)));
    }
    let name = fields.text_at("name");
    let name = fields.require("name", name).map(|name| name.value);
    let action = fields.choice("action", ACTIONS);
    let action = fields.require("action", action);
    let (phrases, near, detect) = sought(&mut fields, id.as_ref());
    let mut found = Rule {
        id: id.unwrap_or_else(|| fields.nameless()),
        name: name.unwrap_or_default(),
        action: action.unwrap_or(Action::Block),
        phrases,
        near,
        detect,
        state: fields.choice("state", STATES).unwrap_or_default(),
        severity: fields.choice("severity", SEVERITIES).unwrap_or(Severity::Medium),
        basis: fields.texts_at("basis"),
        allow: words(&mut fields, "allow"),
        gap: fields.number("gap", 0..=MAX_GAP),
        fold: fields.choices("fold", FOLDS),
        aliases: words(&mut fields, "aliases"),
        boundary: fields.choice("boundary", BOUNDARIES),
        negation: fields.choice("negation", NEGATIONS),
        channels: fields.choices("channels", CHANNELS),
        scope: fields.table("scope").map(scope).unwrap_or_default(),
        valid_from: fields.date("valid_from"),
        valid_to: fields.date("valid_to"),
        native: fields.choice("native", NATIVES),
        why: fields.text("why").unwrap_or_default(),
        fix: fields.text("fix").unwrap_or_default(),
        replies: fields.texts_at("replies"),
        require_reason: fields.flag("require_reason").unwrap_or(false),
        require_approval: fields.flag("require_approval").unwrap_or(false),
        tests: fields.table("tests").map(cases).unwrap_or_default(),
        is_sound: false,
    };
    found.is_sound = fields.finish() == before;
    (!found.id.value.is_empty()).then_some(found)
}

/// What the rule looks for: at least one of phrases, near and detect.
fn sought(fields: &mut Fields<'_, '_>, id: Option<&At<String>>) -> (Vec<Phrase>, Vec<Near>, Vec<Detector>) {
    let has_some = ["phrases", "near", "detect"].into_iter().any(|key| fields.has(key));
    let before = fields.fault_count();
    let phrases: Vec<_> = fields.list("phrases").iter().filter_map(|item| phrase(fields, item)).collect();
    let near: Vec<_> = fields.list("near").iter().filter_map(|item| near(fields, item)).collect();
    let detect = fields.choices("detect", DETECTORS);
    if !has_some {
        fields.lacks("phrases");
    } else if phrases.is_empty() && near.is_empty() && detect.is_empty() && fields.fault_count() == before {
        let id = id.map_or("", |id| id.value.as_str());
        fields.report(Fault::new(Code::NoPhrases, fields.span()).with("id", id));
    }
    (phrases, near, detect)
}

fn phrase<'t>(fields: &mut Fields<'t, '_>, item: &'t Value<'t>) -> Option<Phrase> {
    if item.get_ref().as_table().is_none() {
        return fields.word("phrases", item).map(|text| Phrase { text, gap: None });
    }
    let mut own = fields.inner("phrases", item)?;
    let text = own.text_at("text");
    let text = own.require("text", text);
    let gap = own.number("gap", 0..=MAX_GAP);
    let text = text.filter(|text| own.is_word("phrases", text));
    own.finish();
    text.map(|text| Phrase { text, gap })
}

fn near<'t>(fields: &mut Fields<'t, '_>, item: &'t Value<'t>) -> Option<Near> {
    let mut own = fields.inner("near", item)?;
    let faults = own.fault_count();
    let all = terms(&mut own);
    if all.is_empty() && own.fault_count() == faults {
        own.lacks("all");
    }
    let within = own.number("within", 0..=MAX_WITHIN);
    let near = Near {
        all,
        within: own.require("within", within).unwrap_or(MAX_WITHIN),
        without: words(&mut own, "without"),
        ordered: own.flag("ordered").unwrap_or(false),
    };
    own.finish();
    (!near.all.is_empty()).then_some(near)
}

/// The terms of a `near`: what holds for a phrase holds for each of their wordings.
fn terms(fields: &mut Fields<'_, '_>) -> Vec<At<String>> {
    let list = fields.list("all").iter();
    let mut all: Vec<_> = list.filter_map(|item| fields.item("all", item)).collect();
    all.retain(|term| {
        let mut wordings = NearSpec::wordings(&term.value).peekable();
        let of = |wording: &str| At { value: wording.to_owned(), span: term.span };
        match wordings.peek() {
            Some(_) => wordings.all(|wording| fields.is_word("all", &of(wording))),
            None => fields.is_word("all", term),
        }
    });
    all
}

/// A list of phrases, each with something left after folding.
fn words(fields: &mut Fields<'_, '_>, key: &'static str) -> Vec<At<String>> {
    fields.list(key).iter().filter_map(|item| fields.word(key, item)).collect()
}

fn scope(mut fields: Fields<'_, '_>) -> RuleScope {
    let scope = RuleScope {
        departments: fields.texts("departments"),
        exclude_departments: fields.texts("exclude_departments"),
        industries: fields.texts("industries"),
        sender_tags: fields.texts("sender_tags"),
        contact_tags: fields.texts("contact_tags"),
    };
    fields.finish();
    scope
}

fn cases(mut fields: Fields<'_, '_>) -> Cases {
    let mut of = |key| fields.list(key).iter().filter_map(|item| case(&mut fields, key, item)).collect();
    let cases = Cases {
        must_hit: of("must_hit"),
        must_pass: of("must_pass"),
        todo_hit: of("todo_hit"),
        todo_pass: of("todo_pass"),
        max_benign: fields.number("max_benign", 0..=u8::MAX),
    };
    fields.finish();
    cases
}

fn case<'t>(fields: &mut Fields<'t, '_>, key: &'static str, item: &'t Value<'t>) -> Option<Case> {
    if item.get_ref().as_table().is_none() {
        return fields.item(key, item).map(|text| Case { text, span: None });
    }
    let mut own = fields.inner(key, item)?;
    let text = own.text_at("text");
    let text = own.require("text", text);
    let span = own.text("span");
    own.finish();
    text.map(|text| Case { text, span })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn english<T: Copy>(
        choices: &Choices<T>,
        name: fn(T) -> &'static str,
    ) -> BTreeMap<&'static str, &'static str> {
        choices.iter().map(|(choice, _, en)| (*en, name(*choice))).collect()
    }

    #[test]
    fn every_english_name_is_the_one_that_json_uses() {
        let names = [
            english(CHANNELS, Channel::as_str),
            english(FOLDS, Fold::as_str),
            english(DETECTORS, Detector::as_str),
        ];
        assert_eq!(
            names.each_ref().map(BTreeMap::len),
            [Channel::ALL.len(), Fold::ALL.len(), Detector::ALL.len()]
        );
        for (written, named) in names.into_iter().flatten() {
            assert_eq!(written, named);
        }
    }
}

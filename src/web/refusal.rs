//! The refusals of a customer's page: one table of status, code and words.

use super::error::WebError;
use crate::channels::of_parting;
use crate::followup::{EditError, EditFault, FollowupError, MAX_NEEDS, stage_name};
use crate::model::{Appointment, CompanyZone, Ended, Hit, MAX_SLOT_CHARS, MAX_SLOTS, SlotFault, Stage};
use crate::wording::{Lang, say};
use actix_web::http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

impl From<FollowupError> for WebError {
    fn from(error: FollowupError) -> Self {
        match error {
            FollowupError::NotFollowUser => Self::new(
                StatusCode::FORBIDDEN,
                "not_follow_user",
                "你不是这位客户的跟进人。",
                "You don't follow this customer.",
            ),
            FollowupError::Parted(ended) => parted(ended),
            FollowupError::Unknown => Self::not_found(),
            FollowupError::Away { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "wecom_away",
                "企业微信暂时没有回应,本地也没有这位客户的资料。",
                "WeCom does not answer and nothing is kept on this customer.",
            )
            .caused_by(error),
            FollowupError::Store(error) => error.into(),
        }
    }
}

fn parted(ended: Ended) -> WebError {
    let when = CompanyZone::china().minute(ended.at);
    let said = |lang| say(lang, of_parting(ended.by), &[("when", &when)]);
    WebError::new(StatusCode::FORBIDDEN, "not_follow_user", said(Lang::Zh), said(Lang::En))
        .with("ended", json!(ended))
}

impl From<EditError> for WebError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::View(error) => error.into(),
            EditError::Fault(fault) => fault.into(),
            EditError::NotFound => Self::not_found(),
            EditError::KeyReused => Self::key_reused(),
            EditError::ReadOnly { since } => read_only(since),
            EditError::Changed(following) => Self::new(
                StatusCode::CONFLICT,
                "changed_meanwhile",
                "刚刚在别处改动过,请看过最新内容再改。",
                "This was changed elsewhere: look at the newer state first.",
            )
            .with("following", json!(following)),
            EditError::Stopped { what, hits } => stopped(what, &hits),
            EditError::NoPassage { from, to } => no_passage(from, to),
            EditError::ReasonRequired => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "reason_required",
                "跳过、退回或流失要写明原因。",
                "Skipping, going back and losing ask for a `reason`.",
            ),
            EditError::Busy(other) => busy(&other),
        }
    }
}

fn read_only(since: Timestamp) -> WebError {
    let when = CompanyZone::china().minute(since);
    WebError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "wecom_away",
        format!("企业微信暂时没有回应,现在不能修改。最后更新 {when}。"),
        format!("WeCom does not answer, so nothing can be changed now. Last updated {when}."),
    )
}

fn stopped(what: &'static str, hits: &[Hit]) -> WebError {
    let phrases = hits.iter().map(|hit| format!("「{}」", hit.matched)).collect::<String>();
    let why = hits.first().map(|hit| hit.why.as_str()).unwrap_or_default();
    WebError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "text_stopped",
        format!("{what} 里的{phrases}不能写进记录:{why}"),
        format!("`{what}` has words that must not stand there: {phrases}"),
    )
    .with("hits", json!(hits))
}

fn no_passage(from: Stage, to: Stage) -> WebError {
    let names = |lang| (stage_name(lang, from), stage_name(lang, to));
    let ((from_zh, to_zh), (from_en, to_en)) = (names(Lang::Zh), names(Lang::En));
    WebError::new(
        StatusCode::CONFLICT,
        "no_passage",
        format!("不能从「{from_zh}」直接到「{to_zh}」。"),
        format!("There is no way from {from_en} to {to_en}."),
    )
}

fn busy(other: &Appointment) -> WebError {
    let when = CompanyZone::china().minute(other.starts_at);
    WebError::new(
        StatusCode::CONFLICT,
        "appointment_conflict",
        format!("这个时间和 {when} 的预约「{}」冲突。", other.title),
        format!("This meets the appointment of {when}: {}", other.title),
    )
    .with("appointment", json!(other))
}

impl From<EditFault> for WebError {
    fn from(fault: EditFault) -> Self {
        let en = fault.to_string();
        let (name, zh) = match fault {
            EditFault::Nothing => ("body", "没有写要改什么".to_owned()),
            EditFault::Empty(what) => (what, "不能为空".to_owned()),
            EditFault::TooLong { what, found, limit } => (what, format!("有 {found} 个字,最多 {limit} 个")),
            EditFault::TooManyNeeds(found) => {
                ("core_need", format!("有 {found} 个核心诉求,最多 {MAX_NEEDS} 个"))
            }
            EditFault::Past(what) => (what, "时间已经过了,请选以后的时间".to_owned()),
            EditFault::TooFar(what) => (what, "时间太远,最多一年以内".to_owned()),
            EditFault::NotYet(what) => (what, "时间还没到,请选已经过去的时间".to_owned()),
            EditFault::Length => ("ends_at", "预约要在 5 分钟到 24 小时之间".to_owned()),
            EditFault::Slot(fault) => ("tags", slot_words(&fault)),
        };
        Self::invalid(name, zh, en)
    }
}

fn slot_words(fault: &SlotFault) -> String {
    match fault {
        SlotFault::TooMany(found) => format!("有 {found} 个标签,最多 {MAX_SLOTS} 个"),
        SlotFault::NoName => "标签要有名字".to_owned(),
        SlotFault::Twice(name) => format!("有两个标签都叫「{name}」"),
        SlotFault::TooLong(word) => format!("「{word}」超过 {MAX_SLOT_CHARS} 个字"),
        SlotFault::NoNumber(text) => format!("「{text}」不是数字"),
        SlotFault::NoOption(text) => format!("「{text}」不在选项里,选项要有 2 到 8 个"),
    }
}

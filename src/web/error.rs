//! Every refusal that leaves the process: one table of status, code and words. The cause goes to
//! the log once, here, and never to the caller.

use super::headers::request_id;
use crate::channels::state_name;
use crate::intercept::GateError;
use crate::model::{Check, MAX_TEXT_CHARS, TextFault};
use crate::store::StoreError;
use crate::wording::Lang;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};
use std::fmt;

/// A refusal as the caller sees it: an RFC 9457 problem document with a `code`.
#[derive(Debug)]
pub struct WebError {
    status: StatusCode,
    code: &'static str,
    zh: String,
    en: String,
    extra: Vec<(&'static str, Value)>,
    cause: Option<String>,
}

impl WebError {
    /// A refusal. `code` is snake_case and never reused for something else.
    pub fn new(status: StatusCode, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { status, code, zh: zh.into(), en: en.into(), extra: Vec::new(), cause: None }
    }

    /// With one more member in the document.
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.extra.push((name, value));
        self
    }

    /// With what the log is told.
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "没有找到。", "There is no such thing.")
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "请带上有效的令牌(Authorization: Bearer …)或先登录。",
            "Send a valid token (Authorization: Bearer …) or sign in first.",
        )
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "没有权限。", "You are not allowed to do this.")
    }

    pub(super) fn csrf() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "csrf",
            "请求不是从本页面发出的,请刷新后重试。",
            "The request did not come from our page; reload and try again.",
        )
    }

    pub(super) fn fault() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_fault",
            "服务出了问题,请把编号告诉管理员。",
            "Something went wrong; tell your admin the request id.",
        )
    }

    pub(super) fn key_reused() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "这个 Idempotency-Key 已用于另一个请求。",
            "This Idempotency-Key was used for another request.",
        )
    }

    pub(super) fn invalid(name: &str, zh: impl fmt::Display, en: impl fmt::Display) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_value",
            format!("{name}:{zh}"),
            format!("{name}: {en}"),
        )
    }

    /// The machine-readable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    fn document(&self, request_id: &str) -> Value {
        let mut document = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.en,
            "zh": self.zh,
            "en": self.en,
            "request_id": request_id,
        });
        if let Some(members) = document.as_object_mut() {
            members.extend(self.extra.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        document
    }
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = request_id();
        if self.status.is_server_error() || self.cause.is_some() {
            let cause = self.cause.as_deref().unwrap_or("-");
            tracing::error!(%request_id, code = self.code, %cause, "a request failed");
        }
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header(("Retry-After", "1"));
        }
        response.content_type("application/problem+json").json(self.document(&request_id))
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        let not_recorded =
            |zh: &str, en: &str| Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_recorded", zh, en);
        match &error {
            StoreError::Stale { .. } => Self::new(
                StatusCode::CONFLICT,
                "changed_meanwhile",
                "刚刚被别人改动,请重新读取后再试。",
                "Somebody else was faster; read again and retry.",
            ),
            StoreError::Retry { .. } => not_recorded(
                "暂时不能留存记录,所以没有放行。请稍后重试。",
                "It can't be recorded right now, so nothing was released. Try again.",
            ),
            StoreError::Stopped { .. } | StoreError::Unreadable { .. } => not_recorded(
                "记录已停止写入,所以没有放行。请联系管理员。",
                "The record is closed for writing, so nothing was released. Tell your admin.",
            ),
        }
        .caused_by(error)
    }
}

impl From<TextFault> for WebError {
    fn from(fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "text_empty", "text 是空的。", "`text` is empty.")
            }
            TextFault::TooLong(count) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "text_too_long",
                format!("text 有 {count} 个字,最多 {MAX_TEXT_CHARS} 个。"),
                format!("`text` has {count} characters, at most {MAX_TEXT_CHARS} are allowed."),
            ),
        }
    }
}

impl From<GateError> for WebError {
    fn from(error: GateError) -> Self {
        let conflict = |code, zh: String, en: String| Self::new(StatusCode::CONFLICT, code, zh, en);
        let invalid = |code, zh: &str, en: &str| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, zh, en);
        match error {
            GateError::Store(error) => error.into(),
            GateError::NotFound => Self::not_found(),
            GateError::NotYours => Self::forbidden(),
            GateError::NoRecipient => invalid(
                "recipient_required",
                "除机器人外都要写明 recipient。",
                "`recipient` is required on every channel but `bot`.",
            ),
            GateError::WrongState { state } => conflict(
                "wrong_state",
                format!("这条记录的状态是「{}」,不能这样操作。", state_name(Lang::Zh, state)),
                format!("The check is `{}`; this is not possible.", state.as_str()),
            )
            .with("state", state.as_str().into()),
            GateError::Expired => Self::new(
                StatusCode::GONE,
                "expired",
                "时间已过,请重新检查原文。",
                "The time has run out; check the text again.",
            ),
            GateError::VerdictChanged { check } => changed(&check),
            GateError::ReasonRequired => {
                invalid("reason_required", "这条规则要求填写原因。", "This rule asks for a `reason`.")
            }
            GateError::TextMismatch => invalid(
                "text_mismatch",
                "要确认的文字和检查过的不一致,请重新检查。",
                "This is not the text that was checked; check it again.",
            ),
            GateError::ReleaseUsed => conflict(
                "release_used",
                "这个放行令牌已经报告过不同的结果。".to_owned(),
                "This release was reported before, with another result.".to_owned(),
            ),
            GateError::ReleaseUnknown => invalid(
                "release_unknown",
                "放行令牌不属于这条记录。",
                "The release does not belong to this check.",
            ),
        }
    }
}

/// The rules became stricter: the new check goes with the refusal.
fn changed(check: &Check) -> WebError {
    WebError::new(
        StatusCode::CONFLICT,
        "verdict_changed",
        "规则刚更新,已按新规则重新检查。",
        "The rules changed; the text was checked again.",
    )
    .with(
        "check",
        serde_json::to_value(super::api::checks::CheckAnswer::of(check, None)).unwrap_or(Value::Null),
    )
}

/// What a path nobody serves is answered.
pub async fn no_route() -> Result<HttpResponse, WebError> {
    Err(WebError::not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_fault_never_shows_its_cause() {
        let error =
            WebError::from(StoreError::Stopped { why: "disk /dev/vdb at 10.1.2.3 refused".to_owned() });
        let document = error.document("req").to_string();
        assert!(!document.contains("10.1.2.3"), "{document}");
        assert_eq!(error.status_code(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

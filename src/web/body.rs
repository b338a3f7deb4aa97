//! Reading a JSON body: bounded, and wrong in a way that says where.

use super::error::WebError;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The largest body of an API call, in bytes.
pub const MAX_BODY_BYTES: usize = 1 << 20;
/// How long an API call's body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

/// A JSON body read as `T`, and its bytes' fingerprint.
pub struct Json<T> {
    /// What it says.
    pub value: T,
    /// SHA-256 of the bytes, for idempotency keys.
    pub fingerprint: String,
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let arrived = tokio::time::timeout(PATIENCE, bytes).await.map_err(|_| too_slow())?;
            let bytes = arrived.map_err(|error| unread(&error))?;
            let text =
                std::str::from_utf8(&bytes).map_err(|_| malformed("不是 UTF-8。", "It is not UTF-8."))?;
            let value = serde_json::from_str(text).map_err(|error| fault(&error))?;
            Ok(Self { value, fingerprint: crate::store::fingerprint(&[text]) })
        })
    }
}

fn too_slow() -> WebError {
    let seconds = PATIENCE.as_secs();
    WebError::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        format!("请求内容没有在 {seconds} 秒内到齐。"),
        format!("The body did not arrive within {seconds} seconds."),
    )
}

fn unread(error: &actix_web::Error) -> WebError {
    if error.as_response_error().status_code() != StatusCode::PAYLOAD_TOO_LARGE {
        return WebError::new(
            StatusCode::BAD_REQUEST,
            "body_unreadable",
            "读不到请求内容。",
            "The body can't be read.",
        );
    }
    WebError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("请求内容超过 {MAX_BODY_BYTES} 字节。"),
        format!("The body is larger than {MAX_BODY_BYTES} bytes."),
    )
}

fn malformed(zh: impl Into<String>, en: impl Into<String>) -> WebError {
    WebError::new(StatusCode::BAD_REQUEST, "malformed_json", zh, en)
}

/// Broken JSON is 400, a value that can't be is 422; both say where.
fn fault(error: &serde_json::Error) -> WebError {
    let (line, column) = (error.line(), error.column());
    let problem = match error.classify() {
        Category::Data => WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_value",
            format!("第 {line} 行第 {column} 列的值不对:{error}"),
            format!("The value at line {line}, column {column} can't be: {error}"),
        ),
        Category::Syntax | Category::Eof | Category::Io => malformed(
            format!("第 {line} 行第 {column} 列不是合法的 JSON:{error}"),
            format!("Not JSON at line {line}, column {column}: {error}"),
        ),
    };
    problem.with("line", line.into()).with("column", column.into())
}

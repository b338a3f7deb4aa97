//! One call of the API as a handler sees it, and what a handler may answer.

use super::errcode::{EMPTY_PARAMETER, Refusal};
use crate::model::AgentId;
use actix_web::web::Bytes;
use serde_json::Value;

/// A call whose access token was good.
#[derive(Debug)]
pub(crate) struct Call {
    /// The token's application; 0 where no token is needed.
    pub(crate) agent: AgentId,
    /// The query, percent-decoded.
    pub(crate) query: Vec<(String, String)>,
    /// The JSON body; an empty object when there is none or it is not JSON.
    pub(crate) body: Value,
    /// The body as it came, for uploads.
    pub(crate) raw: Bytes,
    /// Of the body.
    pub(crate) content_type: String,
}

/// What goes back to the caller.
#[derive(Debug)]
pub(crate) enum Reply {
    /// The call's own fields; errcode and errmsg are put in front.
    Json(Value),
    /// A download.
    File {
        /// For Content-Disposition.
        name: String,
        /// The bytes.
        bytes: Bytes,
    },
}

/// What a handler answers.
pub(crate) type Answer = Result<Reply, Refusal>;

impl Call {
    /// A query parameter; a repeated one counts once.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// A string of the body; empty when it is absent or of another type.
    pub(crate) fn text(&self, field: &str) -> &str {
        text(&self.body, field)
    }

    /// A number of the body.
    pub(crate) fn number(&self, field: &str) -> Option<i64> {
        self.body.get(field).and_then(Value::as_i64)
    }

    /// The strings of a list in the body.
    ///
    /// # Errors
    /// `EMPTY_PARAMETER` when there is none.
    pub(crate) fn strings(&self, field: &str) -> Result<Vec<&str>, Refusal> {
        let found: Vec<&str> = list(&self.body, field).iter().filter_map(Value::as_str).collect();
        if found.is_empty() { Err(EMPTY_PARAMETER) } else { Ok(found) }
    }
}

/// A string field; empty when it is absent or of another type.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A list field; empty when it is absent or of another type.
pub(crate) fn list<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

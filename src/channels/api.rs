//! A company's own program: as strong as that program, which must not send without a release.

use crate::intercept::{Attachment, Draft, Gate, GateError, Outcome};
use crate::store::Idempotency;

/// A request's own key, so that a repetition makes no second record.
#[derive(Debug, Clone)]
pub struct RequestKey {
    /// Unique per caller.
    pub key: String,
    /// Hash of the request's content.
    pub fingerprint: String,
}

/// Checks a draft; under a key, the check's id is remembered.
///
/// # Errors
/// Those of [`Gate::check`].
pub async fn check(gate: &Gate, draft: Draft, key: Option<RequestKey>) -> Result<Outcome, GateError> {
    let attach = |check: &crate::model::Check| Attachment {
        entries: Vec::new(),
        idempotency: key.as_ref().map(|key| Idempotency {
            key: format!("request/{}", key.key),
            fingerprint: key.fingerprint.clone(),
            answer: check.id.to_string(),
        }),
    };
    gate.check(draft, attach).await
}

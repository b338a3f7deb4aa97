//! A file that was put on record.

use super::super::TextHash;
use serde::{Deserialize, Serialize};

/// An uploaded file: its content lies under its hash, once for all who uploaded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// SHA-256 of the content.
    pub sha256: TextHash,
    /// What the rep called it.
    pub name: String,
    /// The content, in bytes.
    pub size_bytes: u64,
    /// The media type its name stands for.
    pub media_type: String,
}

//! The proof: record format, hash chain, segment files, verify. Knows no sled, no SQL.

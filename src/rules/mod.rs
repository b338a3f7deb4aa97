//! Rule files: read, place errors, compile to a `scan::Ruleset`, keep the live revision.

//! Folding and spans: original ↔ folded ↔ UTF-16. Knows no rules.

//! What we keep, behind one port; adapters beside it.

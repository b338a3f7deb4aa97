//! Settings: one file, environment over it, each value with its origin.

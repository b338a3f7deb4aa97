//! Everything a clock starts, one file each; safe to run twice.

//! Patterns in, one message in, one judgement out. Pure: no files, clock, store, network.

//! Wiring: the only file that knows every room; builds, starts, stops in order.

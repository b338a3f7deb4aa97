//! Randomness, the one thing besides the clock that a test can't foresee.

/// Random bytes from the operating system, for ids, keys and tokens.
///
/// A machine that has none can't keep a secret, so nothing goes on there: the process ends.
pub fn chance<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the system gives no random bytes; stopping");
        std::process::abort();
    }
    bytes
}

//! The `wecom-guard` command: hands over to [`wecom_guard::cli`].

use std::process::ExitCode;

/// A check is many small pieces that one thread makes and another lets go; the system's allocator
/// takes longer for that than the ledger does (`docs/benchmarks.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wecom_guard::cli::run()
}

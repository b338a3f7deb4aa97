//! The `wecom-guard` command: hands over to [`wecom_guard::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wecom_guard::cli::run()
}

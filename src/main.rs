//! The `wecom-guard` command: parses the arguments and hands over.

use clap::Parser;
use std::process::ExitCode;
use wecom_guard::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}

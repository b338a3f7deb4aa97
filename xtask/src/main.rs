//! The project's own commands.
//!
//! `cargo xtask test` runs every line that CI runs, in its order, up to the first that fails.
//! `cargo xtask bench [NAME…] [--json]` prints the figures.

mod run;
mod tools;

use run::{Fault, cargo, run, tee};
use std::process::ExitCode;
use std::time::Instant;
use tools::Tools;

const USAGE: &str = "usage: cargo xtask test | cargo xtask bench [NAME…] [--json]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        Some("test") => test(),
        Some("bench") => bench(arguments.collect()),
        _ => Err(Fault::new(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("xtask: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Ends with the test runner's own summary, so that the last lines of a log hold the count.
fn test() -> Result<(), Fault> {
    let begun = Instant::now();
    let tools = Tools::prepare();
    run(&mut cargo("fmt --all --check"))?;
    run(&mut cargo("clippy --workspace --all-targets -- -D warnings"))?;
    run(cargo("doc --workspace --no-deps --document-private-items").env("RUSTDOCFLAGS", "-D warnings"))?;
    let tests = tee(tools.tests())?;
    let doc_tests = tee(cargo("test --workspace --doc"))?;
    run(&mut cargo("run --quiet -- rules check --benign fixtures/benign"))?;
    run(&mut cargo("run --quiet -- rules test"))?;
    run(&mut cargo("run --quiet -- rules fmt --check"))?;
    let deny = tools.deny();
    let skipped = deny.is_none().then(|| "SKIPPED: cargo deny, which could not be installed".to_owned());
    deny.map_or(Ok(()), |mut check| run(&mut check))?;
    run(&mut cargo("run --release -- demo --once"))?;
    println!("\nevery step held, in {:.0} s", begun.elapsed().as_secs_f64());
    skipped.iter().chain(&doc_tests).chain(&tests).for_each(|line| println!("{line}"));
    Ok(())
}

fn bench(arguments: Vec<String>) -> Result<(), Fault> {
    run(cargo("bench --quiet --bench figures --").args(arguments))
}

//! The project's figures, as ratios against the simplest thing that could do the same work, both
//! measured in one process and taking turns: `cargo xtask bench [NAME…] [--json]`.
//!
//! What each figure means, and what was measured where, stands in `docs/benchmarks.md`. Nothing
//! here fails because a machine is slow.

mod callback;
mod home;
mod lexicon;
mod load;
mod plain_file;
mod report;
mod sample;
mod scan;
mod start;
mod store;

use report::{Machine, Section};
use std::process::ExitCode;

type Bench = fn() -> Vec<Section>;

/// The one that reads its own memory comes first: the others leave some behind.
const BENCHES: [(&str, Bench); 4] = [
    ("callback", callback::figures),
    ("store", store::figures),
    ("scan", scan::figures),
    ("start", start::figures),
];

fn main() -> ExitCode {
    // `cargo bench` adds a flag of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let (flags, names): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|word| word.starts_with("--"));
    let is_known = |name: &&str| BENCHES.iter().any(|(known, _)| known == name);
    if flags.iter().any(|flag| *flag != "--json") || !names.iter().all(is_known) {
        eprintln!("usage: cargo xtask bench [callback] [store] [scan] [start] [--json]");
        return ExitCode::from(2);
    }
    let show = |section: &Section| match flags.is_empty() {
        true => println!("{section}"),
        false => println!("{}", serde_json::to_string(section).expect("figures are JSON")),
    };
    show(&Section::Machine(Machine::this()));
    for (name, bench) in BENCHES {
        if names.is_empty() || names.contains(&name) {
            bench().iter().for_each(show);
        }
    }
    ExitCode::SUCCESS
}

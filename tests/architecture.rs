//! The floor plan, kept true: a room imports only rooms on lower floors, and each outside crate has its owners.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms, lowest floor first. Rooms on one line may not see one another.
const FLOORS: &[&[&str]] = &[
    &["model"],
    &["config", "wording", "text"],
    &["scan", "ledger"],
    &["rules", "store", "wecom"],
    &["suggest", "followup", "directory"],
    &["intercept", "publish"],
    &["channels"],
    &["inbox", "jobs", "sandbox"],
    &["web"],
    &["app"],
    &["cli", "main"],
];
/// Which rooms may name which crate.
const OWNERS: &[(&str, &[&str])] = &[
    ("actix_web", &["web", "sandbox", "app"]),
    ("reqwest", &["wecom", "followup", "sandbox"]),
    ("sled", &["store"]),
    ("aho_corasick", &["scan"]),
    ("quick_xml", &["wecom"]),
    ("aes", &["wecom"]),
    ("sha1", &["wecom"]),
    ("toml", &["rules", "config"]),
    ("toml_edit", &["rules"]),
    ("clap", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("quick_junit", &["cli"]),
    ("anyhow", &["cli", "app"]),
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("src is readable") {
        let path = entry.expect("entry is readable").path();
        if path.is_dir() {
            files(&path, out)
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path)
        }
    }
}

/// Every name that stands directly after `crate::` in the code of one line.
fn rooms_named(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::").map(move |(at, word)| {
        let rest = &code[at + word.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn rooms_import_downwards_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    files(&root, &mut all);
    for file in all {
        let inside = file.strip_prefix(&root).expect("under src");
        let room =
            inside.iter().next().and_then(|part| part.to_str()).unwrap_or_default().trim_end_matches(".rs");
        let Some(own) = floor(room) else { continue };
        for (index, line) in fs::read_to_string(&file).expect("utf-8 source").lines().enumerate() {
            let at = format!("{}:{}", inside.display(), index + 1);
            for named in rooms_named(line).filter(|named| *named != room) {
                if named.is_empty() {
                    wrong.push(format!("{at}: name one room on each `use` line"));
                } else if floor(named).is_some_and(|theirs| theirs >= own) {
                    wrong.push(format!("{at}: `{room}` may not use `{named}`"));
                }
            }
            let code = line.split("//").next().unwrap_or_default();
            for (krate, owners) in OWNERS {
                if code.contains(&format!("{krate}::")) && !owners.contains(&room) {
                    wrong.push(format!("{at}: `{krate}` belongs to {owners:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

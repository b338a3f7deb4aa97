//! `openapi.json` says what is served, no more and no less.

use crate::spec::spec;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use wecom_guard::web::routes::ROUTES;

#[test]
fn every_route_is_described_and_nothing_else() {
    let served: BTreeSet<_> =
        ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
    assert_eq!(spec().operations(), served);
}

/// Every `code` literal in a source text: it follows a status, or one of two local helpers.
fn codes(source: &str) -> BTreeSet<String> {
    let is_code = |text: &&str| text.len() > 2 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let literal = |rest: &str| rest.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned);
    let after = |mark: &'static str| source.split(mark).skip(1);
    let statuses = after("StatusCode::").filter_map(|rest| literal(rest.split_once(',')?.1));
    let helpers = ["= conflict(", "=> conflict(", "=> invalid(", " invalid("].into_iter().flat_map(after);
    let named = helpers.filter_map(literal);
    statuses.chain(named).filter(|text| is_code(&text.as_str())).collect()
}

fn sources(dir: &Path, found: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            sources(&entry.path(), found);
        } else if entry.path().extension().is_some_and(|kind| kind == "rs") {
            found.push_str(&std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

#[test]
fn every_code_we_can_give_is_described_and_no_other() {
    let mut source = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web"), &mut source);
    let code = &spec().document()["components"]["schemas"]["Problem"]["properties"]["code"];
    let described: BTreeSet<_> =
        code["enum"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    assert_eq!(codes(&source), described);
    let table = code["description"].as_str().unwrap();
    assert!(described.iter().all(|code| table.contains(&format!("| `{code}` |"))), "{table}");
}

/// Members that some problems have beside their code.
const MEMBERS: [&str; 9] =
    ["line", "column", "state", "check", "diagnostics", "following", "hits", "ended", "appointment"];

#[test]
fn the_guide_lists_the_same_codes_with_the_same_status() {
    let guide = include_str!("../../docs/api.md").split_once("## Problems").unwrap().1;
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    let rows = rows.filter(|(status, _)| status.parse::<u16>().is_ok());
    let words =
        rows.flat_map(|(status, row)| row.split('`').skip(1).step_by(2).map(move |word| (status, word)));
    let told: BTreeSet<_> = words.filter(|(_, word)| !MEMBERS.contains(word)).collect();

    let code = &spec().document()["components"]["schemas"]["Problem"]["properties"]["code"];
    let rows = code["description"].as_str().unwrap().lines().filter_map(|line| line.strip_prefix("| `"));
    let described = rows.filter_map(|row| row.split_once("` | "));
    let described: BTreeSet<_> =
        described.map(|(code, rest)| (rest.split(' ').next().unwrap(), code)).collect();
    assert_eq!(told, described);
}

/// Calls `each` with every media type that has a schema.
fn media<'v>(value: &'v Value, each: &mut impl FnMut(&'v Value)) {
    if value.get("schema").is_some() {
        each(value);
    }
    let (object, array) = (value.as_object(), value.as_array());
    let inner = object.into_iter().flat_map(|members| members.values());
    inner.chain(array.into_iter().flatten()).for_each(|value| media(value, each));
}

#[test]
fn every_example_keeps_to_its_own_schema() {
    let mut seen = 0;
    media(spec().document(), &mut |media| {
        let examples = media["examples"].as_object().into_iter().flat_map(|all| all.values());
        let values = examples.map(|example| &spec().at(example)["value"]).chain(media.get("example"));
        for value in values {
            seen += 1;
            let faults = spec().faults(&media["schema"], value, "example");
            assert!(faults.is_empty(), "{value}: {faults:#?}");
        }
    });
    assert!(seen > 50, "only {seen} examples were found");
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value) {
        if value.get("$ref").is_some() {
            spec().at(value);
        }
        value.as_object().into_iter().flat_map(|members| members.values()).for_each(walk);
        value.as_array().into_iter().flatten().for_each(walk);
    }
    walk(spec().document());
}

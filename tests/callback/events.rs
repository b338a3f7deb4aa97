//! Every event we have a fixture of, through HTTP and into the record.

use crate::sender::{Sender, metric};
use crate::support::TestApp;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;
use wecom_guard::ledger::{Body, Entry, Keys, MasterKey, Replay};

/// The record of a server that was stopped, with the keys of its data folder.
fn record(data: &Path) -> Vec<Entry> {
    let master = MasterKey::load_or_create(&data.join("master.key")).unwrap();
    assert!(!master.created);
    let keys = Keys::load(data, master.key).unwrap();
    Replay::new(data, keys, None).unwrap().map(Result::unwrap).collect()
}

/// What happened, in order.
pub fn kinds(data: &Path) -> Vec<String> {
    record(data).into_iter().map(|entry| entry.head.kind).collect()
}

/// Names and texts of a folder of fixtures.
fn fixtures(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wecom").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    files.iter().map(read).collect()
}

/// A server that was told everything, and stopped; how many callbacks that were.
async fn told_everything() -> (TempDir, std::path::PathBuf, usize) {
    let app = TestApp::start().await;
    let all = [(Sender::app(), fixtures("event")), (Sender::bot(), fixtures("bot"))];
    for (sender, fixtures) in &all {
        for (name, plaintext) in fixtures {
            let answer = sender.post(&app, &sender.seal(&app, plaintext)).await;
            assert_eq!(answer.status, 200, "{name}");
        }
    }
    for endpoint in ["guard", "helper"] {
        let unknown =
            format!(r#"guard_callbacks{{endpoint="{endpoint}",kind="event.unknown",outcome="new"}}"#);
        assert_eq!(metric(&app, &unknown).await, 1, "{endpoint}");
    }
    let (data, count) = (app.data.clone(), all.iter().map(|(_, fixtures)| fixtures.len()).sum());
    (app.stop().await, data, count)
}

#[tokio::test]
async fn every_known_event_is_taken_and_stands_on_record_once() {
    let (_dir, data, count) = told_everything().await;
    assert_eq!(count, 66 + 11);
    let taken = ["callback.accepted", "event.unknown", "check.judged"];
    assert_eq!(kinds(&data).iter().filter(|kind| taken.contains(&kind.as_str())).count(), count);
}

#[tokio::test]
async fn an_unknown_event_is_kept_on_record_with_its_whole_text() {
    let (_dir, data, _) = told_everything().await;
    let raw = |entry: Entry| match entry.body {
        Body::Open(bytes) => {
            serde_json::from_slice::<Value>(&bytes).unwrap()["raw"].as_str().unwrap().to_owned()
        }
        other => unreachable!("{other:?}"),
    };
    let kept: Vec<String> =
        record(&data).into_iter().filter(|entry| entry.head.kind == "event.unknown").map(raw).collect();
    let text_of = |folder| fixtures(folder).into_iter().find(|(name, _)| name == "unknown").unwrap().1;
    assert_eq!(kept, [text_of("event"), text_of("bot")]);
}

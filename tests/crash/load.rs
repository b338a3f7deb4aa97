//! Sixteen writers, and the list of what they were told.

use super::binary::{Plugin, Server};
use serde_json::Value;
use std::collections::HashSet;
use tokio::sync::mpsc;

const WRITERS: usize = 16;

/// An answer that was seen: from then on it must stand.
#[derive(Debug, Clone)]
pub struct Seen {
    pub key: String,
    pub text: String,
    pub id: String,
    pub verdict: String,
}

fn draft(round: usize, writer: usize, no: usize) -> String {
    let what = ["产品说明书发您了", "这款产品保底收益5%", "这门课100%通过"][no % 3];
    format!("第{round}-{writer}-{no}位客户您好,{what}")
}

fn word(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

/// Writes from all sides until `enough` answers were seen, then does `deed`; gives every answer
/// seen, and every key and text that was sent and not answered.
pub async fn write_until<T>(
    base: &str,
    round: usize,
    enough: usize,
    deed: impl FnOnce() -> T,
) -> (T, Vec<Seen>, Vec<(String, String)>) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (base, tell, plugin) = (base.to_owned(), tell.clone(), Plugin::new());
            tokio::spawn(async move {
                for no in 0.. {
                    let (key, text) = (format!("{round}-{writer}-{no}"), draft(round, writer, no));
                    match plugin.check(&base, &key, &text).await {
                        Some((201, check)) => {
                            let (id, verdict) = (word(&check, "id"), word(&check, "verdict"));
                            tell.send(Seen { key, text, id, verdict }).unwrap();
                        }
                        Some((503, _)) | None => return (key, text),
                        Some(other) => panic!("{other:?}"),
                    }
                }
                unreachable!()
            })
        })
        .collect();
    drop(tell);
    let mut seen = Vec::new();
    while seen.len() < enough {
        seen.push(told.recv().await.unwrap());
    }
    let done = tokio::task::block_in_place(deed);
    while let Some(more) = told.recv().await {
        seen.push(more);
    }
    let mut unanswered = Vec::new();
    for writer in writers {
        unanswered.push(writer.await.unwrap());
    }
    (done, seen, unanswered)
}

/// Every answer seen is given again.
pub async fn assert_kept(server: &Server, seen: &[Seen]) {
    let plugin = Plugin::new();
    for Seen { id, verdict, text, .. } in seen {
        let found = plugin.get(&server.base, &format!("/v1/checks/{id}")).await;
        let Some((200, check)) = found else { panic!("{id} of `{text}` was acknowledged: {found:?}") };
        assert_eq!(check["verdict"], verdict.as_str(), "{id}");
        assert_eq!(check["text"].as_str().unwrap_or(text), text, "{id}");
    }
}

/// The ids of every check the server has; each of them once.
pub async fn every_id(server: &Server) -> HashSet<String> {
    let (plugin, mut ids, mut cursor) = (Plugin::new(), HashSet::new(), String::new());
    loop {
        let path = format!("/v1/checks?limit=200{cursor}");
        let (status, page) = plugin.get(&server.base, &path).await.unwrap();
        assert_eq!(status, 200, "{page}");
        for check in page["items"].as_array().unwrap() {
            assert!(ids.insert(word(check, "id")), "{check} stands twice");
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

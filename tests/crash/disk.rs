//! A full disk, on a small file system of its own.

use super::binary::{Place, Plugin, Server};
use super::load::{Seen, assert_kept};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// A file system of 40 MiB; unmounted at the end.
struct Disk {
    at: PathBuf,
    _dir: TempDir,
}

impl Disk {
    /// `None` where this process may not mount.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().to_owned();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=40m", "tmpfs"]).arg(&at).output();
        mount.is_ok_and(|done| done.status.success()).then_some(Self { at, _dir: dir })
    }

    fn fill(&self) {
        let mut file = std::fs::File::create(self.at.join("filler")).unwrap();
        std::io::copy(&mut std::io::repeat(7), &mut file).unwrap_err();
    }

    fn free(&self) {
        std::fs::remove_file(self.at.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Asks again until the server gives this status.
async fn until(server: &Server, path: &str, wanted: u16) -> Value {
    let plugin = Plugin::new();
    for _ in 0..500 {
        match plugin.get(&server.base, path).await.unwrap() {
            (status, body) if status == wanted => return body,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("{path} never gave {wanted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_every_release_until_there_is_room_again() {
    let Some(disk) = Disk::mount() else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let place = Place::at(disk.at.clone());
    let (server, plugin) = (Server::start(&place), Plugin::new());
    let mut kept = Vec::new();
    for round in 0..3 {
        kept.extend(write(&server, &plugin, round).await);
        disk.fill();
        for no in 0..5 {
            let key = format!("full-{round}-{no}");
            let (status, problem) = plugin.check(&server.base, &key, "产品说明书发您了").await.unwrap();
            assert_eq!((status, problem["code"].as_str()), (503, Some("not_recorded")), "{problem}");
            assert_eq!(problem.get("release"), None);
        }
        let unready = until(&server, "/readyz", 503).await;
        assert!(unready.to_string().contains("the disk is full"), "{unready}");
        // What was recorded can still be read.
        assert_kept(&server, &kept).await;
        disk.free();
        // Nobody sends anything to a server that is not ready, so it finds out by itself.
        until(&server, "/readyz", 200).await;
        for no in 0..5 {
            let key = format!("full-{round}-{no}");
            let (status, check) = plugin.check(&server.base, &key, "产品说明书发您了").await.unwrap();
            assert_eq!(status, 201, "nothing was kept of what was refused: {check}");
        }
    }
    assert_kept(&server, &kept).await;
    assert_eq!(server.terminate().code, Some(0));
    let server = Server::start(&place);
    assert_kept(&server, &kept).await;
    assert_eq!(server.terminate().code, Some(0));
    assert_eq!(place.verify().code, Some(0));
}

async fn write(server: &Server, plugin: &Plugin, round: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    for no in 0..20 {
        let (key, text) = (format!("{round}-{no}"), format!("第{round}-{no}位客户,这款产品保底收益5%"));
        let (status, check) = plugin.check(&server.base, &key, &text).await.unwrap();
        assert_eq!(status, 201, "{check}");
        let word = |field: &str| check[field].as_str().unwrap().to_owned();
        seen.push(Seen { key, text, id: word("id"), verdict: word("verdict") });
    }
    seen
}

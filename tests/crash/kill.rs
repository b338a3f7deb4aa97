//! `kill -9` under load.

use super::binary::{Place, Plugin, Server};
use super::load::{assert_kept, every_id, write_until};

const ROUNDS: usize = 30;
const ENOUGH: usize = 48;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_killed_server_acknowledged_is_found_again() {
    let place = Place::new();
    let (mut all, mut last, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        if round % 10 == 5 {
            // Killed while it opens, and then again while it works.
            Server::begin(&place).kill();
        }
        let server = Server::start(&place);
        assert_kept(&server, &last).await;
        repeat(&server, &last, &open).await;
        let base = server.base.clone();
        let ((), seen, unanswered) = write_until(&base, round, ENOUGH, || server.kill()).await;
        all.extend_from_slice(&seen);
        (last, open) = (seen, unanswered);
    }
    let server = Server::start(&place);
    assert_kept(&server, &last).await;
    let ids = every_id(&server).await;
    assert!(all.len() >= ROUNDS * ENOUGH);
    assert!(all.iter().all(|seen| ids.contains(&seen.id)));
    assert_eq!(server.terminate().code, Some(0));
    let verified = place.verify();
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(!verified.out.contains("半截"), "{verified:?}");
}

/// A key that was answered gives the same check; one that was not is answered now, once.
async fn repeat(server: &Server, seen: &[super::load::Seen], unanswered: &[(String, String)]) {
    let plugin = Plugin::new();
    for answer in seen.iter().step_by(9) {
        let (status, check) = plugin.check(&server.base, &answer.key, &answer.text).await.unwrap();
        assert_eq!((status, check["id"].as_str()), (200, Some(answer.id.as_str())));
    }
    for (key, text) in unanswered.iter().take(4) {
        let (first, check) = plugin.check(&server.base, key, text).await.unwrap();
        assert!(matches!(first, 200 | 201), "{check}");
        let (second, again) = plugin.check(&server.base, key, text).await.unwrap();
        assert_eq!((second, &again["id"]), (200, &check["id"]));
    }
}

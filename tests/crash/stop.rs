//! `SIGTERM` under load.

use super::binary::{Place, Server};
use super::load::{assert_kept, every_id, write_until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_told_to_stop_ends_in_order_and_loses_nothing() {
    let place = Place::new();
    let mut all = Vec::new();
    for round in 0..6 {
        let server = Server::start(&place);
        assert_kept(&server, &all).await;
        let base = server.base.clone();
        let (said, seen, _) = write_until(&base, round, 40, || server.terminate()).await;
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(!said.err.contains("panicked"), "{}", said.err);
        all.extend(seen);
    }
    let server = Server::start(&place);
    assert_kept(&server, &all).await;
    assert!(every_id(&server).await.len() >= all.len());
    server.terminate();
    let verified = place.verify();
    assert_eq!((verified.code, verified.out.contains("半截")), (Some(0), false), "{verified:?}");
}

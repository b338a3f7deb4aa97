//! `ledger verify`.

use super::assert_plain_words;
use super::binary::{Place, Plugin, Server, damage, run};

/// A place in which a server has worked, and one that still does.
async fn worked() -> (Place, Server) {
    let place = Place::new();
    assert_eq!(Server::start(&place).terminate().code, Some(0));
    let server = Server::start(&place);
    let answer = Plugin::new().check(&server.base, "1", "这款产品保底收益5%").await.unwrap();
    assert_eq!(answer.0, 201, "{}", answer.1);
    (place, server)
}

#[tokio::test]
async fn an_unbroken_ledger_is_proved_beside_the_running_server() {
    let (place, server) = worked().await;
    let said = place.verify();
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{}", said.out);
    assert!(said.out.contains("2 shards"), "{}", said.out);
    assert_plain_words(&said.out);
    assert_eq!(server.terminate().code, Some(0));
}

#[tokio::test]
async fn a_damaged_ledger_is_reported_with_its_place() {
    let (place, server) = worked().await;
    server.kill();
    let (first, _) = place.ledger().remove(0);
    damage(&first);
    let said = place.verify();
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("byte 72") && said.out.contains(&*first.to_string_lossy()), "{}", said.out);
    assert_plain_words(&said.out);
}

#[test]
fn a_folder_without_a_ledger_is_named() {
    let place = Place::new();
    let said = place.verify();
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert!(said.err.contains("data"), "{}", said.err);
    assert_plain_words(&said.err);
    assert_eq!(run(&["ledger"]).code, Some(2));
}

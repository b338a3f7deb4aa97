//! `demo`.

use super::assert_plain_words;
use super::binary::run;
use std::net::TcpListener;

#[test]
fn the_story_told_once_ends_well() {
    let said = run(&["demo", "--once"]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_plain_words(&said.out);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = run(&["demo", "--port", &port]);
    assert_eq!(said.code, Some(3), "as `serve` says it");
    assert!(said.err.contains(&port), "{}", said.err);
    assert_plain_words(&said.err);
}

//! `serve` where it can't start.

use super::assert_plain_words;
use super::binary::{Place, Server, damage, run};
use std::fs;
use std::net::TcpListener;

const TEN_FAULTS: &str = r#"
[server]
listn = "127.0.0.1:8080"
public_url = "guard.example.com"
[store]
url = "sqlite:data"
[wecom]
timeout = "5 parsecs"
[callback]
replay_window = 300
[[app]]
name = "guard"
corp_id = "ww0123456789abcdef"
agent_id = "one"
secret = { env = "WECOM_GUARD_TEST_NOT_SET" }
token = "QDG6eK"
encoding_aes_key = "hunter2-hunter2"
[[api_token]]
name = "plugin"
sha256 = "not-a-hash-7741"
scopes = ["chek"]
"#;

#[test]
fn all_ten_faults_of_the_settings_are_told_at_once_each_with_its_place() {
    let place = Place::new();
    fs::write(place.path("guard.toml"), TEN_FAULTS).unwrap();
    let said = place.serve_in_vain();
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    let lines: Vec<_> = said.err.lines().collect();
    for (line, wanted) in lines.iter().zip([3, 4, 6, 8, 10, 14, 15, 17, 20, 21]) {
        assert!(line.contains(&format!("guard.toml:{wanted}:")), "{line} is not about line {wanted}");
    }
    assert_eq!(lines.len(), 10, "{}", said.err);
    for secret in ["hunter2", "not-a-hash-7741"] {
        assert!(!said.err.contains(secret), "{secret} is in {}", said.err);
    }
    lines.into_iter().for_each(assert_plain_words);
    assert!(!place.data().exists(), "a data folder was made");
}

#[test]
fn settings_that_are_missing_or_no_text_are_named() {
    let place = Place::new();
    fs::remove_file(place.path("guard.toml")).unwrap();
    let missing = place.serve_in_vain();
    fs::write(place.path("guard.toml"), [0xFF, 0xFE, 0x00]).unwrap();
    let no_text = place.serve_in_vain();
    for said in [missing, no_text] {
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains("guard.toml"), "{}", said.err);
        assert_plain_words(&said.err);
    }
}

#[test]
fn rules_that_cannot_be_used_are_named() {
    let place = Place::new();
    fs::write(place.path("rules/rules.toml"), "[[rule]]\nid = \"FIN-001\"\n").unwrap();
    let said = place.serve_in_vain();
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("rules.toml"), "{}", said.err);
    assert_plain_words(&said.err);
}

#[test]
fn a_port_in_use_is_named() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    place.settings("sled:data", &address);
    let said = place.serve_in_vain();
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains(&address), "{}", said.err);
    assert_plain_words(&said.err);
}

#[test]
fn a_data_folder_that_another_server_works_on_is_left_to_it() {
    let place = Place::new();
    let server = Server::start(&place);
    let said = place.serve_in_vain();
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.err.contains("data"), "{}", said.err);
    assert_plain_words(&said.err);
    assert_eq!(server.terminate().code, Some(0));
    assert_eq!(place.verify().code, Some(0));
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let place = Place::new();
    fs::write(place.path("data"), "I am a file").unwrap();
    let a_file = place.serve_in_vain();
    assert_eq!(fs::read_to_string(place.path("data")).unwrap(), "I am a file");
    place.settings("sled:/proc/wecom-guard", "127.0.0.1:0");
    let no_folder = place.serve_in_vain();
    for (said, named) in [(a_file, "data"), (no_folder, "/proc/wecom-guard")] {
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains(named), "{}", said.err);
        assert_plain_words(&said.err);
    }
}

#[test]
fn a_damaged_ledger_is_refused_with_its_place_and_left_as_it_is() {
    let place = Place::new();
    for _ in 0..2 {
        assert_eq!(Server::start(&place).terminate().code, Some(0));
    }
    let (first, _) = place.ledger().remove(0);
    damage(&first);
    let before = place.ledger();
    for _ in 0..2 {
        let said = place.serve_in_vain();
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert!(said.err.contains(first.file_name().unwrap().to_str().unwrap()), "{}", said.err);
        assert!(said.err.contains("byte"), "{}", said.err);
        assert_plain_words(&said.err);
        assert_eq!(place.ledger(), before);
    }
}

#[test]
fn another_master_key_is_refused_and_never_shown() {
    let place = Place::new();
    assert_eq!(Server::start(&place).terminate().code, Some(0));
    fs::write(place.path("data/master.key"), [0x42; 32]).unwrap();
    let wrong = place.serve_in_vain();
    fs::write(place.path("data/master.key"), "short").unwrap();
    let short = place.serve_in_vain();
    for said in [wrong, short] {
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert_plain_words(&said.err);
        assert!(!said.err.contains(&"42".repeat(8)) && !said.err.contains("BBBBBBBB"), "{}", said.err);
    }
}

#[test]
fn a_server_told_to_stop_as_soon_as_it_listens_ends_in_order() {
    let place = Place::new();
    for _ in 0..5 {
        assert_eq!(Server::start(&place).terminate().code, Some(0));
    }
}

#[test]
fn bad_usage_ends_with_two() {
    for args in [&["serv"][..], &["serve", "--conf", "x"], &["demo", "--port", "seven"], &[]] {
        let said = run(args);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(said.err.contains("--help"), "{}", said.err);
    }
}

//! `login-link`, beside the running server.

use super::assert_plain_words;
use super::binary::{Place, Server, crypto, run};

fn link(place: &Place, role: &str) -> super::binary::Said {
    run(&["login-link", "--role", role, "--user", "zhangsan", "--config", &place.config()])
}

#[tokio::test]
async fn a_link_signs_in_once_while_the_server_runs() {
    crypto();
    let place = Place::new();
    let server = Server::start(&place);
    let said = link(&place, "officer");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_plain_words(&said.err);
    let path = said.out.trim().strip_prefix("http://127.0.0.1:8080").unwrap();
    let address = format!("{}{path}", server.base);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let signs_in = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("set-cookie"))
    };
    // Chat programs open links to preview them: opening is not using.
    assert_eq!(signs_in(client.get(&address)).await, (200, false));
    assert_eq!(signs_in(client.post(&address)).await, (303, true));
    assert_eq!(signs_in(client.post(&address)).await, (403, false));
    assert_eq!(server.terminate().code, Some(0));
}

#[test]
fn an_unknown_role_is_refused_with_those_that_are_known() {
    let place = Place::new();
    let said = link(&place, "boss");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    for role in ["rep", "supervisor", "officer", "admin", "auditor", "要写成其中之一"] {
        assert!(said.err.contains(role), "{}", said.err);
    }
    assert!(!place.data().exists());
}

#[test]
fn without_settings_no_link_is_made() {
    let place = Place::new();
    std::fs::remove_file(place.path("guard.toml")).unwrap();
    let said = link(&place, "admin");
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert_plain_words(&said.err);
}

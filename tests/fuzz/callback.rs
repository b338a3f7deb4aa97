//! Callbacks: the envelope that anybody may post, and the document inside it.

use crate::harness::Target;
use wecom_guard::model::Endpoint;
use wecom_guard::wecom::callback;
use wecom_guard::wecom::crypto::CallbackKey;
use wecom_guard::wecom::event::parse_xml;
use wecom_guard::wecom::xml::Element;

const TARGET: Target = Target {
    name: "callback",
    check,
    borrowed: &["wecom/event", "wecom/bot"],
    words: &[
        "<xml>",
        "</xml>",
        "<![CDATA[",
        "]]>",
        "]]]]><![CDATA[>",
        "&lt;",
        "&#0;",
        "&#x10FFFF;",
        "&#xD800;",
        "&bomb;",
        "<!DOCTYPE x [<!ENTITY bomb \"&bomb;\">]>",
        "<?xml version=\"1.1\" encoding=\"GBK\"?>",
        "<!--",
        "-->",
        "<Event>click</Event>",
        "<MsgType><![CDATA[event]]></MsgType>",
        "<CreateTime>99999999999999999999</CreateTime>",
        "<CreateTime>-1</CreateTime>",
        "<AgentID>x</AgentID>",
        "<ToUserName/>",
        "<a b='",
        "\u{0}",
        "\u{feff}",
        "{\"",
        "\"encrypt\":",
        "<Encrypt>",
        "AAAA",
        "msgtype",
        "\\ud800",
        "[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":",
    ],
};

/// A forged envelope is refused, a document is read the same way twice.
fn check(input: &[u8]) {
    let key = CallbackKey::new("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
        .unwrap();
    let query = "msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780";
    assert!(callback::open(&key, query, input).is_err(), "a body nobody signed was opened");
    let text = String::from_utf8_lossy(input);
    assert!(callback::open(&key, &text, b"<xml><Encrypt>AAAA</Encrypt></xml>").is_err());
    let document = Element::parse(&text);
    let Ok(read) = parse_xml(&text) else { return };
    assert!(document.is_ok(), "an event without a document");
    let again = parse_xml(&text).unwrap();
    let endpoint = Endpoint::new("guard");
    assert_eq!((read.dedup_key(&endpoint), read.kind), (again.dedup_key(&endpoint), again.kind));
}

#[test]
fn callback() {
    TARGET.run();
}

//! What is no callback, not for us, too much, too slow or a trap.

use crate::sender::{Answer, Post, Sender, checks, head, says, verify};
use crate::support::{AGENT, TestApp};
use crate::wire::{Wire, request};
use wecom_guard::sandbox::Tamper;
use wecom_guard::wecom::callback::MAX_BODY_BYTES;

fn empty(answer: &Answer) -> u16 {
    assert_eq!(answer.body, "");
    answer.status
}

#[tokio::test]
async fn a_parameter_that_is_missing_or_twice_there_and_a_broken_envelope_are_bad_requests() {
    let app = TestApp::start().await;
    let before = head(&app);
    let names = ["msg_signature", "timestamp", "nonce"];
    let broken = names.map(Tamper::Without).into_iter().chain(names.map(Tamper::Twice));
    for tamper in broken.chain([Tamper::NoEnvelope]) {
        let attempt = app.wecom.forge(AGENT, &says("zhangsan", "您好"), tamper).await.unwrap();
        assert_eq!(attempt.status, Some(400), "{tamper:?}");
    }
    let sender = Sender::app();
    let Post { query, body } = sender.seal(&app, &says("zhangsan", "您好"));
    let doctype = body.replace("<xml>", "<!DOCTYPE xml><xml>");
    let twice = body.replace("</xml>", "<Encrypt>AAAA</Encrypt></xml>");
    for body in [String::new(), doctype, twice, body.replace("</xml>", ""), "[]".into(), "{".into()] {
        let answer = sender.post(&app, &Post { query: query.clone(), body: body.clone() }).await;
        assert_eq!(empty(&answer), 400, "{body}");
    }
    let without_echo = app.http.get(format!("{}{}?{query}", app.base, sender.path));
    assert_eq!(empty(&crate::sender::read(without_echo).await), 400);
    assert_eq!(head(&app), before);
    app.stop().await;
}

#[tokio::test]
async fn a_forger_is_told_the_same_whatever_he_got_wrong() {
    let app = TestApp::start().await;
    let (sender, before) = (Sender::app(), head(&app));
    let (foreign, other_token) = (
        Sender::new("/callback/guard", crate::support::TOKEN, crate::support::AES_KEY, "ww1111111111111111"),
        Sender::new("/callback/guard", "AnotherToken", crate::support::AES_KEY, crate::support::CORP),
    );
    let message = says("zhangsan", "您好");
    let stale = sender.query("1409659589", "n1", &sender.key.encrypt(message.as_bytes(), [7; 16]));
    let stale =
        Post { query: stale, body: sender.envelope(&sender.key.encrypt(message.as_bytes(), [7; 16])) };
    let posts = [
        other_token.seal(&app, &message),
        foreign.seal(&app, &message),
        stale,
        sender.sign(&app, "!!!! 保底收益 !!!!"),
        sender.sign(&app, "AAAA"),
        sender.sign(&app, ""),
        sender.sign(&app, &"A".repeat(172)),
    ];
    let mut answers = Vec::new();
    for post in &posts {
        answers.push(sender.post(&app, post).await);
    }
    let bad_echo = other_token.query("1790000000", "n1", "AAAA");
    answers.push(verify(&app, &sender.path, &bad_echo, "AAAA").await);
    assert_eq!(empty(&answers[0]), 403);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(head(&app), before);
    app.stop().await;
}

#[tokio::test]
async fn a_name_nobody_has_is_not_found_and_an_app_is_no_bot() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let post = sender.seal(&app, &says("zhangsan", "您好"));
    for path in ["/callback/other", "/callback/helper", "/bot/guard", "/bot/%00", "/callback/GUARD"] {
        let answer = crate::sender::read(
            app.http.post(format!("{}{path}?{}", app.base, post.query)).body(post.body.clone()),
        )
        .await;
        assert_eq!(empty(&answer), 404, "{path}");
        assert_eq!(empty(&verify(&app, path, &post.query, "AAAA").await), 404, "{path}");
    }
    assert_eq!(checks(&app).await.len(), 0);
    app.stop().await;
}

/// What a genuine sender's envelope becomes with so many blanks before its end.
fn filled(post: &Post, bytes: usize) -> Vec<u8> {
    let blanks = " ".repeat(bytes - post.body.len());
    post.body.replace("</xml>", &format!("{blanks}</xml>")).into_bytes()
}

#[tokio::test]
async fn a_body_of_256_kib_is_read_and_one_byte_more_is_too_large() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    for (bytes, status) in [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)] {
        let post = sender.seal(&app, &says("zhangsan", "您好"));
        let url = format!("{}{}?{}", app.base, sender.path, post.query);
        let answer = crate::sender::read(app.http.post(url).body(filled(&post, bytes))).await;
        assert_eq!(answer.status, status, "{bytes} bytes");
    }
    assert_eq!(checks(&app).await.len(), 1);
    app.stop().await;
}

/// Sends by hand and waits for the answer.
async fn by_hand(app: &TestApp, bytes: Vec<u8>) -> Option<(u16, Vec<u8>)> {
    let base = app.base.clone();
    let talk = move || {
        let mut wire = Wire::open(&base);
        wire.send(&bytes);
        wire.answer()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

fn chunked(target: &str, chunks: &[&[u8]]) -> Vec<u8> {
    let head = format!("POST {target} HTTP/1.1\r\nhost: guard\r\ntransfer-encoding: chunked\r\n\r\n");
    let mut bytes = head.into_bytes();
    for chunk in chunks {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes().chain(chunk.iter().copied()).chain(*b"\r\n"));
    }
    [bytes, b"0\r\n\r\n".to_vec()].concat()
}

#[tokio::test]
async fn a_chunked_body_is_read_whole_and_no_further_than_the_limit() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let post = sender.seal(&app, &says("zhangsan", "这款产品保底收益5%"));
    let target = format!("{}?{}", sender.path, post.query);
    let (start, end) = post.body.as_bytes().split_at(post.body.len() / 2);
    assert_eq!(by_hand(&app, chunked(&target, &[start, end])).await.unwrap().0, 200);
    assert_eq!(checks(&app).await.len(), 1);
    let piece = [b' '; 65_536];
    assert_eq!(by_hand(&app, chunked(&target, &[piece.as_slice(); 5])).await, Some((413, Vec::new())));
    // A length that lies is believed no further than the limit.
    let lie = format!("POST {target} HTTP/1.1\r\nhost: guard\r\ncontent-length: 1073741824\r\n\r\n");
    assert_eq!(by_hand(&app, [lie.as_bytes(), &[b' '; 300_000]].concat()).await.unwrap().0, 413);
    app.stop().await;
}

#[tokio::test]
async fn fifty_bodies_that_never_end_are_given_up_and_hold_nobody_up() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let post = sender.seal(&app, &says("zhangsan", "您好"));
    let whole = request(format!("{}?{}", sender.path, post.query).as_bytes(), post.body.as_bytes());
    let (start, _) = whole.split_at(whole.len() - 40);
    let mut slow: Vec<Wire> = (0..50).map(|_| Wire::open(&app.base)).collect();
    slow.iter_mut().for_each(|wire| wire.send(start));
    for _ in 0..20 {
        assert_eq!(sender.post(&app, &sender.seal(&app, &says("lisi", "您好"))).await.status, 200);
    }
    let answers = tokio::task::spawn_blocking(move || slow.iter_mut().map(Wire::answer).collect::<Vec<_>>());
    for answer in answers.await.unwrap() {
        assert!(matches!(answer, None | Some((408, _))), "{answer:?}");
    }
    assert_eq!(checks(&app).await.len(), 20);
    app.stop().await;
}

#[tokio::test]
async fn traps_inside_a_genuine_message_are_bad_requests_and_the_server_lives() {
    let app = TestApp::start().await;
    let (sender, before) = (Sender::app(), head(&app));
    let whole = says("zhangsan", "您好");
    let attributes = |count| format!("<xml{}>", " a=\"\"".repeat(count));
    let xxe = r#"<!DOCTYPE xml [<!ENTITY c SYSTEM "file:///etc/passwd">]>"#;
    let laughs = r#"<!DOCTYPE xml [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>"#;
    let traps = [
        (413, "<a>".repeat(200_000)),
        (400, "<a>".repeat(60_000)),
        (400, format!("{}{}", "<a>".repeat(25_000), "</a>".repeat(25_000))),
        (413, whole.replace("<xml>", &attributes(40_000))),
        (400, whole.replace("<xml>", &attributes(35_000))),
        (400, format!("{xxe}{}", whole.replace("您好", "&c;"))),
        (400, format!("{laughs}{}", whole.replace("您好", "&c;"))),
        (400, whole.replace("您好", "保&nbsp;底")),
        (400, format!("{{\"msgid\":{}", "[".repeat(100_000))),
        (400, "{}".to_owned()),
        (400, "保底收益".to_owned()),
        (400, String::new()),
    ];
    for (status, trap) in traps {
        let answer = sender.post(&app, &sender.seal(&app, &trap)).await;
        let start: String = trap.chars().take(60).collect();
        assert_eq!(empty(&answer), status, "{} bytes of {start}", trap.len());
    }
    assert_eq!(head(&app), before);
    sender.says(&app, &whole).await;
    app.stop().await;
}

#[tokio::test]
async fn a_word_split_by_character_references_is_read_whole_and_blocked() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    for content in ["这款产品保&#x5e95;收益5%", "这款产品保<![CDATA[底]]>收&#30410;5%"] {
        let answer = sender.says(&app, &says("zhangsan", content)).await;
        assert!(sender.words(&answer).starts_with("这条消息不能发送"), "{}", sender.words(&answer));
    }
    let texts: Vec<_> = checks(&app).await.into_iter().map(|check| check.text).collect();
    assert!(texts.iter().all(|text| text.as_str() == "这款产品保底收益5%"), "{texts:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_clean_text_with_an_ampersand_is_handed_back_whole() {
    let app = TestApp::start().await;
    let sender = Sender::app();
    let answer = sender.says(&app, &says("zhangsan", "A&amp;B 两款课程 &lt;对比&gt;")).await;
    assert!(sender.words(&answer).ends_with("\nA&B 两款课程 <对比>"), "{}", sender.words(&answer));
    app.stop().await;
}

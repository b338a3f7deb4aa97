//! What a rep's text to the application costs us, from the encrypted callback to the encrypted
//! verdict, against a handler that reads as many bytes and answers as many.

use crate::home::{AES_KEY, AGENT, BLOCKED_TEXT, CLEAN_TEXT, CORP, TOKEN, scratch, settings};
use crate::load::{Outcome, post, send};
use crate::report::{CallbackFigures, Compared, Section};
use crate::sample::{resident_mib, rounded};
use actix_web::{App, HttpResponse, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Runtime;
use wecom_guard::app::{self, Running};
use wecom_guard::config::Config;
use wecom_guard::model::chance;
use wecom_guard::model::{Clock, CorpId};
use wecom_guard::store::CheckQuery;
use wecom_guard::wecom::crypto::CallbackKey;
use wecom_guard::wecom::xml::Element;

const CONNECTIONS: usize = 64;
const RUNS: usize = 3;
const REQUESTS: usize = 16_000;
const MIB: f64 = 1024.0 * 1024.0;

pub fn figures() -> Vec<Section> {
    let runtime = Runtime::new().expect("a runtime");
    let dir = scratch();
    let text = settings(0, dir.path());
    let config = Config::parse(&text, "bench.toml".as_ref(), &|_| None).expect("good settings");
    let server = runtime.block_on(app::start(config, Clock::system(), None)).expect("a server");
    let memory_mib_before = resident_mib("self");

    let warm = drive(server.address(), &requests(REQUESTS / 8));
    assert_genuine(&warm);
    let bare = runtime.block_on(async { bare_server(warm.answers.iter().map(String::len).max()) });
    let (mut runs, mut memory_mib) = (Vec::new(), 0.0);
    for _ in 0..RUNS {
        let (empty, requests) = (resident_mib("self"), requests(REQUESTS));
        let prepared = requests.iter().map(Vec::capacity).sum::<usize>() as f64 / MIB;
        let ours = drive(server.address(), &requests);
        assert_genuine(&ours);
        memory_mib = rounded((resident_mib("self") - prepared).max(empty));
        runs.push((ours.speed, drive(bare, &requests).speed));
    }
    runtime.block_on(assert_recorded(server, REQUESTS / 8 + RUNS * REQUESTS));
    let compared = Compared::of("per_s", |speed| speed.per_s, runs);
    let (connections, requests) = (CONNECTIONS, REQUESTS);
    vec![Section::Callback(CallbackFigures {
        connections,
        requests,
        compared,
        memory_mib,
        memory_mib_before,
    })]
}

fn drive(address: SocketAddr, requests: &[Vec<u8>]) -> Outcome {
    send(address, CONNECTIONS, requests)
}

fn key() -> CallbackKey {
    CallbackKey::new(TOKEN, AES_KEY, CORP).expect("a good key")
}

/// Texts of twelve reps, encrypted as WeCom does; every second one is to be blocked.
fn requests(count: usize) -> Vec<Vec<u8>> {
    let (key, now) = (key(), Clock::system().now().as_second());
    (0..count)
        .map(|at| {
            let text = if at % 2 == 0 { CLEAN_TEXT } else { BLOCKED_TEXT };
            let encrypt = key.encrypt(message(at, now, text).as_bytes(), chance());
            let nonce = format!("n{at}");
            let signature = key.sign(&now.to_string(), &nonce, &encrypt);
            let path = format!("/callback/guard?msg_signature={signature}&timestamp={now}&nonce={nonce}");
            let envelope = format!(
                "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID>{AGENT}</AgentID>\
                 <Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
            );
            post(&path, &envelope)
        })
        .collect()
}

fn message(at: usize, now: i64, text: &str) -> String {
    /// Each message has a number of its own, or it would count as a repetition.
    static NUMBER: AtomicU64 = AtomicU64::new(7_000_000_000);
    let (number, rep) = (NUMBER.fetch_add(1, Ordering::Relaxed), at % 12);
    format!(
        "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[rep{rep:02}]]></FromUserName>\
         <CreateTime>{now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>\
         <MsgId>{number}</MsgId><AgentID>{AGENT}</AgentID></xml>"
    )
}

/// Reads the body and answers as many bytes as we do.
fn bare_server(answer_bytes: Option<usize>) -> SocketAddr {
    let answer = "x".repeat(answer_bytes.unwrap_or_default());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let factory = move || {
        let answer = answer.clone();
        App::new().default_service(web::to(move |_read: web::Bytes| {
            let answer = answer.clone();
            async move { HttpResponse::Ok().content_type("application/xml").body(answer) }
        }))
    };
    let server = HttpServer::new(factory).disable_signals().listen(listener).expect("a socket").run();
    tokio::spawn(server);
    address
}

/// Each last answer opens with our key and holds a verdict.
fn assert_genuine(outcome: &Outcome) {
    let key = key();
    for answer in &outcome.answers {
        let encrypt = Element::parse(answer).ok().and_then(|envelope| envelope.word::<String>("Encrypt"));
        let reply = key.decrypt(&encrypt.expect("an envelope")).expect("a reply for us");
        assert!(reply.contains("可以发送") || reply.contains("不能发送"), "{reply}");
    }
}

/// What was answered is on record, all of it.
async fn assert_recorded(server: Running, count: usize) {
    let query = CheckQuery { corp: Some(CorpId::new(CORP)), ..CheckQuery::default() };
    let page = server.store().checks(query, None, count + 1).await.expect("a page");
    assert_eq!(page.items.len(), count, "as many checks as answers");
    server.stop().await;
}

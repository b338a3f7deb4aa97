//! A load generator that costs little: requests that are bytes already, over connections that stay
//! open, all on one thread.

use crate::sample::{Speed, Stopwatch};
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a run came to, and the body of the last answer on each connection.
pub struct Outcome {
    pub speed: Speed,
    pub answers: Vec<String>,
}

/// Sends every request once, shared out among `connections`. Any answer but 200 ends the bench.
pub fn send(address: SocketAddr, connections: usize, requests: &[Vec<u8>]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let lines = join_all((0..connections).map(|_| Connection::open(address))).await;
        let shares = requests.chunks(requests.len().div_ceil(connections));
        let watch = Stopwatch::start();
        let done = join_all(lines.into_iter().zip(shares).map(|(line, share)| line.send_all(share))).await;
        let (latencies, answers): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        Outcome { speed: watch.stop(latencies.concat()), answers }
    })
}

/// A request with everything that the wire needs.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nhost: guard\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a server that listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, read: Vec::new() }
    }

    async fn send_all(mut self, requests: &[Vec<u8>]) -> (Vec<Duration>, String) {
        let mut latencies = Vec::with_capacity(requests.len());
        let mut last = String::new();
        for request in requests {
            let at = Instant::now();
            self.stream.write_all(request).await.expect("an open connection");
            last = self.answer().await;
            latencies.push(at.elapsed());
        }
        (latencies, last)
    }

    /// The body of the next answer.
    async fn answer(&mut self) -> String {
        self.read.clear();
        loop {
            let count = self.stream.read_buf(&mut self.read).await.expect("an answer");
            assert!(count > 0, "the server hung up");
            if let Some(body) = whole_body(&self.read) {
                return body.to_owned();
            }
        }
    }
}

/// The body, once all of it has come. Only one answer is ever under way.
fn whole_body(read: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(read).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    (body.len() == length?.parse::<usize>().ok()?).then_some(body)
}

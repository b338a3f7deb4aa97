//! A small HTTP server that can also misbehave: say nothing, hang up, answer with a gateway's page.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier};

/// What somebody asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// What the server does about it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status and a body.
    Body(u16, String),
    /// A redirect to this address.
    Redirect(String),
    /// The request is read, and no answer ever comes.
    Silence,
    /// The request is read, and the connection closed.
    HangUp,
    /// The reply, as soon as the others at this barrier are there.
    Together(Arc<Barrier>, Box<Reply>),
}

impl Reply {
    pub fn json(value: &serde_json::Value) -> Self {
        Self::Body(200, value.to_string())
    }

    /// What a gateway in front of WeCom shows.
    pub fn page(status: u16) -> Self {
        Self::Body(status, "<html><body><h1>Bad Gateway</h1></body></html>".to_owned())
    }
}

/// Starts a server on a free port; gives its base address. It ends with the process.
pub fn start(answer: impl Fn(Request) -> Reply + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || serve(stream, &*answer));
        }
    });
    base
}

fn serve(stream: TcpStream, answer: &dyn Fn(Request) -> Reply) {
    let mut reader = BufReader::new(stream);
    let Some(request) = request(&mut reader) else { return };
    let mut reply = answer(request);
    if let Reply::Together(barrier, together) = reply {
        barrier.wait();
        reply = *together;
    }
    let mut stream = reader.into_inner();
    let written = match reply {
        Reply::Body(status, body) => write!(
            stream,
            "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ),
        Reply::Redirect(to) => write!(
            stream,
            "HTTP/1.1 302 x\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ),
        // Reading returns when the other side has lost its patience.
        Reply::Silence => stream.read(&mut [0]).map(drop),
        Reply::HangUp | Reply::Together(..) => Ok(()),
    };
    drop(written);
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let target = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let url = url::Url::parse(&format!("http://fake{target}")).ok()?;
    Some(Request {
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body: String::from_utf8(body).ok()?,
    })
}

//! HTTP by hand, for what no HTTP client would send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One connection.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn open(base: &str) -> Self {
        let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// A server that has answered already may refuse to read on.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.get_mut().write_all(bytes);
    }

    /// Status and body of the next answer; `None` when the connection was closed instead.
    pub fn answer(&mut self) -> Option<(u16, Vec<u8>)> {
        let status = self.line()?.split(' ').nth(1)?.parse().ok()?;
        let mut length = 0;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        Some((status, body))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end().to_owned())
    }
}

/// A whole request; `target` may hold any bytes.
pub fn request(target: &[u8], body: &[u8]) -> Vec<u8> {
    let length = format!(" HTTP/1.1\r\nhost: guard\r\ncontent-length: {}\r\n\r\n", body.len());
    [b"POST ", target, length.as_bytes(), body].concat()
}

//! How soon the shipped binary serves, how large it is, and what it takes while idle.

use crate::home::{scratch, settings};
use crate::report::{Section, StartFigures};
use crate::sample::{resident_mib, rounded};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_wecom-guard");
const RUNS: usize = 7;
/// How long a server is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

pub fn figures() -> Vec<Section> {
    let (mut ready_ms, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (ready, idle_mib) = one_start();
        ready_ms.push(rounded(ready.as_secs_f64() * 1e3));
        memory.push(idle_mib);
    }
    ready_ms.sort_by(f64::total_cmp);
    memory.sort_by(f64::total_cmp);
    let size = std::fs::metadata(BINARY).expect("the binary").len();
    vec![Section::Start(StartFigures {
        ready_ms_middle: ready_ms[RUNS / 2],
        ready_ms,
        binary_mib: rounded(size as f64 / (1024.0 * 1024.0)),
        idle_memory_mib: memory[RUNS / 2],
    })]
}

/// Time until it answers, and its memory when nobody asks it anything.
fn one_start() -> (Duration, f64) {
    let dir = scratch();
    let address = free_address();
    let file = dir.path().join("guard.toml");
    std::fs::write(&file, settings(address.port(), &dir.path().join("data"))).expect("a settings file");
    let begun = Instant::now();
    let mut server = Command::new(BINARY)
        .args(["serve", "--config"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    while !is_alive(address) {
        assert!(begun.elapsed() < PATIENCE, "the server never answered");
        std::thread::sleep(Duration::from_micros(500));
    }
    let ready = begun.elapsed();
    std::thread::sleep(IDLE);
    let memory = resident_mib(&server.id().to_string());
    end(&mut server);
    (ready, memory)
}

fn end(server: &mut Child) {
    server.kill().expect("a server that runs");
    server.wait().expect("a server that ends");
}

fn free_address() -> SocketAddr {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("an address")
}

fn is_alive(address: SocketAddr) -> bool {
    let answer = || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: guard\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    };
    answer().is_ok_and(|answer: String| answer.starts_with("HTTP/1.1 200"))
}

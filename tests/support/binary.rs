//! The real `wecom-guard`, as a process of its own, and a folder for it to work in.
#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use tempfile::TempDir;

pub const TOKEN: &str = "token-of-the-plugin-8842";

const RULES: &str = r#"
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "拦截"
phrases = ["保底收益"]

[[rule]]
id = "EDU-003"
name = "保证结果"
action = "确认"
phrases = ["100%通过"]
"#;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wecom-guard"));
    command.args(args).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
    command
}

/// What a command that ended has said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs a command to its end.
pub fn run(args: &[&str]) -> Said {
    command(args).output().unwrap().into()
}

/// [`run`] in a folder.
pub fn run_in(dir: &Path, args: &[&str]) -> Said {
    command(args).current_dir(dir).output().unwrap().into()
}

/// A folder with settings, rules and, once a server has run, data.
pub struct Place {
    root: PathBuf,
    _dir: Option<TempDir>,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        Self { _dir: Some(dir), ..Self::at(path) }
    }

    /// In a folder that somebody else removes.
    pub fn at(root: PathBuf) -> Self {
        let place = Self { root, _dir: None };
        fs::create_dir_all(place.path("rules")).unwrap();
        fs::write(place.path("rules/rules.toml"), RULES).unwrap();
        place.settings("sled:data", "127.0.0.1:0");
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn config(&self) -> String {
        self.path("guard.toml").display().to_string()
    }

    /// Writes the settings anew.
    pub fn settings(&self, store: &str, listen: &str) {
        let sha256 = hex::encode(Sha256::digest(TOKEN));
        let text = format!(
            "[server]\nlisten = \"{listen}\"\n[store]\nurl = \"{store}\"\n[rules]\ndir = \"rules\"\n\
             [[api_token]]\nname = \"plugin\"\nsha256 = \"{sha256}\"\nscopes = [\"check\", \"read\"]\n"
        );
        fs::write(self.path("guard.toml"), text).unwrap();
    }

    /// `serve` where it must not come up.
    pub fn serve_in_vain(&self) -> Said {
        run(&["serve", "--config", &self.config()])
    }

    /// Every file of the record.
    pub fn ledger(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let names = fs::read_dir(self.data().join("ledger")).unwrap();
        let mut files: Vec<_> = names.map(|name| name.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect()
    }

    pub fn verify(&self) -> Said {
        run(&["ledger", "verify", "--data", &self.data().display().to_string()])
    }
}

/// A server that runs.
pub struct Server {
    child: Child,
    pub base: String,
    err: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub fn start(place: &Place) -> Self {
        let mut server = Self::begin(place);
        let mut line = String::new();
        BufReader::new(server.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, base)) = line.trim().split_once("http://") else {
            panic!("the server did not start: {line}{}", server.end().err);
        };
        server.base = format!("http://{base}");
        server
    }

    /// Starts it and does not wait.
    pub fn begin(place: &Place) -> Self {
        let mut serve = command(&["serve", "--config", &place.config()]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stderr.take().unwrap();
        // Read all the time, or a full pipe would stop the server.
        let err = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).map(|_| text).unwrap()
        });
        Self { child, base: String::new(), err: Some(err) }
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.end();
    }

    /// `SIGTERM`, as systemd and Docker stop a service.
    pub fn terminate(mut self) -> Said {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.end()
    }

    fn end(&mut self) -> Said {
        let code = self.child.wait().unwrap().code();
        let err = self.err.take().map(|err| err.join().unwrap()).unwrap_or_default();
        Said { code, out: String::new(), err }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves no server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What HTTP clients of this process use; a second call finds the first one's.
pub fn crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A program that calls the API.
#[derive(Clone)]
pub struct Plugin(reqwest::Client);

impl Plugin {
    pub fn new() -> Self {
        crypto();
        Self(reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap())
    }

    /// Status and body; `None` when there was no answer.
    pub async fn get(&self, base: &str, path: &str) -> Option<(u16, Value)> {
        let answer = self.0.get(format!("{base}{path}")).bearer_auth(TOKEN).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()?))
    }

    /// Sends `text` to be checked, under a key; status and body, `None` when there was no answer.
    pub async fn check(&self, base: &str, key: &str, text: &str) -> Option<(u16, Value)> {
        let body = json!({"sender": "zhangsan", "recipient": "wmGuard0001", "channel": "api", "text": text});
        let request = self.0.post(format!("{base}/v1/checks")).bearer_auth(TOKEN).json(&body);
        let answer = request.header("Idempotency-Key", key).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()?))
    }
}

/// The bytes of a file, changed in the middle.
pub fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = 72 + 60;
    bytes[middle] ^= 0x40;
    fs::write(file, bytes).unwrap();
}

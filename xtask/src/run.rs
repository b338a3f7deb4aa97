//! Running one command: shown before, its failure named after.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

/// Why a step failed.
#[derive(Debug)]
pub struct Fault(String);

impl Fault {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The project's folder.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// `cargo` with arguments that hold no blanks, in the project's folder.
pub fn cargo(arguments: &str) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments.split(' ')).current_dir(root());
    command
}

/// Runs `command` to its end.
pub fn run(command: &mut Command) -> Result<(), Fault> {
    announce(command);
    let status = command.status().map_err(|error| Fault::new(format!("{}: {error}", shown(command))))?;
    expect_success(command, status)
}

/// Runs `command`, shows what it prints, and gives back the lines that count its tests.
pub fn tee(mut command: Command) -> Result<Vec<String>, Fault> {
    announce(&command);
    let fault = |error: std::io::Error| Fault::new(error.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(fault)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let from_stdout = thread::spawn(move || out.map(|pipe| counts(pipe, std::io::stdout())));
    let mut lines = err.map(|pipe| counts(pipe, std::io::stderr())).unwrap_or_default();
    lines.extend(from_stdout.join().ok().flatten().unwrap_or_default());
    let status = child.wait().map_err(fault)?;
    expect_success(&command, status).map(|()| lines)
}

fn counts(pipe: impl Read, mut screen: impl Write) -> Vec<String> {
    let mut found = Vec::new();
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // A closed screen is no reason to stop reading: the child would block.
        let _ = writeln!(screen, "{line}");
        if line.contains("Summary [") || line.starts_with("test result:") {
            found.push(line.into_owned());
        }
    }
    found
}

fn announce(command: &Command) {
    println!("\n== {}", shown(command));
}

fn expect_success(command: &Command, status: ExitStatus) -> Result<(), Fault> {
    if status.success() { Ok(()) } else { Err(Fault::new(format!("{}: {status}", shown(command)))) }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

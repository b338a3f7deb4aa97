//! Running one command: shown before, its failure named after.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

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
    let step = Step::begin(command);
    let status = command.status().map_err(|error| step.fault(&error))?;
    step.end(status)
}

/// Runs `command`, shows what it prints, and gives back the lines that count its tests.
pub fn tee(mut command: Command) -> Result<Vec<String>, Fault> {
    let step = Step::begin(&command);
    let fault = |error: std::io::Error| step.fault(&error);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(fault)?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let from_stdout = thread::spawn(move || out.map(|pipe| counts(pipe, std::io::stdout())));
    let mut lines = err.map(|pipe| counts(pipe, std::io::stderr())).unwrap_or_default();
    lines.extend(from_stdout.join().ok().flatten().unwrap_or_default());
    let status = child.wait().map_err(fault)?;
    step.end(status).map(|()| lines)
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

/// One command under way. What is said of it goes to stderr: stdout is the command's own.
struct Step {
    shown: String,
    begun: Instant,
}

impl Step {
    fn begin(command: &Command) -> Self {
        let shown = shown(command);
        eprintln!("\n== {shown}");
        Self { shown, begun: Instant::now() }
    }

    fn end(&self, status: ExitStatus) -> Result<(), Fault> {
        eprintln!("-- {:.1} s", self.begun.elapsed().as_secs_f64());
        if status.success() { Ok(()) } else { Err(self.fault(&status)) }
    }

    fn fault(&self, why: &dyn fmt::Display) -> Fault {
        Fault::new(format!("this failed, run it alone to look closer: {} ({why})", self.shown))
    }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

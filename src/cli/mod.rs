//! The command line, one file a command.
//!
//! Exit codes: 0 good, 1 problems found, 2 bad usage or configuration, 3 a needed service is away.
//! stdout carries results, stderr the rest. Read [`run`] first.

mod demo;
mod ledger;
mod login_link;
mod rules;
mod sandbox;
mod scan;
mod serve;

use crate::app::StartError;
use clap::{Parser, Subcommand};
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// 企业微信消息合规拦截 · WeCom message-compliance interceptor
#[derive(Debug, Parser)]
#[command(name = "wecom-guard", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 一条命令跑起一家公司:演示全过程,然后留着给你看 · A whole company in one process: runs the main story, then stays up
    Demo(demo::Demo),
    /// 生产服务 · Production
    Serve(serve::Serve),
    /// 单独运行模拟的企业微信 · The simulated WeCom alone
    Sandbox(sandbox::Sandbox),
    /// 检查文字 · Judge texts
    Scan(scan::Scan),
    /// 规则文件 · Rule files
    Rules(rules::RulesArgs),
    /// 一次性登录链接 · A one-use sign-in link
    LoginLink(login_link::LoginLink),
    /// 留痕 · The record
    Ledger(ledger::LedgerArgs),
}

/// A command failed; what to say was said.
type Exit = Result<(), u8>;

/// Reads the process's arguments and does what they ask.
pub fn run() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Serve(serve) => serve.run(),
        Command::Sandbox(sandbox) => sandbox.run(),
        Command::Scan(scan) => scan.run(),
        Command::Rules(rules) => rules.run(),
        Command::LoginLink(link) => link.run(),
        Command::Ledger(ledger) => ledger.run(),
    };
    done.map_or_else(ExitCode::from, |()| ExitCode::SUCCESS)
}

/// Where the settings are.
#[derive(Debug, clap::Args)]
struct ConfigArg {
    /// 配置文件 · The settings file
    #[arg(long, value_name = "FILE", default_value = "guard.toml")]
    config: PathBuf,
}

impl ConfigArg {
    fn load(&self) -> Result<crate::config::Config, u8> {
        crate::config::Config::load(&self.config, &crate::config::process_env)
            .map_err(|faults| fail(&StartError::Settings(faults)))
    }
}

/// Says why and gives the exit code.
fn fail(error: &StartError) -> u8 {
    eprintln!("{error}");
    error.exit_code()
}

/// Logs to stderr; `WECOM_GUARD_LOG` chooses what, as `tracing` writes it.
fn log_to_stderr(default: &str) {
    let chosen = crate::config::process_env("WECOM_GUARD_LOG").unwrap_or_else(|| default.to_owned());
    let filter = tracing_subscriber::EnvFilter::new(chosen);
    // A second call, in a test, changes nothing.
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Runs async work to its end.
fn block_on(work: impl Future<Output = Exit>) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        eprintln!("不能启动 / can't start: {error}");
        2
    })?;
    runtime.block_on(work)
}

/// The wish that we stop. Listened for from this call on, not only once it is awaited: a stop that
/// comes while we start must not end us out of order.
fn asked_to_stop() -> impl Future<Output = ()> {
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        tokio::select! { () = received(interrupt) => {} () = received(terminate) => {} }
    }
}

async fn received(signal: std::io::Result<Signal>) {
    match signal {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

//! `sandbox`: the simulated WeCom alone, for anyone who develops against WeCom.

use super::{Exit, asked_to_stop, block_on, log_to_stderr};
use crate::sandbox::{Options, Sandbox as Server};

/// `wecom-guard sandbox [--port 8081]`
#[derive(Debug, clap::Args)]
pub struct Sandbox {
    /// 端口 · The port, on this machine only
    #[arg(long, default_value_t = 8081)]
    port: u16,
}

impl Sandbox {
    /// Serves until it is asked to stop.
    pub fn run(self) -> Exit {
        log_to_stderr("info");
        block_on(async {
            let asked = asked_to_stop();
            let options = Options::alone(self.port).map_err(|error| {
                eprintln!("样例公司读不了 / the sample company can't be read: {error}");
                2
            })?;
            let running = Server::start(options).await.map_err(|error| {
                eprintln!("模拟的企业微信没有启动 / the sandbox did not start: {error}");
                3
            })?;
            println!("模拟的企业微信 / simulated WeCom: api_base = \"{}\"", running.base_url());
            println!("控制 / control: {}/sandbox/control/company", running.base_url());
            asked.await;
            running.stop().await;
            Ok(())
        })
    }
}

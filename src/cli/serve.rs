//! `serve`: production.

use super::{ConfigArg, Exit, asked_to_stop, block_on, fail, log_to_stderr};
use crate::app;
use crate::model::Clock;

/// `wecom-guard serve --config FILE`
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    config: ConfigArg,
}

impl Serve {
    /// Serves until it is asked to stop.
    pub fn run(self) -> Exit {
        let config = self.config.load()?;
        log_to_stderr("info");
        block_on(async {
            let asked = asked_to_stop();
            let running = app::start(config, Clock::system(), None).await.map_err(|error| fail(&error))?;
            println!("已启动 / listening on http://{}", running.address());
            asked.await;
            tracing::info!("stopping");
            running.stop().await;
            Ok(())
        })
    }
}

//! `serve`: production.

use super::{ConfigArg, Exit, asked_to_stop, block_on, fail, log_to_stderr};
use crate::app;
use crate::app::Running;
use crate::model::Clock;
use tokio::signal::unix::{SignalKind, signal};

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
            until_stopped(&running, asked).await;
            tracing::info!("stopping");
            running.stop().await;
            Ok(())
        })
    }
}

/// SIGHUP looks at the rule files; SIGINT and SIGTERM end it.
async fn until_stopped(running: &Running, asked: impl Future<Output = ()>) {
    let Ok(mut hung_up) = signal(SignalKind::hangup()) else { return asked.await };
    let mut stop = std::pin::pin!(asked);
    loop {
        tokio::select! {
            () = &mut stop => return,
            _ = hung_up.recv() => {
                if let Err(error) = running.reload_rules().await {
                    tracing::error!(%error, "the rule files could not be looked at");
                }
            }
        }
    }
}

//! `demo`: a whole company in one process, with nothing to set up.

mod shop;
mod story;

use super::{Exit, asked_to_stop, block_on, log_to_stderr};
use crate::app::StartError;
use clap::Args;
use std::path::PathBuf;

/// `wecom-guard demo [--port 8080] [--once] [--fresh]`
#[derive(Debug, Args)]
pub struct Demo {
    /// 端口,0 为任意空闲端口 · The port; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// 走完就退出:每一步都成立才是 0 · End after the story: 0 only if every step held
    #[arg(long)]
    once: bool,
    /// 丢掉上次演示的数据 · Forget the last demo's data
    #[arg(long)]
    fresh: bool,
}

impl Demo {
    /// Runs the story and stays up unless told otherwise.
    pub fn run(self) -> Exit {
        log_to_stderr("error");
        block_on(async {
            let fail = |error: anyhow::Error| {
                eprintln!("演示没有成功 / the demo failed: {error:#}");
                error.downcast_ref().map_or(1, StartError::exit_code)
            };
            let (data, _temporary) = self.data().map_err(fail)?;
            let shop = shop::Shop::open(data, if self.once { 0 } else { self.port }).await.map_err(fail)?;
            let told = story::tell(&shop).await;
            if let Err(error) = told {
                shop.close().await;
                return Err(fail(error));
            }
            if !self.once {
                shop.say_links();
                asked_to_stop().await;
            }
            shop.close().await;
            Ok(())
        })
    }

    /// The data folder: kept between demos, but one of its own that is removed for `--once`.
    fn data(&self) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
        if self.once {
            let temporary = tempfile::Builder::new().prefix("wecom-guard-demo-").tempdir()?;
            return Ok((temporary.path().to_owned(), Some(temporary)));
        }
        let kept = std::env::temp_dir().join("wecom-guard-demo");
        if self.fresh && kept.exists() {
            std::fs::remove_dir_all(&kept)?;
        }
        std::fs::create_dir_all(&kept)?;
        Ok((kept, None))
    }
}

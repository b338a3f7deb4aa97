//! `rules rollback`: bring a revision back while no server runs, even when the files on disk are
//! too broken for one to start. A server that runs is asked by `POST /v1/rules/rollback`.

use super::refuse;
use crate::app::{self, StartError};
use crate::cli::{ConfigArg, Exit, block_on, fail};
use crate::config::Config;
use crate::model::{Actor, Clock, Revision};
use crate::publish::{RollBack, RollBackError, roll_back_stopped};
use clap::Args;

/// `wecom-guard rules rollback REV --reason WHY`
#[derive(Debug, Args)]
pub struct Rollback {
    /// 要退回的版本,如 r12-9f3c,见 rules history · The revision, see `rules history`
    revision: String,
    /// 原因,会留存 · Why; it is recorded
    #[arg(long, value_name = "WHY")]
    reason: String,
    #[command(flatten)]
    config: ConfigArg,
}

impl Rollback {
    /// Exit code 0 when it is done, 2 when the revision or the reason can't be, 3 when a server runs.
    pub fn run(self) -> Exit {
        let config = self.config.load()?;
        let wish = RollBack { to: Revision::new(self.revision), reason: self.reason, actor: Actor::System };
        block_on(back(config, wish))
    }
}

async fn back(config: Config, wish: RollBack) -> Exit {
    let clock = Clock::system();
    let master = app::master_key(&config).map_err(|error| fail(&error))?;
    let store = app::open_store(&config, master, &clock).map_err(|error| busy(&error))?;
    let to = wish.to.clone();
    let done = roll_back_stopped(&config.rules.dir, store.as_ref(), &clock, wish).await;
    store.close().await;
    let rules = done.map_err(|error| refused(&error))?;
    println!("规则已退回到 {to},成为新版本 {}", rules.revision);
    println!("the rules are those of {to} again, as the new revision {}", rules.revision);
    Ok(())
}

fn busy(error: &StartError) -> u8 {
    if matches!(error, StartError::DataInUse(_)) {
        eprintln!(
            "服务在运行,请用 POST /v1/rules/rollback / a server runs, ask it by POST /v1/rules/rollback"
        );
    }
    fail(error)
}

fn refused(error: &RollBackError) -> u8 {
    let (zh, code) = match error {
        RollBackError::Rules(error) => return refuse(error),
        RollBackError::NoReason => ("要写明原因,1 到 500 个字", 2),
        RollBackError::Unknown(_) => ("没有这个版本", 2),
        RollBackError::NotKept(_) => ("这个版本的规则文件没有留存", 2),
        RollBackError::Store(_) => ("没能留存记录,所以没有退回", 3),
    };
    eprintln!("{zh} / {error}");
    code
}

//! `login-link`: a one-use sign-in address, for the first admin and where WeCom's own sign-in is
//! not set up. Needs the settings and the key file, not the running server.

use super::{ConfigArg, Exit, fail};
use crate::app;
use crate::config::LOCAL_CORP;
use crate::model::{Clock, CorpId, Role, UserId};
use std::collections::BTreeSet;

/// `wecom-guard login-link --role ROLE --user ID`
#[derive(Debug, clap::Args)]
pub struct LoginLink {
    #[command(flatten)]
    config: ConfigArg,
    /// 角色 · rep, supervisor, officer, admin, auditor
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// 成员的 UserID · The member
    #[arg(long)]
    user: String,
    /// 企业的 CorpID,只有一家时可省略 · The company, where there are several
    #[arg(long)]
    corp: Option<String>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("要写成其中之一 / must be one of: {}", known()))
}

impl LoginLink {
    /// Prints the address.
    pub fn run(self) -> Exit {
        let config = self.config.load()?;
        let corps: BTreeSet<_> = config.apps.iter().map(|app| &app.corp_id).collect();
        let corp = match (self.corp, corps.into_iter().collect::<Vec<_>>().as_slice()) {
            (Some(corp), _) => CorpId::new(corp),
            (None, []) => CorpId::new(LOCAL_CORP),
            (None, [only]) => (*only).clone(),
            (None, _) => {
                eprintln!("有多家企业,请用 --corp 指明 / there are several companies, name one with --corp");
                return Err(2);
            }
        };
        let key = app::master_key(&config).map_err(|error| fail(&error))?;
        let path = app::link_key(&key).path(&corp, &UserId::new(self.user), self.role, Clock::system().now());
        println!("{}{path}", config.server.public_url);
        eprintln!("10 分钟内可用一次 / good once, for ten minutes");
        Ok(())
    }
}

//! `rules try`: one text, judged and explained.

use super::{RulesDir, refuse};
use crate::cli::Exit;
use crate::model::{Clock, CompanyZone, MessageText};
use crate::rules::LiveRules;
use crate::scan::Context;
use clap::Args;

/// `wecom-guard rules try TEXT`
#[derive(Debug, Args)]
pub struct Try {
    /// 要试的话 · The text
    text: String,
    #[command(flatten)]
    rules: RulesDir,
}

impl Try {
    /// Exit code 0 whatever the verdict, 2 when the rules or the text can't be used.
    pub fn run(self) -> Exit {
        let text = MessageText::new(self.text.as_str()).map_err(|fault| {
            eprintln!("{fault}");
            2
        })?;
        let now = Clock::system().now();
        let live = LiveRules::load(&self.rules.dir, 0, now).map_err(|error| refuse(&error))?;
        let context = Context { day: CompanyZone::china().business_day(now), ..Context::default() };
        let explained = live.ruleset.explain(text.as_str(), &context);
        println!("{:?} · {}", explained.judgement.verdict, live.revision);
        for hit in &explained.judgement.hits {
            println!("  {:?} 「{}」 {} {} {:?}", hit.action, hit.matched, hit.rule, hit.name, hit.via);
            println!("    {} → {}", hit.why, hit.fix);
        }
        for one in &explained.dismissed {
            println!("  – 「{}」 {} {:?}", one.phrase, one.rule, one.why);
        }
        Ok(())
    }
}

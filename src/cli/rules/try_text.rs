//! `rules try`: one text, judged and explained.

use super::marked::marked;
use super::output::{Lang, LangArg, Printed};
use super::{RulesDir, refuse, today};
use crate::cli::Exit;
use crate::intercept::{Circumstances, Look};
use crate::model::{Action, Clock, Hit, LoweredKind, MessageText, Verdict};
use crate::rules::{LiveRules, Words, action_words, dismissal_words};
use crate::scan::Explanation;
use crate::text::fold_phrase;
use clap::{Args, ValueEnum};
use serde_json::json;

/// `wecom-guard rules try TEXT`
#[derive(Debug, Args)]
pub struct Try {
    /// 要试的话 · The text
    text: String,
    #[command(flatten)]
    rules: RulesDir,
    /// 行业 · Whose rules apply
    #[arg(long, value_name = "NAME")]
    industry: Option<String>,
    /// 说明每一处为什么算或不算 · Say why each find counts or not
    #[arg(long)]
    explain: bool,
    /// 输出格式 · The form of the result
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    lang: LangArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// 给人看 · For people
    Human,
    /// 一份 JSON · One document
    Json,
}

impl Try {
    /// Exit code 0 whatever the verdict, 2 when the rules or the text can't be used.
    pub fn run(self) -> Exit {
        let text = MessageText::new(self.text.as_str()).map_err(|fault| {
            eprintln!("{fault}");
            2
        })?;
        let live =
            LiveRules::load(&self.rules.dir, 0, Clock::system().now()).map_err(|error| refuse(&error))?;
        let known = Circumstances { industry: self.industry.clone(), ..Circumstances::on(today()) };
        let explained = Look { live: &live, known: &known }.explain(text.as_str());
        let printed = match self.format {
            Format::Json => Printed::result(self.document(&explained))?,
            Format::Human => {
                let (lang, printed) = (self.lang.lang(), Printed::default());
                Told { lang, text: text.as_str(), explained: &explained, printed }.all(self.explain)
            }
        };
        printed.print();
        Ok(())
    }

    /// The judgement as the API gives it; with what is explained beside it.
    fn document(&self, explained: &Explanation) -> serde_json::Result<String> {
        let mut document = serde_json::to_value(&explained.judgement)?;
        if let Some(fields) = document.as_object_mut().filter(|_| self.explain) {
            fields.insert("folded".into(), json!(fold_phrase(&self.text)));
            fields.insert("shadow".into(), json!(explained.shadow));
            fields.insert("dismissed".into(), json!(explained.dismissed));
        }
        serde_json::to_string_pretty(&document)
    }
}

/// A judged text, told to a person.
struct Told<'t> {
    lang: Lang,
    text: &'t str,
    explained: &'t Explanation,
    printed: Printed,
}

impl Told<'_> {
    fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        self.lang.say(&Words::new(zh, en))
    }

    fn all(mut self, explain: bool) -> Printed {
        let judgement = &self.explained.judgement;
        let marks: Vec<_> = judgement.hits.iter().map(|hit| hit.span).collect();
        self.printed.out(format_args!("{}  {}", self.verdict(judgement.verdict), judgement.revision));
        self.printed.out(format_args!("  {}", marked(self.text, &marks)));
        judgement.hits.iter().for_each(|hit| self.hit(hit, explain));
        if explain {
            self.explanation();
        }
        self.printed
    }

    fn verdict(&self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Pass => self.say("通过", "pass"),
            Verdict::Confirm => self.say("待确认", "confirm"),
            Verdict::Block => self.say("已拦截", "blocked"),
        }
    }

    fn action(&self, action: Action) -> String {
        self.lang.say(&action_words(action))
    }

    fn hit(&mut self, hit: &Hit, explain: bool) {
        let action = self.action(hit.action);
        self.printed.out(format_args!("- {action} 「{}」 {} {}", hit.matched, hit.rule, hit.name));
        for line in [&hit.why, &hit.fix].into_iter().filter(|line| !line.is_empty()) {
            self.printed.out(format_args!("    {line}"));
        }
        if explain {
            self.how(hit);
        }
    }

    /// By which phrase and folds it was found, and what it was lowered from.
    fn how(&mut self, hit: &Hit) {
        self.line(self.say("词条", "phrase"), &format!("「{}」", hit.phrase));
        if !hit.via.is_empty() {
            self.line(self.say("经过折叠", "folds used"), &hit.via.join(", "));
        }
        if let Some(lowered) = &hit.lowered_by {
            let (from, to) = (self.action(lowered.from), self.action(hit.action));
            let why = self.lowered(lowered.kind, &lowered.text);
            self.line(self.say("动作", "action"), &format!("{from} → {to} ({why})"));
        }
    }

    fn line(&mut self, name: String, value: &str) {
        self.printed.out(format_args!("    {name}: {value}"));
    }

    fn lowered(&self, kind: LoweredKind, by: &str) -> String {
        match kind {
            LoweredKind::Negation => self.say(format!("有否定「{by}」"), format!("negated by `{by}`")),
            LoweredKind::Boundary => {
                self.say(format!("切断了词语「{by}」"), format!("cuts the words `{by}`"))
            }
            LoweredKind::Fold => {
                self.say("靠可选折叠才找到,最多到确认", "found by an optional fold alone: confirm at most")
            }
        }
    }

    fn explanation(&mut self) {
        for hit in &self.explained.shadow {
            let shadow = self.say("影子规则,不生效", "shadow, does not count");
            self.printed.out(format_args!("- {shadow} 「{}」 {} {}", hit.matched, hit.rule, hit.name));
        }
        for find in &self.explained.dismissed {
            let why = self.lang.say(&dismissal_words(&find.phrase, &find.why));
            let not = self.say("不算", "does not count");
            self.printed.out(format_args!("- {not} {}: {why}", find.rule));
        }
        let folded = self.say("折叠后", "folded");
        self.printed.out(format_args!("{folded}: {}", fold_phrase(self.text)));
    }
}

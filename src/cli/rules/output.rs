//! How results are written: format, language and colour, the same for every command that checks.

use crate::config::process_env;
use crate::rules::Words;
use clap::{Args, ValueEnum};
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// The form of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// 给人看 · For people
    Human,
    /// 一份 JSON · One document
    Json,
    /// GitHub 工作流注解 · Workflow annotations
    Github,
    /// JUnit XML
    Junit,
}

/// The language of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
    /// 中文 / English
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// What a command says: results and what people read beside them.
#[derive(Debug, Default)]
pub(super) struct Printed {
    /// For stdout, lines with their ends.
    pub out: String,
    /// For stderr, lines with their ends.
    pub err: String,
}

impl Printed {
    /// A result alone, or exit code 2 after saying why there is none.
    pub fn result<E: Display>(text: Result<String, E>) -> Result<Self, u8> {
        let out = text.map_err(|error| {
            eprintln!("写不出结果 / the results can't be written: {error}");
            2
        })?;
        Ok(Self { out: out.trim_end().to_owned() + "\n", err: String::new() })
    }

    pub fn out(&mut self, line: impl Display) {
        self.out += &format!("{line}\n");
    }

    pub fn err(&mut self, line: impl Display) {
        self.err += &format!("{line}\n");
    }

    /// Writes all of it. Whoever stops reading has seen enough.
    pub fn print(self) {
        let _ = io::stderr().write_all(self.err.as_bytes());
        let _ = io::stdout().write_all(self.out.as_bytes());
    }
}

/// The language asked for.
#[derive(Debug, Args)]
pub(super) struct LangArg {
    /// 语言,不写时看 LANG · The language; LANG decides when absent
    #[arg(long, value_enum)]
    lang: Option<Lang>,
}

/// What results look like.
#[derive(Debug, Args)]
pub(super) struct Look {
    #[command(flatten)]
    lang: LangArg,
    /// 颜色,auto 只在终端上用,并遵守 `NO_COLOR` · auto: on a terminal only, unless `NO_COLOR` is set
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

/// Form and look.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// 输出格式 · The form of the results
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    #[command(flatten)]
    pub look: Look,
}

impl LangArg {
    pub fn lang(&self) -> Lang {
        self.lang.unwrap_or_else(|| Lang::of_environment(&process_env))
    }
}

impl Look {
    pub fn lang(&self) -> Lang {
        self.lang.lang()
    }

    /// Whether what goes to `stream` is coloured.
    pub fn has_color(&self, stream: &impl IsTerminal) -> bool {
        let is_set = |name: &str| process_env(name).is_some_and(|value| !value.is_empty());
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && !is_set("NO_COLOR"),
        }
    }
}

impl Lang {
    /// The first of the usual variables that is set says it; neither language: both.
    fn of_environment(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let set =
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(env).find(|value| !value.is_empty());
        match set.as_deref().and_then(|value| value.get(..2)) {
            Some("zh") => Self::Zh,
            Some("en") => Self::En,
            _ => Self::Both,
        }
    }

    /// The words in this language.
    pub fn say(self, words: &Words) -> String {
        match self {
            Self::Zh => words.zh.clone(),
            Self::En => words.en.clone(),
            Self::Both if words.zh == words.en => words.zh.clone(),
            Self::Both => format!("{} / {}", words.zh, words.en),
        }
    }

    /// A word in this language; Chinese alone where both are wished and one has to do.
    pub fn word(self, zh: &'static str, en: &'static str) -> &'static str {
        if self == Self::En { en } else { zh }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_the_language_and_an_unknown_one_gives_both() {
        let lang = |name: &'static str, value: &'static str| {
            Lang::of_environment(&move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(lang("LANG", "zh_CN.UTF-8"), Lang::Zh);
        assert_eq!(lang("LC_ALL", "en_US.UTF-8"), Lang::En);
        assert_eq!(lang("LANG", "C"), Lang::Both);
        assert_eq!(Lang::of_environment(&|_| None), Lang::Both);
    }
}

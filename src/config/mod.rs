//! Settings: one TOML file, the environment over it, each value with its origin.
//!
//! Every fault is found before anything starts, and all are told at once with their place; a
//! secret is in none of them. This room must never know what a setting is used for, nor open
//! anything but the settings file and the secret files it names. Read [`Config`] first.

mod fault;
mod key;
mod node;
mod reader;
mod row;
mod secret;
mod sections;
mod settings;
mod value;

pub use fault::{ConfigFault, Place};
pub use key::{Absent, Key, TABLES, Table};
pub use reader::Setting;
pub use settings::{
    ApiToken, App, BaseUrl, Bot, Callback, Config, Followup, HttpFollowup, Person, Publish, Rules, Server,
    Store, StoreUrl, Transport, Wecom,
};

use reader::Reader;
use std::path::Path;

/// The company of tokens and people where no corp is named anywhere: a server that only judges.
pub const LOCAL_CORP: &str = "local";

impl Config {
    /// Reads the settings file at `path`, with the environment over it.
    ///
    /// # Errors
    /// Every fault at once, in the order of the file, those of the environment last.
    pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<ConfigFault>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path, env),
            Err(error) => Err(vec![ConfigFault::unreadable(path, &error)]),
        }
    }

    /// Reads settings from `text`. `path` names it in faults, and relative paths in it count from
    /// there.
    ///
    /// # Errors
    /// As [`Config::load`].
    ///
    /// ```
    /// # use wecom_guard::config::Config;
    /// let faults = Config::parse("[server]\nlistn = \"[::1]:80\"", "guard.toml".as_ref(), &|_| None).unwrap_err();
    /// assert!(faults[0].to_string().starts_with("guard.toml:2:1: "));
    /// assert!(faults[0].to_string().ends_with("unknown key `listn`, the nearest is `listen`"));
    /// ```
    pub fn parse(
        text: &str,
        path: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigFault>> {
        let (document, broken) = toml::de::DeTable::parse_recoverable(text);
        let mut reader = Reader::new(document.get_ref(), text, path, env);
        reader.syntax(&broken);
        let config = sections::config(&mut reader);
        let (settings, faults) = reader.finish();
        match config {
            Some(config) if faults.is_empty() => Ok(Self { settings, ..config }),
            _ => Err(faults),
        }
    }
}

/// The process's environment, as [`Config::load`] takes it. A value that is not UTF-8 counts as
/// absent.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests;

//! What is wrong with the settings and where, in both languages. No value of a secret gets here.

use std::fmt;
use std::path::Path;

/// Where a value or a fault stands. Sorts by the order of the file, the environment after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the settings file.
    File {
        /// The file as the caller named it.
        file: String,
        /// Line and column, both from 1, the column in characters; absent for the file as a whole.
        at: Option<(usize, usize)>,
    },
    /// In an environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// Nowhere: it is the default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { file, at: Some((line, column)) } => write!(f, "{file}:{line}:{column}"),
            Place::File { file, at: None } => f.write_str(file),
            Place::Environment { name } => f.write_str(name),
            Place::Default => f.write_str("default"),
        }
    }
}

/// One fault of the settings: `guard.toml:7:3: 中文 / English`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {zh} / {en}")]
pub struct ConfigFault {
    /// Where it stands.
    pub place: Place,
    /// What is wrong and what would do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl ConfigFault {
    pub(super) fn new(place: Place, wrong: Wrong) -> Self {
        Self { place, zh: wrong.zh, en: wrong.en }
    }

    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        let place = Place::File { file: path.display().to_string(), at: None };
        Self::new(
            place,
            Wrong::new(format!("读不了设置文件:{error}"), format!("can't read the settings: {error}")),
        )
    }
}

/// What is wrong with a value, before its place is known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    zh: String,
    en: String,
}

impl Wrong {
    pub(super) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// `word` is none of the `known` ones.
    pub(super) fn unknown<'k>(what: (&str, &str), word: &str, known: impl Iterator<Item = &'k str>) -> Self {
        let (zh, en) = what;
        let near = nearest(word, known);
        Self::new(
            format!("没有「{word}」这个{zh},最接近的是「{near}」"),
            format!("unknown {en} `{word}`, the nearest is `{near}`"),
        )
    }
}

/// The known word with the fewest slips from `word`, the first of equals.
fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> &'k str {
    known.min_by_key(|candidate| strsim::damerau_levenshtein(word, candidate)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_has_the_fewest_slips() {
        let known = ["listen", "public_url", "domain_proofs"];
        assert_eq!(nearest("lisetn", known.into_iter()), "listen");
        assert_eq!(nearest("publicurl", known.into_iter()), "public_url");
    }

    #[test]
    fn places_sort_as_a_reader_meets_them() {
        let file = |at| Place::File { file: "guard.toml".into(), at };
        let env = Place::Environment { name: "WECOM_GUARD_STORE_URL".into() };
        let mut places = vec![env.clone(), file(Some((12, 1))), file(Some((2, 9))), file(None)];
        places.sort();
        assert_eq!(places, [file(None), file(Some((2, 9))), file(Some((12, 1))), env]);
    }
}

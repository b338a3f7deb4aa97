//! Addresses and ids, told by their form.

use super::Place;
use crate::text::Folded;

/// Endings of web addresses that are written without `http` or `www`.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "com", "cn", "net", "org", "top", "xyz", "vip", "cc", "io", "me", "info", "shop", "site", "link", "club", "app",
    "co", "tv", "ltd", "store", "online", "icu", "ink", "wang", "fun", "biz",
];
/// Words that announce a WeChat id, as they are after folding.
#[rustfmt::skip]
const ANNOUNCERS: &[&str] = &["微信", "薇信", "威信", "徽信", "v信", "wechat", "weixin", "vx", "wx", "加v", "+v"];
/// Words that may stand between the announcement and the id.
const BETWEEN: &[&str] = &["号码", "号", "是", "为", "id", "加", "我", ":", "=", " ", "-"];
/// A WeChat id has 6 to 20 characters and begins with a letter.
const WECHAT_LENGTH: std::ops::RangeInclusive<usize> = 6..=20;

/// A run of characters as addresses have them, with its first unit.
struct Run {
    first: usize,
    text: String,
}

impl Run {
    /// Every run without blanks, ideographs and the like.
    fn all(text: &Folded) -> Vec<Run> {
        let (mut runs, mut open): (Vec<Run>, bool) = (Vec::new(), false);
        for (place, unit) in text.units().iter().enumerate() {
            let belongs = unit.ch.is_ascii_alphanumeric() || "@._-+%:/?=&#~".contains(unit.ch);
            match runs.last_mut().filter(|_| open && belongs) {
                Some(run) => run.text.push(unit.ch),
                None if belongs => runs.push(Run { first: place, text: unit.ch.to_string() }),
                None => {}
            }
            open = belongs;
        }
        runs
    }

    /// The place of the bytes `start..end`; a run is ASCII, so bytes are units.
    fn place(&self, start: usize, end: usize) -> Place {
        (self.first + start, self.first + end - 1)
    }
}

pub(super) fn emails(text: &Folded) -> Vec<Place> {
    Run::all(text).iter().filter_map(email).collect()
}

fn email(run: &Run) -> Option<Place> {
    let at = run.text.find('@')?;
    let (before, after) = (run.text.get(..at)?, run.text.get(at + 1..)?);
    let is_local = |ch: char| ch.is_ascii_alphanumeric() || "._-+".contains(ch);
    let start = before.len() - before.chars().rev().take_while(|ch| is_local(*ch)).count();
    let domain = domain(after)?;
    (start < at).then(|| run.place(start, at + 1 + domain))
}

/// The length of the host name at the front: labels, dots, an ending of letters.
fn domain(text: &str) -> Option<usize> {
    let length = text.chars().take_while(|ch| ch.is_ascii_alphanumeric() || ".-".contains(*ch)).count();
    let host = text.get(..length)?.trim_end_matches(['.', '-']);
    let (name, ending) = host.rsplit_once('.')?;
    let is_ending = ending.len() >= 2 && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_ending && !name.is_empty()).then_some(host.len())
}

pub(super) fn urls(text: &Folded) -> Vec<Place> {
    Run::all(text).iter().filter_map(url).collect()
}

fn url(run: &Run) -> Option<Place> {
    let marked = ["http://", "https://", "www."].iter().filter_map(|mark| run.text.find(mark)).min();
    if let Some(start) = marked {
        return Some(run.place(start, run.text.trim_end_matches(['.', ':', '?', '-']).len()));
    }
    let host = domain(&run.text).filter(|_| !run.text.contains('@'))?;
    let ending = run.text.get(..host)?.rsplit('.').next()?;
    let is_known = ENDINGS.contains(&ending) && run.text.starts_with(|ch: char| ch.is_ascii_alphanumeric());
    is_known.then(|| run.place(0, run.text.trim_end_matches(['.', ':', '?', '-']).len()))
}

pub(super) fn wechat_ids(text: &Folded) -> Vec<Place> {
    let all: String = text.units().iter().map(|unit| unit.ch).collect();
    let starts =
        ANNOUNCERS.iter().flat_map(|word| all.match_indices(word).map(|(at, word)| (at, at + word.len())));
    let announced = starts.filter(|(at, end)| !goes_on(&all, *at, *end)).map(|(_, end)| end);
    let bare = all.match_indices("wxid_").map(|(at, _)| at);
    let mut found: Vec<Place> = announced.chain(bare).filter_map(|at| wechat_id(&all, at)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A Latin announcer is part of a longer word.
fn goes_on(all: &str, start: usize, end: usize) -> bool {
    let is_letter = |ch: Option<char>| ch.is_some_and(|ch| ch.is_ascii_alphabetic());
    let (before, word, after) = (all.get(..start), all.get(start..end), all.get(end..));
    let ends = |text: Option<&str>| is_letter(text.and_then(|text| text.chars().next_back()));
    let begins = |text: Option<&str>| is_letter(text.and_then(|text| text.chars().next()));
    (begins(word) && ends(before)) || (ends(word) && begins(after))
}

/// The id that follows at byte `at`, as units.
fn wechat_id(all: &str, at: usize) -> Option<Place> {
    let mut rest = all.get(at..)?;
    while let Some(next) = BETWEEN.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = next;
    }
    let id = rest.chars().take_while(|ch| ch.is_ascii_alphanumeric() || "_-".contains(*ch)).count();
    let first = all.get(..all.len() - rest.len())?.chars().count();
    let is_id = WECHAT_LENGTH.contains(&id) && rest.starts_with(|ch: char| ch.is_ascii_alphabetic());
    is_id.then(|| (first, first + id - 1))
}

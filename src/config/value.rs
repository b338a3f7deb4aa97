//! One function a shape: text in, a value or what is wrong with it out. None repeats the text of
//! a secret.

use super::fault::Wrong;
use super::settings::{BaseUrl, StoreUrl};
use crate::model::Secret;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use url::Url;

type Parsed<T> = Result<T, Wrong>;

/// Any text but an empty one.
pub(super) fn text(text: &str) -> Parsed<String> {
    match text.trim() {
        "" => Err(Wrong::new("不能为空", "must not be empty")),
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn listen(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| {
        Wrong::new(
            format!("「{text}」不是 IP:端口,例如 127.0.0.1:8080"),
            format!("`{text}` is not an IP address:port such as 127.0.0.1:8080"),
        )
    })
}

/// A name that stands in paths and in the ledger.
pub(super) fn name(text: &str) -> Parsed<String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("「{text}」不能作名称:只用 1–64 个小写字母、数字和 -"),
        format!("`{text}` is no name: use 1–64 of a-z, 0-9 and -"),
    ))
}

/// An address that others are built on; `schemes` are the allowed ones.
pub(super) fn base_url(schemes: &'static [&'static str]) -> impl Fn(&str) -> Parsed<BaseUrl> {
    move |text| {
        let url = Url::parse(text).ok().filter(|url| schemes.contains(&url.scheme()));
        url.and_then(BaseUrl::new).ok_or_else(|| {
            let schemes = schemes.join("|");
            Wrong::new(
                format!("要一个 {schemes}:// 网址,不带账号、?参数和#片段"),
                format!("must be a {schemes}:// address without credentials, query or fragment"),
            )
        })
    }
}

/// The follow-up source's address with its place-holders.
pub(super) fn followup_url(text: &str) -> Parsed<String> {
    let filled = text.replace("{external_userid}", "x").replace("{user}", "x").replace("{corp_id}", "x");
    let is_web = Url::parse(&filled)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.password().is_none());
    if is_web && text.contains("{external_userid}") && !filled.contains(['{', '}']) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        "要一个带 {external_userid} 的 http(s) 网址,另可用 {user} 和 {corp_id};密码放在 headers",
        "must be an http(s) address with {external_userid}; {user} and {corp_id} may stand too; passwords belong in headers",
    ))
}

/// Where records are kept; a folder counts from `dir`. The text is not repeated: it may hold a
/// password.
pub(super) fn store_url(dir: &Path) -> impl Fn(&str) -> Parsed<StoreUrl> {
    move |text| match text.split_once(':') {
        Some(("sled", folder)) if !folder.trim().is_empty() => Ok(StoreUrl::Local(dir.join(folder))),
        Some(("memory", "")) => Ok(StoreUrl::Memory),
        Some(("postgres" | "postgresql", _)) => Err(Wrong::new(
            "PostgreSQL 还不支持,请用 sled:目录",
            "PostgreSQL is not supported yet, use sled:DIR",
        )),
        _ => Err(Wrong::new("要 sled:目录 或 memory:", "must be sled:DIR or memory:")),
    }
}

/// A whole number and its unit, between `least` and `most`.
pub(super) fn duration(least: &'static str, most: &'static str) -> impl Fn(&str) -> Parsed<Duration> {
    move |text| {
        let range = span(least).zip(span(most)).map(|(least, most)| least..=most);
        span(text).filter(|value| range.is_some_and(|range| range.contains(value))).ok_or_else(|| {
            Wrong::new(
                format!("「{text}」不是 {least}–{most} 的时长,单位用 ms、s、m、h"),
                format!("`{text}` is not a duration of {least}–{most} in ms, s, m or h"),
            )
        })
    }
}

/// As [`duration`], or `off`.
pub(super) fn duration_or_off(
    least: &'static str,
    most: &'static str,
) -> impl Fn(&str) -> Parsed<Option<Duration>> {
    move |text| match text {
        "off" => Ok(None),
        _ => duration(least, most)(text).map(Some),
    }
}

fn span(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(millis).map(Duration::from_millis)
}

/// One of `known`, each under its word.
pub(super) fn choice<T: Copy, const N: usize>(known: [(&'static str, T); N]) -> impl Fn(&str) -> Parsed<T> {
    move |text| {
        let found = known.iter().find(|(word, _)| *word == text);
        let words = known.iter().map(|(word, _)| *word);
        found.map(|(_, value)| *value).ok_or_else(|| Wrong::unknown(("取值", "value"), text, words))
    }
}

/// A number from 1.
pub(super) fn number(text: &str) -> Parsed<u64> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
        Wrong::new(format!("「{text}」不是从 1 起的整数"), format!("`{text}` is not a number from 1"))
    })
}

/// A CSP source: nothing that could end the directive.
pub(super) fn csp_source(text: &str) -> Parsed<String> {
    let graphic = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',');
    if !text.is_empty() && text.chars().all(graphic) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("「{text}」不是 CSP 来源,例如 'self' 或 https://example.com"),
        format!("`{text}` is no CSP source such as 'self' or https://example.com"),
    ))
}

/// The name of WeCom's proof of domain ownership.
pub(super) fn proof_name(text: &str) -> Parsed<()> {
    let middle = text.strip_prefix("WW_verify_").and_then(|rest| rest.strip_suffix(".txt"));
    match middle {
        Some(middle) if !middle.is_empty() && middle.bytes().all(|b| b.is_ascii_alphanumeric()) => Ok(()),
        _ => Err(Wrong::new(
            format!("「{text}」不是企业微信的域名校验文件名 WW_verify_….txt"),
            format!("`{text}` is not named like WeCom's domain proof WW_verify_….txt"),
        )),
    }
}

/// The name of an HTTP header.
pub(super) fn header_name(text: &str) -> Parsed<()> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Ok(());
    }
    Err(Wrong::new(format!("「{text}」不能作请求头的名称"), format!("`{text}` is no name of a header")))
}

/// A JSON pointer (RFC 6901).
pub(super) fn json_pointer(text: &str) -> Parsed<String> {
    if text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(
        format!("「{text}」不是 JSON 指针,例如 /data/stage"),
        format!("`{text}` is no JSON pointer such as /data/stage"),
    ))
}

/// The SHA-256 of an API token.
pub(super) fn sha256(text: &str) -> Parsed<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Wrong::new("要 64 位十六进制数(令牌的 SHA-256)", "must be 64 hex digits, the token's SHA-256")
    })?;
    Ok(bytes)
}

/// Wraps a secret that passes `check`.
pub(super) fn sealed(plain: String, check: fn(&str) -> Parsed<()>) -> Parsed<Secret> {
    check(&plain).map(|()| Secret::new(plain))
}

/// Any secret but an empty one.
pub(super) fn secret(value: &str) -> Parsed<()> {
    text(value).map(drop)
}

/// What signs callbacks: letters and digits, at most 32 (WeCom's rule for 回调配置 Token).
pub(super) fn token(value: &str) -> Parsed<()> {
    alphanumeric(value, 1, 32)
}

/// WeCom's EncodingAESKey: 43 letters and digits that decode to 32 bytes.
pub(super) fn aes_key(value: &str) -> Parsed<()> {
    alphanumeric(value, 43, 43)
}

fn alphanumeric(value: &str, least: usize, most: usize) -> Parsed<()> {
    if (least..=most).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    let range = if least == most { least.to_string() } else { format!("{least}–{most}") };
    Err(Wrong::new(format!("要 {range} 个字母或数字"), format!("must be {range} letters and digits")))
}

/// The master key: 32 bytes in hex.
pub(super) fn master_key(value: &str) -> Parsed<()> {
    if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(Wrong::new("要 64 位十六进制数(32 字节)", "must be 64 hex digits, 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_names_its_unit_and_keeps_its_range() {
        let window = duration("30s", "24h");
        assert_eq!(window("5m").unwrap(), Duration::from_secs(300));
        assert_eq!(window("30s").unwrap(), Duration::from_secs(30));
        assert_eq!(window("24h").unwrap(), Duration::from_secs(86_400));
        for bad in ["29s", "25h", "300", "", "m", "5 m", "-5m", "5分", "99999999999999999h"] {
            assert!(window(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_base_address_carries_neither_credentials_nor_query() {
        let base = base_url(&["http", "https"]);
        assert_eq!(base("https://guard.example.com/").unwrap().as_str(), "https://guard.example.com");
        for bad in
            ["guard.example.com", "ftp://a", "https://u:p@a", "https://a/?x=1", "https://a/#x", "http:"]
        {
            assert!(base(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_follow_up_address_names_the_customer_and_nothing_we_do_not_fill() {
        assert!(followup_url("https://crm.example.com/c/{external_userid}?by={user}").is_ok());
        for bad in ["https://crm.example.com/c", "https://crm/{external_userid}/{phone}", "{external_userid}"]
        {
            assert!(followup_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_store_folder_counts_from_the_settings_file() {
        let store = store_url(Path::new("/etc/guard"));
        assert_eq!(store("sled:data").unwrap(), StoreUrl::Local("/etc/guard/data".into()));
        assert_eq!(store("sled:/data").unwrap(), StoreUrl::Local("/data".into()));
        assert_eq!(store("memory:").unwrap(), StoreUrl::Memory);
        for bad in ["sled:", "data", "mysql://x", "memory:x"] {
            assert!(store(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_aes_key_has_exactly_43_letters_and_digits() {
        assert!(aes_key(&"a".repeat(43)).is_ok());
        assert!(aes_key(&"a".repeat(42)).is_err());
        assert!(aes_key(&format!("{}=", "a".repeat(42))).is_err());
        assert!(token("").is_err());
        assert!(token(&"a".repeat(33)).is_err());
    }

    #[test]
    fn a_frame_source_cannot_end_its_directive() {
        assert!(csp_source("'self'").is_ok());
        assert!(csp_source("'self'; script-src *").is_err());
        assert!(csp_source("").is_err());
    }
}

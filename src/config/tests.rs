use super::*;
use std::fmt::Write;
use std::time::Duration;

const AES: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn parse(text: &str) -> Result<Config, Vec<ConfigFault>> {
    Config::parse(text, "guard.toml".as_ref(), &|_| None)
}

fn faults(text: &str) -> Vec<String> {
    parse(text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// The English half of each fault, with its place.
fn english(text: &str) -> String {
    let mut lines = String::new();
    for fault in parse(text).unwrap_err() {
        writeln!(lines, "{}: {}", fault.place, fault.en).unwrap();
    }
    lines
}

fn app(name: &str, corp: &str) -> String {
    format!(
        "[[app]]\nname = \"{name}\"\ncorp_id = \"{corp}\"\nagent_id = 1000002\nsecret = \"s\"\ntoken = \"t\"\nencoding_aes_key = \"{AES}\"\n"
    )
}

#[test]
fn an_empty_file_is_a_whole_server_on_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.store.url, StoreUrl::Local("data".into()));
    assert_eq!(config.callback.replay_window, Some(Duration::from_secs(300)));
    assert!(config.apps.is_empty());
    assert!(config.settings.iter().all(|setting| setting.origin == Place::Default));
}

#[test]
fn ten_faults_are_reported_at_once_and_in_order() {
    let text = r#"[server]
listen = "localhost:8080"
pubic_url = "https://guard.example.com"
[store]
url = "postgres://guard:hunter2@db/guard"
[callback]
replay_window = "5"
[[bot]]
name = "小助手"
token = "helper-token"
[[api_token]]
name = "plugin"
sha256 = 43
scopes = ["check", "reed"]
[servr]
"#;
    insta::assert_snapshot!(english(text), @r#"
    guard.toml:2:10: `localhost:8080` is not an IP address:port such as 127.0.0.1:8080
    guard.toml:3:1: unknown key `pubic_url`, the nearest is `public_url`
    guard.toml:5:7: PostgreSQL is not supported yet, use sled:DIR
    guard.toml:7:17: `5` is not a duration of 30s–24h in ms, s, m or h
    guard.toml:8:1: transport = "callback" needs encoding_aes_key
    guard.toml:9:8: `小助手` is no name: use 1–64 of a-z, 0-9 and -
    guard.toml:10:9: must be 1–32 letters and digits
    guard.toml:13:10: must be of type string, is integer
    guard.toml:14:20: unknown value `reed`, the nearest is `read`
    guard.toml:15:2: unknown table `servr`, the nearest is `server`
    "#);
}

#[test]
fn a_syntax_error_hides_no_other_fault_and_invents_none() {
    let text = "[server]\nlisten = localhost\npublic_url = 8080\n[[app]]\nname = \"guard\"\nto ken = \"t\"\n";
    insta::assert_snapshot!(english(text), @r"
    guard.toml:2:10: string values must be quoted, expected literal string
    guard.toml:3:14: must be of type string, is integer
    guard.toml:6:4: key with no value, expected `=`
    ");
}

#[test]
fn each_fault_speaks_both_languages_with_the_column_in_characters() {
    let fault = faults("server = { \"监听\" = \"x\", listen = 1 }").pop().unwrap();
    assert_eq!(fault, "guard.toml:1:33: 要带引号的文字,写的是整数 / must be of type string, is integer");
}

#[test]
fn a_key_of_another_table_is_sent_home() {
    assert_eq!(
        faults("listen = \"x\""),
        ["guard.toml:1:1: 「listen」要放在 [server] 下面 / `listen` belongs under [server]"]
    );
}

#[test]
fn a_table_in_the_wrong_brackets_is_shown_the_right_ones() {
    assert_eq!(
        english("[app]\n[[server]]\n"),
        "guard.toml:1:2: must be written [[app]]\nguard.toml:2:3: must be written [server]\n"
    );
}

#[test]
fn neither_settings_nor_faults_give_a_secret_away() {
    let mut text = app("guard", "ww01").replace("secret = \"s\"", "secret = \"hunter2\"");
    text += "[followup]\nsource = \"http\"\nurl = \"https://crm/{external_userid}\"\nheaders = { Authorization = \"hunter2\" }\n";
    text += &format!("[store]\nmaster_key = \"{}\"\n", "c0ffee42".repeat(8));
    let config = parse(&text).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("c0ffee") && !shown.contains(AES), "{shown}");

    for secret in [
        "[[app]]\ntoken = \"hunter2!\"",
        "[[app]]\nencoding_aes_key = \"hunter2\"",
        "[store]\nmaster_key = \"hunter2\"",
        "[store]\nmaster_key = { env = \"hunter2\" }",
        "[store]\nmaster_key = { file = \"hunter2\" }",
        "[store]\nurl = \"postgres://u:hunter2@db\"",
        "[store]\nurl = \"mysql:hunter2\"",
        "[[app]]\nsecret = hunter2",
        "[[app]]\nsecret = { hunter2 = 1 }",
        "[server]\npublic_url = \"https://u:hunter2@a\"",
        "[followup]\nurl = \"https://u:hunter2@a\"",
    ] {
        let faults = faults(secret).join("\n");
        assert!(!faults.contains("hunter2"), "{faults}");
    }
}

#[test]
fn a_secret_comes_from_the_environment_or_a_file_beside_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("aes"), format!("{AES}\n")).unwrap();
    let text = app("guard", "ww01")
        .replace("secret = \"s\"", "secret = { env = \"WECOM_SECRET\" }")
        .replace(&format!("\"{AES}\""), "{ file = \"aes\" }");
    let env = |name: &str| (name == "WECOM_SECRET").then(|| "hunter2".to_owned());
    let config = Config::parse(&text, &dir.path().join("guard.toml"), &env).unwrap();
    assert_eq!(config.apps[0].secret.expose(), "hunter2");
    assert_eq!(config.apps[0].encoding_aes_key.expose(), AES);
    assert_eq!(
        english(&app("guard", "ww01").replace("\"s\"", "{ env = \"WECOM_SECRET\" }")),
        "guard.toml:5:10: environment variable WECOM_SECRET is not set\n"
    );
}

#[test]
fn the_environment_wins_over_the_file_and_each_value_knows_its_origin() {
    let env = |name: &str| (name == "WECOM_GUARD_SERVER_LISTEN").then(|| "0.0.0.0:80".to_owned());
    let text = "[server]\nlisten = \"127.0.0.1:9\"\n[rules]\ndir = \"packs\"\n";
    let config = Config::parse(text, "/etc/guard/guard.toml".as_ref(), &env).unwrap();
    assert_eq!(config.server.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.rules.dir, Path::new("/etc/guard/packs"));
    let told = |key: &str| {
        let setting = config.settings.iter().find(|setting| setting.key == key).unwrap();
        format!("{} ({})", setting.value, setting.origin)
    };
    assert_eq!(told("server.listen"), "0.0.0.0:80 (WECOM_GUARD_SERVER_LISTEN)");
    assert_eq!(told("rules.dir"), "packs (/etc/guard/guard.toml:4:7)");
    assert_eq!(told("rules.publish"), "watch (default)");
    assert_eq!(told("store.master_key"), "not set (default)");
}

#[test]
fn a_fault_of_the_environment_names_its_variable() {
    let env = |name: &str| (name == "WECOM_GUARD_WECOM_TIMEOUT").then(|| "5".to_owned());
    let faults = Config::parse("", "guard.toml".as_ref(), &env).unwrap_err();
    assert_eq!(faults[0].place.to_string(), "WECOM_GUARD_WECOM_TIMEOUT");
}

#[test]
fn apps_and_bots_share_their_names() {
    let text = app("guard", "ww01")
        + &format!("[[bot]]\nname = \"guard\"\ntoken = \"t\"\nencoding_aes_key = \"{AES}\"\n");
    assert_eq!(english(&text), "guard.toml:9:8: the same as at guard.toml:2:8\n");
}

#[test]
fn a_token_names_its_company_only_where_there_are_several() {
    let token =
        format!("[[api_token]]\nname = \"plugin\"\nsha256 = \"{}\"\nscopes = [\"check\"]\n", "0".repeat(64));
    let corp = |text: &str| parse(text).unwrap().api_tokens[0].corp_id.to_string();
    assert_eq!(corp(&token), LOCAL_CORP);
    assert_eq!(corp(&(app("guard", "ww01") + &token)), "ww01");
    let two = app("guard", "ww01") + &app("second", "ww02");
    assert_eq!(
        english(&(two.clone() + &token)),
        "guard.toml:15:1: needs corp_id: the file names several companies (ww01, ww02)\n"
    );
    assert_eq!(corp(&(two + &token + "corp_id = \"ww02\"\n")), "ww02");
}

#[test]
fn a_bot_needs_what_its_transport_needs() {
    assert_eq!(
        english("[[bot]]\nname = \"helper\"\n"),
        "guard.toml:1:1: transport = \"callback\" needs token\nguard.toml:1:1: transport = \"callback\" needs encoding_aes_key\n"
    );
    let long = "[[bot]]\nname = \"helper\"\ntransport = \"long\"\nbot_id = \"b\"\nsecret = \"s\"\n";
    assert!(matches!(parse(long).unwrap().bots[0].transport, Transport::Long { .. }));
}

#[test]
fn every_key_of_the_table_is_read() {
    for table in TABLES {
        let (open, close) = if table.many { ("[[", "]]") } else { ("[", "]") };
        for key in table.keys {
            let text = format!("{open}{}{close}\n{} = 1979-05-27", table.name, key.name);
            let place = format!("guard.toml:2:{}", key.name.len() + 4);
            assert!(
                faults(&text).iter().any(|fault| fault.starts_with(&place)),
                "{}.{}",
                table.name,
                key.name
            );
        }
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(noise in "[\\[\\]{}=\"'#.,\n a-z0-9\u{feff}保]{0,60}", at in 0usize..4000) {
        let example = include_str!("../../guard.example.toml").replace("\n#", "\n");
        let at = example.floor_char_boundary(at);
        let _ = parse(&noise);
        let _ = parse(&format!("{}{noise}{}", &example[..at], &example[at..]));
    }
}

//! The table of all keys: what exists, what it looks like, what holds when it is absent.
//!
//! The reader asks it for defaults and for the nearest name of an unknown key, and
//! `guard.example.toml` is checked against it.

/// What holds when neither the file nor the environment gives a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// A fault.
    Required,
    /// This value, written as in the environment.
    Default(&'static str),
    /// Nothing; the key's shape says what that means.
    Unset,
}

/// One key of a table.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file.
    pub name: &'static str,
    /// What holds without it.
    pub absent: Absent,
    /// Its shape with unit and range, as the example file says it.
    pub shape: &'static str,
}

/// One table of the settings file.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// May stand several times, as `[[name]]`. The environment reaches only the others.
    pub many: bool,
    /// Its keys, in the order of the example.
    pub keys: &'static [Key],
}

impl Table {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The variable that overrides `key`, for example `WECOM_GUARD_SERVER_LISTEN`.
    pub fn variable(&self, key: &str) -> String {
        format!("WECOM_GUARD_{}_{}", self.name, key).to_uppercase()
    }
}

/// The table of this name.
pub(super) fn table(name: &str) -> Option<&'static Table> {
    TABLES.into_iter().find(|table| table.name == name)
}

const fn required(name: &'static str, shape: &'static str) -> Key {
    Key { name, absent: Absent::Required, shape }
}

const fn or(name: &'static str, default: &'static str, shape: &'static str) -> Key {
    Key { name, absent: Absent::Default(default), shape }
}

const fn unset(name: &'static str, shape: &'static str) -> Key {
    Key { name, absent: Absent::Unset, shape }
}

const fn one(name: &'static str, keys: &'static [Key]) -> Table {
    Table { name, many: false, keys }
}

const fn many(name: &'static str, keys: &'static [Key]) -> Table {
    Table { name, many: true, keys }
}

const NAME: &str = "1–64 of a-z, 0-9 and -";
const CORP: &str = "company id; needed where the file names several";

pub(super) static SERVER: Table = one(
    "server",
    &[
        or("listen", "127.0.0.1:8080", "IP address:port"),
        or("public_url", "http://127.0.0.1:8080", "http or https address"),
        unset("domain_proofs", "table of file name to content; none"),
        or("frame_ancestors", "'none'", "list of CSP sources"),
    ],
);

pub(super) static STORE: Table = one(
    "store",
    &[
        or("url", "sled:data", "sled:DIR or memory:"),
        unset("master_key", "secret, 64 hex digits; a key file made at the first start"),
    ],
);

pub(super) static RULES: Table =
    one("rules", &[or("dir", "rules", "folder"), or("publish", "watch", "watch or approve")]);

pub(super) static WECOM: Table = one(
    "wecom",
    &[
        or("api_base", "https://qyapi.weixin.qq.com", "http or https address"),
        or("oauth_base", "https://open.weixin.qq.com", "http or https address"),
        or("login_base", "https://login.work.weixin.qq.com", "http or https address"),
        or("bot_ws", "wss://openws.work.weixin.qq.com", "ws or wss address"),
        or("timeout", "5s", "duration, 1s–1m"),
    ],
);

pub(super) static FOLLOWUP: Table = one(
    "followup",
    &[
        or("source", "own", "own or http"),
        unset("url", "http or https address with {external_userid}; needed with source http"),
        unset("headers", "table of name to secret; none"),
        or("timeout", "3s", "duration, 100ms–30s"),
        unset("map", "table of field to JSON pointer; none"),
    ],
);

pub(super) static CALLBACK: Table =
    one("callback", &[or("replay_window", "5m", "duration, 30s–24h, or off")]);

pub(super) static APP: Table = many(
    "app",
    &[
        required("name", NAME),
        required("corp_id", "company id"),
        required("agent_id", "number from 1"),
        required("secret", "secret"),
        required("token", "secret, 1–32 letters and digits"),
        required("encoding_aes_key", "secret, 43 letters and digits"),
    ],
);

pub(super) static BOT: Table = many(
    "bot",
    &[
        required("name", NAME),
        unset("corp_id", CORP),
        or("transport", "callback", "callback or long"),
        unset("token", "secret, 1–32 letters and digits; needed with transport callback"),
        unset("encoding_aes_key", "secret, 43 letters and digits; needed with transport callback"),
        unset("bot_id", "text; needed with transport long"),
        unset("secret", "secret; needed with transport long"),
    ],
);

pub(super) static API_TOKEN: Table = many(
    "api_token",
    &[
        required("name", NAME),
        required("sha256", "64 hex digits"),
        required("scopes", "list of check, read, rules; at least one"),
        unset("corp_id", CORP),
    ],
);

pub(super) static PERSON: Table = many(
    "person",
    &[
        required("user", "member's user id"),
        unset("corp_id", CORP),
        required("roles", "list of rep, supervisor, officer, admin, auditor; at least one"),
        unset("departments", "list of department numbers; all"),
    ],
);

/// Every table with every key.
pub static TABLES: [&Table; 10] =
    [&SERVER, &STORE, &RULES, &WECOM, &FOLLOWUP, &CALLBACK, &APP, &BOT, &API_TOKEN, &PERSON];

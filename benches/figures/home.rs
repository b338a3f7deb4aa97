//! A company's server as the figures need it: shipped rules, one application, data on a real disk.

use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const CORP: &str = "ww0123456789abcdef";
pub const AGENT: u32 = 1_000_002;
pub const TOKEN: &str = "QDG6eK";
pub const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

/// Sixty characters that no rule stops.
pub const CLEAN_TEXT: &str = "王总您好,上次聊到的稳健型产品资料我整理好了,风险等级、费率和赎回规则都在第二页,您方便时看看,有不清楚的地方随时问我。";
/// Sixty-one characters with two promises that no rep may make.
pub const BLOCKED_TEXT: &str = "李姐您好,这款产品保底收益5%,稳赚不赔,已经有很多老客户在做了,额度不多,这周办理手续费减半,您看明天上午方便来一趟吗?";

/// The rules as they are shipped.
pub fn rules_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// A folder beside the build: the system's own temporary folder may lie in memory, where a sync
/// costs nothing.
pub fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder")
}

/// Settings for a server on `port` that keeps its data in `data`. WeCom's own side is out of reach:
/// what is measured never asks it.
pub fn settings(port: u16, data: &Path) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
[store]
url = "sled:{data}"
[rules]
dir = "{rules}"
[wecom]
api_base = "http://127.0.0.1:9"
[[app]]
name = "guard"
corp_id = "{CORP}"
agent_id = {AGENT}
secret = "app-secret"
token = "{TOKEN}"
encoding_aes_key = "{AES_KEY}"
"#,
        data = data.display(),
        rules = rules_dir().display(),
    )
}

//! Where a secret's text is: in the file itself, in the environment, in a file of its own.
//!
//! What stands in the place of a name or a path may be a secret put there by mistake, so faults
//! don't repeat it.

use super::fault::Wrong;
use super::node::Node;
use super::reader::Env;
use std::path::Path;

/// The text, plain or where `{ env = "NAME" }` or `{ file = "PATH" }` points.
pub(super) fn plain(node: &Node<'_>, env: Env<'_>, dir: &Path) -> Result<String, Wrong> {
    if let Some(plain) = node.get_ref().as_str() {
        return Ok(plain.to_owned());
    }
    let entries: Vec<_> = node.get_ref().as_table().into_iter().flatten().collect();
    let source = match entries.as_slice() {
        [(key, value)] => value.get_ref().as_str().map(|value| (&**key.get_ref(), value)),
        _ => None,
    };
    match source {
        Some(("env", name)) => env(name).ok_or_else(|| unset(name)),
        Some(("file", path)) => content(&dir.join(path)),
        _ => Err(Wrong::new(
            "密钥要写成文字、{ env = \"变量名\" } 或 { file = \"路径\" }",
            "a secret must be a string, { env = \"NAME\" } or { file = \"PATH\" }",
        )),
    }
}

/// The name is repeated only if it looks like one.
fn unset(name: &str) -> Wrong {
    let is_name = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let shown = if is_name { name } else { "…" };
    Wrong::new(format!("环境变量 {shown} 没有设置"), format!("environment variable {shown} is not set"))
}

/// The line's end that an editor adds is no part of the secret.
fn content(path: &Path) -> Result<String, Wrong> {
    match std::fs::read_to_string(path) {
        Ok(content) => Ok(content.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            let cause = error.kind();
            let zh = format!("读不了这个密钥文件:{cause}");
            Err(Wrong::new(zh, format!("can't read this secret's file: {cause}")))
        }
    }
}

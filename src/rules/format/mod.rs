//! One way to write a rule file: order and spacing are ours, words and comments the author's.

mod print;
mod tree;

use super::diagnostic::Diagnostic;
use super::folder::{Folder, RawFile};
use super::parse::parse;
use toml_edit::DocumentMut;

/// A file in its one way of being written; `None` when it is written so already.
///
/// # Errors
/// The faults of a file that can't be read: it is left alone.
pub fn format_file(file: &RawFile) -> Result<Option<String>, Vec<Diagnostic>> {
    let (_, faults) = parse(&Folder { files: vec![file.clone()] });
    if !faults.is_empty() {
        return Err(faults);
    }
    let text = String::from_utf8_lossy(&file.bytes);
    Ok(format(&text).filter(|formatted| *formatted != text))
}

/// The text in its one way of being written. `None` when it is no TOML.
pub fn format(text: &str) -> Option<String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let document: DocumentMut = text.parse().ok()?;
    let formatted = print::document(tree::read(&document), &tree::paragraphs(&tree::trailing(&document)));
    // Spacing must never be bought with a meaning.
    let same = toml::from_str::<toml::Table>(text).ok()? == toml::from_str::<toml::Table>(&formatted).ok()?;
    same.then_some(formatted)
}

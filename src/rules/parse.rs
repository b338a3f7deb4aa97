//! A folder's bytes in, a [`Book`] and every fault of every file out.

use super::diagnostic::{Diagnostic, Words};
use super::fields::{self, Fields};
use super::folder::{Folder, RawFile};
use super::ids::Ids;
use super::schema::Book;
use super::source::{Fault, Source};
use super::{library, pack, punctuation, syntax};
use std::sync::Arc;

/// Reads all files. The book holds what could be read; with any error in the list it must not judge.
///
/// The faults are sorted by file, line and column.
pub fn parse(folder: &Folder) -> (Book, Vec<Diagnostic>) {
    let (mut book, mut ids, mut diagnostics) = (Book::default(), Ids::default(), Vec::new());
    for file in &folder.files {
        let (source, not_utf8) = syntax::decode(file);
        let source = Arc::new(source);
        book.sources.push(Arc::clone(&source));
        let faults = match not_utf8 {
            Some(fault) => vec![fault],
            None => read(file, &source, &mut book, &mut ids),
        };
        diagnostics.extend(faults.into_iter().map(|fault| source.diagnose(fault)));
    }
    diagnostics.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    (book, diagnostics)
}

fn read(file: &RawFile, source: &Arc<Source>, book: &mut Book, ids: &mut Ids) -> Vec<Fault> {
    let (mended, mut faults) = punctuation::mend(&source.text);
    let (table, trusted) = syntax::parse(source, &mended, &mut faults);
    let mut meaning = Vec::new();
    let owner = Words::new("文件", "the file");
    let head = fields::span(0..0);
    let mut fields = Fields::new(&mended, table.get_ref(), head, owner, &mut meaning);
    sort_in(file, &mut fields, source, book, ids);
    fields.finish();
    faults.extend(meaning.into_iter().filter(|fault| fault.span.start < trusted));
    faults
}

/// The name says what a file holds.
fn sort_in(
    file: &RawFile,
    fields: &mut Fields<'_, '_>,
    source: &Arc<Source>,
    book: &mut Book,
    ids: &mut Ids,
) {
    match file.name.as_str() {
        "basis.toml" => book.bases.extend(library::bases(fields, source, ids)),
        "policy.toml" => book.policies.extend(library::policies(fields, source, ids)),
        name if name.contains('/') => book.replies.extend(library::replies(fields, source, ids)),
        name => {
            let stem = name.strip_suffix(".toml").unwrap_or(name);
            book.packs.push(pack::read(fields, stem, source, ids));
        }
    }
}

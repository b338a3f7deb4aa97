//! Workflow commands that show a fault beside the line it stands in, escaped as GitHub's own toolkit does.

use crate::rules::Place;

/// One annotation, a line without its end. Columns are understood on one line alone.
pub(super) fn annotation(level: &str, place: &Place, title: &str, message: &str) -> String {
    let Place { file, line, col, end_line, end_col } = place;
    let columns = match line == end_line {
        true => format!(",col={col},endColumn={end_col}"),
        false => String::new(),
    };
    let (file, title, message) = (property(file), property(title), data(message));
    format!("::{level} file={file},line={line},endLine={end_line}{columns},title={title}::{message}")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_or_a_line_is_escaped() {
        let place = Place { file: "a,b:c.toml".into(), line: 7, col: 28, end_line: 7, end_col: 34 };
        assert_eq!(
            annotation("error", &place, "R012", "100%保本: 词条重复\n怎么办,删掉"),
            "::error file=a%2Cb%3Ac.toml,line=7,endLine=7,col=28,endColumn=34,title=R012::100%25保本: 词条重复%0A怎么办,删掉"
        );
    }

    #[test]
    fn a_fault_over_several_lines_has_no_columns() {
        let place = Place { file: "a.toml".into(), line: 7, col: 28, end_line: 9, end_col: 2 };
        assert_eq!(
            annotation("warning", &place, "R020", "x"),
            "::warning file=a.toml,line=7,endLine=9,title=R020::x"
        );
    }
}

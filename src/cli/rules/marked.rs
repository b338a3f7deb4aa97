//! A text with what was found in it in brackets.

use crate::model::Spans;

/// `text` with 【 and 】 around each of `marks`, which are in its order; one that crosses another is left out.
pub(super) fn marked(text: &str, marks: &[Spans]) -> String {
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for [start, end] in marks.iter().map(|mark| mark.byte) {
        let (Some(before), Some(inside)) = (text.get(done..start), text.get(start..end)) else { continue };
        out.extend([before, "【", inside, "】"]);
        done = end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::spans;

    #[test]
    fn what_was_found_stands_in_brackets_and_what_crosses_it_does_not() {
        let text = "保底收益不错,稳赚";
        let at = |part: &str| text.find(part).map(|at| spans(text, at, at + part.len())).unwrap();
        assert_eq!(marked(text, &[at("保底收益"), at("收益不错"), at("稳赚")]), "【保底收益】不错,【稳赚】");
        assert_eq!(marked(text, &[]), text);
    }
}

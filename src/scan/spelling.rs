//! Other spellings of a phrase, made when the rules are compiled.

use super::rule::{Fold, RuleSpec};
use crate::text::{Folded, number_spellings, parts_of};

/// The most spellings of one phrase by one fold.
const MOST: usize = 64;
/// A shorter phrase means something else when it is read backwards.
const SHORTEST_REVERSED: usize = 3;

/// A phrase or alias in another spelling than it has in the rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variant {
    /// The spelling.
    pub(super) text: String,
    /// The phrase or alias as written.
    pub(super) written: String,
    /// The fold that makes it; none for an alias.
    pub(super) fold: Option<Fold>,
}

/// Every other spelling of a folded phrase that the rule asks for.
pub(super) fn spellings(rule: &RuleSpec, folded: &str) -> Vec<(String, Fold)> {
    let has_digit = folded.contains(|ch: char| ch.is_ascii_digit());
    let asks = |fold: Fold| rule.fold.has(fold) || (fold == Fold::Number && has_digit);
    let all = [Fold::Number, Fold::Split, Fold::Reversed].into_iter().filter(|fold| asks(*fold));
    let made = all.flat_map(|fold| made_by(rule, fold, folded).into_iter().map(move |text| (text, fold)));
    made.filter(|(text, _)| text != folded).collect()
}

fn made_by(rule: &RuleSpec, fold: Fold, folded: &str) -> Vec<String> {
    match fold {
        Fold::Number => number_spellings(folded, rule.fold.has(Fold::Number)),
        Fold::Split => in_parts(folded),
        Fold::Reversed => reversed(folded).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The phrase with one or more characters typed as their parts.
fn in_parts(folded: &str) -> Vec<String> {
    let mut spellings = vec![String::new()];
    for ch in folded.chars() {
        let forms =
            || std::iter::once(ch.to_string()).chain(parts_of(ch).iter().map(|parts| (*parts).to_owned()));
        let join = |start: &String| forms().map(|form| format!("{start}{form}")).collect::<Vec<_>>();
        spellings = spellings.iter().flat_map(join).take(MOST).collect();
    }
    spellings
}

fn reversed(folded: &str) -> Option<String> {
    (Folded::of(folded).words_len() >= SHORTEST_REVERSED).then(|| folded.chars().rev().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;

    fn of(folds: &[Fold], phrase: &str) -> Vec<String> {
        let fold = folds.iter().copied().collect();
        let rule = RuleSpec { fold, ..RuleSpec::new("T", "样例", Action::Block, [phrase]) };
        spellings(&rule, phrase).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn a_phrase_has_only_the_spellings_its_rule_asks_for() {
        assert_eq!(of(&[], "走私账"), [""; 0]);
        assert_eq!(of(&[Fold::Reversed], "走私账"), ["账私走"]);
        assert_eq!(of(&[Fold::Reversed], "必过"), [""; 0]);
        assert_eq!(of(&[Fold::Split], "走私账"), ["走私贝长", "走禾厶账", "走禾厶贝长"]);
    }

    #[test]
    fn a_phrase_with_digits_has_its_number_spellings_unasked() {
        assert!(of(&[], "100%有效").contains(&"百分百有效".to_owned()));
        assert_eq!(of(&[], "行业第一"), [""; 0]);
        assert!(of(&[Fold::Number], "行业第一").contains(&"行业第1".to_owned()));
    }
}

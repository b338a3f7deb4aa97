//! Whether a find begins or ends inside a word.

use crate::text::{Folded, Unit};

/// A letter or digit goes on directly before or after: MBA in MBAX, 加QQ in 加QQQ.
pub(super) fn cuts_a_latin_word(text: &Folded, first: usize, last: usize) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| text.units().get(place));
    goes_on(at(first.checked_sub(1)), at(Some(first))) || goes_on(at(Some(last)), at(last.checked_add(1)))
}

fn goes_on(left: Option<&Unit>, right: Option<&Unit>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    let both = |is: fn(&char) -> bool| is(&left.ch) && is(&right.ch);
    both(char::is_ascii_alphabetic) || both(char::is_ascii_digit)
}

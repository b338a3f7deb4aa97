//! Numbers of people, told by their digits.

use super::Place;
use crate::text::{Class, Folded, Unit};
use jiff::civil::Date;

/// The most digits a number of this kind has, with a country code.
const MOST_DIGITS: usize = 19;
/// Characters that may part the digits of one number.
const PARTING: usize = 1;

/// Every place whose digits, blanks and dashes left out, are such a number.
pub(super) fn places(text: &Folded, is_one: fn(&str) -> bool) -> Vec<Place> {
    let groups = groups(text);
    let (mut found, mut from) = (Vec::new(), 0);
    while from < groups.len() {
        let longest_first = joined(text, groups.get(from..).unwrap_or_default());
        match longest_first.into_iter().find(|(digits, _, _)| is_one(digits)) {
            Some((_, count, place)) => {
                found.push(place);
                from += count;
            }
            None => from += 1,
        }
    }
    found
}

/// Digits that stand directly beside one another.
fn groups(text: &Folded) -> Vec<Place> {
    let mut groups: Vec<Place> = Vec::new();
    for (place, unit) in text.units().iter().enumerate() {
        match groups.last_mut() {
            Some((first, last)) if *last + 1 == place && goes_on(unit, place - *first) => *last = place,
            _ if unit.ch.is_ascii_digit() => groups.push((place, place)),
            _ => {}
        }
    }
    groups
}

/// An ID card number's last character may be an X.
fn goes_on(unit: &Unit, length: usize) -> bool {
    unit.ch.is_ascii_digit() || (unit.ch == 'x' && length == 17)
}

/// The digits of the first group, of the first two, and so on: digits, number of groups, place.
fn joined(text: &Folded, groups: &[Place]) -> Vec<(String, usize, Place)> {
    let (mut all, mut digits, mut upto) = (Vec::new(), String::new(), None);
    for (count, (first, last)) in groups.iter().enumerate() {
        if upto.is_some_and(|upto| !is_parting(text, upto, *first))
            || digits.len() + last - first >= MOST_DIGITS
        {
            break;
        }
        digits.extend(text.units().get(*first..=*last).unwrap_or_default().iter().map(|unit| unit.ch));
        upto = Some(*last);
        let opening = groups.first().map_or(*first, |(opening, _)| *opening);
        all.push((digits.clone(), count + 1, (opening, *last)));
    }
    all
}

fn is_parting(text: &Folded, left: usize, right: usize) -> bool {
    let between = text.units().get(left + 1..right).unwrap_or_default();
    between.len() <= PARTING && between.iter().all(|unit| unit.class == Class::Symbol)
}

/// A mobile number of mainland China, with or without the country code.
pub(super) fn is_mobile(digits: &str) -> bool {
    let own = ["0086", "86"].iter().find_map(|code| digits.strip_prefix(code)).unwrap_or(digits);
    let mut chars = own.bytes();
    own.len() == 11
        && chars.next() == Some(b'1')
        && chars.next().is_some_and(|second| (b'3'..=b'9').contains(&second))
}

/// An ID card number of 18 characters (GB 11643): birthday and check digit are right.
pub(super) fn is_id_card(digits: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &str = "10x98765432";
    let sum: u32 =
        digits.chars().zip(WEIGHTS).filter_map(|(ch, weight)| Some(ch.to_digit(10)? * weight)).sum();
    let check = CHECKS.chars().nth(sum as usize % 11);
    digits.len() == 18 && digits.chars().last() == check && has_birthday(digits)
}

fn has_birthday(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<i16>().ok());
    let day = || {
        let (month, day) = (i8::try_from(part(10, 12)?).ok()?, i8::try_from(part(12, 14)?).ok()?);
        Date::new(part(6, 10).filter(|year| (1900..2100).contains(year))?, month, day).ok()
    };
    day().is_some()
}

/// A bank card number: the prefix of a card scheme, 16 to 19 digits, Luhn.
pub(super) fn is_bank_card(digits: &str) -> bool {
    const SCHEMES: [&str; 9] = ["62", "4", "51", "52", "53", "54", "55", "35", "37"];
    let doubled = |place: usize, digit: u32| match digit * (1 + place as u32 % 2) {
        twice if twice > 9 => twice - 9,
        twice => twice,
    };
    let luhn: u32 = digits
        .chars()
        .rev()
        .filter_map(|ch| ch.to_digit(10))
        .enumerate()
        .map(|(n, digit)| doubled(n, digit))
        .sum();
    (16..=19).contains(&digits.len())
        && !digits.ends_with('x')
        && SCHEMES.iter().any(|scheme| digits.starts_with(scheme))
        && luhn.is_multiple_of(10)
        && !is_id_card(digits)
}

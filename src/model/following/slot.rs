//! A rep's own tags on a customer: three slots, each with a name and a typed value.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Slots a customer has for each rep.
pub const MAX_SLOTS: usize = 3;
/// The longest name, value or option, in characters.
pub const MAX_SLOT_CHARS: usize = 12;
/// The most options a choice has.
const MAX_OPTIONS: usize = 8;
/// The longest number, in digits and its point.
const MAX_DIGITS: usize = 12;

/// Why a tag can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlotFault {
    /// More than [`MAX_SLOTS`].
    #[error("{0} tags, more than {MAX_SLOTS}")]
    TooMany(usize),
    /// A name is blank.
    #[error("a tag has no name")]
    NoName,
    /// Two tags have this name.
    #[error("two tags are called `{0}`")]
    Twice(String),
    /// A name, value or option is too long.
    #[error("`{0}` has more than {MAX_SLOT_CHARS} characters")]
    TooLong(String),
    /// The value is no number.
    #[error("`{0}` is not a number")]
    NoNumber(String),
    /// The value is none of the options, or these are too few or too many.
    #[error("`{0}` is none of 2 to {MAX_OPTIONS} options")]
    NoOption(String),
}

/// A tag of the rep's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagSlot {
    /// What the rep calls it.
    pub name: String,
    /// What it says.
    pub value: SlotValue,
}

/// What a tag says, by its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum SlotValue {
    /// Words; empty where the name says it all.
    Text {
        /// The words.
        #[serde(default)]
        text: String,
    },
    /// A number, as written: never rounded.
    Number {
        /// Digits, with a sign and a point where there is one.
        number: String,
    },
    /// A day.
    Date {
        /// The day.
        date: Date,
    },
    /// One of several.
    Choice {
        /// The one.
        chosen: String,
        /// All of them.
        options: Vec<String>,
    },
}

impl TagSlot {
    /// Every word of it that a rep wrote.
    pub fn words(&self) -> Vec<&str> {
        let mut words = vec![self.name.as_str()];
        match &self.value {
            SlotValue::Text { text } => words.push(text),
            SlotValue::Choice { options, .. } => words.extend(options.iter().map(String::as_str)),
            SlotValue::Number { .. } | SlotValue::Date { .. } => {}
        }
        words
    }

    /// The value as people read it; empty where the name says it all.
    pub fn shown(&self) -> String {
        match &self.value {
            SlotValue::Text { text } => text.clone(),
            SlotValue::Number { number } => number.clone(),
            SlotValue::Date { date } => date.to_string(),
            SlotValue::Choice { chosen, .. } => chosen.clone(),
        }
    }

    /// A customer's tags, if they can stand together.
    ///
    /// # Errors
    /// The first fault.
    pub fn checked(slots: Vec<TagSlot>) -> Result<Vec<TagSlot>, SlotFault> {
        if slots.len() > MAX_SLOTS {
            return Err(SlotFault::TooMany(slots.len()));
        }
        for (place, slot) in slots.iter().enumerate() {
            slot.check()?;
            if slots.iter().take(place).any(|other| other.name == slot.name) {
                return Err(SlotFault::Twice(slot.name.clone()));
            }
        }
        Ok(slots)
    }

    fn check(&self) -> Result<(), SlotFault> {
        if self.name.trim().is_empty() {
            return Err(SlotFault::NoName);
        }
        if let Some(long) = self.words().into_iter().find(|word| word.chars().count() > MAX_SLOT_CHARS) {
            return Err(SlotFault::TooLong(long.to_owned()));
        }
        match &self.value {
            SlotValue::Number { number } if !is_number(number) => Err(SlotFault::NoNumber(number.clone())),
            SlotValue::Choice { chosen, options }
                if !(2..=MAX_OPTIONS).contains(&options.len()) || !options.contains(chosen) =>
            {
                Err(SlotFault::NoOption(chosen.clone()))
            }
            _ => Ok(()),
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= MAX_DIGITS && plain(whole) && plain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, text: &str) -> TagSlot {
        TagSlot { name: name.to_owned(), value: SlotValue::Text { text: text.to_owned() } }
    }

    fn number(number: &str) -> TagSlot {
        TagSlot { name: "门店数".to_owned(), value: SlotValue::Number { number: number.to_owned() } }
    }

    #[test]
    fn three_tags_of_twelve_characters_are_the_most() {
        let name = "十二个字的标签名称正好满格";
        assert_eq!(TagSlot::checked(vec![text(name, "")]), Err(SlotFault::TooLong(name.to_owned())));
        let fits = "十二个字的标签名称正好满";
        assert_eq!(fits.chars().count(), MAX_SLOT_CHARS);
        assert!(TagSlot::checked(vec![text(fits, ""), text("口味", "清淡"), number("-3.50")]).is_ok());
        let four = ["甲", "乙", "丙", "丁"].map(|name| text(name, "")).to_vec();
        assert_eq!(TagSlot::checked(four), Err(SlotFault::TooMany(4)));
    }

    #[test]
    fn a_value_has_its_type() {
        for bad in ["", "三", "1e9", "1.", ".5", "1,000", "--1", "1234567890123"] {
            assert_eq!(
                TagSlot::checked(vec![number(bad)]),
                Err(SlotFault::NoNumber(bad.to_owned())),
                "{bad}"
            );
        }
        let choice = |chosen: &str| TagSlot {
            name: "预算".to_owned(),
            value: SlotValue::Choice {
                chosen: chosen.to_owned(),
                options: vec!["十万内".to_owned(), "十万上".to_owned()],
            },
        };
        assert!(TagSlot::checked(vec![choice("十万内")]).is_ok());
        assert!(matches!(TagSlot::checked(vec![choice("随便")]), Err(SlotFault::NoOption(_))));
        assert!(matches!(
            TagSlot::checked(vec![text("预算", ""), choice("十万内")]),
            Err(SlotFault::Twice(_))
        ));
    }
}

//! The ways to write a number: 100%, 百分之百, 一百%, 壹佰%.

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const FORMAL: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const UNITS: [&str; 4] = ["", "十", "百", "千"];
const FORMAL_UNITS: [&str; 4] = ["", "拾", "佰", "仟"];
/// A number beyond this is only written in digits.
const LARGEST: u32 = 9_999;
/// The most spellings of one phrase.
const MOST: usize = 64;

/// One number in a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    value: u32,
    is_percent: bool,
}

/// A phrase cut at its numbers.
enum Part<'p> {
    Text(&'p str),
    Number(Number, &'p str),
}

/// Every other way to write the numbers of a folded phrase; Chinese numerals are taken for
/// numbers only when `chinese` says so, as 一 mostly is none.
///
/// ```
/// let spellings = wecom_guard::text::number_spellings("100%有效", false);
/// assert!(spellings.contains(&"百分之百有效".to_owned()));
/// assert!(wecom_guard::text::number_spellings("行业第一", true).contains(&"行业第1".to_owned()));
/// ```
pub fn number_spellings(phrase: &str, chinese: bool) -> Vec<String> {
    let mut spellings = vec![String::new()];
    for part in parts(phrase, chinese) {
        let forms = match part {
            Part::Text(text) => vec![text.to_owned()],
            Part::Number(number, written) => number.forms(written),
        };
        let join = |start: &String| forms.iter().map(|form| format!("{start}{form}")).collect::<Vec<_>>();
        spellings = spellings.iter().flat_map(join).take(MOST).collect();
    }
    spellings.retain(|spelling| spelling != phrase);
    spellings
}

fn parts(phrase: &str, chinese: bool) -> Vec<Part<'_>> {
    let (mut parts, mut text_from, mut at) = (Vec::new(), 0, 0);
    while let Some(rest) = phrase.get(at..).filter(|rest| !rest.is_empty()) {
        match number_at(rest, chinese) {
            Some((number, length)) => {
                parts.push(Part::Text(super::slice(phrase, text_from, at)));
                parts.push(Part::Number(number, super::slice(phrase, at, at + length)));
                at += length;
                text_from = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(Part::Text(super::slice(phrase, text_from, phrase.len())));
    parts
}

/// The number at the front of `text` and its length in bytes.
fn number_at(text: &str, chinese: bool) -> Option<(Number, usize)> {
    let percent = ["百分之", "百分"].into_iter().filter(|_| chinese).find_map(|word| text.strip_prefix(word));
    if let Some(rest) = percent {
        let (value, length) = arabic(rest).or_else(|| numeral(rest))?;
        return Some((Number { value, is_percent: true }, text.len() - rest.len() + length));
    }
    let (value, length) = arabic(text).or_else(|| numeral(text).filter(|_| chinese))?;
    let is_percent = text.get(length..)?.starts_with('%');
    Some((Number { value, is_percent }, length + usize::from(is_percent)))
}

fn arabic(text: &str) -> Option<(u32, usize)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text.get(..length)?.parse().ok()?, length))
}

/// A Chinese numeral under ten thousand: 百, 两百五, 三千零五, 壹佰.
fn numeral(text: &str) -> Option<(u32, usize)> {
    let length =
        text.chars().take_while(|ch| digit(*ch).is_some() || unit(*ch).is_some()).map(char::len_utf8).sum();
    let (mut sum, mut pending, mut step) = (0, None, 1);
    for ch in text.get(..length)?.chars() {
        match (digit(ch), unit(ch)) {
            (Some(value), _) if pending.is_none_or(|one| one == 0) => pending = Some(value),
            (_, Some(scale)) => {
                sum += pending.take().unwrap_or(1) * scale;
                step = scale;
            }
            _ => return None,
        }
    }
    let rest =
        pending.unwrap_or(0) * if step >= 100 && !text.contains(['零', '〇']) { step / 10 } else { 1 };
    (length > 0).then_some((sum + rest, length))
}

fn digit(ch: char) -> Option<u32> {
    let place = |digits: &[char; 10]| digits.iter().position(|one| *one == ch);
    match ch {
        '〇' => Some(0),
        '两' => Some(2),
        _ => place(&DIGITS).or_else(|| place(&FORMAL)).and_then(|place| u32::try_from(place).ok()),
    }
}

fn unit(ch: char) -> Option<u32> {
    match ch {
        '十' | '拾' => Some(10),
        '百' | '佰' => Some(100),
        '千' | '仟' => Some(1_000),
        _ => None,
    }
}

impl Number {
    /// Every form, the one `written` first.
    fn forms(self, written: &str) -> Vec<String> {
        let mut plain = vec![self.value.to_string()];
        if self.value <= LARGEST {
            let (words, formal) =
                (spell(self.value, &DIGITS, &UNITS), spell(self.value, &FORMAL, &FORMAL_UNITS));
            plain.extend([&words, &formal].into_iter().filter_map(|words| short(words)));
            plain.extend([words.replacen('二', "两", 1), words, formal, digit_by_digit(self.value)]);
            let round: Vec<_> = plain.iter().filter(|form| form.contains('零')).cloned().collect();
            plain.extend(round.into_iter().map(|form| form.replace('零', "〇")));
        }
        let mut forms = vec![written.to_owned()];
        for form in plain {
            let percents = [format!("{form}%"), format!("百分之{form}"), format!("百分{form}")];
            let all = if self.is_percent { percents.to_vec() } else { vec![form] };
            forms.extend(all);
        }
        forms.sort();
        forms.dedup();
        forms
    }
}

/// 十一 for 一十一, 百 for 一百.
fn short(words: &str) -> Option<String> {
    let rest = words.strip_prefix(['一', '壹'])?;
    rest.starts_with(|ch| unit(ch).is_some()).then(|| rest.to_owned())
}

fn digit_by_digit(value: u32) -> String {
    value.to_string().chars().filter_map(|ch| DIGITS.get(ch.to_digit(10)? as usize)).collect()
}

fn spell(value: u32, digits: &[char; 10], units: &[&str; 4]) -> String {
    let written = value.to_string();
    let (mut out, mut owes_zero) = (String::new(), false);
    for (place, ch) in written.chars().enumerate() {
        let Some(digit) = ch.to_digit(10) else { continue };
        if digit == 0 && value > 0 {
            owes_zero = true;
            continue;
        }
        out.extend(digits.first().filter(|_| std::mem::take(&mut owes_zero)));
        out.extend(digits.get(digit as usize));
        out.push_str(units.get(written.len() - 1 - place).copied().unwrap_or_default());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numerals_are_read_as_people_write_them() {
        for (written, value) in [
            ("百", 100),
            ("一百", 100),
            ("两百五", 250),
            ("二百零五", 205),
            ("十二", 12),
            ("壹佰", 100),
            ("三千", 3_000),
        ] {
            assert_eq!(numeral(written).map(|(value, _)| value), Some(value), "{written}");
        }
        assert_eq!(numeral("有"), None);
    }

    #[test]
    fn a_percentage_is_written_in_all_its_ways() {
        let spellings = number_spellings("100%通过", false);
        for way in ["百分之百通过", "百分百通过", "百分之一百通过", "一百%通过", "壹佰%通过", "百分之100通过"]
        {
            assert!(spellings.iter().any(|one| one == way), "{way} is not among {spellings:?}");
        }
    }

    #[test]
    fn chinese_numerals_are_numbers_only_when_asked() {
        assert!(number_spellings("一定保本", false).is_empty());
        assert!(number_spellings("百分百有效", true).contains(&"100%有效".to_owned()));
        assert!(number_spellings("第一名", true).contains(&"第1名".to_owned()));
    }

    #[test]
    fn zero_two_and_the_teens_have_ways_of_their_own() {
        for (phrase, way) in [("0风险", "〇风险"), ("双11", "双拾壹"), ("200元", "两百元"), ("2年", "两年")]
        {
            assert!(number_spellings(phrase, false).contains(&way.to_owned()), "{way}");
        }
    }
}

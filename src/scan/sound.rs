//! Listening to a phrase: 无feng险, wufengxian, 吴风险, 承若回报.
//!
//! Every ideograph becomes letters, on both sides; what stands there is then laid beside the
//! phrase character by character.

use super::align::{Meet, Meeting};
use super::rule::{Fold, FoldSet};
use crate::text::{Folded, Unit};
use pinyin::{ToPinyin, ToPinyinMulti};

/// The most ways to read one phrase that are looked for.
const MOST_READINGS: usize = 8;
/// Fewer letters are as likely some other word.
const SHORTEST_SPELLED: usize = 7;
/// With fewer characters, one that only sounds alike makes another word.
const SHORTEST_HOMOPHONE: usize = 3;

/// What is listened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hearing {
    /// Syllables as they are typed, without tone.
    Spelled,
    /// Syllables as they are heard: many speakers do not part `zh` from `z`, `n` and `r` from `l`,
    /// or `-ng` from `-n`.
    Alike,
}

impl Hearing {
    /// The fold that asks for it.
    pub(super) fn fold(self) -> Fold {
        match self {
            Self::Spelled => Fold::Pinyin,
            Self::Alike => Fold::Homophone,
        }
    }

    /// The letters a character of a text stands for.
    pub(super) fn letters(self, ch: char) -> impl Iterator<Item = char> {
        let syllable = ch.to_pinyin().map(|reading| reading.plain());
        let heard = syllable.map(|syllable| self.hear(syllable));
        heard.into_iter().flatten().chain(syllable.is_none().then_some(ch))
    }

    fn hear(self, syllable: &'static str) -> impl Iterator<Item = char> {
        let is_exact = self == Self::Spelled;
        let length = if syllable.ends_with("ng") && !is_exact { syllable.len() - 1 } else { syllable.len() };
        let kept = move |(place, ch): (usize, char)| match (place, ch) {
            _ if is_exact => Some(if ch == 'ü' { 'v' } else { ch }),
            (1, 'h') => None,
            (0, 'n' | 'r') => Some('l'),
            _ => Some(ch),
        };
        syllable.char_indices().take_while(move |(place, _)| *place < length).filter_map(kept)
    }

    /// Every way to hear an ideograph, the usual one first; nothing for other characters.
    fn ways(self, ch: char) -> Vec<String> {
        let others = ch.to_pinyin_multi().into_iter().flatten();
        let mut ways: Vec<String> = Vec::new();
        for reading in ch.to_pinyin().into_iter().chain(others) {
            let way: String = self.hear(reading.plain()).collect();
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }

    /// Every way to read a phrase, in letters; nothing for a phrase with less than two ideographs.
    pub(super) fn readings(self, phrase: &Folded) -> Vec<String> {
        let words = phrase.words();
        if words.chars().filter(|ch| ch.to_pinyin().is_some()).count() < 2 {
            return Vec::new();
        }
        let mut readings = vec![String::new()];
        for ch in words.chars() {
            let ways = self.ways(ch);
            let own = if ways.is_empty() { vec![ch.to_string()] } else { ways };
            let join = |start: &String| own.iter().map(|next| format!("{start}{next}")).collect::<Vec<_>>();
            // The usual way of every character stays first: it is what a text's characters become.
            readings = readings.iter().flat_map(join).take(MOST_READINGS).collect();
        }
        readings
    }
}

/// Equal by character, by sound, or by letters; counts which.
pub(super) struct BySound {
    hearing: Hearing,
    spelled: String,
    same: usize,
    alike: usize,
    in_letters: usize,
    letters: usize,
}

impl BySound {
    pub(super) fn new(hearing: Hearing) -> Self {
        Self { hearing, spelled: String::new(), same: 0, alike: 0, in_letters: 0, letters: 0 }
    }

    /// The folds that were needed, if the rule asks for them and enough of the phrase is there.
    pub(super) fn needed(&self, asked: FoldSet) -> Option<FoldSet> {
        let count = self.same + self.alike + self.in_letters;
        let is_heard = count >= SHORTEST_HOMOPHONE && self.same * 2 >= count && asked.has(Fold::Homophone);
        let is_spelled = (self.same > 0 || self.letters >= SHORTEST_SPELLED) && asked.has(Fold::Pinyin);
        let needed = [(Fold::Homophone, self.alike, is_heard), (Fold::Pinyin, self.in_letters, is_spelled)];
        let needed = needed.into_iter().filter(|(_, count, _)| *count > 0);
        if needed.clone().any(|(_, _, is_enough)| !is_enough) {
            return None;
        }
        let folds: FoldSet = needed.map(|(fold, _, _)| fold).collect();
        (!folds.is_empty()).then_some(folds)
    }

    fn spell(&mut self, letter: char, ways: &[String]) -> Meeting {
        self.spelled.push(letter);
        if ways.contains(&self.spelled) {
            self.letters += self.spelled.len();
            self.in_letters += 1;
            self.spelled.clear();
            return Meeting::Next;
        }
        if ways.iter().any(|way| way.starts_with(&self.spelled)) { Meeting::More } else { Meeting::Other }
    }
}

impl Meet for BySound {
    fn meet(&mut self, unit: &Unit, wanted: Option<&Unit>) -> Meeting {
        let Some(wanted) = wanted else { return Meeting::Other };
        if unit.ch == wanted.ch && self.spelled.is_empty() {
            self.same += 1;
            return Meeting::Next;
        }
        let ways = self.hearing.ways(wanted.ch);
        if unit.ch.is_ascii_alphabetic() && self.hearing == Hearing::Spelled && !ways.is_empty() {
            return self.spell(unit.ch, &ways);
        }
        let sound: String = self.hearing.letters(unit.ch).collect();
        if !ways.contains(&sound) || !self.spelled.is_empty() {
            return Meeting::Other;
        }
        self.alike += 1;
        Meeting::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_read_in_all_its_ways_the_usual_one_first() {
        let readings = Hearing::Spelled.readings(&Folded::of("行业第一"));
        assert!(readings.contains(&"hangyediyi".to_owned()), "{readings:?}");
        assert_eq!(Hearing::Spelled.readings(&Folded::of("无风险"))[0], "wufengxian");
        assert_eq!(Hearing::Spelled.readings(&Folded::of("绿色"))[0], "lvse");
        assert!(Hearing::Spelled.readings(&Folded::of("加QQ")).is_empty());
    }

    #[test]
    fn what_many_speakers_do_not_part_sounds_alike() {
        let heard = |ch| Hearing::Alike.letters(ch).collect::<String>();
        for (one, other) in [('若', '诺'), ('真', '争'), ('是', '四'), ('蓝', '南')] {
            assert_eq!(heard(one), heard(other), "{one}{other}");
        }
        assert_ne!(heard('风'), heard('轰'));
    }
}

//! What one rule's own phrases tell without the engine.

use crate::rules::diagnostic::{Code, Diagnostic, Words};
use crate::rules::located::Located;
use crate::rules::source::{At, Fault};
use crate::text::{Folded, fold_phrase};
use std::collections::HashMap;

/// Phrases by what they fold to.
type Folds<'b> = HashMap<String, &'b At<String>>;

pub(super) fn of_rule(at: Located<'_>) -> Vec<Diagnostic> {
    let mut folds = Folds::new();
    let words = at.rule.phrases.iter().map(|phrase| &phrase.text).chain(&at.rule.aliases);
    let mut found: Vec<_> = words.filter_map(|word| duplicate(at, word, &mut folds)).collect();
    found.extend(at.rule.allow.iter().filter_map(|allow| allow_is_phrase(at, allow, &folds)));
    let single = at.rule.phrases.iter().filter(|phrase| Folded::of(&phrase.text.value).words_len() == 1);
    found.extend(single.map(|phrase| single_character(at, &phrase.text)));
    found
}

fn duplicate<'b>(at: Located<'_>, word: &'b At<String>, folds: &mut Folds<'b>) -> Option<Diagnostic> {
    let folded = fold_phrase(&word.value);
    let Some(first) = folds.get(&folded) else {
        folds.insert(folded, word);
        return None;
    };
    let alike = match first.value == word.value {
        true => Words::from(""),
        false => Words::new(
            format!(":「{}」和「{}」查的是同一个说法", first.value, word.value),
            format!(": `{}` and `{}` find the same texts", first.value, word.value),
        ),
    };
    let fault = Fault::new(Code::DuplicatePhrase, word.span)
        .with("alike", alike)
        .beside(at.place(first.span), Words::new("第一次出现在这里", "first written here"))
        .beside(at.place(word.span), Words::new("这里又写了一次", "written again here"));
    Some(at.diagnose(fault))
}

fn allow_is_phrase(at: Located<'_>, allow: &At<String>, folds: &Folds<'_>) -> Option<Diagnostic> {
    let phrase = folds.get(&fold_phrase(&allow.value))?;
    let fault = Fault::new(Code::AllowIsPhrase, allow.span)
        .with("allow", allow.value.as_str())
        .with("phrase", phrase.value.as_str())
        .beside(at.place(phrase.span), Words::new("这是要查的词条", "the phrase that is looked for"));
    Some(at.diagnose(fault))
}

fn single_character(at: Located<'_>, phrase: &At<String>) -> Diagnostic {
    let why = Words::new(
        format!("「{}」只有一个字", phrase.value),
        format!("`{}` is a single character", phrase.value),
    );
    at.diagnose(Fault::new(Code::TooWide, phrase.span).with("why", why))
}

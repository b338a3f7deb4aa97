//! From what stands in a text to what follows from it.

use super::compile::Ruleset;
use super::find::{Find, Via};
use super::rule::{Fold, RuleSpec, RuleState};
use super::scope::Context;
use super::weigh::{Bench, Outcome, Weighed};
use crate::model::{Action, Hit, Judgement, RuleId, Spans, Suppressed, Verdict};
use crate::text::{Folded, Ruler, slice};
use serde::Serialize;

/// The most hits, and the most excused or dismissed finds, that are listed.
pub const MAX_LISTED: usize = 200;

/// Why a find is no hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Dismissal {
    /// The rule does not hold for this sender, contact, way or day.
    OutOfScope,
    /// A Latin word or a number goes on beyond it.
    InsideWord,
    /// What stands between its characters parts them.
    Gap,
    /// An allow-phrase covers it.
    Allowed {
        /// The allow-phrase, as written.
        by: String,
    },
    /// It begins or ends inside a word, and the rule says that this excuses.
    CutsWord {
        /// The words it is made of, as they stand in the text.
        by: String,
    },
    /// A negation reaches it, and the rule says that this excuses.
    Negated {
        /// The negation, as it stands in the text.
        by: String,
    },
    /// A term that must not be near is near.
    Without {
        /// The term, as written.
        by: String,
    },
    /// Another hit of the same rule covers or crosses it.
    Overlapped,
}

/// A find that is no hit, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dismissed {
    /// The rule.
    pub rule: RuleId,
    /// The phrase, as written.
    pub phrase: String,
    /// Where it stands.
    pub span: Spans,
    /// Why it is none.
    pub why: Dismissal,
}

/// A judgement with everything that did not become part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The judgement, the same as [`Ruleset::judge`] gives.
    pub judgement: Judgement,
    /// Hits of shadow rules, in the order of the text, at most [`MAX_LISTED`].
    pub shadow: Vec<Hit>,
    /// Finds that are no hits, in the order of the text, at most [`MAX_LISTED`].
    pub dismissed: Vec<Dismissed>,
}

impl Ruleset {
    /// Judges one text. A clean text costs one pass over it.
    pub fn judge(&self, text: &str, context: &Context<'_>) -> Judgement {
        if self.is_clean(text) {
            return Judgement {
                revision: self.revision.clone(),
                verdict: Verdict::Pass,
                hits: Vec::new(),
                hits_total: 0,
                suppressed: Vec::new(),
                require_reason: false,
                require_approval: false,
                replies: Vec::new(),
            };
        }
        let folded = Folded::of(text);
        let Outcome { mut kept, dismissed } = Bench::new(self, text, &folded, context).weigh();
        kept.retain(|one| self.is_live(&one.find));
        self.conclude(text, &kept, &dismissed)
    }

    /// Judges one text and tells what was found and why it counts or not, shadow rules included.
    pub fn explain(&self, text: &str, context: &Context<'_>) -> Explanation {
        let folded = Folded::of(text);
        let Outcome { kept, dismissed } = Bench::new(self, text, &folded, context).weigh();
        let (live, shadow): (Vec<_>, Vec<_>) = kept.into_iter().partition(|one| self.is_live(&one.find));
        Explanation {
            judgement: self.conclude(text, &live, &dismissed),
            shadow: self.list(text, &shadow),
            dismissed: self.list_dismissed(text, dismissed),
        }
    }

    fn is_live(&self, find: &Find) -> bool {
        self.rules.get(find.rule).is_some_and(|rule| rule.state == RuleState::Live)
    }

    fn conclude(&self, text: &str, live: &[Weighed], dismissed: &[(Find, Dismissal)]) -> Judgement {
        let asks = |wish: fn(&RuleSpec) -> bool| {
            let confirming = live.iter().filter(|one| one.action == Action::Confirm);
            confirming.filter_map(|one| self.rules.get(one.find.rule)).any(wish)
        };
        Judgement {
            revision: self.revision.clone(),
            verdict: live.iter().map(|one| one.action.into()).max().unwrap_or(Verdict::Pass),
            hits_total: live.len(),
            suppressed: self.list_suppressed(text, dismissed),
            require_reason: asks(|rule| rule.require_reason),
            require_approval: asks(|rule| rule.require_approval),
            replies: self.replies(live),
            hits: self.list(text, live),
        }
    }

    /// The replies named by the rules hit, those of the strictest first, each once.
    fn replies(&self, live: &[Weighed]) -> Vec<String> {
        let mut strictest: Vec<&Weighed> = live.iter().collect();
        strictest.sort_by_key(|one| std::cmp::Reverse(one.action));
        let mut replies: Vec<String> = Vec::new();
        for reply in
            strictest.iter().filter_map(|one| self.rules.get(one.find.rule)).flat_map(|rule| &rule.replies)
        {
            if !replies.contains(reply) {
                replies.push(reply.clone());
            }
        }
        replies
    }

    fn list(&self, text: &str, weighed: &[Weighed]) -> Vec<Hit> {
        let mut ruler = Ruler::new(text);
        weighed.iter().take(MAX_LISTED).filter_map(|one| self.hit(text, one, &mut ruler)).collect()
    }

    fn hit(&self, text: &str, one: &Weighed, ruler: &mut Ruler<'_>) -> Option<Hit> {
        let (find, rule) = (&one.find, self.rules.get(one.find.rule)?);
        Some(Hit {
            rule: rule.id.clone(),
            name: rule.name.clone(),
            action: one.action,
            phrase: self.written(find.rule, find.what).into_owned(),
            matched: slice(text, find.start, find.end).to_owned(),
            span: ruler.measure(find.start, find.end),
            via: names(find.via),
            lowered_by: one.lowered.clone(),
            basis: rule.basis.clone(),
            why: rule.why.clone(),
            fix: rule.fix.clone(),
        })
    }

    fn list_suppressed(&self, text: &str, dismissed: &[(Find, Dismissal)]) -> Vec<Suppressed> {
        let mut ruler = Ruler::new(text);
        let excused =
            dismissed.iter().filter(|(find, _)| self.is_live(find)).filter_map(|(find, why)| match why {
                Dismissal::Allowed { by } | Dismissal::CutsWord { by } | Dismissal::Negated { by } => {
                    Some((find, by.clone()))
                }
                _ => None,
            });
        let mut excused: Vec<_> = excused.collect();
        excused.sort_by_key(|(find, _)| (find.start, find.end));
        let listed = excused.into_iter().take(MAX_LISTED).filter_map(|(find, by)| {
            let rule = self.rules.get(find.rule)?.id.clone();
            let phrase = self.written(find.rule, find.what).into_owned();
            Some(Suppressed { rule, phrase, by, span: ruler.measure(find.start, find.end) })
        });
        listed.collect()
    }

    fn list_dismissed(&self, text: &str, mut dismissed: Vec<(Find, Dismissal)>) -> Vec<Dismissed> {
        dismissed.sort_by_key(|(find, _)| (find.start, find.end, find.rule));
        let mut ruler = Ruler::new(text);
        let listed = dismissed.into_iter().take(MAX_LISTED).filter_map(|(find, why)| {
            let rule = self.rules.get(find.rule)?.id.clone();
            let phrase = self.written(find.rule, find.what).into_owned();
            Some(Dismissed { rule, phrase, span: ruler.measure(find.start, find.end), why })
        });
        listed.collect()
    }
}

fn names(via: Via) -> Vec<String> {
    let optional = via.optional.iter().map(Fold::as_str);
    let named = via.folds.names().chain(optional).chain(via.is_alias.then_some("alias"));
    let gap = (via.gap > 0).then(|| format!("gap:{}", via.gap));
    named.map(str::to_owned).chain(gap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Revision;
    use crate::scan::Negation;

    fn ruleset(rules: Vec<RuleSpec>) -> Ruleset {
        Ruleset::build(Revision::new("r1-test"), rules).unwrap()
    }

    fn judge(rules: Vec<RuleSpec>, text: &str) -> Judgement {
        ruleset(rules).judge(text, &Context::default())
    }

    #[test]
    fn a_hit_carries_its_exact_place() {
        let judged = judge(
            vec![RuleSpec::new("FIN-001", "承诺保本保收益", Action::Block, ["保底收益"])],
            "这款产品保底收益5%",
        );
        let hit = &judged.hits[0];
        assert_eq!(judged.verdict, Verdict::Block);
        assert_eq!((hit.span.byte, hit.span.chars, hit.span.utf16), ([12, 24], [4, 8], [4, 8]));
        assert_eq!((hit.matched.as_str(), hit.via.len()), ("保底收益", 0));
    }

    #[test]
    fn an_allow_phrase_excuses_only_the_place_it_covers() {
        let rule = || RuleSpec {
            allow: vec!["不承诺保底收益".into()],
            ..RuleSpec::new("FIN-001", "承诺保本保收益", Action::Block, ["保底收益"])
        };
        let excused = judge(vec![rule()], "本产品不承诺保底收益");
        assert_eq!((excused.verdict, excused.suppressed.len()), (Verdict::Pass, 1));
        assert_eq!(excused.suppressed[0].by, "不承诺保底收益");
        let both = judge(vec![rule()], "本产品不承诺保底收益,不过私下给您保底收益");
        assert_eq!((both.verdict, both.hits.len(), both.suppressed.len()), (Verdict::Block, 1, 1));
        assert_eq!(both.hits[0].span.chars, [17, 21]);
    }

    #[test]
    fn an_allow_phrase_with_a_gap_in_it_excuses_nothing() {
        let rule = RuleSpec {
            allow: vec!["不承诺保底收益".into()],
            negation: Negation::Off,
            ..RuleSpec::new("FIN-001", "承诺保本保收益", Action::Block, ["保底收益"])
        };
        assert_eq!(judge(vec![rule], "不-承-诺保底收益").verdict, Verdict::Block);
    }

    #[test]
    fn one_rule_keeps_its_longest_hit_and_each_rule_its_own() {
        let rules = vec![
            RuleSpec::new("A", "甲", Action::Confirm, ["保底", "保底收益"]),
            RuleSpec::new("B", "乙", Action::Block, ["收益"]),
        ];
        let judged = judge(rules, "保底收益");
        let hits: Vec<_> = judged.hits.iter().map(|hit| (hit.rule.as_str(), hit.phrase.as_str())).collect();
        assert_eq!((hits, judged.verdict), (vec![("A", "保底收益"), ("B", "收益")], Verdict::Block));
    }

    #[test]
    fn a_shadow_rule_is_found_but_never_counts() {
        let rule = RuleSpec {
            state: RuleState::Shadow,
            ..RuleSpec::new("FIN-001", "承诺保本保收益", Action::Block, ["保底收益"])
        };
        let told = ruleset(vec![rule]).explain("保底收益", &Context::default());
        assert_eq!(
            (told.judgement.verdict, told.judgement.hits_total, told.shadow.len()),
            (Verdict::Pass, 0, 1)
        );
    }

    #[test]
    fn the_verdict_counts_hits_that_are_not_listed() {
        let rules = vec![
            RuleSpec::new("A", "甲", Action::Tip, ["返点"]),
            RuleSpec::new("B", "乙", Action::Block, ["保本"]),
        ];
        let judged = judge(rules, &("返点".repeat(300) + "保本"));
        assert_eq!((judged.verdict, judged.hits.len(), judged.hits_total), (Verdict::Block, MAX_LISTED, 301));
    }

    #[test]
    fn replies_come_from_the_strictest_rule_first_and_once() {
        let with = |replies: &[&str], rule: RuleSpec| RuleSpec {
            replies: replies.iter().map(|reply| (*reply).to_owned()).collect(),
            ..rule
        };
        let judged = judge(
            vec![
                with(&["R-2", "R-1"], RuleSpec::new("A", "甲", Action::Tip, ["返点"])),
                with(&["R-1"], RuleSpec::new("B", "乙", Action::Block, ["保本"])),
            ],
            "返点保本",
        );
        assert_eq!(judged.replies, ["R-1", "R-2"]);
    }
}

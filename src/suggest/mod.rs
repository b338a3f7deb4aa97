//! Three compliant replies for a need, an industry or a hit.
//!
//! This room must never know who asks, a store or the network. Read [`Query`] first: what is known
//! about the need, best clue first.

mod approved;
mod rank;
mod script;

pub use approved::is_approved;

use crate::model::Suggestion;
use crate::model::Verdict;
use crate::rules::LiveRules;
use crate::rules::Reply;
use crate::scan::Context;
use std::collections::BTreeSet;

/// How many replies are offered at most.
pub const MAX_SUGGESTIONS: usize = 3;

/// What is known about the need.
#[derive(Debug, Clone, Default)]
pub struct Query<'q> {
    /// Replies that the rules hit name, best first (`Judgement::replies`).
    pub hits: &'q [String],
    /// The draft, or what the customer wrote.
    pub text: Option<&'q str>,
    /// A word of the need that the rep chose or typed.
    pub keyword: Option<&'q str>,
    /// For whom and when: industry and day choose among the replies, and everything in it judges them.
    pub context: Context<'q>,
    /// How many of the best were seen already and are left out.
    pub skip: usize,
    /// Also those that fit nothing, last: where only approved scripts may be sent.
    pub any: bool,
    /// Values for the scripts' variables, for example 称呼.
    pub variables: &'q [(&'q str, &'q str)],
}

/// At most [`MAX_SUGGESTIONS`] replies, best first: those the hits name, then by the most specific keyword,
/// then by industry. Each of them passes the rules in force as it stands, variables filled. Fewer are fine.
///
/// Costs one judgement a script until enough are found.
pub fn suggest(live: &LiveRules, query: &Query<'_>) -> Vec<Suggestion> {
    let passes =
        |offer: &Suggestion| live.ruleset.judge(&offer.text, &query.context).verdict == Verdict::Pass;
    let mut seen = BTreeSet::new();
    rank::ranked(&live.replies, query)
        .into_iter()
        .flat_map(|reply| scripts(reply, query))
        .filter(|offer| passes(offer) && seen.insert(offer.text.clone()))
        .skip(query.skip)
        .take(MAX_SUGGESTIONS)
        .collect()
}

/// The scripts of one reply that can be filled, named by the reply's id, a dot and their place from 1.
fn scripts<'r>(reply: &'r Reply, query: &'r Query<'_>) -> impl Iterator<Item = Suggestion> + 'r {
    reply.scripts.iter().enumerate().filter_map(|(index, script)| {
        let text = script::fill(&script.value, query.variables)?;
        Some(Suggestion { id: format!("{}.{}", reply.id.value, index + 1), text })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::fs;

    const RULES: &str = r#"
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "拦截"
phrases = ["保底收益", "稳赚不赔"]
replies = ["R-RISK"]
[[rule]]
id = "FIN-002"
name = "夸大"
action = "确认"
phrases = ["年化百分百"]
"#;
    const REPLIES: &str = r#"
[[reply]]
id = "R-NEED"
industries = ["金融"]
keywords = ["收益"]
scripts = ["{称呼|您}好,收益会随市场波动,我先把产品说明书发您", "放心,保底收益", "年化百分百不敢说"]
[[reply]]
id = "R-EXACT"
needs = ["业绩"]
keywords = ["历史收益"]
scripts = ["历史收益不代表未来表现,完整数据在季报里"]
[[reply]]
id = "R-RISK"
scripts = ["这类产品不承诺保本,风险等级请看说明书第二页"]
[[reply]]
id = "R-OLD"
keywords = ["收益"]
expires_on = 2026-11-22
scripts = ["收益情况请看上季度的报告"]
[[reply]]
id = "R-DRAFT"
state = "草稿"
keywords = ["收益"]
scripts = ["收益怎么算,我约理财经理给您讲"]
[[reply]]
id = "R-LATER"
approved_on = 2026-11-24
keywords = ["收益"]
scripts = ["收益明细下周发您"]
"#;

    fn live(rules: &str, replies: &str) -> LiveRules {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("replies")).unwrap();
        fs::write(dir.path().join("finance.toml"), rules).unwrap();
        fs::write(dir.path().join("replies/finance.toml"), replies).unwrap();
        LiveRules::load(dir.path(), 1, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn today() -> Context<'static> {
        Context { day: date(2026, 11, 23), ..Context::default() }
    }

    fn ids(query: &Query<'_>) -> Vec<String> {
        suggest(&live(RULES, REPLIES), query).into_iter().map(|offer| offer.id).collect()
    }

    #[test]
    fn what_a_hit_names_comes_before_the_longer_keyword_and_that_before_the_shorter() {
        let hits = ["R-RISK".to_owned()];
        let query =
            Query { hits: &hits, text: Some("历史收益有多少"), context: today(), ..Query::default() };
        assert_eq!(ids(&query), ["R-RISK.1", "R-EXACT.1", "R-NEED.1"]);
    }

    #[test]
    fn a_script_that_the_rules_would_stop_is_never_offered() {
        let query = Query { keyword: Some("收益"), context: today(), ..Query::default() };
        assert_eq!(ids(&query), ["R-NEED.1"]);
    }

    #[test]
    fn an_expired_reply_and_one_not_yet_approved_come_back_on_their_days() {
        let on = |day| {
            let context = Context { day, ..Context::default() };
            ids(&Query { keyword: Some("收益"), context, ..Query::default() })
        };
        assert!(on(date(2026, 11, 22)).contains(&"R-OLD.1".to_owned()));
        assert!(!on(date(2026, 11, 23)).contains(&"R-OLD.1".to_owned()));
        assert!(on(date(2026, 11, 24)).contains(&"R-LATER.1".to_owned()));
    }

    #[test]
    fn the_industry_alone_brings_up_its_replies_and_no_others() {
        let of = |industry| {
            ids(&Query { context: Context { industry: Some(industry), ..today() }, ..Query::default() })
        };
        assert_eq!(of("金融"), ["R-NEED.1"]);
        assert!(of("教育").is_empty());
    }

    #[test]
    fn a_need_the_rep_chose_brings_up_what_answers_it() {
        let chosen = |need| ids(&Query { keyword: Some(need), context: today(), ..Query::default() });
        assert_eq!(chosen("业绩"), ["R-EXACT.1"]);
        assert!(chosen("孩子的业绩考核").is_empty());
    }

    #[test]
    fn a_name_that_turns_a_script_into_a_promise_withholds_it() {
        let variables = [("称呼", "稳赚不赔的李姐")];
        let query =
            Query { keyword: Some("收益"), context: today(), variables: &variables, ..Query::default() };
        assert!(ids(&query).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_suggestion_is_ever_stopped_by_the_rules_in_force(
            scripts in prop::collection::vec("您好(保底|收益|稳赚|不赔|年化|百分百|您好|,| |\\{称呼\\}){1,6}", 3..9),
            name in "(李姐|保底|收益|稳赚不赔)",
        ) {
            let list: Vec<_> = scripts.iter().map(|script| format!("{script:?}")).collect();
            let replies = format!("[[reply]]\nid = \"R\"\nkeywords = [\"收益\"]\nscripts = [{}]\n", list.join(", "));
            let live = live(RULES, &replies);
            let variables = [("称呼", name.as_str())];
            let query =
                Query { keyword: Some("收益"), context: today(), variables: &variables, ..Query::default() };
            for offer in suggest(&live, &query) {
                prop_assert_eq!(live.ruleset.judge(&offer.text, &today()).verdict, Verdict::Pass, "{}", offer.text);
            }
        }
    }
}

//! Which replies fit a need, best first.

use super::Query;
use crate::rules::Reply;
use crate::rules::State;
use crate::scan::Context;
use crate::text::fold_phrase;
use std::cmp::Reverse;

/// Why a reply fits; a smaller one fits better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// A rule that was hit names it; its place among those named.
    Hit(usize),
    /// A word of it this long fits the need; and whether it is for this very industry.
    Keyword(Reverse<usize>, Reverse<bool>),
    /// It is for this very industry.
    Industry,
    /// Nothing but that anything is wanted.
    Any,
}

/// The replies that may be offered and fit, best first; of equal ones the one approved last.
pub(super) fn ranked<'r>(replies: &'r [Reply], query: &Query<'_>) -> Vec<&'r Reply> {
    let need = Need::of(query);
    let fitting = replies.iter().filter(|reply| may_be_offered(reply, &query.context));
    let mut fitting: Vec<_> = fitting.filter_map(|reply| Some((need.fit(reply)?, reply))).collect();
    fitting.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| y.approved_on.cmp(&x.approved_on)));
    fitting.into_iter().map(|(_, reply)| reply).collect()
}

/// Live, approved by this day and not expired, and not meant for other industries.
pub(super) fn may_be_offered(reply: &Reply, context: &Context<'_>) -> bool {
    let day = context.day;
    reply.state == State::Live
        && reply.approved_on.is_none_or(|first| first <= day)
        && reply.expires_on.is_none_or(|last| day <= last)
        && (reply.industries.is_empty() || context.industry.is_none_or(|own| is_for(reply, own)))
}

fn is_for(reply: &Reply, industry: &str) -> bool {
    reply.industries.iter().any(|one| one == industry)
}

/// The need, folded as rules fold a message.
struct Need<'q> {
    query: &'q Query<'q>,
    keyword: Option<String>,
    text: Option<String>,
}

impl<'q> Need<'q> {
    fn of(query: &'q Query<'q>) -> Self {
        Self { query, keyword: query.keyword.map(fold_phrase), text: query.text.map(fold_phrase) }
    }

    fn fit(&self, reply: &Reply) -> Option<Fit> {
        if let Some(place) = self.query.hits.iter().position(|id| *id == reply.id.value) {
            return Some(Fit::Hit(place));
        }
        let own_industry = self.query.context.industry.is_some_and(|own| is_for(reply, own));
        match self.matched_chars(reply) {
            Some(chars) => Some(Fit::Keyword(Reverse(chars), Reverse(own_industry))),
            None if own_industry => Some(Fit::Industry),
            None => self.query.any.then_some(Fit::Any),
        }
    }

    /// The length of the longest word of the reply that fits: a longer one says more.
    fn matched_chars(&self, reply: &Reply) -> Option<usize> {
        let needs = folded(&reply.needs).filter(|need| self.keyword.as_ref() == Some(need));
        let keywords = folded(&reply.keywords).filter(|word| self.says(word));
        needs.chain(keywords).map(|word| word.chars().count()).max()
    }

    fn says(&self, word: &str) -> bool {
        [&self.keyword, &self.text].into_iter().flatten().any(|said| said.contains(word))
    }
}

/// Without those that folding leaves empty: they would fit everything.
fn folded(words: &[String]) -> impl Iterator<Item = String> {
    words.iter().map(|word| fold_phrase(word)).filter(|word| !word.is_empty())
}

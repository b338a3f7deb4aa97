//! The automaton: which patterns end where.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::{Anchored, MatchKind, StartKind, dfa, nfa::contiguous};

/// Up to this many patterns the fast automaton is small enough; above it the compact one is used.
const DFA_MAX: usize = 1_000;

/// The code of every character that stands in no pattern.
pub(super) const FOREIGN: u16 = u16::from_be_bytes([127, 255]);

/// One state of an [`Engine`].
pub(super) type State = StateID;

/// A compiled set of patterns. Fed character by character; every pattern is found, those inside
/// others too.
pub(super) enum Engine {
    /// One table look-up a byte.
    Fast(dfa::DFA, State),
    /// A tenth of the memory.
    Compact(contiguous::NFA, State),
}

/// The patterns do not fit into an automaton.
#[derive(Debug, thiserror::Error)]
#[error("the phrases do not fit into one automaton")]
pub struct EngineError;

impl Engine {
    /// Compiles the patterns; a pattern's number is its place.
    pub(super) fn build(patterns: Vec<Vec<u8>>) -> Result<Self, EngineError> {
        if patterns.len() <= DFA_MAX {
            let mut builder = dfa::Builder::new();
            builder.match_kind(MatchKind::Standard).start_kind(StartKind::Unanchored).prefilter(false);
            let dfa = builder.build(&patterns).map_err(|_| EngineError)?;
            let start = dfa.start_state(Anchored::No).map_err(|_| EngineError)?;
            return Ok(Self::Fast(dfa, start));
        }
        let mut builder = contiguous::Builder::new();
        builder.match_kind(MatchKind::Standard).prefilter(false);
        let nfa = builder.build(&patterns).map_err(|_| EngineError)?;
        let start = nfa.start_state(Anchored::No).map_err(|_| EngineError)?;
        Ok(Self::Compact(nfa, start))
    }

    pub(super) fn start(&self) -> State {
        match self {
            Self::Fast(_, start) | Self::Compact(_, start) => *start,
        }
    }

    /// The state after one more character, given as its code.
    ///
    /// The fast automaton is asked about foreign characters too: whether one comes can't be
    /// foreseen, and a wrong guess costs more than two look-ups.
    #[inline]
    pub(super) fn step(&self, state: State, code: u16) -> State {
        match self {
            Self::Fast(dfa, _) => walk(dfa, state, code),
            Self::Compact(_, start) if code == FOREIGN => *start,
            Self::Compact(nfa, _) => walk(nfa, state, code),
        }
    }

    /// A pattern ends here.
    #[inline]
    pub(super) fn is_match(&self, state: State) -> bool {
        match self {
            Self::Fast(dfa, _) => dfa.is_special(state) && dfa.is_match(state),
            Self::Compact(nfa, _) => nfa.is_special(state) && nfa.is_match(state),
        }
    }

    /// The patterns that end here, longest first: number and length in bytes.
    pub(super) fn matches(&self, state: State) -> impl Iterator<Item = (usize, usize)> + '_ {
        let count = match self {
            _ if !self.is_match(state) => 0,
            Self::Fast(dfa, _) => dfa.match_len(state),
            Self::Compact(nfa, _) => nfa.match_len(state),
        };
        (0..count).map(move |index| match self {
            Self::Fast(dfa, _) => one(dfa, state, index),
            Self::Compact(nfa, _) => one(nfa, state, index),
        })
    }

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        match self {
            Self::Fast(dfa, _) => dfa.memory_usage(),
            Self::Compact(nfa, _) => nfa.memory_usage(),
        }
    }
}

#[inline]
fn walk(automaton: &impl Automaton, state: State, code: u16) -> State {
    code.to_be_bytes().iter().fold(state, |state, byte| automaton.next_state(Anchored::No, state, *byte))
}

fn one(automaton: &impl Automaton, state: State, index: usize) -> (usize, usize) {
    let pattern = automaton.match_pattern(state, index);
    (pattern.as_usize(), automaton.pattern_len(pattern))
}

//! The automaton: which patterns end where.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, MatchKind};

/// The code of every character that stands in no pattern: no code is higher.
pub(super) const FOREIGN: u16 = u16::from_be_bytes([127, 255]);

/// One state of an [`Engine`].
pub(super) type State = StateID;

/// A compiled set of patterns. Fed character by character; every pattern is found, those inside
/// others too.
pub(super) struct Engine {
    nfa: NFA,
    start: State,
    anchored: State,
}

/// The patterns do not fit into an automaton.
#[derive(Debug, thiserror::Error)]
#[error("the phrases do not fit into one automaton")]
pub struct EngineError;

impl Engine {
    /// Compiles the patterns; a pattern's number is its place.
    pub(super) fn build(patterns: &[Vec<u8>]) -> Result<Self, EngineError> {
        let mut builder = Builder::new();
        builder.match_kind(MatchKind::Standard).prefilter(false);
        let nfa = builder.build(patterns).map_err(|_| EngineError)?;
        let start = nfa.start_state(Anchored::No).map_err(|_| EngineError)?;
        let anchored = nfa.start_state(Anchored::Yes).map_err(|_| EngineError)?;
        Ok(Self { nfa, start, anchored })
    }

    /// Before the first character, when a pattern may begin anywhere.
    pub(super) fn start(&self) -> State {
        self.start
    }

    /// Before the first character, when a pattern must begin with it.
    pub(super) fn anchored(&self) -> State {
        self.anchored
    }

    /// The state after one more character, given as its code.
    #[inline]
    pub(super) fn step(&self, state: State, code: u16) -> State {
        if code == FOREIGN { self.start } else { self.walk(Anchored::No, state, code) }
    }

    /// As [`Engine::step`], but of patterns that begin with the first character.
    #[inline]
    pub(super) fn step_anchored(&self, state: State, code: u16) -> State {
        self.walk(Anchored::Yes, state, code)
    }

    #[inline]
    fn walk(&self, anchored: Anchored, state: State, code: u16) -> State {
        let [leading, trailing] = code.to_be_bytes();
        let state = self.nfa.next_state(anchored, state, leading);
        self.nfa.next_state(anchored, state, trailing)
    }

    /// No pattern goes on from here.
    pub(super) fn is_dead(&self, state: State) -> bool {
        self.nfa.is_dead(state)
    }

    /// A pattern ends here.
    #[inline]
    pub(super) fn is_match(&self, state: State) -> bool {
        self.nfa.is_special(state) && self.nfa.is_match(state)
    }

    /// The patterns that end here, longest first: number and length in bytes.
    pub(super) fn matches(&self, state: State) -> impl Iterator<Item = (usize, usize)> + '_ {
        let count = if self.is_match(state) { self.nfa.match_len(state) } else { 0 };
        (0..count).map(move |index| {
            let pattern = self.nfa.match_pattern(state, index);
            (pattern.as_usize(), self.nfa.pattern_len(pattern))
        })
    }

    /// Bytes of heap it takes.
    pub(super) fn memory(&self) -> usize {
        self.nfa.memory_usage()
    }
}

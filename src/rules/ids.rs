//! Which ids are taken, over all files of a folder.

use super::diagnostic::{Code, Place, Related, Words};
use super::source::{At, Fault, Source};
use std::collections::HashMap;

/// What an id names. Ids of different kinds may be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Rule,
    Pack,
    Reply,
    Basis,
    Policy,
}

impl Kind {
    fn words(self) -> Words {
        match self {
            Kind::Rule => Words::new("规则号", "rule id"),
            Kind::Pack => Words::new("规则包号", "pack id"),
            Kind::Reply => Words::new("话术号", "reply id"),
            Kind::Basis => Words::new("依据号", "basis id"),
            Kind::Policy => Words::new("策略号", "policy id"),
        }
    }
}

/// The ids seen so far, each with its first place.
#[derive(Debug, Default)]
pub(super) struct Ids(HashMap<(Kind, String), Place>);

impl Ids {
    /// Takes the id, or says where it was used first.
    pub fn claim(&mut self, kind: Kind, id: &At<String>, source: &Source) -> Option<Fault> {
        let place = source.place(id.span);
        let Some(first) = self.0.get(&(kind, id.value.clone())) else {
            self.0.insert((kind, id.value.clone()), place);
            return None;
        };
        let mut fault = Fault::new(Code::DuplicateId, id.span)
            .with("kind", kind.words())
            .with("id", id.value.as_str())
            .with("file", first.file.as_str())
            .with("line", first.line.to_string().as_str());
        let words = Words::new("第一次用在这里", "first used here");
        fault.related.push(Related { place: first.clone(), words });
        Some(fault)
    }
}

//! A fault as a person wants to see it: the line itself, with a mark under the place.

use super::output::{Lang, Look};
use crate::rules::{Diagnostic, Level, Place, Related, Source};
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level as Tone, Renderer, Snippet, Title,
    normalize_untrusted_str,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Places of one file are drawn together when no more columns than this part them.
const TOGETHER_COLS: usize = 80;

/// Draws faults into the files they stand in.
pub(super) struct Human {
    pub lang: Lang,
    renderer: Renderer,
    sources: HashMap<String, Arc<Source>>,
}

/// Something said about a place.
pub(super) struct Said<'a> {
    pub title: Title<'a>,
    pub place: &'a Place,
    pub related: &'a [Related],
    /// What follows below, each with its name.
    pub notes: Vec<(&'static str, String)>,
}

impl Human {
    pub fn new(look: &Look, sources: &[Arc<Source>]) -> Self {
        let color = look.has_color(&std::io::stderr());
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let sources = sources.iter().map(|source| (source.path.clone(), Arc::clone(source))).collect();
        Self { lang: look.lang(), renderer, sources }
    }

    pub fn diagnostic(&self, fault: &Diagnostic) -> String {
        let tone = match fault.level {
            Level::Error => Tone::ERROR.with_name(self.lang.word("错误", "error")),
            Level::Warning => Tone::WARNING.with_name(self.lang.word("提醒", "warning")),
        };
        let title = tone.primary_title(self.lang.say(&fault.message)).id(fault.code.as_str());
        let help = self.lang.say(&fault.help());
        let notes = vec![(self.lang.word("怎么办", "help"), help)];
        self.draw(Said { title, place: &fault.place, related: &fault.related, notes })
    }

    pub fn draw(&self, said: Said<'_>) -> String {
        let place = said.place;
        let label = said.related.iter().find(|related| related.place == *place);
        let label = label.map(|related| self.lang.say(&related.words));
        let primary = self.mark(AnnotationKind::Primary, place).map(|mark| mark.label(label));
        let others = said.related.iter().filter(|related| related.place != *place);
        let (own, far): (Vec<_>, Vec<_>) = others.partition(|related| are_together(&related.place, place));
        let (drawn, told): (Vec<_>, Vec<_>) =
            far.into_iter().partition(|related| self.is_drawn(place, related));
        let marks = primary.into_iter().chain(own.into_iter().filter_map(|related| self.context(related)));
        let mut group = said.title.elements(self.snippet(&place.file, marks.collect()));
        for (file, related) in by_file(&drawn) {
            let marks = related.iter().filter_map(|related| self.context(related)).collect();
            group = group.elements(self.snippet(file, marks));
        }
        let lines =
            told.into_iter().map(|related| (self.lang.word("另见", "see"), self.place_and_words(related)));
        let group = notes(group, lines.chain(said.notes));
        self.renderer.render(&[group]) + "\n"
    }

    /// A place in another file that we have read.
    fn is_drawn(&self, place: &Place, related: &Related) -> bool {
        related.place.file != place.file && self.sources.contains_key(&related.place.file)
    }

    fn place_and_words(&self, related: &Related) -> String {
        let Place { file, line, col, .. } = &related.place;
        format!("{file}:{line}:{col}: {}", self.lang.say(&related.words))
    }

    fn context(&self, related: &Related) -> Option<Annotation<'static>> {
        let mark = self.mark(AnnotationKind::Context, &related.place)?;
        Some(mark.label(self.lang.say(&related.words)))
    }

    fn mark(&self, kind: AnnotationKind, place: &Place) -> Option<Annotation<'static>> {
        Some(kind.span(bytes(self.sources.get(&place.file)?, place)))
    }

    fn snippet<'s>(&'s self, file: &'s str, marks: Vec<Annotation<'s>>) -> Option<Element<'s>> {
        let source = self.sources.get(file)?;
        Some(Snippet::source(source.text.as_str()).path(file).annotations(marks).into())
    }
}

/// A line of a thousand phrases is cut around its marks, which must not lie far apart for that.
fn are_together(one: &Place, other: &Place) -> bool {
    one.file == other.file && one.col.abs_diff(other.col) <= TOGETHER_COLS
}

fn bytes(source: &Source, place: &Place) -> Range<usize> {
    source.offset(place.line, place.col)..source.offset(place.end_line, place.end_col)
}

fn by_file<'r>(related: &[&'r Related]) -> BTreeMap<&'r str, Vec<&'r Related>> {
    let mut files: BTreeMap<&str, Vec<&Related>> = BTreeMap::new();
    related.iter().for_each(|one| files.entry(&one.place.file).or_default().push(one));
    files
}

fn notes<'g>(group: Group<'g>, notes: impl Iterator<Item = (&'static str, String)>) -> Group<'g> {
    // What a file says must not move the cursor of whoever reads it.
    let note = |(name, text): (&'static str, String)| {
        Tone::HELP.with_name(name).message(normalize_untrusted_str(&text))
    };
    group.elements(notes.map(note))
}

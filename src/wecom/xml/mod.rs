//! XML as WeCom writes it: elements and text, no attributes, no namespaces, no document type.
//!
//! Reading is strict where an attacker could gain (entities, depth, size) and joins every piece
//! of an element's text, so that no character of a message is lost. Writing escapes every value.

mod write;

pub use write::{Value, build};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, escape::resolve_predefined_entity};
use std::str::FromStr;

/// The deepest nesting that is read; WeCom needs five.
pub const MAX_DEPTH: usize = 16;
/// The most elements that are read; a card with every list full has a few hundred.
pub const MAX_ELEMENTS: usize = 4_096;

/// Why a document is refused. Says nothing about its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct XmlError(pub &'static str);

/// One element with everything inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads one document; the result is its root.
    ///
    /// # Errors
    /// [`XmlError`] when it is not well-formed, has a document type, a processing instruction, an
    /// attribute or an entity beyond the five predefined ones, or is deeper or larger than the limits.
    pub fn parse(document: &str) -> Result<Self, XmlError> {
        let mut reader = Reader::from_str(document);
        reader.config_mut().expand_empty_elements = true;
        let mut tree = Tree::default();
        loop {
            match reader.read_event().map_err(|_| XmlError("not well-formed"))? {
                Event::Start(tag) => tree.open(&tag)?,
                Event::End(_) => tree.close(),
                Event::Text(text) => tree.append(&text.xml10_content())?,
                Event::CData(text) => tree.append(&text.xml10_content())?,
                Event::GeneralRef(reference) => tree.append(&resolve(&reference)?)?,
                Event::Eof => return tree.root.ok_or(XmlError("an element is not closed")),
                Event::DocType(_) => return Err(XmlError("a document type")),
                Event::PI(_) => return Err(XmlError("a processing instruction")),
                Event::Decl(_) | Event::Comment(_) | Event::Empty(_) => {}
            }
        }
    }

    /// The element's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every child, in the document's order.
    pub fn elements(&self) -> &[Element] {
        &self.children
    }

    /// Every child called `name`, in the document's order.
    pub fn children(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child called `name`.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children(name).next()
    }

    /// The first element at a path of names parted by `/`.
    pub fn at(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// The element's own text with the blanks around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A child's text, trimmed, as an id or a word; `None` when it is absent or blank.
    pub fn word<T: for<'a> From<&'a str>>(&self, name: &str) -> Option<T> {
        let word = self.child(name)?.text.trim();
        (!word.is_empty()).then(|| T::from(word))
    }

    /// A child's text as a number; `None` when it is absent or no such number.
    pub fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.child(name)?.text.trim().parse().ok()
    }

    /// The parts of a child's text between commas; `None` when the child is absent, empty when it is blank.
    pub fn list<T: for<'a> From<&'a str>>(&self, name: &str) -> Option<Vec<T>> {
        let parts = self.child(name)?.text.split(',').map(str::trim);
        Some(parts.filter(|part| !part.is_empty()).map(T::from).collect())
    }
}

/// The elements that are still open, outermost first, and the finished root.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    seen: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlError> {
        self.seen += 1;
        if self.root.is_some() {
            return Err(XmlError("two roots"));
        }
        if self.seen > MAX_ELEMENTS || self.open.len() == MAX_DEPTH {
            return Err(XmlError("too many or too deep elements"));
        }
        if !tag.attributes_raw().trim().is_empty() {
            return Err(XmlError("an attribute"));
        }
        self.open.push(Element { name: tag.name().as_ref().to_owned(), ..Element::default() });
        Ok(())
    }

    /// The reader has made sure that the end fits the innermost start.
    fn close(&mut self) {
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
    }

    fn append(&mut self, piece: &str) -> Result<(), XmlError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(piece),
            None if piece.trim().is_empty() => {}
            None => return Err(XmlError("text outside the root")),
        }
        Ok(())
    }
}

/// `&amp;` and its four kin, `&#20445;`, `&#x4fdd;`; everything else is refused, never dropped.
fn resolve(reference: &BytesRef<'_>) -> Result<String, XmlError> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned).ok_or(XmlError("an unknown entity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn content(inside: &str) -> Result<String, XmlError> {
        let root = Element::parse(&format!("<xml><Content>{inside}</Content></xml>"))?;
        Ok(root.child("Content").unwrap().text().to_owned())
    }

    #[test]
    fn no_character_of_a_message_is_lost() {
        assert_eq!(content("保&#x5e95;收益").unwrap(), "保底收益");
        assert_eq!(content("A&amp;B").unwrap(), "A&B");
        assert_eq!(content("x &lt;1 &amp;&amp; y<![CDATA[ <z>]]>").unwrap(), "x <1 && y <z>");
        assert_eq!(content("<![CDATA[保]]]]><![CDATA[>底]]>").unwrap(), "保]]>底");
        assert_eq!(content("保<!-- -->底").unwrap(), "保底");
        assert_eq!(content(" 保底 ").unwrap(), " 保底 ");
    }

    #[test]
    fn an_entity_is_never_expanded_and_never_dropped() {
        let xxe =
            r#"<!DOCTYPE xml [<!ENTITY c SYSTEM "file:///etc/passwd">]><xml><Content>&c;</Content></xml>"#;
        let laughs =
            r#"<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><Content>&b;</Content></xml>"#;
        assert_eq!(Element::parse(xxe), Err(XmlError("a document type")));
        assert_eq!(Element::parse(laughs), Err(XmlError("a document type")));
        assert_eq!(content("保&nbsp;底"), Err(XmlError("an unknown entity")));
        assert_eq!(content("保&#xd800;底"), Err(XmlError("an unknown entity")));
    }

    #[test]
    fn a_deep_a_wide_and_an_attributed_document_are_refused() {
        let limit = Err(XmlError("too many or too deep elements"));
        assert_eq!(Element::parse(&"<a>".repeat(200_000)), limit);
        assert_eq!(Element::parse(&format!("<xml>{}</xml>", "<a/>".repeat(MAX_ELEMENTS))), limit);
        let attributes: String = (0..40_000).map(|n| format!(" a{n}=\"\"")).collect();
        assert_eq!(Element::parse(&format!("<xml{attributes}/>")), Err(XmlError("an attribute")));
    }

    #[test]
    fn what_is_not_one_whole_document_is_refused() {
        for broken in
            ["", "保底收益", "<xml>", "<xml></xm>", "</xml>", "<xml/><xml/>", "<xml/>保底", "<xml>&amp</xml>"]
        {
            assert!(Element::parse(broken).is_err(), "{broken}");
        }
        assert!(Element::parse("<?xml version=\"1.0\"?>\n<xml/>\n").is_ok());
        assert!(Element::parse("<?php ?><xml/>").is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(pieces in prop::collection::vec(
            prop::sample::select(vec!["<", ">", "</", "/>", "<!", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>",
                "<!DOCTYPE", "[", "]", "&", "&#", "&#x110000;", ";", "xml", "a", "=", "\"", "'", " ", "底"]), 0..40)) {
            let _ = Element::parse(&pieces.concat());
        }
    }
}

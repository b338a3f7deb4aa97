//! A script as it stands in a file: `{称呼|您}好,{产品}的风险等级是…`.

/// A part of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptPart<'s> {
    /// Plain words.
    Words(&'s str),
    /// A blank to be filled.
    Variable {
        /// What it is called.
        name: &'s str,
        /// What stands there when nothing fills it.
        fallback: Option<&'s str>,
    },
}

impl<'s> ScriptPart<'s> {
    fn variable(written: &'s str) -> Self {
        match written.split_once('|') {
            Some((name, fallback)) => Self::Variable { name: name.trim(), fallback: Some(fallback) },
            None => Self::Variable { name: written.trim(), fallback: None },
        }
    }

    /// What is read where nothing is known: the fallback, else the variable's name.
    pub fn bare(self) -> &'s str {
        match self {
            Self::Words(words) => words,
            Self::Variable { name, fallback } => fallback.unwrap_or(name),
        }
    }
}

/// The parts of a script. A brace without its partner is plain text.
pub fn script_parts(script: &str) -> Vec<ScriptPart<'_>> {
    let mut pieces = script.split('{');
    let mut parts = vec![ScriptPart::Words(pieces.next().unwrap_or_default())];
    for piece in pieces {
        match piece.split_once('}') {
            Some((variable, words)) => {
                parts.extend([ScriptPart::variable(variable), ScriptPart::Words(words)])
            }
            None => parts.extend([ScriptPart::Words("{"), ScriptPart::Words(piece)]),
        }
    }
    parts
}

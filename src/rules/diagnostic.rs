//! What can be wrong in a rule file: one row a code, and a placed sentence in two languages.

use serde::{Serialize, Serializer};

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It has to be mended before the rules are published. What [`parse`](fn@super::parse) reports also
    /// stops loading.
    Error,
    /// Worth a look; stops nothing by itself.
    Warning,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// A sentence in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// Puts the arguments where the template names them, in one pass: what a file says is never read as a template.
fn fill<'a>(template: &'a str, arg: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(arg(name).unwrap_or(name));
        filled.push_str(rest);
    }
    filled
}

/// A name that reads the same in both languages.
impl From<&str> for Words {
    fn from(name: &str) -> Self {
        Self::new(name, name)
    }
}

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident $code:literal $level:ident
        { zh: $zh:literal, en: $en:literal, help_zh: $help_zh:literal, help_en: $help_en:literal })*) => {
        /// What kind of fault it is. A code is never renumbered and never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code as people see it, for example `R004`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Code::$name => Level::$level,)* }
            }

            fn message(self) -> (&'static str, &'static str) {
                match self { $(Code::$name => ($zh, $en),)* }
            }

            fn help(self) -> (&'static str, &'static str) {
                match self { $(Code::$name => ($help_zh, $help_en),)* }
            }
        }
    };
}

catalogue! {
    /// Not TOML.
    Syntax "R001" Error {
        zh: "第 {line} 行写法不对:{detail}",
        en: "line {line} is not valid: {detail}",
        help_zh: "对照上下几行检查引号、逗号、等号和括号是否成对",
        help_en: "compare with the lines around it: quotes, commas, equals signs and brackets"
    }
    /// Full-width punctuation where the format needs ASCII.
    FullWidth "R002" Error {
        zh: "这里用了中文标点「{found}」,请改成英文 {ascii}",
        en: "full-width punctuation `{found}`, write {ascii}",
        help_zh: "切换到英文输入法再输入一次;引号里面的中文标点不受影响",
        help_en: "type it again with an English keyboard; punctuation inside quotes may stay"
    }
    /// Saved in another encoding.
    NotUtf8 "R003" Error {
        zh: "文件不是 UTF-8 编码,请另存为 UTF-8",
        en: "the file is not UTF-8, save it as UTF-8",
        help_zh: "在编辑器里选择「另存为」,编码选 UTF-8",
        help_en: "choose \"save as\" in the editor, with the encoding UTF-8"
    }
    /// A key that means nothing here.
    UnknownKey "R004" Error {
        zh: "不认识的字段 {key}{nearest}",
        en: "unknown key {key}{nearest}",
        help_zh: "这里可以写: {known}",
        help_en: "known here: {known}"
    }
    /// A key that has to be there.
    MissingKey "R005" Error {
        zh: "{owner} 缺少 {key}",
        en: "{owner} lacks {key}",
        help_zh: "补上 {key} = …",
        help_en: "add {key} = …"
    }
    /// A value of the wrong kind or out of range.
    WrongValue "R006" Error {
        zh: "{key} {expected},这里写的是「{found}」",
        en: "{key} {expected}, found `{found}`",
        help_zh: "改成允许的写法",
        help_en: "write one of the allowed values"
    }
    /// The same id twice, in one file or in two.
    DuplicateId "R010" Error {
        zh: "{kind} {id} 已在 {file}:{line} 用过",
        en: "{kind} {id} is already used at {file}:{line}",
        help_zh: "换一个没有用过的编号;编号用过就不再给别的内容",
        help_en: "take an id that was never used; an id is never given to something else"
    }
    /// A rule that looks for nothing.
    NoPhrases "R011" Error {
        zh: "规则 {id} 没有词条",
        en: "rule {id} has no phrases",
        help_zh: "至少写一个词条,例如 phrases = [\"保底收益\"]",
        help_en: "write at least one, for example phrases = [\"保底收益\"]"
    }
    /// A phrase that finds what another of the same rule finds.
    DuplicatePhrase "R012" Error {
        zh: "词条重复{alike}",
        en: "duplicate phrase{alike}",
        help_zh: "删掉其中一个",
        help_en: "remove one of them"
    }
    /// A phrase that holds nothing but symbols and blanks.
    EmptyPhrase "R013" Error {
        zh: "这个词条去掉符号后是空的",
        en: "nothing is left of this phrase without its symbols",
        help_zh: "写上文字、字母或数字,或者删掉这一条",
        help_en: "write characters, letters or digits, or remove it"
    }
    /// A phrase that hits what nobody minds.
    TooWide "R014" Warning {
        zh: "词条太宽:{why}",
        en: "too wide: {why}",
        help_zh: "换成更长、更具体的说法,或者用 near、allow 收窄;确实要这么宽就写 tests.max_benign",
        help_en: "take a longer, more exact wording, or narrow it with near or allow; if it has to be so wide, say max_benign in its tests"
    }
    /// A phrase that adds nothing, since a shorter one is found wherever it stands.
    Covered "R015" Warning {
        zh: "「{short}」已经包含「{long}」",
        en: "`{short}` already covers `{long}`",
        help_zh: "删掉「{long}」,或者把「{short}」改得更具体{care}",
        help_en: "remove `{long}`, or make `{short}` more exact{care}"
    }
    /// An allow-phrase that is itself a phrase of the rule.
    AllowIsPhrase "R016" Error {
        zh: "例外「{allow}」和词条「{phrase}」是同一个说法:又要查又要放",
        en: "the allow-phrase `{allow}` is the phrase `{phrase}` itself: looked for and excused at once",
        help_zh: "不想查就删掉词条;想放行某种说法,例外要写得比词条长,例如「不承诺{phrase}」",
        help_en: "remove the phrase if it is fine; an allow-phrase has to be longer than the phrase it excuses, such as 不承诺{phrase}"
    }
    /// An allow-phrase that excuses nothing in any test of its rule.
    UntestedAllow "R017" Warning {
        zh: "例外「{allow}」没有测试{idle}",
        en: "no test needs the allow-phrase `{allow}`{idle}",
        help_zh: "在 must_pass 里加一句用到它的话;用不到就删掉",
        help_en: "add a sentence with it to must_pass, or remove it"
    }
    /// Two live rules that ask for different things at the same phrase.
    Conflict "R018" Warning {
        zh: "与 {id} 冲突,将按更严的「{action}」执行",
        en: "conflicts with {id}; the stricter action applies: {action}",
        help_zh: "只留一处,或者把两条规则的动作改成一样",
        help_en: "keep it in one rule, or give both rules the same action"
    }
    /// A rule that blocks and shows no example of what it is for.
    BlockUntested "R020" Error {
        zh: "拦截规则至少要有 1 条 must_hit 和 1 条 must_pass,规则 {id} 缺 {lacks}",
        en: "a block rule needs at least 1 must_hit and 1 must_pass; rule {id} lacks {lacks}",
        help_zh: "写一句该拦的话和一句不该拦的话,放在 [rule.tests] 下面",
        help_en: "write one sentence to stop and one to leave alone, under [rule.tests]"
    }
    /// A test that does not hold.
    TestFailed "R021" Error {
        zh: "测试没过:{expected},实际{got}",
        en: "a test fails: {expected}, {got}",
        help_zh: "改规则,或者改测试;已知的漏报写到 todo_hit,已知的误报写到 todo_pass",
        help_en: "mend the rule or the test; a known miss belongs to todo_hit, a known false alarm to todo_pass"
    }
    /// A legal ground that no file describes.
    UnknownBasis "R030" Error {
        zh: "依据 {id} 不在 basis.toml{nearest}",
        en: "the basis {id} is not in basis.toml{nearest}",
        help_zh: "改正编号,或者在 basis.toml 里补上这一条",
        help_en: "correct the id, or describe it in basis.toml"
    }
    /// A legal ground that nobody has looked at for long, or ever.
    StaleBasis "R031" Warning {
        zh: "依据 {id} {why}",
        en: "the basis {id} {why}",
        help_zh: "对照现行法规核对一遍,然后更新 as_of 和 verified",
        help_en: "compare it with the law in force, then set as_of and verified"
    }
    /// A script that our own rules would stop.
    ScriptHits "R040" Error {
        zh: "推荐话术自己命中了 {id}:「{matched}」",
        en: "the script itself hits {id}: `{matched}`",
        help_zh: "换一种说法;命中确认或拦截的话术不会推荐给任何人",
        help_en: "word it differently: a script that has to be confirmed or is blocked is never offered"
    }
    /// A reply with too few wordings.
    FewScripts "R041" Error {
        zh: "话术要有 3 条,{id} 只有 {count} 条",
        en: "a reply has 3 scripts, {id} has {count}",
        help_zh: "补足三条不同的说法;还没写完就把 state 设为 草稿",
        help_en: "write three different wordings, or set its state to draft until then"
    }
    /// A rule that WeCom's own sensitive words can't repeat.
    NotNative "R050" Warning {
        zh: "这条不能完整同步到企业微信:{why}",
        en: "WeCom's own rules can't repeat all of this: {why}",
        help_zh: "企业微信只认原词,其余仍由本系统检查;不想同步就写 native = \"off\"",
        help_en: "WeCom knows literal words alone, the rest is still checked here; native = \"off\" leaves the rule out"
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A stretch of a file. Lines and columns count from 1, columns in characters, the end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, as the folder was named plus the path inside it.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub col: usize,
    /// Last line.
    pub end_line: usize,
    /// One past the last column.
    pub end_col: usize,
}

/// Another place that belongs to the fault, for example where an id was used first. One at the fault's
/// own place says what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What stands there.
    #[serde(flatten)]
    pub words: Words,
}

/// One fault, placed and told in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind it is.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong.
    #[serde(flatten)]
    pub message: Words,
    /// What to do, in Chinese.
    pub help_zh: String,
    /// What to do, in English.
    pub help_en: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
}

impl Diagnostic {
    /// Fills the row of `code` with `args`; `line` is filled from the place.
    pub(super) fn new(
        code: Code,
        place: Place,
        args: &[(&'static str, Words)],
        related: Vec<Related>,
    ) -> Self {
        let line = Words::from(place.line.to_string().as_str());
        let arg = |name: &str| match name {
            "line" if !args.iter().any(|(given, _)| *given == "line") => Some(&line),
            _ => args.iter().find(|(given, _)| *given == name).map(|(_, words)| words),
        };
        let zh = |template| fill(template, |name| arg(name).map(|words| words.zh.as_str()));
        let en = |template| fill(template, |name| arg(name).map(|words| words.en.as_str()));
        let (message, help) = (code.message(), code.help());
        let message = Words::new(zh(message.0), en(message.1));
        let (help_zh, help_en) = (zh(help.0), en(help.1));
        Self { code, level: code.level(), place, message, help_zh, help_en, related }
    }
}

impl Diagnostic {
    /// What to do.
    pub fn help(&self) -> Words {
        Words::new(self.help_zh.as_str(), self.help_en.as_str())
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Place { file, line, col, .. } = &self.place;
        let Words { zh, en } = &self.message;
        write!(f, "{file}:{line}:{col}: [{}] {zh} / {en}", self.code.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let sorted: BTreeSet<_> = codes.iter().copied().collect();
        assert_eq!(codes, sorted.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_a_file_says_is_never_read_as_a_template() {
        let place = Place { file: "a.toml".into(), line: 3, col: 1, end_line: 3, end_col: 2 };
        let args = [("key", Words::from("{found}")), ("found", Words::from("{line}"))];
        let told = Diagnostic::new(Code::WrongValue, place, &args, Vec::new());
        assert!(told.message.zh.starts_with("{found} "), "{told}");
        assert!(told.message.zh.ends_with("「{line}」"), "{told}");
    }

    #[test]
    fn as_json_a_fault_is_one_flat_object() {
        let place = Place { file: "a.toml".into(), line: 3, col: 1, end_line: 3, end_col: 2 };
        let json = serde_json::to_value(Diagnostic::new(Code::NotUtf8, place, &[], Vec::new())).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = "code level file line col end_line end_col zh en help_zh help_en related";
        assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
        assert_eq!((json["code"].as_str(), json["level"].as_str()), (Some("R003"), Some("error")));
    }
}

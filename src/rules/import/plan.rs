//! What would come of every row: new, already there, or invalid and why.

use super::columns::{Column, Columns, columns, letter};
use super::sheet::{Row, Sheet, SheetFault};
use crate::model::{Action, Severity};
use crate::rules::fields::{Choices, called};
use crate::rules::pack::{ACTIONS, SEVERITIES, STATES};
use crate::rules::schema::{Book, Rule, State};
use crate::rules::{Place, Words};
use crate::scan::MAX_PHRASE_CHARS;
use crate::text::{Folded, fold_phrase};
use std::collections::HashMap;

/// Between the words of a cell that holds several.
const BETWEEN_WORDS: &[char] = &['\n', '、', ';', '\u{FF1B}', ',', '\u{FF0C}', '|'];
/// Between the texts of a cell that holds several: they have commas of their own.
const BETWEEN_TEXTS: &[char] = &['\n'];

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFault {
    /// Its column as the spreadsheet names it.
    pub letter: String,
    /// What the column holds.
    pub column: Column,
    /// What is wrong.
    pub words: Words,
}

/// What would come of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These phrases are new to the rule.
    New(Vec<String>),
    /// All of it is there already: where the first phrase is.
    Already(String),
    /// It can't be taken over.
    Invalid(CellFault),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    /// Its number in the sheet.
    pub row: u32,
    /// The rule it names.
    pub rule: String,
    /// What would come of it.
    pub outcome: Outcome,
}

/// What a sheet adds to a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addition {
    pub id: String,
    /// The texts of a rule that is new, by key.
    pub new: Option<Vec<(&'static str, String)>>,
    /// What is added to lists, by key.
    pub lists: Vec<(&'static str, Vec<String>)>,
}

/// What would come of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Every row below the head.
    pub rows: Vec<RowReport>,
    pub(super) additions: Vec<Addition>,
}

impl Plan {
    /// How many rows are new, already there, and invalid.
    pub fn counts(&self) -> [usize; 3] {
        let count =
            |wanted: fn(&Outcome) -> bool| self.rows.iter().filter(|row| wanted(&row.outcome)).count();
        [
            count(|outcome| matches!(outcome, Outcome::New(_))),
            count(|outcome| matches!(outcome, Outcome::Already(_))),
            count(|outcome| matches!(outcome, Outcome::Invalid(_))),
        ]
    }

    /// Something would be added.
    pub fn adds(&self) -> bool {
        !self.additions.is_empty()
    }
}

/// Looks at every row of a sheet that is meant for the pack `pack`.
///
/// # Errors
/// [`SheetFault`] when the head can't be understood.
pub fn plan(sheet: &Sheet, book: &Book, pack: &str) -> Result<Plan, SheetFault> {
    let (head, rows) =
        sheet.rows.split_first().map_or((None, [].as_slice()), |(head, rows)| (Some(head), rows));
    let mut planner = Planner::new(columns(head)?, book, pack);
    let rows = rows.iter().map(|row| planner.row(row)).collect();
    Ok(Plan { rows, additions: planner.additions })
}

/// A phrase that is taken: by which rule, to do what, and where that is written.
#[derive(Clone)]
struct Taken {
    rule: String,
    action: Action,
    at: String,
}

struct Planner<'b> {
    columns: Columns,
    pack: &'b str,
    /// The rules of the files, by id, with their pack.
    rules: HashMap<&'b str, (&'b str, &'b Rule, Place)>,
    /// Every phrase that judges or may come to, folded.
    taken: HashMap<String, Taken>,
    /// The rules that the sheet itself begins: name and action.
    begun: HashMap<String, (String, Action)>,
    additions: Vec<Addition>,
}

impl<'b> Planner<'b> {
    fn new(columns: Columns, book: &'b Book, pack: &'b str) -> Self {
        let (mut rules, mut taken) = (HashMap::new(), HashMap::new());
        for (own, rule) in book.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)))
        {
            let place = own.source.place(rule.id.span);
            rules.insert(rule.id.value.as_str(), (own.id.as_str(), rule, place));
            for phrase in rule.phrases.iter().filter(|_| rule.state != State::Retired) {
                let place = own.source.place(phrase.text.span);
                let at = format!("{} {}:{}", rule.id.value, place.file, place.line);
                let by = Taken { rule: rule.id.value.clone(), action: rule.action, at };
                taken.entry(fold_phrase(&phrase.text.value)).or_insert(by);
            }
        }
        Self { columns, pack, rules, taken, begun: HashMap::new(), additions: Vec::new() }
    }

    fn row(&mut self, row: &Row) -> RowReport {
        let outcome = self.outcome(row).unwrap_or_else(Outcome::Invalid);
        RowReport { row: row.number, rule: self.cell(row, Column::Rule).to_owned(), outcome }
    }

    fn cell<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        self.columns.get(&column).and_then(|at| row.cells.get(*at)).map_or("", String::as_str)
    }

    fn list(&self, row: &Row, column: Column, between: &[char]) -> Vec<String> {
        let parts = self.cell(row, column).split(between).map(str::trim);
        parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    fn fault(&self, column: Column, zh: impl Into<String>, en: impl Into<String>) -> CellFault {
        let letter = self.columns.get(&column).map_or_else(|| "–".to_owned(), |at| letter(*at));
        CellFault { letter, column, words: Words::new(zh, en) }
    }

    fn outcome(&mut self, row: &Row) -> Result<Outcome, CellFault> {
        let id = self.cell(row, Column::Rule).to_owned();
        if id.is_empty() {
            return Err(self.fault(Column::Rule, "缺少规则号", "the rule's id is missing"));
        }
        let action = self.action(row, &id)?;
        let (phrases, already) = self.phrases(row, &id, action)?;
        if phrases.is_empty() {
            return Ok(Outcome::Already(already.unwrap_or_default()));
        }
        for phrase in &phrases {
            let at = format!("{id} 第 {} 行 / row {}", row.number, row.number);
            self.taken.insert(fold_phrase(phrase), Taken { rule: id.clone(), action, at });
        }
        self.add(row, &id, &phrases)?;
        Ok(Outcome::New(phrases))
    }

    /// What the rule asks for: as the files or an earlier row say, which this row must not contradict.
    fn action(&mut self, row: &Row, id: &str) -> Result<Action, CellFault> {
        let name = self.cell(row, Column::Name).to_owned();
        let asked = self.choice(row, Column::Action, ACTIONS)?;
        let state = self.choice(row, Column::State, STATES)?;
        let severity = self.choice(row, Column::Severity, SEVERITIES)?;
        self.keeps_to_the_file(row, id, state, severity)?;
        let known = match (self.rules.get(id), self.begun.get(id)) {
            (Some((pack, _, place)), _) if *pack != self.pack => {
                let (file, line) = (&place.file, place.line);
                let zh = format!("规则 {id} 属于规则包 {pack}({file}:{line}),不是 {}", self.pack);
                let en = format!("rule {id} belongs to pack {pack} ({file}:{line}), not {}", self.pack);
                return Err(self.fault(Column::Rule, zh, en));
            }
            (Some((_, rule, _)), _) => Some((rule.name.clone(), rule.action)),
            (None, begun) => begun.cloned(),
        };
        let Some((known_name, action)) = known else { return self.begin(id, name, asked) };
        if !name.is_empty() && name != known_name {
            let (zh, en) = (
                format!("规则 {id} 的名称是「{known_name}」"),
                format!("rule {id} is called `{known_name}`"),
            );
            return Err(self.fault(Column::Name, zh, en));
        }
        if asked.is_some_and(|asked| asked != action) {
            let (zh, en) = (called(ACTIONS, action).zh, called(ACTIONS, action).en);
            return Err(self.fault(
                Column::Action,
                format!("规则 {id} 的动作是「{zh}」,要改动作请改规则文件"),
                format!("rule {id} is `{en}`; change that in the rule file"),
            ));
        }
        Ok(action)
    }

    /// A sheet adds to a rule of the files; what the rule says of itself is changed there.
    fn keeps_to_the_file(
        &self,
        row: &Row,
        id: &str,
        state: Option<State>,
        severity: Option<Severity>,
    ) -> Result<(), CellFault> {
        let Some((_, rule, _)) = self.rules.get(id) else { return Ok(()) };
        let differs = |column, text: &str| {
            let given = self.cell(row, column);
            !given.is_empty() && given != text
        };
        let industries = self.list(row, Column::Industries, BETWEEN_WORDS);
        let found = [
            (Column::State, state.is_some_and(|state| state != rule.state)),
            (Column::Severity, severity.is_some_and(|severity| severity != rule.severity)),
            (Column::Why, differs(Column::Why, &rule.why)),
            (Column::Fix, differs(Column::Fix, &rule.fix)),
            (Column::Industries, !industries.is_empty() && industries != rule.scope.industries),
        ];
        let Some((column, _)) = found.into_iter().find(|(_, differs)| *differs) else { return Ok(()) };
        Err(self.fault(
            column,
            format!("规则 {id} 已有别的内容,要改请改规则文件"),
            format!("rule {id} says something else; change that in the rule file"),
        ))
    }

    fn begin(&mut self, id: &str, name: String, action: Option<Action>) -> Result<Action, CellFault> {
        if name.is_empty() {
            return Err(self.fault(
                Column::Name,
                format!("新规则 {id} 缺少名称"),
                format!("new rule {id} lacks a name"),
            ));
        }
        let Some(action) = action else {
            return Err(self.fault(
                Column::Action,
                format!("新规则 {id} 缺少动作:拦截/确认/提示/记录"),
                format!("new rule {id} lacks an action: block/confirm/tip/log"),
            ));
        };
        self.begun.insert(id.to_owned(), (name, action));
        Ok(action)
    }

    fn choice<T: Copy>(
        &self,
        row: &Row,
        column: Column,
        choices: &Choices<T>,
    ) -> Result<Option<T>, CellFault> {
        let text = self.cell(row, column);
        let chosen = choices.iter().find(|(_, zh, en)| text == *zh || text.eq_ignore_ascii_case(en));
        if chosen.is_none() && !text.is_empty() {
            let zh: Vec<_> = choices.iter().map(|(_, zh, _)| *zh).collect();
            let en: Vec<_> = choices.iter().map(|(.., en)| *en).collect();
            return Err(self.fault(
                column,
                format!("只能是 {},这里写的是「{text}」", zh.join("/")),
                format!("must be {}, found `{text}`", en.join("/")),
            ));
        }
        Ok(chosen.map(|(choice, ..)| *choice))
    }

    /// The new phrases of a row, and where the first one stands that is there already.
    fn phrases(
        &self,
        row: &Row,
        id: &str,
        action: Action,
    ) -> Result<(Vec<String>, Option<String>), CellFault> {
        let wanted = self.list(row, Column::Phrases, BETWEEN_WORDS);
        if wanted.is_empty() {
            return Err(self.fault(Column::Phrases, "没有词条", "there is no phrase"));
        }
        let (mut new, mut already, mut seen) = (Vec::new(), None, Vec::new());
        for phrase in wanted {
            self.is_word(&phrase)?;
            let folded = fold_phrase(&phrase);
            match self.taken.get(&folded) {
                Some(taken) if taken.action != action && taken.rule != id => {
                    return Err(self.conflict(&phrase, taken));
                }
                Some(taken) => drop(already.get_or_insert_with(|| format!("「{phrase}」 {}", taken.at))),
                None if seen.contains(&folded) => {}
                None => {
                    seen.push(folded);
                    new.push(phrase);
                }
            }
        }
        Ok((new, already))
    }

    fn is_word(&self, phrase: &str) -> Result<(), CellFault> {
        match Folded::of(phrase).words_len() {
            0 => Err(self.fault(
                Column::Phrases,
                format!("词条「{phrase}」去掉符号后是空的"),
                format!("nothing is left of `{phrase}` without its symbols"),
            )),
            1..=MAX_PHRASE_CHARS => Ok(()),
            chars => Err(self.fault(
                Column::Phrases,
                format!("词条有 {chars} 个字,最多 {MAX_PHRASE_CHARS} 个"),
                format!("a phrase of {chars} characters, at most {MAX_PHRASE_CHARS}"),
            )),
        }
    }

    fn conflict(&self, phrase: &str, taken: &Taken) -> CellFault {
        let action = called(ACTIONS, taken.action);
        self.fault(
            Column::Phrases,
            format!("冲突:「{phrase}」已在 {} 里,动作是「{}」", taken.at, action.zh),
            format!("conflict: `{phrase}` is in {} with the action `{}`", taken.at, action.en),
        )
    }

    fn add(&mut self, row: &Row, id: &str, phrases: &[String]) -> Result<(), CellFault> {
        let lists = [
            ("phrases", phrases.to_vec()),
            ("allow", self.list(row, Column::Allow, BETWEEN_WORDS)),
            ("basis", self.list(row, Column::Basis, BETWEEN_WORDS)),
            ("replies", self.list(row, Column::Replies, BETWEEN_WORDS)),
            ("must_hit", self.list(row, Column::MustHit, BETWEEN_TEXTS)),
            ("must_pass", self.list(row, Column::MustPass, BETWEEN_TEXTS)),
        ];
        if let Some(addition) = self.additions.iter_mut().find(|addition| addition.id == id) {
            addition.lists.extend(lists);
            return Ok(());
        }
        let new = self.begun.get(id).map(|(name, action)| self.new_rule(row, name, *action));
        let industries = self.list(row, Column::Industries, BETWEEN_WORDS);
        let industries = new.is_some().then_some(("industries", industries));
        let lists = lists.into_iter().chain(industries).collect();
        self.additions.push(Addition { id: id.to_owned(), new, lists });
        Ok(())
    }

    /// The texts of a rule that is new, in the order of the files.
    fn new_rule(&self, row: &Row, name: &str, action: Action) -> Vec<(&'static str, String)> {
        let mut texts = vec![("name", name.to_owned()), ("action", called(ACTIONS, action).zh)];
        for (key, column) in [
            ("state", Column::State),
            ("severity", Column::Severity),
            ("why", Column::Why),
            ("fix", Column::Fix),
        ] {
            let text = self.cell(row, column);
            texts.extend((!text.is_empty()).then(|| (key, text.to_owned())));
        }
        texts
    }
}

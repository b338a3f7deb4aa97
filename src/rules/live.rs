//! The rules in force: compiled off to the side, swapped whole, never changed.

use super::compile;
use super::diagnostic::{Diagnostic, Level, Words};
use super::folder::{Folder, FolderError};
use super::lint;
use super::parse::parse;
use super::restore::settle;
use super::schema::{Policy, Reply};
use crate::model::Revision;
use crate::scan::{BuildError, RuleSpec, Ruleset};
use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};

/// How many bytes of the content hash a revision's name shows.
const SHOWN_HASH_BYTES: usize = 2;

/// Why a folder does not become a revision.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Nothing could be read: a wrong path or missing rights.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The files have faults: show them to whoever wrote them.
    #[error("{} faults, first {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<Diagnostic>),
    /// The rules are too many or too long for the engine.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// One folder of rule files, compiled whole. A check in flight keeps the one it began with.
pub struct LiveRules {
    /// Its name: `r`, the number given by the caller, `-` and the start of the content's SHA-256.
    pub revision: Revision,
    /// SHA-256 over the sorted file names and contents.
    pub digest: [u8; 32],
    /// The rules as the engine has them.
    pub ruleset: Ruleset,
    /// The replies that may be offered.
    pub replies: Vec<Reply>,
    /// What the company asks beyond the rules.
    pub policies: Vec<Policy>,
    /// Errors that do not keep the rules from judging, as far as they show without the engine.
    pub findings: Vec<Diagnostic>,
    /// What the rules ask about whoever sends.
    pub senders: SendersAsked,
    /// When it was read.
    pub loaded_at: Timestamp,
    /// The files it was read from.
    pub folder: Folder,
    /// How many rules judge.
    pub rules: usize,
    /// How many phrases they look for.
    pub phrases: usize,
}

/// What the rules ask about senders, so that nobody looks up what no rule wants to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SendersAsked {
    /// A rule or a policy is for some departments.
    pub departments: bool,
    /// The tags that rules name.
    pub tags: BTreeSet<String>,
}

impl SendersAsked {
    fn of(specs: &[RuleSpec], policies: &[Policy]) -> Self {
        let scopes = || specs.iter().map(|spec| &spec.scope);
        let by_rules =
            scopes().any(|scope| !scope.departments.is_empty() || !scope.exclude_departments.is_empty());
        let by_policies = policies.iter().any(|policy| !policy.departments.is_empty());
        let tags = scopes().flat_map(|scope| scope.sender_tags.iter().cloned()).collect();
        Self { departments: by_rules || by_policies, tags }
    }
}

impl LiveRules {
    /// Reads and compiles a folder. CPU-bound: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`RulesError`]; nothing is half loaded.
    pub fn load(folder: &Path, number: u64, at: Timestamp) -> Result<Self, RulesError> {
        Self::compile(Folder::read(folder)?, number, at)
    }

    /// Compiles files that were read already, or kept. CPU-bound as well.
    ///
    /// # Errors
    /// [`RulesError`]; nothing is half loaded.
    pub fn compile(folder: Folder, number: u64, at: Timestamp) -> Result<Self, RulesError> {
        let (book, diagnostics) = parse(&folder);
        if diagnostics.iter().any(|fault| fault.level == Level::Error) {
            return Err(RulesError::Refused(diagnostics));
        }
        let digest = folder.digest();
        let revision = name(number, digest);
        let (specs, findings) = (compile::judging(&book), lint::at_load(&book));
        Ok(Self {
            senders: SendersAsked::of(&specs, &book.policies),
            rules: specs.len(),
            phrases: specs.iter().map(|spec| spec.phrases.len()).sum(),
            ruleset: Ruleset::build(revision.clone(), specs)?,
            revision,
            digest,
            replies: book.replies,
            policies: book.policies,
            findings,
            loaded_at: at,
            folder,
        })
    }
}

impl fmt::Debug for LiveRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveRules({}, {} rules, {} phrases)", self.revision, self.rules, self.phrases)
    }
}

/// Rules that judge and should not stay as they are.
fn log_findings(rules: &LiveRules) {
    if let Some(first) = rules.findings.first() {
        let (count, revision) = (rules.findings.len(), &rules.revision);
        tracing::warn!(%revision, count, "{revision} judges with {count} errors that `rules check` tells, first {first}");
    }
}

fn name(number: u64, digest: [u8; 32]) -> Revision {
    Revision::new(format!("r{number}-{}", hex::encode(digest.get(..SHOWN_HASH_BYTES).unwrap_or_default())))
}

/// Why the last attempt to load was refused, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The file, or the folder when no file is to blame.
    pub file: String,
    /// The line, when a file is to blame.
    pub line: Option<usize>,
    /// The first fault.
    pub reason: Words,
    /// When it was tried.
    pub at: Timestamp,
}

impl Refusal {
    fn new(folder: &Path, error: &RulesError, at: Timestamp) -> Self {
        let first = match error {
            RulesError::Refused(faults) => faults.iter().find(|fault| fault.level == Level::Error),
            RulesError::Folder(_) | RulesError::Build(_) => None,
        };
        let Some(fault) = first else {
            let reason = Words::from(error.to_string().as_str());
            return Self { file: folder.display().to_string(), line: None, reason, at };
        };
        let (file, line) = (fault.place.file.clone(), Some(fault.place.line));
        Self { file, line, reason: fault.message.clone(), at }
    }
}

/// What a reload did.
#[derive(Debug)]
pub enum Reloaded {
    /// The files are the same as before: the revision stays.
    Unchanged(Arc<LiveRules>),
    /// A new revision is in force.
    Swapped {
        /// The one before.
        from: Revision,
        /// The one in force now.
        live: Arc<LiveRules>,
    },
}

/// The rules in force and the folder they come from. Reading never waits for a reload.
#[derive(Debug)]
pub struct Live {
    folder: PathBuf,
    current: ArcSwap<LiveRules>,
    refusal: ArcSwapOption<Refusal>,
    turn: Mutex<()>,
}

impl Live {
    /// Loads the folder for the first time.
    ///
    /// # Errors
    /// [`RulesError`]: without rules there is nothing to serve.
    pub fn start(folder: PathBuf, number: u64, at: Timestamp) -> Result<Self, RulesError> {
        let rules = LiveRules::load(&folder, number, at)?;
        log_findings(&rules);
        let current = ArcSwap::from_pointee(rules);
        Ok(Self { folder, current, refusal: ArcSwapOption::empty(), turn: Mutex::new(()) })
    }

    /// The rules in force.
    pub fn current(&self) -> Arc<LiveRules> {
        self.current.load_full()
    }

    /// Why the last attempt was refused; `None` once a load has succeeded.
    pub fn last_refusal(&self) -> Option<Arc<Refusal>> {
        self.refusal.load_full()
    }

    /// Reads and compiles the folder without putting it in force, so that a record can be written first.
    /// `None` when the files are the same as those in force.
    ///
    /// # Errors
    /// [`RulesError`]: the rules in force stay, and the refusal is remembered until a load succeeds.
    pub fn prepare(&self, number: u64, at: Timestamp) -> Result<Option<LiveRules>, RulesError> {
        let prepared = Folder::read(&self.folder).map_err(RulesError::from).and_then(|folder| {
            let unchanged = folder.digest() == self.current.load().digest;
            if unchanged { Ok(None) } else { LiveRules::compile(folder, number, at).map(Some) }
        });
        self.note(prepared.as_ref().err(), at);
        prepared
    }

    /// Where the files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends what [`restore::stage`](super::restore::stage) began; see [`restore::settle`](super::restore::settle).
    ///
    /// # Errors
    /// [`RulesError::Folder`]: the folder may be a mix. That is remembered as a refusal.
    pub fn settle(&self, last: Option<&Revision>, at: Timestamp) -> Result<(), RulesError> {
        let settled = settle(&self.folder, last).map_err(RulesError::from);
        if let Err(error) = &settled {
            self.note(Some(error), at);
        }
        settled
    }

    fn note(&self, refused: Option<&RulesError>, at: Timestamp) {
        let refusal = refused.map(|error| Refusal::new(&self.folder, error, at));
        self.refusal.store(refusal.map(Arc::new));
    }

    /// One publication at a time: whoever holds this from [`Live::prepare`] to [`Live::put`] can't be
    /// overtaken by an older set of files, nor share its number.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Puts prepared rules in force and returns them with the name of those before.
    pub fn put(&self, rules: LiveRules) -> Reloaded {
        log_findings(&rules);
        let live = Arc::new(rules);
        let before = self.current.swap(Arc::clone(&live));
        self.refusal.store(None);
        Reloaded::Swapped { from: before.revision.clone(), live }
    }

    /// [`Live::prepare`] and [`Live::put`] in one, one reload at a time.
    ///
    /// # Errors
    /// As [`Live::prepare`].
    pub fn reload(&self, number: u64, at: Timestamp) -> Result<Reloaded, RulesError> {
        let _turn = self.turn.blocking_lock();
        let prepared = self.prepare(number, at)?;
        Ok(prepared.map_or_else(|| Reloaded::Unchanged(self.current()), |rules| self.put(rules)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const GOOD: &str =
        "[[rule]]\nid = \"A-1\"\nname = \"保本\"\naction = \"拦截\"\nphrases = [\"保底收益\"]\n";

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.toml"), GOOD).unwrap();
        dir
    }

    fn live(dir: &tempfile::TempDir) -> Live {
        Live::start(dir.path().to_owned(), 1, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_revision_is_named_by_number_and_content() {
        let dir = folder();
        let one = live(&dir).current();
        assert!(one.revision.as_str().starts_with("r1-"), "{}", one.revision);
        assert_eq!(one.revision.as_str().len(), "r1-9f3c".len());
        let again = LiveRules::load(dir.path(), 1, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(one.revision, again.revision);
    }

    #[test]
    fn a_bad_file_leaves_the_old_revision_and_is_remembered_until_a_good_load() {
        let dir = folder();
        let live = live(&dir);
        let before = live.current().revision.clone();
        fs::write(dir.path().join("b.toml"), "[[rule]]\nid = \"A-1\"\nname = \"又一条\"\n").unwrap();
        assert!(matches!(live.reload(2, Timestamp::UNIX_EPOCH), Err(RulesError::Refused(_))));
        assert_eq!(live.current().revision, before);
        let refusal = live.last_refusal().unwrap();
        assert!(refusal.file.ends_with("b.toml"), "{refusal:?}");
        assert_eq!(refusal.line, Some(1));

        fs::remove_file(dir.path().join("b.toml")).unwrap();
        assert!(matches!(live.reload(2, Timestamp::UNIX_EPOCH), Ok(Reloaded::Unchanged(_))));
        assert_eq!(live.last_refusal(), None);
    }

    #[test]
    fn a_check_in_flight_keeps_the_revision_it_began_with() {
        let dir = folder();
        let live = live(&dir);
        let in_flight = live.current();
        fs::write(dir.path().join("a.toml"), GOOD.replace("拦截", "确认")).unwrap();
        let Ok(Reloaded::Swapped { from, live: after }) = live.reload(2, Timestamp::UNIX_EPOCH) else {
            panic!("the edit is a new revision")
        };
        assert_eq!(in_flight.revision, from);
        assert!(after.revision.as_str().starts_with("r2-"));
        assert_eq!(live.current().revision, after.revision);
    }

    #[test]
    fn a_folder_that_vanishes_leaves_the_old_revision() {
        let dir = folder();
        let live = live(&dir);
        fs::remove_file(dir.path().join("a.toml")).unwrap();
        assert!(matches!(live.reload(2, Timestamp::UNIX_EPOCH), Err(RulesError::Folder(_))));
        assert_eq!(live.current().phrases, 1);
        assert_eq!(live.last_refusal().unwrap().line, None);
    }
}

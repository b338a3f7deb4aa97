//! Durable checks through the store port, against a plain file that takes as many bytes.

use crate::home::{BLOCKED_TEXT, rules_dir, scratch};
use crate::plain_file::PlainFile;
use crate::report::{Compared, Section, StoreFigures, Wanted};
use crate::sample::{Speed, Stopwatch, repeat};
use futures_util::future::join_all;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use wecom_guard::directory::Directory;
use wecom_guard::intercept::{Draft, Gate, GateParts, ReleaseKey};
use wecom_guard::ledger::{MasterKey, Options};
use wecom_guard::model::chance;
use wecom_guard::model::{
    Actor, Channel, Check, CheckId, Clock, CompanyZone, CorpId, ExternalUserId, MessageText, Origin,
    Recipient, UserId,
};
use wecom_guard::rules::Live;
use wecom_guard::store::{Change, Entry, LocalOptions, LocalStore, MemoryStore, Store, Unit};

const RUNS: usize = 3;
const LASTS: Duration = Duration::from_millis(1500);
/// Records written to learn how many bytes one takes.
const PROBE: usize = 256;

pub fn figures() -> Vec<Section> {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let samples = Samples::judge().await;
        let record_bytes = samples.bytes_a_record().await;
        let per_s: fn(&Speed) -> f64 = |speed| speed.per_s;
        let p50: fn(&Speed) -> f64 = |speed| speed.p50_us;
        let plans = [(64, "per_s", per_s, Wanted::AtLeast(0.35)), (1, "p50_us", p50, Wanted::AtMost(2.0))];
        let mut sections = Vec::new();
        for (writers, of, value, wanted) in plans {
            let mut runs = Vec::new();
            for _ in 0..RUNS {
                runs.push((samples.ours(writers).await, plain(writers, record_bytes).await));
            }
            let compared = Compared::of(of, value, runs);
            let held = wanted.holds(compared.ratio);
            sections.push(Section::Store(StoreFigures { writers, record_bytes, compared, wanted, held }));
        }
        sections
    })
}

/// Checks as the gate makes them, of several reps with several customers.
struct Samples(Arc<Vec<Check>>);

impl Samples {
    async fn judge() -> Self {
        let clock = Clock::system();
        let gate = Gate::new(GateParts {
            store: Arc::new(MemoryStore::new(clock.clone())),
            rules: Arc::new(Live::start(rules_dir(), 1, clock.now()).expect("the shipped rules")),
            clock,
            zone: CompanyZone::china(),
            releases: ReleaseKey::new([7; 32]),
            directory: Directory::default(),
            doors: std::collections::HashMap::new(),
        });
        let judged = join_all((0..60).map(|customer| gate.judge(draft(customer)))).await;
        let checks: Vec<Check> =
            judged.into_iter().map(|judged| judged.expect("a judgement").check().clone()).collect();
        assert!(checks.iter().all(|check| !check.hits().is_empty()), "the text is meant to have hits");
        Self(Arc::new(checks))
    }

    /// A unit with one new check.
    fn unit(&self, clock: &Clock) -> Unit {
        let id = CheckId::fresh(clock.now(), chance());
        let [a, b] = chance();
        let sample = &self.0[usize::from(u16::from_be_bytes([a, b])) % self.0.len()];
        let actor = Actor::User { corp: sample.corp.clone(), user: sample.sender.clone() };
        let change = Change::CheckOpened(Box::new(Check { id, ..sample.clone() }));
        Unit { entries: vec![Entry { actor, change }], ..Unit::default() }
    }

    /// What the ledger grows by, a record.
    async fn bytes_a_record(&self) -> usize {
        let dir = scratch();
        let store = open(dir.path());
        for _ in 0..PROBE {
            store.commit(self.unit(&Clock::system())).await.expect("a durable check");
        }
        store.close().await;
        written(&dir.path().join("ledger")) / PROBE
    }

    async fn ours(&self, writers: usize) -> Speed {
        let dir = scratch();
        let store = Arc::new(open(dir.path()));
        let speed = hammer(writers, || {
            let (samples, store, clock) = (Self(self.0.clone()), store.clone(), Clock::system());
            repeat(LASTS, move || {
                let (unit, store) = (samples.unit(&clock), store.clone());
                async move { store.commit(unit).await.expect("a durable check") }
            })
        })
        .await;
        store.close().await;
        speed
    }
}

async fn plain(writers: usize, record_bytes: usize) -> Speed {
    let dir = scratch();
    let file = Arc::new(PlainFile::create(&dir.path().join("plain")));
    let speed = hammer(writers, || {
        let file = file.clone();
        repeat(LASTS, move || {
            let file = file.clone();
            async move { file.append(vec![b'x'; record_bytes]).await }
        })
    })
    .await;
    Arc::into_inner(file).expect("no writer is left").close();
    speed
}

/// Runs as many writers side by side.
async fn hammer<F>(writers: usize, writer: impl Fn() -> F) -> Speed
where
    F: Future<Output = Vec<Duration>> + Send + 'static,
{
    let watch = Stopwatch::start();
    let tasks: Vec<_> = (0..writers).map(|_| tokio::spawn(writer())).collect();
    let latencies = join_all(tasks).await.into_iter().flat_map(|done| done.expect("a writer ends"));
    watch.stop(latencies.collect())
}

fn open(dir: &Path) -> LocalStore {
    let (dir, master, ledger) = (dir.to_owned(), MasterKey::new([7; 32]), Options::default());
    LocalStore::open(LocalOptions { dir, master, clock: Clock::system(), ledger }).expect("an empty folder")
}

fn draft(customer: usize) -> Draft {
    Draft {
        corp: CorpId::new("ww0123456789abcdef"),
        channel: Channel::Api,
        origin: Origin::Token { name: "desktop-plugin".to_owned() },
        sender: UserId::new(format!("rep{:02}", customer % 12)),
        recipient: Some(Recipient::Contact {
            id: ExternalUserId::new(format!("wmGuardAAAAAAAAAAAAAAAAAAAAA{customer:04}")),
        }),
        text: MessageText::new(BLOCKED_TEXT).expect("a text"),
        industry: None,
    }
}

/// Bytes in a folder's files, without the zeros of room set aside.
fn written(dir: &Path) -> usize {
    let mut total = 0;
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        total += match entry.path() {
            path if path.is_dir() => written(&path),
            path => {
                let bytes = std::fs::read(path).expect("a file");
                bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
            }
        };
    }
    total
}

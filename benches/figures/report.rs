//! What is printed, for people and for machines. The JSON keys are stable: `docs/benchmarks.md`
//! names them.

use crate::sample::Speed;
use serde::Serialize;
use std::fmt;

/// One block of the output, one line of the JSON.
#[derive(Serialize)]
#[serde(tag = "section", rename_all = "snake_case")]
pub enum Section {
    Machine(Machine),
    Store(StoreFigures),
    Callback(CallbackFigures),
    Scan(ScanFigures),
    ScanFull(FullFigures),
    ScanHostile(HostileFigures),
    Start(StartFigures),
}

/// Where the figures come from.
#[derive(Serialize)]
pub struct Machine {
    cpus: usize,
    cpu: String,
    version: &'static str,
}

impl Machine {
    pub fn this() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            cpus: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: model.map_or("unknown", |(_, name)| name).to_owned(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// Our figures and the yardstick's, of the run whose ratio is the middle one.
#[derive(Serialize)]
pub struct Compared {
    pub ours: Speed,
    pub yardstick: Speed,
    /// Ours as a part or a multiple of the yardstick's, in the unit `of` names.
    pub ratio: f64,
    pub of: &'static str,
    /// The ratio of every run, sorted.
    pub ratios: Vec<f64>,
}

impl Compared {
    /// `runs` are pairs of ours and the yardstick's, taken one after the other.
    pub fn of(name: &'static str, value: fn(&Speed) -> f64, mut runs: Vec<(Speed, Speed)>) -> Self {
        let ratio = |(ours, yardstick): &(Speed, Speed)| value(ours) / value(yardstick).max(1.0);
        runs.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
        let ratios: Vec<f64> = runs.iter().map(|run| (ratio(run) * 1000.0).round() / 1000.0).collect();
        let middle = runs.len() / 2;
        let (ours, yardstick) = runs.swap_remove(middle);
        Self { ours, yardstick, ratio: ratios[middle], of: name, ratios }
    }
}

#[derive(Serialize)]
pub struct StoreFigures {
    pub writers: usize,
    pub record_bytes: usize,
    #[serde(flatten)]
    pub compared: Compared,
    /// What the ratio ought to be: at least, or at most.
    #[serde(flatten)]
    pub wanted: Wanted,
    pub held: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

impl Wanted {
    pub fn holds(&self, ratio: f64) -> bool {
        match *self {
            Wanted::AtLeast(floor) => ratio >= floor,
            Wanted::AtMost(ceiling) => ratio <= ceiling,
        }
    }
}

#[derive(Serialize)]
pub struct CallbackFigures {
    pub connections: usize,
    pub requests: usize,
    #[serde(flatten)]
    pub compared: Compared,
    /// Resident memory of the process, without the load that was prepared in it.
    pub memory_mib: f64,
    pub memory_mib_before: f64,
}

/// One engine and one lexicon: clean texts of 60 characters.
#[derive(Serialize)]
pub struct ScanFigures {
    pub phrases: usize,
    pub engine: &'static str,
    /// What a loop over the characters of a text takes.
    pub decode_ns: f64,
    pub scan_ns: f64,
    /// Scanning by decoding.
    pub ratio: f64,
    pub allocations_per_clean_message: f64,
    pub build_ms: f64,
    /// What stays allocated after it is built.
    pub memory_kib: usize,
}

/// Texts of 60 characters with a hit, judged in full.
#[derive(Serialize)]
pub struct FullFigures {
    pub rules: &'static str,
    pub texts: usize,
    pub judge_us: f64,
}

/// One kind of text written to be slow, at four lengths.
#[derive(Serialize)]
pub struct HostileFigures {
    pub text: &'static str,
    pub characters: [usize; 4],
    pub judge_ms: [f64; 4],
}

#[derive(Serialize)]
pub struct StartFigures {
    /// From starting the process to the first good answer of `/healthz`, sorted.
    pub ready_ms: Vec<f64>,
    pub ready_ms_middle: f64,
    pub binary_mib: f64,
    pub idle_memory_mib: f64,
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Section::Machine(machine) => {
                writeln!(f, "wecom-guard {} on {} × {}", machine.version, machine.cpus, machine.cpu)
            }
            Section::Store(store) => store.fmt(f),
            Section::Callback(callback) => callback.fmt(f),
            Section::Scan(scan) => scan.fmt(f),
            Section::ScanFull(full) => full.fmt(f),
            Section::ScanHostile(hostile) => hostile.fmt(f),
            Section::Start(start) => start.fmt(f),
        }
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  ours       {}", self.ours)?;
        writeln!(f, "  yardstick  {}", self.yardstick)?;
        write!(f, "  ratio      {:.2} of {} (runs: {:?})", self.ratio, self.of, self.ratios)
    }
}

impl fmt::Display for StoreFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "store: durable checks of {} bytes, {} writers; yardstick: a plain file",
            self.record_bytes, self.writers
        )?;
        let (sign, limit) = match self.wanted {
            Wanted::AtLeast(floor) => ('≥', floor),
            Wanted::AtMost(ceiling) => ('≤', ceiling),
        };
        let held = if self.held { "held" } else { "MISSED" };
        writeln!(f, "{}, wanted {sign} {limit:.2}: {held}", self.compared)
    }
}

impl fmt::Display for CallbackFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "callback: encrypted in, durable verdict, encrypted out, {} connections, {} requests a run; \
             yardstick: a handler that only answers",
            self.connections, self.requests
        )?;
        writeln!(f, "{}", self.compared)?;
        writeln!(f, "  memory     {:.1} MiB before, {:.1} MiB after", self.memory_mib_before, self.memory_mib)
    }
}

impl fmt::Display for ScanFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scan: {:>6} phrases, {:<37}", self.phrases, self.engine)?;
        write!(f, " {:>8} ns = {:>5.2} × decode ({} ns)", self.scan_ns, self.ratio, self.decode_ns)?;
        let (allocations, build_ms) = (self.allocations_per_clean_message, self.build_ms);
        write!(f, "   {allocations} allocations   built in {build_ms} ms   {} KiB", self.memory_kib)
    }
}

impl fmt::Display for FullFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scan: {} texts with a hit, {}: {} µs each", self.texts, self.rules, self.judge_us)
    }
}

impl fmt::Display for HostileFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "scan: {}:", self.text)?;
        let points = self.characters.iter().zip(&self.judge_ms);
        points.into_iter().try_for_each(|(characters, ms)| write!(f, "   {characters} characters {ms} ms"))
    }
}

impl fmt::Display for StartFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "start: `serve` with the shipped rules and an empty data folder")?;
        writeln!(f, "  ready in   {:.1} ms (runs: {:?})", self.ready_ms_middle, self.ready_ms)?;
        writeln!(f, "  binary     {:.1} MiB", self.binary_mib)?;
        writeln!(f, "  memory     {:.1} MiB idle", self.idle_memory_mib)
    }
}

//! Time and memory, measured.

use serde::Serialize;
use std::fmt;
use std::time::{Duration, Instant};

/// What one run came to.
#[derive(Serialize)]
pub struct Speed {
    pub per_s: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// Processor time of the whole process for one: it hardly depends on what else the machine does.
    pub cpu_us: f64,
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9}/s   p50 {:>8} µs   p99 {:>8} µs", self.per_s, self.p50_us, self.p99_us)?;
        write!(f, "   cpu {:>6} µs each", self.cpu_us)
    }
}

/// Runs while something is done many times.
pub struct Stopwatch {
    begun: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { begun: Instant::now(), cpu: cpu_time() }
    }

    /// `latencies` of all that was done since the start.
    pub fn stop(self, mut latencies: Vec<Duration>) -> Speed {
        let (elapsed, cpu) = (self.begun.elapsed().as_secs_f64(), cpu_time() - self.cpu);
        latencies.sort_unstable();
        let count = latencies.len() as f64;
        let at = |percent: usize| latencies.get(latencies.len() * percent / 100).copied().unwrap_or_default();
        Speed {
            per_s: rounded(count / elapsed),
            p50_us: rounded(at(50).as_secs_f64() * 1e6),
            p99_us: rounded(at(99).as_secs_f64() * 1e6),
            cpu_us: rounded(cpu.as_secs_f64() * 1e6 / count),
        }
    }
}

/// Processor time this process has used, of all its threads: columns 14 and 15 of proc(5)'s stat, in
/// hundredths of a second. The second column is a name in brackets, which may hold blanks.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let columns = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = columns.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(10 * ticks.sum::<u64>())
}

/// Processor time this thread has used: the first column of its schedstat, in nanoseconds.
pub fn thread_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = stat.split_whitespace().next().and_then(|nanoseconds| nanoseconds.parse().ok());
    Duration::from_nanos(spent.unwrap_or_default())
}

/// Calls `work` again and again until `lasts` is over; how long each call took.
pub async fn repeat<F: Future>(lasts: Duration, mut work: impl FnMut() -> F) -> Vec<Duration> {
    let begun = Instant::now();
    let mut latencies = Vec::new();
    while begun.elapsed() < lasts {
        let at = Instant::now();
        work().await;
        latencies.push(at.elapsed());
    }
    latencies
}

/// To one digit after the point: more is noise.
pub fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Resident memory of a process, in MiB: `self` or its number.
pub fn resident_mib(process: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    rounded(kib.unwrap_or_default() / 1024.0)
}

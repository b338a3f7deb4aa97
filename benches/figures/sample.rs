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
}

impl Speed {
    /// `latencies` of everything that was done within `elapsed`.
    pub fn of(elapsed: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        let at = |percent: usize| {
            let found = latencies.get(latencies.len() * percent / 100).copied().unwrap_or_default();
            rounded(found.as_secs_f64() * 1e6)
        };
        let per_s = rounded(latencies.len() as f64 / elapsed.as_secs_f64());
        Self { per_s, p50_us: at(50), p99_us: at(99) }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9}/s   p50 {:>6} µs   p99 {:>6} µs", self.per_s, self.p50_us, self.p99_us)
    }
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

//! What a judgement costs: clean texts against lexicons of four sizes beside others' engines, texts
//! with hits, and texts written to be slow.

use crate::lexicon::{OTHERS, Search, phrases, ruleset, shipped, texts};
use crate::report::{FullFigures, HostileFigures, ScanFigures, Section};
use crate::sample::{rounded, thread_time};
use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};
use wecom_guard::model::Action;
use wecom_guard::scan::{Boundary, Context, RuleSpec, Ruleset};

const SIZES: [usize; 4] = [100, 1_000, 5_000, 60_000];
/// Rounds in which decoding and searching take turns.
const ROUNDS: usize = 15;
/// Passes over all texts in a turn; the fastest counts, as what else the machine does only adds.
const PASSES: usize = 4;
/// An engine that takes longer for one text has few and short turns.
const SLOW: Duration = Duration::from_millis(1);
const HOSTILE_LENGTHS: [usize; 4] = [2_500, 5_000, 10_000, 20_000];

pub fn figures() -> Vec<Section> {
    let clean = SIZES.into_iter().flat_map(at_size).chain([as_shipped()]).map(Section::Scan);
    clean
        .chain(full().map(Section::ScanFull))
        .chain(hostile().into_iter().map(Section::ScanHostile))
        .collect()
}

/// Every engine with a lexicon of this size.
fn at_size(size: usize) -> Vec<ScanFigures> {
    let phrases = phrases(size);
    let (clean, _) = texts(&ruleset(&phrases));
    let ours = || -> Search { searching(ruleset(&phrases)) };
    let mut figures = vec![measured("wecom-guard", size, &clean, ours)];
    for (name, build) in OTHERS {
        figures.push(measured(name, size, &clean, || build(&phrases)));
    }
    figures
}

/// The shipped rules with all they ask for: gaps, pinyin, terms near one another, numbers of people.
fn as_shipped() -> ScanFigures {
    let rules = shipped();
    let size = rules.rules().iter().map(|rule| rule.phrases.len()).sum();
    let (clean, _) = texts(&rules);
    measured("wecom-guard, the shipped rules whole", size, &clean, || searching(shipped()))
}

fn searching(ruleset: Ruleset) -> Search {
    Box::new(move |text| ruleset.judge(text, &Context::default()).hits_total)
}

fn measured(
    engine: &'static str,
    phrases: usize,
    texts: &[String],
    build: impl Fn() -> Search,
) -> ScanFigures {
    let (begun, before) = (thread_time(), LIVE.get());
    let search = build();
    let (build_ms, memory) = ((thread_time() - begun).as_secs_f64() * 1e3, LIVE.get() - before);
    let decode = |text: &str| text.chars().fold(0_usize, |sum, ch| sum.wrapping_add(ch as usize));
    let is_slow = pass(&texts[..1], &search) > SLOW;
    let (texts, rounds, passes) = if is_slow { (&texts[..10], 3, 1) } else { (texts, ROUNDS, PASSES) };
    let before = CALLS.get();
    pass(texts, &search);
    let allocations = (CALLS.get() - before) as f64 / texts.len() as f64;
    let round = |_| (turn(texts, passes, decode), turn(texts, passes, &search));
    let mut rounds: Vec<(f64, f64)> = (0..rounds).map(round).collect();
    rounds.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
    let (decode_ns, scan_ns) = rounds[rounds.len() / 2];
    ScanFigures {
        phrases,
        engine,
        decode_ns: rounded(decode_ns),
        scan_ns: rounded(scan_ns),
        ratio: rounded(scan_ns / decode_ns * 10.0) / 10.0,
        allocations_per_clean_message: rounded(allocations),
        build_ms: rounded(build_ms),
        memory_kib: memory.unsigned_abs() / 1024,
    }
}

/// Nanoseconds a text, of the fastest pass.
fn turn(texts: &[String], passes: usize, search: impl Fn(&str) -> usize) -> f64 {
    let passes = (0..passes).map(|_| pass(texts, &search));
    passes.min().unwrap_or_default().as_secs_f64() * 1e9 / texts.len() as f64
}

fn pass(texts: &[String], search: impl Fn(&str) -> usize) -> Duration {
    let begun = Instant::now();
    for text in texts {
        black_box(search(black_box(text)));
    }
    begun.elapsed()
}

/// Texts with hits, judged in full: by the shipped rules, and by their phrases alone without the
/// words a find stands in.
fn full() -> impl Iterator<Item = FullFigures> {
    let rules = shipped();
    let phrases: Vec<String> = phrases(3_000);
    let bare = RuleSpec {
        boundary: Boundary::Off,
        ..RuleSpec::new("BENCH-1", "样例", Action::Block, phrases.iter().map(String::as_str))
    };
    let bare = Ruleset::build("r1-bench".into(), vec![bare]).expect("it compiles");
    let (clean, _) = texts(&bare);
    let promised: Vec<String> = clean.iter().map(|text| text.replacen('。', "，保底收益，", 1)).collect();
    [("one rule, no segmentation", bare), ("the shipped rules", rules)].into_iter().map(
        move |(rules, ruleset)| {
            let hit: Vec<String> = promised
                .iter()
                .filter(|text| ruleset.judge(text, &Context::default()).hits_total > 0)
                .cloned()
                .collect();
            let search = searching(ruleset);
            let mut turns: Vec<f64> = (0..ROUNDS).map(|_| turn(&hit, PASSES, &search)).collect();
            turns.sort_by(f64::total_cmp);
            FullFigures { rules, texts: hit.len(), judge_us: rounded(turns[ROUNDS / 2] / 100.0) / 10.0 }
        },
    )
}

/// Texts that make the most work a character.
fn hostile() -> Vec<HostileFigures> {
    let nested: Vec<String> = (1..=60).map(|length| "啊".repeat(length)).collect();
    type Write = fn(usize) -> String;
    let texts: [(&str, Vec<String>, Write); 4] = [
        ("one character, 60 nested phrases", nested, |length| "啊".repeat(length)),
        ("symbols between two characters", words(&["保本"]), |length| {
            format!("保{}本", "*".repeat(length - 2))
        }),
        ("a phrase with gaps, again and again", words(&["保本"]), |length| "保*本*".repeat(length / 4)),
        ("a negated list of phrases", words(&["保本", "收益"]), |length| {
            "不保本、收益、".repeat(length / 7)
        }),
    ];
    let rows = texts.into_iter().map(|(text, phrases, write)| {
        let ruleset = ruleset(&phrases);
        let judge_ms = |length: usize| {
            let text = write(length);
            let once = || {
                let begun = Instant::now();
                black_box(ruleset.judge(&text, &Context::default()));
                begun.elapsed().as_secs_f64() * 1e3
            };
            let fastest = (0..PASSES).map(|_| once()).fold(f64::MAX, f64::min);
            (fastest * 1e3).round() / 1e3
        };
        HostileFigures { text, characters: HOSTILE_LENGTHS, judge_ms: HOSTILE_LENGTHS.map(judge_ms) }
    });
    rows.collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Counts what each thread allocates, so that threads of other figures do not slow one another down.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn grown(bytes: isize) {
    CALLS.set(CALLS.get() + 1);
    LIVE.set(LIVE.get() + bytes);
}

// SAFETY: every call is handed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grown(layout.size() as isize);
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grown(layout.size() as isize);
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grown(size as isize - layout.size() as isize);
        unsafe { MiMalloc.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - layout.size() as isize);
        unsafe { MiMalloc.dealloc(place, layout) }
    }
}

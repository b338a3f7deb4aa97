//! Corpus, mutations, and how a failure is told.

use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Mutants tried on each target in a usual run.
const ROUNDS: usize = 2_000;
const SEED: u64 = 20_261_123;
/// Longer inputs find nothing more and take their time.
const MAX_BYTES: usize = 4_096;

/// A function that panics on what may never be.
pub struct Target {
    /// Its folder in `fixtures/fuzz`, and the test's name.
    pub name: &'static str,
    pub check: fn(&[u8]),
    /// Further folders whose files are good to begin with, in `fixtures`.
    pub borrowed: &'static [&'static str],
    /// Pieces that mean something to whoever reads.
    pub words: &'static [&'static str],
}

impl Target {
    /// The corpus, then mutants of it; or the one input that `FUZZ_INPUT` names in hex.
    pub fn run(&self) {
        if let Some(input) = asked("FUZZ_INPUT") {
            return (self.check)(&hex::decode(input).unwrap());
        }
        let corpus = self.corpus();
        for (file, input) in &corpus {
            self.try_one(input, &format!("the corpus has it: {}", file.display()));
        }
        let (rounds, seed) = (number("FUZZ_ROUNDS", ROUNDS as u64), number("FUZZ_SEED", SEED));
        let mut dice = Dice(seed);
        for round in 0..rounds {
            let input = self.mutant(&corpus, &mut dice);
            self.try_one(&input, &format!("FUZZ_SEED={seed}, round {round}"));
        }
    }

    fn corpus(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let own = fixtures.join("fuzz").join(self.name);
        let folders = std::iter::once(own).chain(self.borrowed.iter().map(|folder| fixtures.join(folder)));
        let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
        let mut files: Vec<_> =
            files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
        files.sort();
        files.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    fn try_one(&self, input: &[u8], from: &str) {
        if catch_unwind(AssertUnwindSafe(|| (self.check)(input))).is_err() {
            let (name, hex) = (self.name, hex::encode(input));
            let bytes = input.escape_ascii();
            panic!(
                "{name} fails ({from})\n  bytes: b\"{bytes}\"\n  \
                 alone: FUZZ_INPUT={hex} cargo nextest run --test fuzz {name}\n  \
                 keep:  xxd -r -p <<< {hex} > fixtures/fuzz/{name}/WHAT-IT-SHOWS"
            );
        }
    }

    /// One of the corpus, changed in a few places.
    fn mutant(&self, corpus: &[(PathBuf, Vec<u8>)], dice: &mut Dice) -> Vec<u8> {
        let pick = |dice: &mut Dice| corpus[dice.below(corpus.len())].1.clone();
        let mut input = pick(dice);
        for _ in 0..=dice.below(4) {
            let at = dice.below(input.len() + 1);
            let end = (at + dice.below(24)).min(input.len());
            match dice.below(7) {
                0 => drop(input.splice(at..end, [])),
                1 => drop(input.splice(at..at, input[at..end].to_vec())),
                2 => drop(input.splice(at..end, pick(dice))),
                3 if at < input.len() => input[at] ^= 1 << dice.below(8),
                4 => input.truncate(at),
                _ => drop(input.splice(at..at, self.words[dice.below(self.words.len())].bytes())),
            }
        }
        input.truncate(MAX_BYTES);
        input
    }
}

fn number(name: &str, usual: u64) -> u64 {
    asked(name).map_or(usual, |value| value.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "whoever repeats a run says so in the environment")]
fn asked(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Chance from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

#[test]
fn a_failure_tells_its_bytes_and_how_to_run_it_alone() {
    let check: fn(&[u8]) = |input| assert!(input != "保本\0".as_bytes());
    let target = Target { name: "sample", check, borrowed: &[], words: &[] };
    let told = catch_unwind(AssertUnwindSafe(|| target.try_one("保本\0".as_bytes(), "seed 1"))).unwrap_err();
    let told = told.downcast::<String>().unwrap();
    assert!(told.contains(r#"b"\xe4\xbf\x9d\xe6\x9c\xac\x00""#), "{told}");
    assert!(told.contains("FUZZ_INPUT=e4bf9de69cac00 cargo nextest run --test fuzz sample"), "{told}");
}

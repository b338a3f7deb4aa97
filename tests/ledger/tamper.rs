//! Somebody changes the files: it is found, by `verify` and by opening, with its place.

use super::helpers::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;
use wecom_guard::ledger::{Entry, Fault, LedgerError};

static COMPANY: LazyLock<TempDir> = LazyLock::new(company);
static HISTORY: LazyLock<Vec<Entry>> = LazyLock::new(|| replay(COMPANY.path()));
/// Another company's ledger with the same layout and the same keys.
static OTHER: LazyLock<TempDir> = LazyLock::new(company);

/// Opening must refuse with the fault that `verify` found.
fn assert_refused(dir: &Path, fault: &Fault) {
    match open(dir) {
        Err(LedgerError::Damaged(found)) => assert_eq!(&found, fault),
        Err(other) => panic!("{other} instead of {fault}"),
        Ok(_) => panic!("opened in spite of {fault}"),
    }
}

#[test]
fn any_flipped_byte_is_found() {
    let dir = copy(COMPANY.path());
    let files = segments(dir.path());
    let mut flips = 0;
    for file in &files {
        let good = fs::read(file).unwrap();
        let last_batch = batches(&good).pop().unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(file, &bad).unwrap();
            let report = check_chain(dir.path());
            flips += 1;
            if file == files.last().unwrap() && at >= last_batch.0 {
                // the very last batch can't be told from one cut short
                assert!(report.torn_tail, "byte {at}");
                assert_eq!(report.records as usize, HISTORY.len() - 1);
                continue;
            }
            let fault = report.first_fault.unwrap_or_else(|| panic!("byte {at} of {file:?} went unseen"));
            assert!(fault.file == *file && fault.offset <= at as u64, "byte {at} of {file:?}: {fault}");
            if at % 16 == 0 {
                assert_refused(dir.path(), &fault);
            }
        }
        fs::write(file, &good).unwrap();
    }
    assert!(flips > 10_000, "only {flips} flips");
}

#[test]
fn damage_names_its_file_its_byte_and_its_record() {
    let dir = copy(COMPANY.path());
    let file = dir.path().join("ledger/00000002-000001.seg");
    let mut bytes = fs::read(&file).unwrap();
    let (start, end) = batches(&bytes)[0];
    bytes[end - 1] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let fault = check(dir.path()).first_fault.unwrap();
    let before = HISTORY.iter().filter(|entry| entry.at.position.shard == 2);
    let first = u64::from_le_bytes(bytes[start + 12..start + 20].try_into().unwrap());
    assert!(before.map(|entry| entry.at.position.seq).any(|seq| seq == first));
    assert_eq!(
        (fault.file.as_path(), fault.offset, fault.shard, fault.seq),
        (&*file, start as u64, 2, first)
    );
    assert_refused(dir.path(), &fault);
}

#[test]
fn a_record_rewritten_with_a_fitting_checksum_breaks_the_chain_at_the_next_one() {
    let dir = copy(COMPANY.path());
    let file = segments(dir.path()).swap_remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let batch = batches(&bytes)[1];
    let word = bytes.windows(5).position(|window| window == b"block").unwrap();
    bytes[word..word + 5].copy_from_slice(b"passe");
    reseal(&mut bytes, batch);
    fs::write(&file, &bytes).unwrap();
    let fault = check_chain(dir.path()).first_fault.unwrap();
    assert_eq!((fault.shard, fault.seq), (1, 3), "record 2 was rewritten");
    assert_refused(dir.path(), &fault);
}

#[test]
fn an_earlier_shard_cut_at_the_end_of_a_batch_is_missed_by_the_next_one() {
    let dir = copy(COMPANY.path());
    let file = dir.path().join("ledger/00000001-000002.seg");
    let bytes = fs::read(&file).unwrap();
    let (start, _) = batches(&bytes).pop().unwrap();
    fs::write(&file, &bytes[..start]).unwrap();
    let fault = check_chain(dir.path()).first_fault.unwrap();
    assert_eq!((&fault.file, fault.offset, fault.shard, fault.seq), (&file, start as u64, 1, 11));
    assert_refused(dir.path(), &fault);
}

#[test]
fn a_body_put_in_another_ones_place_is_found_by_whoever_holds_the_keys() {
    let dir = copy(COMPANY.path());
    let file = segments(dir.path()).swap_remove(1);
    let mut bytes = fs::read(&file).unwrap();
    let batch = *batches(&bytes).iter().find(|batch| frames(&bytes, **batch).len() > 1).unwrap();
    let sealed: Vec<_> =
        frames(&bytes, batch).iter().map(|(start, end)| start + 8 + u32_at(&bytes, *start)..*end).collect();
    let (first, second) = (bytes[sealed[0].clone()].to_vec(), bytes[sealed[1].clone()].to_vec());
    assert_eq!(first.len(), second.len());
    bytes[sealed[0].clone()].copy_from_slice(&second);
    bytes[sealed[1].clone()].copy_from_slice(&first);
    reseal(&mut bytes, batch);
    fs::write(&file, &bytes).unwrap();
    assert!(check(dir.path()).first_fault.is_some());
    let read = wecom_guard::ledger::Replay::new(dir.path(), keys(dir.path()), None).unwrap();
    assert!(read.last().unwrap().is_err());
}

/// What somebody who knows the format may do; checksums are made to fit again.
#[derive(Debug, Clone)]
enum Edit {
    FlipRecord(Index, Index, u8),
    DropFrame(Index),
    DoubleFrame(Index),
    SwapFrames(Index),
    DropBatch(Index),
    DoubleBatch(Index),
    SwapBatches(Index),
    Truncate(Index),
    Insert(Index, Vec<u8>),
    Lengthen(Vec<u8>),
    DropSegment,
    SwapSegments(Index),
    TakeOther,
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let junk = || prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 1..80);
    prop_oneof![
        (at(), at(), 0..8u8).prop_map(|(frame, byte, bit)| Edit::FlipRecord(frame, byte, bit)),
        at().prop_map(Edit::DropFrame),
        at().prop_map(Edit::DoubleFrame),
        at().prop_map(Edit::SwapFrames),
        at().prop_map(Edit::DropBatch),
        at().prop_map(Edit::DoubleBatch),
        at().prop_map(Edit::SwapBatches),
        at().prop_map(Edit::Truncate),
        (at(), junk()).prop_map(|(at, junk)| Edit::Insert(at, junk)),
        junk().prop_map(Edit::Lengthen),
        Just(Edit::DropSegment),
        at().prop_map(Edit::SwapSegments),
        Just(Edit::TakeOther),
    ]
}

/// A batch, picked among those with at least `least` frames.
fn pick(bytes: &[u8], at: Index, least: usize) -> Option<(usize, usize)> {
    let found: Vec<_> = batches(bytes).into_iter().filter(|b| frames(bytes, *b).len() >= least).collect();
    (!found.is_empty()).then(|| *at.get(&found))
}

/// Replaces a batch's frames and makes count, length and checksum fit.
fn rewrite(bytes: &mut Vec<u8>, (start, end): (usize, usize), frames: &[Vec<u8>]) {
    let payload = frames.concat();
    let new_end = start + BATCH_HEADER + payload.len();
    bytes.splice(start + BATCH_HEADER..end, payload);
    bytes[start + 20..start + 24].copy_from_slice(&(frames.len() as u32).to_le_bytes());
    reseal(bytes, (start, new_end));
}

fn apply(edit: &Edit, files: &[std::path::PathBuf], file: usize) -> Option<()> {
    let path = &files[file];
    let mut bytes = fs::read(path).unwrap();
    let cut = |batch| -> Vec<Vec<u8>> {
        frames(&bytes, batch).into_iter().map(|(start, end)| bytes[start..end].to_vec()).collect()
    };
    match edit {
        Edit::FlipRecord(at, byte, bit) => {
            let batch = pick(&bytes, *at, 1)?;
            let (frame, _) = *byte.get(&frames(&bytes, batch));
            let record = u32_at(&bytes, frame);
            bytes[frame + 8 + byte.index(record)] ^= 1 << bit;
            reseal(&mut bytes, batch);
        }
        Edit::DropFrame(at) => {
            let batch = pick(&bytes, *at, 2)?;
            let mut frames = cut(batch);
            frames.remove(at.index(frames.len()));
            rewrite(&mut bytes, batch, &frames);
        }
        Edit::DoubleFrame(at) => {
            let batch = pick(&bytes, *at, 1)?;
            let mut frames = cut(batch);
            let twin = at.get(&frames).clone();
            frames.insert(at.index(frames.len()), twin);
            rewrite(&mut bytes, batch, &frames);
        }
        Edit::SwapFrames(at) => {
            let batch = pick(&bytes, *at, 2)?;
            let mut frames = cut(batch);
            frames.swap(0, 1);
            rewrite(&mut bytes, batch, &frames);
        }
        Edit::DropBatch(at) => {
            let (start, end) = pick(&bytes, *at, 1)?;
            bytes.drain(start..end);
        }
        Edit::DoubleBatch(at) => {
            let (start, end) = pick(&bytes, *at, 1)?;
            let twin = bytes[start..end].to_vec();
            bytes.splice(end..end, twin);
        }
        Edit::SwapBatches(at) => {
            let all = batches(&bytes);
            let first = at.index(all.len());
            let (a, b) = (*all.get(first)?, *all.get(first + 1)?);
            let swapped = [&bytes[b.0..b.1], &bytes[a.0..a.1]].concat();
            bytes.splice(a.0..b.1, swapped);
        }
        Edit::Truncate(at) => bytes.truncate(at.index(bytes.len())),
        Edit::Insert(at, junk) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, junk.iter().copied());
        }
        Edit::Lengthen(junk) => bytes.extend(junk),
        Edit::DropSegment => return fs::remove_file(path).ok(),
        Edit::SwapSegments(at) => {
            let other = at.get(files);
            fs::write(path, fs::read(other).unwrap()).unwrap();
            return fs::write(other, bytes).ok();
        }
        Edit::TakeOther => {
            bytes = fs::read(OTHER.path().join("ledger").join(path.file_name().unwrap())).ok()?;
        }
    }
    fs::write(path, bytes).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    /// Without a head kept elsewhere one thing can't be seen: that the end of the last shard was
    /// taken off, or its very last record rewritten. Everything else is a fault.
    #[test]
    fn whatever_is_done_to_the_files_is_found(edit in edit(), file in any::<Index>()) {
        let dir = copy(COMPANY.path());
        let files = segments(dir.path());
        let file = file.index(files.len());
        prop_assume!(apply(&edit, &files, file).is_some());
        let unchanged = files.iter().all(|path| {
            fs::read(path).ok() == fs::read(COMPANY.path().join("ledger").join(path.file_name().unwrap())).ok()
        });
        prop_assume!(!unchanged);
        if let Some(fault) = check_chain(dir.path()).first_fault {
            prop_assert!(check(dir.path()).first_fault.is_some());
            assert_refused(dir.path(), &fault);
            return Ok(());
        }
        if check(dir.path()).first_fault.is_some() {
            return Ok(());
        }
        let left = replay(dir.path());
        let kept = left.iter().zip(HISTORY.iter()).take_while(|(left, was)| left == was).count();
        let lost_from = HISTORY.get(kept).map(|entry| entry.at.position.shard);
        prop_assert!(lost_from.is_none_or(|shard| shard == 3), "{edit:?}: lost from shard {lost_from:?}");
        let rewritten = left.len() - kept;
        let last_record = rewritten == 1 && left.len() == HISTORY.len() && matches!(edit, Edit::FlipRecord(..));
        prop_assert!(rewritten == 0 || last_record, "{edit:?}: {rewritten} records were made up");
    }
}

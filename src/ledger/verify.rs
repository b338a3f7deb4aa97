//! Verifying without a server: is everything still as it was written?

use super::error::{Fault, LedgerError};
use super::keys::Keys;
use super::record::Appended;
use super::replay::forged;
use super::seal::{Opened, Sealer};
use super::walk::{Link, Walk};
use jiff::Timestamp;
use std::path::Path;

/// What [`verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that fit their chain.
    pub records: u64,
    /// Shards with a record.
    pub shards: u64,
    /// Each shard's last record. Only against a head kept elsewhere can it be seen that a ledger
    /// was cut at the end of a batch, or written anew from some record on.
    pub heads: Vec<Appended>,
    /// The first place that is not as it was written; nothing after it was looked at.
    pub first_fault: Option<Fault>,
    /// The last write was cut short, which the next opening mends. Nothing acknowledged is in it.
    pub torn_tail: bool,
    /// How often a record has an earlier time than the one before it.
    pub time_went_back: u64,
    /// Bodies that were opened and are what their records vouch for.
    pub bodies: u64,
    /// Bodies whose key was shredded.
    pub erased: u64,
}

/// Reads every record of the ledger in a data folder, in bounded memory, and checks each against
/// the one before it; with `keys` each body against its record too. It changes nothing and may run
/// beside the server. `progress` is told the number of records after each batch.
///
/// # Errors
/// [`LedgerError::Io`] and the like when it could not look; damage is in the report.
pub fn verify(dir: &Path, keys: Option<Keys>, mut progress: impl FnMut(u64)) -> Result<Report, LedgerError> {
    let mut walk = Walk::all(&dir.join("ledger"))?;
    let mut verifier = Verifier { sealer: keys.map(Sealer::new), ..Verifier::default() };
    let first_fault = match verifier.run(&mut walk, &mut progress) {
        Err(LedgerError::Damaged(fault)) => Some(fault),
        done => done.map(|()| None)?,
    };
    let heads = walk.heads().to_vec();
    let (shards, torn_tail) = (heads.len() as u64, walk.tail().torn);
    Ok(Report { first_fault, heads, shards, torn_tail, ..verifier.report })
}

#[derive(Default)]
struct Verifier {
    sealer: Option<Sealer>,
    last: Option<Timestamp>,
    report: Report,
}

impl Verifier {
    fn run(&mut self, walk: &mut Walk, progress: &mut impl FnMut(u64)) -> Result<(), LedgerError> {
        while let Some(links) = walk.next_batch()? {
            links.iter().try_for_each(|link| self.take(link))?;
            progress(self.report.records);
        }
        Ok(())
    }

    fn take(&mut self, link: &Link) -> Result<(), LedgerError> {
        let backwards = self.last.replace(link.at.at).is_some_and(|last| link.at.at < last);
        self.report.time_went_back += u64::from(backwards);
        if let (Some(sealer), Some(mark)) = (&self.sealer, &link.record.body) {
            match sealer.open(mark, &link.sealed)? {
                Opened::Body(_) => self.report.bodies += 1,
                Opened::Erased => self.report.erased += 1,
                Opened::Forged => return Err(forged(link)),
            }
        }
        self.report.records += 1;
        Ok(())
    }
}

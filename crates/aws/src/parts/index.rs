//! Where the readings of accounts are.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use keycensus_core::{
    files::part,
    model::{
        account::{Account, AccountId},
        cause::Cause,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
        partial_reading::{Extent, PartialReading},
    },
};

use crate::parts::held::{HeldPart, HeldParts};

/// Where the readings of accounts are, in the order in which they were made.
#[derive(Debug, Default, Clone)]
pub(crate) struct Index {
    files: Vec<PartFile>,
    held: HeldParts,
    accounts: BTreeMap<AccountId, Indexed>,
}

/// A part.
#[derive(Debug, Clone)]
struct PartFile {
    path: String,
    held: HeldPart,
    is_stored: Stored,
}

#[derive(Debug, Default, Clone)]
struct Indexed {
    locations: Vec<Location>,
    extent: Extent,
}

#[derive(Debug, Clone, Copy)]
struct Location {
    file: usize,
    offset: u64,
    bytes: u64,
}

/// A part that is written, or could not be.
pub(crate) struct NewPart {
    pub(crate) path: String,
    pub(crate) bytes: Bytes,
    pub(crate) entries: Vec<part::Entry>,
    pub(crate) is_stored: Stored,
}

/// Whether a part can be fetched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Yes,
    No,
}

impl Index {
    /// Adds a part that is later than all others.
    pub(crate) fn add(&mut self, part: NewPart) {
        let file = self.files.len();
        for entry in part.entries {
            let indexed = self.accounts.entry(entry.account).or_default();
            indexed.locations.push(Location {
                file,
                offset: entry.offset,
                bytes: entry.bytes,
            });
            indexed.extent = entry.extent.after(indexed.extent);
        }
        self.files.push(PartFile {
            path: part.path,
            held: self.held.add(part.bytes),
            is_stored: part.is_stored,
        });
    }

    /// The first part that could not be written, and is on this machine only; `None` where there is none.
    pub(crate) fn not_stored(&self) -> Option<&str> {
        let file = self.files.iter().find(|file| file.is_stored == Stored::No);
        file.map(|file| file.path.as_str())
    }

    /// How far the readings of an account came; `None` where there is none.
    pub(crate) fn extent(&self, account: AccountId) -> Option<Extent> {
        self.accounts.get(&account).map(|indexed| indexed.extent)
    }

    /// What was read of an account so far; `None` where nothing was. A reading that cannot be read
    /// back is a gap.
    pub(crate) fn load(&self, account: &Arc<Account>) -> Option<PartialReading> {
        let indexed = self.accounts.get(&account.id)?;
        let mut joined: Option<PartialReading> = None;
        for location in &indexed.locations {
            let reading = self.entry(*location).filter(|(of, _)| of.id == account.id);
            let reading = reading.map(|(_, reading)| reading);
            let reading = reading.unwrap_or_else(|| not_read_back(account));
            match &mut joined {
                Some(joined) => joined.join(reading),
                None => joined = Some(reading),
            }
        }
        joined
    }

    fn entry(&self, location: Location) -> Option<(Arc<Account>, PartialReading)> {
        let file = self.files.get(location.file)?;
        let line = file.held.read(location.offset, location.bytes).ok()?;
        part::read_entry(&line)
    }
}

/// What stands for a reading that the disk of this machine did not give back as it was.
fn not_read_back(account: &Arc<Account>) -> PartialReading {
    let gap = Gap::unanswered("keycensus:Read", "PartDamaged", Cause::Fault);
    tracing::error!(
        account.id = %account.id,
        "what was read of an account could not be read back: {gap}"
    );
    let status = CoverageStatus::Failed;
    let why = "what was read of the account could not be read back";
    PartialReading::only(CoverageRow::unlisted(
        account,
        Scope::WholeAccount,
        status,
        Some(gap),
        why,
    ))
}

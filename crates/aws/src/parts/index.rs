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

use crate::{services::aws::Aws, store::destination::Destination};

/// How many bytes of parts stay in memory: those of most organizations are never fetched.
const BYTES_IN_MEMORY: usize = 16 << 20;

/// Where the readings of accounts are, in the order in which they were made.
#[derive(Debug, Default, Clone)]
pub(crate) struct Index {
    files: Vec<PartFile>,
    bytes_in_memory: usize,
    accounts: BTreeMap<AccountId, Indexed>,
}

/// A part.
#[derive(Debug, Clone)]
struct PartFile {
    path: String,
    /// Its bytes, unless they can be fetched and there was no room.
    bytes: Option<Bytes>,
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
        let has_room = self.bytes_in_memory + part.bytes.len() <= BYTES_IN_MEMORY;
        let is_needed = has_room || part.is_stored == Stored::No;
        self.bytes_in_memory += if is_needed { part.bytes.len() } else { 0 };
        self.files.push(PartFile {
            path: part.path,
            bytes: is_needed.then_some(part.bytes),
            is_stored: part.is_stored,
        });
    }

    /// The first part that could not be written, and is in memory only; `None` where there is none.
    pub(crate) fn only_in_memory(&self) -> Option<&str> {
        let file = self.files.iter().find(|file| file.is_stored == Stored::No);
        file.map(|file| file.path.as_str())
    }

    /// How far the readings of an account came; `None` where there is none.
    pub(crate) fn extent(&self, account: AccountId) -> Option<Extent> {
        self.accounts.get(&account).map(|indexed| indexed.extent)
    }

    /// What was read of an account so far; `None` where nothing was. A reading that cannot be read
    /// back is a gap.
    pub(crate) async fn load(
        &self,
        aws: &Aws,
        destination: &Destination,
        account: &Arc<Account>,
    ) -> Option<PartialReading> {
        let indexed = self.accounts.get(&account.id)?;
        let mut joined: Option<PartialReading> = None;
        for location in &indexed.locations {
            let reading = match self.line(aws, destination, *location).await {
                Ok(line) => part::read_entry(&line)
                    .filter(|(of, _)| of.id == account.id)
                    .map(|(_, reading)| reading)
                    .ok_or_else(damaged),
                Err(gap) => Err(gap),
            };
            let reading = reading.unwrap_or_else(|gap| not_read_back(account, gap));
            match &mut joined {
                Some(joined) => joined.join(reading),
                None => joined = Some(reading),
            }
        }
        joined
    }

    async fn line(
        &self,
        aws: &Aws,
        destination: &Destination,
        location: Location,
    ) -> Result<Bytes, Gap> {
        let Location {
            file,
            offset,
            bytes,
        } = location;
        let file = self.files.get(file).ok_or_else(damaged)?;
        match &file.bytes {
            Some(all) => {
                let range = usize::try_from(offset)
                    .ok()
                    .zip(usize::try_from(bytes).ok());
                let range = range.map(|(offset, bytes)| offset..offset.saturating_add(bytes));
                let range = range.filter(|range| range.end <= all.len());
                Ok(all.slice(range.ok_or_else(damaged)?))
            }
            None => destination
                .read_range(aws, &file.path, offset, bytes)
                .await
                .map(Bytes::from),
        }
    }
}

/// A reading that is there, and is not what was written.
fn damaged() -> Gap {
    Gap::unanswered("keycensus:Read", "PartDamaged", Cause::Fault)
}

/// What stands for a reading that could not be read back.
fn not_read_back(account: &Arc<Account>, gap: Gap) -> PartialReading {
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

//! A cell of KMS keys: those of one account and Region.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use jiff::Timestamp;
use keycensus_core::{
    model::{
        account::Account,
        coverage::{CoverageRow, Scope},
        partial_reading::Extent,
        reading::{KeyKind, KeyReading},
        region::Region,
    },
    settings::Settings,
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    deadline::{Deadline, unanswered::Unanswered},
    parts::sink::Sink,
    progress::{KmsCellProgress, Unlisted},
    read::{
        cell_reading::CellReading,
        coverage_of_listing::{self, ListedKeys, failed},
        kms_keys::{
            key::{KeyContext, ListedKeyId},
            listing::Listing,
            managed_by_aws, reader,
            tally::Tally,
        },
        last_night::{LastCell, LastNight},
    },
    services::{aws::Aws, kms::Kms},
    transport::{
        priority_semaphore::{PrioritySemaphore, Urgency},
        session::Session,
    },
};

/// What a cell is read with.
pub(crate) struct Cell<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) session: &'a Session,
    pub(crate) kms: Kms<'a>,
    pub(crate) account: &'a Arc<Account>,
    pub(crate) region: &'a Region,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: KmsCellProgress,
    pub(crate) deadline: &'a Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// The IDs of keys that the last run had no time for: they come first.
    pub(crate) unread: &'a HashSet<String>,
    /// What the last report has of the cell; `None`: all of it is read.
    pub(crate) last: Option<LastCell>,
    /// The last report, which has what was found of refused uses.
    pub(crate) last_night: &'a LastNight,
    /// Where keys are kept before the cell is read to its end.
    pub(crate) sink: &'a Sink,
    /// The permits of cells whose keys are read.
    pub(crate) reading: &'a PrioritySemaphore,
}

/// What earlier slices of the run have read of a cell.
#[derive(Debug, Default)]
pub(crate) struct KeptCell {
    /// The IDs of the keys that were read.
    pub(crate) read: HashSet<String>,
    pub(crate) tally: Tally,
}

impl KeptCell {
    /// Adds a key that was read.
    pub(crate) fn add(&mut self, key: &KeyReading, settings: &Settings, now: Timestamp) {
        if self.read.insert(key.key_id.clone()) {
            self.tally.add(key, settings, now);
        }
    }
}

/// What a cell has that was begun: it is unlisted until its listing ends, and has the permit until its
/// first keys are listed.
pub(crate) struct Begun {
    pub(crate) unlisted: Unlisted,
    pub(crate) permit: OwnedSemaphorePermit,
}

/// Reads a cell, or what is left of it. Of a cell whose turn has not come there is only what was listed
/// first: thousands wait, and those with the most keys are read first.
pub(crate) async fn read(cell: &Cell<'_>, kept: KeptCell, begun: Begun) -> CellReading {
    let Begun { unlisted, permit } = begun;
    let mut listing = Listing::new(&cell.kms, cell.deadline, unlisted);
    let mut listed = VecDeque::new();
    while listed.is_empty() && listing.goes_on() && !cell.deadline.is_near() {
        let page = listing.next().await;
        listed.extend(cell.take_listed(page, &kept.read));
    }
    drop(permit);
    if listed.is_empty() {
        let end = listing.end();
        return CellReading {
            coverage: cell.coverage(&kept.tally, &end, None),
            keys: Vec::new(),
            unread_keys: Vec::new(),
            extent: match end {
                Err(Unanswered::NoTimeLeft) => Extent::Cut,
                _ => Extent::Whole,
            },
            listing_error: failed(end),
        };
    }
    let urgency = Urgency::of_keys_left(listed.len() as u32);
    let permit = cell.deadline.or(cell.reading.permit(urgency)).await;
    let (mut reading, managed) = Box::pin(reader::read(cell, kept, listing, listed)).await;
    drop(permit);
    Box::pin(managed_by_aws::read(cell, managed, &mut reading)).await;
    reading
}

impl Cell<'_> {
    /// What a key of the cell is read with.
    pub(crate) fn of_key(&self) -> KeyContext<'_> {
        KeyContext {
            kms: &self.kms,
            account: self.account,
            region: self.region,
            settings: self.settings,
            deadline: self.deadline,
            now: self.now,
            last: self.last.as_ref(),
        }
    }

    /// Takes a page of the listing: the keys in it that are not kept already.
    pub(crate) fn take_listed(
        &self,
        mut page: Vec<ListedKeyId>,
        kept: &HashSet<String>,
    ) -> Vec<ListedKeyId> {
        page.retain(|key| !kept.contains(&key.key_id));
        for _ in &page {
            self.progress.key_listed();
            self.kms.requests.key_listed();
        }
        page
    }

    /// What there is to say of its keys, where the `listing` has ended so.
    pub(crate) fn coverage(
        &self,
        tally: &Tally,
        listing: &Result<(), Unanswered>,
        names_not_known: Option<String>,
    ) -> CoverageRow {
        let scope = Scope::Cell {
            region: Some(self.region.clone()),
            kind: KeyKind::KmsKey,
        };
        let keys = ListedKeys {
            listed: tally.listed,
            unreadable: tally.unreadable(),
            gaps: tally.gaps(),
            details: tally.describe(names_not_known),
        };
        coverage_of_listing::coverage(self.account, scope, keys, listing)
    }
}

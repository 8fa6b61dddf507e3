//! Reading one cell: every KMS key of one account and Region.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    judge::flagged::AssessedKey,
    model::{
        coverage::{
            CellKeys, CoverageRow, CoverageStatus, Scope, describe_exemption_gaps, describe_gaps,
        },
        gap::Gap,
        reading::{KeyKind, Manager, PackedCell},
        region::Region,
    },
    settings::{Settings, Switch},
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    deadline::{
        Deadline,
        unanswered::{Unanswered, answer_or_log},
    },
    progress::Progress,
    read::{
        kms_keys::{
            dependents,
            key::{KeyContext, ListedKeyId, ReadKey, read_key},
            listing::Listing,
        },
        rotation,
    },
    services::{aws::Aws, ec2::Ec2, kms::Kms},
    transport::{call_error::CallError, session::Session},
};

/// How many keys of a cell are worked on at once. Reading a key's usage waits
/// for the cell's pace, so this many keys are listed and described ahead: enough
/// to keep the pace through slow answers and runs of keys that need no reading.
const KEYS_AHEAD: usize = 16;

/// What a cell is read with.
pub(crate) struct Cell<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) session: &'a Session,
    pub(crate) kms: Kms<'a>,
    pub(crate) account: &'a Arc<keycensus_core::model::account::Account>,
    pub(crate) region: &'a Region,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a Progress,
    pub(crate) deadline: &'a Deadline,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// The IDs of keys that the last run had no time for: they come first.
    pub(crate) unread: &'a HashSet<String>,
}

impl Cell<'_> {
    /// What a key of the cell is read with.
    fn of_key(&self) -> KeyContext<'_> {
        KeyContext {
            kms: &self.kms,
            account: self.account,
            region: self.region,
            settings: self.settings,
            deadline: self.deadline,
            now: self.now,
        }
    }
}

/// What was found in a cell.
pub(crate) struct CellReading {
    pub(crate) keys: PackedCell,
    pub(crate) coverage: CoverageRow,
    /// What ended the listing of its keys, where it failed; not logged yet.
    pub(crate) listing_error: Option<CallError>,
}

/// Reads a cell.
pub(crate) async fn read(cell: &Cell<'_>) -> CellReading {
    let (found, has_keys) = oneshot::channel();
    let (ask, asked) = mpsc::unbounded_channel();
    let (names, (mut keys, listing), mut dependents) = tokio::join!(
        names(cell, has_keys),
        read_keys(cell, found, ask),
        dependents::look_for(
            cell.of_key(),
            || Ec2::new(cell.aws, cell.session, cell.region),
            asked
        )
    );
    let mut details = Vec::new();
    let names = names.unwrap_or_else(|unknown| {
        details.push(unknown);
        HashMap::new()
    });
    for key in &mut keys {
        if let Some(names) = names.get(&key.key_id) {
            key.names.clone_from(names);
        }
        let of_key = dependents.as_mut().and_then(|found| found.of(key));
        if let Some(of_key) = of_key {
            key.before_deletion.get_or_insert_default().dependents = Some(of_key);
        }
    }
    let untagged = keys.iter().filter(|key| key.tags_gap.is_some()).count();
    if untagged > 0 {
        details.push(format!("keys whose tags are not known: {untagged}"));
    }
    let not_known_in_full = |key: &&ReadKey| key.dependents().is_some_and(|d| !d.is_whole());
    let in_doubt = keys.iter().filter(not_known_in_full).count();
    if in_doubt > 0 {
        details.push(format!(
            "keys whose dependents are not known in full: {in_doubt}"
        ));
    }
    let unaudited = unaudited(cell, &keys);
    if unaudited > 0 {
        details.push(format!("keys whose key policy is not known: {unaudited}"));
    }
    let coverage = coverage(cell, &keys, &listing, details);
    let keys = PackedCell::new(cell.account, keys.into_iter().map(|key| *key));
    CellReading {
        keys,
        coverage,
        listing_error: match listing {
            Err(Unanswered::Failed(error)) => Some(error),
            Err(Unanswered::NoTimeLeft) | Ok(()) => None,
        },
    }
}

/// How many keys there are whose guard was to be read and could not be.
fn unaudited(cell: &Cell<'_>, keys: &[ReadKey]) -> usize {
    if cell.settings.audit_guard == Switch::Off {
        return 0;
    }
    // Whose key it is must be known before its policy is asked for.
    let is_unknown =
        |key: &&ReadKey| key.manager == Some(Manager::Customer) && key.guard().is_none();
    keys.iter().filter(is_unknown).count()
}

/// The names of the cell's keys, asked for when there is a key; what to say where
/// they are not known.
async fn names(
    cell: &Cell<'_>,
    has_keys: oneshot::Receiver<()>,
) -> Result<HashMap<String, Vec<String>>, String> {
    if has_keys.await.is_err() {
        return Ok(HashMap::new());
    }
    let names = cell.deadline.or(Box::pin(cell.kms.aliases())).await;
    answer_or_log(names, "the names of keys are not known")
        .map_err(|unanswered| format!("{}: names not known", unanswered.gap()))
}

fn coverage(
    cell: &Cell<'_>,
    keys: &[ReadKey],
    listing: &Result<(), Unanswered>,
    mut details: Vec<String>,
) -> CoverageRow {
    let usage_gaps: Vec<&Gap> = keys.iter().filter_map(|key| key.usage_gap()).collect();
    let stale_after_days = cell.settings.stale_after_days;
    let exemption_gaps: Vec<&Gap> = keys
        .iter()
        .filter_map(|key| AssessedKey::new(key, stale_after_days, cell.now).exemption_gap())
        .collect();
    let listed = CellKeys {
        is_whole: listing.is_ok(),
        listed: keys.len() as u64,
        unreadable: usage_gaps.len() as u64,
    };
    if !usage_gaps.is_empty() {
        details.insert(0, describe_gaps(usage_gaps.iter().copied()));
    }
    if !exemption_gaps.is_empty() {
        details.push(describe_exemption_gaps(exemption_gaps.iter().copied()));
    }
    let mut gaps: Vec<Gap> = [usage_gaps, exemption_gaps]
        .concat()
        .into_iter()
        .cloned()
        .collect();
    gaps.sort();
    gaps.dedup();
    let status = match listing {
        Ok(()) if gaps.is_empty() => CoverageStatus::Scanned,
        Ok(()) => CoverageStatus::Partial,
        Err(Unanswered::NoTimeLeft) if gaps.is_empty() => {
            if !keys.is_empty() {
                details.push("not all keys were listed".to_owned());
            }
            gaps.push(Gap::NoTimeLeft);
            CoverageStatus::Deferred
        }
        Err(Unanswered::NoTimeLeft) => {
            details.push("no time left to list all keys".to_owned());
            gaps.push(Gap::NoTimeLeft);
            CoverageStatus::Partial
        }
        Err(Unanswered::Failed(error)) => {
            gaps.insert(0, error.gap());
            match keys.is_empty() {
                true => CoverageStatus::of_unlisted(error.cause),
                false => CoverageStatus::Failed,
            }
        }
    };
    let scope = Scope::Cell {
        region: Some(cell.region.clone()),
        kind: KeyKind::KmsKey,
    };
    let more = details.join("; ");
    match keys.is_empty() && listing.is_err() {
        true => CoverageRow::unlisted(cell.account, scope, status, gaps.into_iter().next(), &more),
        false => CoverageRow::of_cell(cell.account, scope, status, listed, &gaps, &more),
    }
}

/// Reads every key that the listing returns, and says how the listing ended.
/// Listing and reading go on side by side: the first key is read while others
/// are still being listed.
async fn read_keys(
    cell: &Cell<'_>,
    found: oneshot::Sender<()>,
    ask: mpsc::UnboundedSender<String>,
) -> (Vec<ReadKey>, Result<(), Unanswered>) {
    let mut found = Some(found);
    let mut listing = Listing::new(&cell.kms, cell.deadline);
    let mut listed = VecDeque::new();
    let mut reading = FuturesUnordered::new();
    let mut keys = Vec::new();
    // Where the last run had no time for all keys, those that it did not read come
    // first, and of these others every night.
    let lists_first = !cell.unread.is_empty();
    loop {
        let may_read = !(lists_first && listing.goes_on());
        while may_read
            && reading.len() < KEYS_AHEAD
            && let Some(key) = listed.pop_front()
        {
            reading.push(read_listed(cell, key));
        }
        let may_list = listing.goes_on() && (lists_first || listed.len() < KEYS_AHEAD);
        tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            page = listing.next(), if may_list => {
                for key in page {
                    cell.progress.key_listed();
                    cell.kms.requests.key_listed();
                    listed.push_back(key);
                }
                if !listed.is_empty() {
                    // The other end listens until this is dropped.
                    let _ = found.take().map(|found| found.send(()));
                }
                if lists_first && !listing.goes_on() {
                    unread_first(cell, &mut listed);
                }
            }
            Some(key) = reading.next() => {
                if dependents::are_wanted(cell.of_key(), &key) {
                    // The other end listens until this one is dropped.
                    let _ = ask.send(key.key_id.clone());
                }
                keys.push(key);
            }
            else => return (keys, listing.end()),
        }
    }
}

async fn read_listed(cell: &Cell<'_>, listed: ListedKeyId) -> ReadKey {
    let key = read_key(cell.of_key(), listed).await;
    cell.progress.key_read();
    cell.kms.requests.key_done();
    key
}

/// Puts those keys first that the last run had no time for.
fn unread_first(cell: &Cell<'_>, listed: &mut VecDeque<ListedKeyId>) {
    let (mut unread, mut read): (Vec<_>, Vec<_>) = listed
        .drain(..)
        .partition(|key| cell.unread.contains(&key.key_id));
    unread.sort_by(|a: &ListedKeyId, b| a.key_id.cmp(&b.key_id));
    rotation::rotate(&mut unread, cell.now);
    unread.append(&mut read);
    listed.extend(unread);
}

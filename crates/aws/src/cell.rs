//! Reading one cell: every KMS key of one account and Region.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    coverage::{CellKeys, CoverageRow, CoverageStatus, Scope, gaps_told},
    reading::{Gap, KeyKind, KeyReading, Manager, Usage},
    region::Region,
    settings::{Settings, Switch},
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    call_error::{CallError, Failure},
    connection::Aws,
    dependents,
    kms::Kms,
    kms_key::{Listed, read_key},
    progress::Progress,
    session::Session,
    stop::{NoTimeLeft, Stop},
    turns,
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
    pub(crate) account: &'a Arc<keycensus_core::account::Account>,
    pub(crate) region: &'a Region,
    pub(crate) settings: &'a Settings,
    pub(crate) progress: &'a Progress,
    pub(crate) stop: &'a Stop,
    /// The moment the run began.
    pub(crate) now: Timestamp,
    /// The IDs of keys that the last run had no time for: they come first.
    pub(crate) unread: &'a HashSet<String>,
}

/// What was found in a cell.
pub(crate) struct CellReading {
    pub(crate) keys: Vec<KeyReading>,
    pub(crate) coverage: CoverageRow,
}

/// Reads a cell.
pub(crate) async fn read(cell: &Cell<'_>) -> CellReading {
    let (found, has_keys) = oneshot::channel();
    // Boxed, as below, so that what is done takes no memory while a cell waits for
    // its pace: there are thousands of them.
    let names = Box::pin(names(cell, has_keys));
    let (ask, asked) = mpsc::unbounded_channel();
    let (names, (mut keys, listing), mut dependents) = tokio::join!(
        names,
        read_keys(cell, found, ask),
        dependents::look_for(cell, asked)
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
    let not_known_in_full = |key: &&KeyReading| key.dependents().is_some_and(|d| !d.is_whole());
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
    let coverage = coverage(cell, &keys, listing, details);
    CellReading { keys, coverage }
}

/// How many keys there are whose guard was to be read and could not be.
fn unaudited(cell: &Cell<'_>, keys: &[KeyReading]) -> usize {
    if cell.settings.audit_guard == Switch::Off {
        return 0;
    }
    // Whose key it is must be known before its policy is asked for.
    let is_unknown =
        |key: &&KeyReading| key.manager == Some(Manager::Customer) && key.guard().is_none();
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
    match cell.stop.or(cell.kms.aliases()).await {
        Ok(Ok(names)) => Ok(names),
        Ok(Err(error)) => {
            error.log_gap("the names of keys are not known");
            Err(format!("{}: names not known", error.gap()))
        }
        Err(NoTimeLeft) => Err(format!("{}: names not known", Gap::NoTimeLeft)),
    }
}

fn coverage(
    cell: &Cell<'_>,
    keys: &[KeyReading],
    listing: Result<(), ListingEnd>,
    mut details: Vec<String>,
) -> CoverageRow {
    let mut gaps: Vec<&Gap> = keys.iter().filter_map(usage_gap).collect();
    gaps.sort();
    let listed = CellKeys {
        is_whole: listing.is_ok(),
        listed: keys.len() as u64,
        unreadable: gaps.len() as u64,
    };
    if !gaps.is_empty() {
        details.insert(0, gaps_told(gaps.iter().copied()));
    }
    let (status, gap) = match listing {
        Ok(()) if gaps.is_empty() => (CoverageStatus::Scanned, None),
        Ok(()) => (CoverageStatus::Partial, None),
        Err(ListingEnd::NoTimeLeft) if keys.is_empty() => {
            (CoverageStatus::Deferred, Some(Gap::NoTimeLeft))
        }
        Err(ListingEnd::NoTimeLeft) => {
            details.push("no time left to list all keys".to_owned());
            let gap = gaps.first().copied().cloned();
            (CoverageStatus::Partial, gap.or(Some(Gap::NoTimeLeft)))
        }
        Err(ListingEnd::Failed(error)) => {
            error.log_gap("a cell could not be listed");
            let status = match error.failure {
                Failure::Refused if keys.is_empty() => CoverageStatus::Denied,
                _ => CoverageStatus::Failed,
            };
            (status, Some(error.gap()))
        }
    };
    let nothing_is_known = keys.is_empty() && gap.is_some();
    CoverageRow {
        account: Arc::clone(cell.account),
        scope: Scope::Cell {
            region: Some(cell.region.clone()),
            kind: KeyKind::KmsKey,
        },
        status,
        keys: (!nothing_is_known).then_some(listed),
        gap: gap.or(gaps.first().copied().cloned()),
        detail: details.join("; "),
    }
}

fn usage_gap(key: &KeyReading) -> Option<&Gap> {
    match &key.usage {
        Usage::Unreadable(gap) => Some(gap),
        Usage::NotAsked | Usage::Recorded(_) | Usage::NoneRecorded { .. } => None,
    }
}

/// Reads every key that the listing returns, and says how the listing ended.
/// Listing and reading go on side by side: the first key is read while others
/// are still being listed.
async fn read_keys(
    cell: &Cell<'_>,
    found: oneshot::Sender<()>,
    ask: mpsc::UnboundedSender<String>,
) -> (Vec<KeyReading>, Result<(), ListingEnd>) {
    let (listed, to_read) = mpsc::channel(KEYS_AHEAD);
    let listing = Box::pin(list_keys(cell, found, listed));
    let (listing, keys) = tokio::join!(listing, read_listed(cell, to_read, ask));
    (keys, listing)
}

async fn list_keys(
    cell: &Cell<'_>,
    found: oneshot::Sender<()>,
    to_read: mpsc::Sender<Listed>,
) -> Result<(), ListingEnd> {
    let mut found = Some(found);
    // Pages can repeat a key.
    let mut seen = HashSet::new();
    let mut marker = None;
    loop {
        let page = cell.stop.or(cell.kms.keys_page(marker)).await;
        let page = page
            .map_err(|NoTimeLeft| ListingEnd::NoTimeLeft)?
            .map_err(ListingEnd::Failed)?;
        let page_keys: Vec<Listed> = page
            .keys
            .into_iter()
            .filter_map(Listed::new)
            .filter(|listed| seen.insert(listed.key_id.clone()))
            .collect();
        for _ in &page_keys {
            cell.progress.key_listed();
            cell.kms.requests.key_listed();
        }
        for listed in page_keys {
            // The other ends listen until these are dropped.
            let _ = found.take().map(|found| found.send(()));
            let _ = to_read.send(listed).await;
        }
        marker = page.next;
        if marker.is_none() {
            return Ok(());
        }
    }
}

/// Reads keys, and asks for what depends on some of them.
async fn read_listed(
    cell: &Cell<'_>,
    mut listed: mpsc::Receiver<Listed>,
    ask: mpsc::UnboundedSender<String>,
) -> Vec<KeyReading> {
    let mut reading = FuturesUnordered::new();
    let mut keys = Vec::new();
    // Where the last run had no time for all keys, those that it did not read come
    // first, and of these others every night.
    let mut waiting = VecDeque::new();
    if !cell.unread.is_empty() {
        waiting = unread_first(cell, &mut listed).await;
    }
    let mut is_listing = true;
    loop {
        let has_room = reading.len() < KEYS_AHEAD;
        if has_room && let Some(listed) = waiting.pop_front() {
            reading.push(read_key(cell, listed));
            continue;
        }
        tokio::select! {
            next = listed.recv(), if is_listing && has_room => match next {
                Some(listed) => reading.push(read_key(cell, listed)),
                None => is_listing = false,
            },
            Some(key) = reading.next() => {
                if dependents::are_wanted(cell, &key) {
                    // The other end listens until this one is dropped.
                    let _ = ask.send(key.key_id.clone());
                }
                keys.push(key);
            }
            else => return keys,
        }
    }
}

/// Every key of the listing, those first that the last run had no time for.
async fn unread_first(cell: &Cell<'_>, listed: &mut mpsc::Receiver<Listed>) -> VecDeque<Listed> {
    let (mut unread, mut read) = (Vec::new(), Vec::new());
    while let Some(key) = listed.recv().await {
        match cell.unread.contains(&key.key_id) {
            true => unread.push(key),
            false => read.push(key),
        }
    }
    unread.sort_by(|a: &Listed, b| a.key_id.cmp(&b.key_id));
    turns::turn(&mut unread, cell.now);
    unread.append(&mut read);
    unread.into()
}

/// Why a listing ended before its time.
#[derive(Debug)]
enum ListingEnd {
    NoTimeLeft,
    Failed(CallError),
}

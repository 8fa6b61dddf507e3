//! Reading one cell: every KMS key of one account and Region.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use aws_sdk_kms::types::{KeyListEntry, KeyManagerType, KeyMetadata, Tag};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    coverage::{CellKeys, CoverageRow, CoverageStatus, Scope, gaps_told},
    reading::{Gap, KeyKind, KeyReading, Manager, Usage},
    region::Region,
    settings::Settings,
    verdict::is_pending_deletion,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    call_error::{CallError, Failure},
    kms::Kms,
    progress::Progress,
    stop::{NoTimeLeft, Stop},
    turns,
    usage::{timestamp, told_usage},
};

/// How many keys of a cell are worked on at once. Reading a key's usage waits
/// for the cell's pace, so this many keys are listed and described ahead: enough
/// to keep the pace through slow answers and runs of keys that need no reading.
const KEYS_AHEAD: usize = 16;

/// What a cell is read with.
pub(crate) struct Cell<'a> {
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
    let (names, (mut keys, listing)) = tokio::join!(names, read_keys(cell, found));
    let mut details = Vec::new();
    let names = names.unwrap_or_else(|unknown| {
        details.push(unknown);
        HashMap::new()
    });
    for key in &mut keys {
        if let Some(names) = names.get(&key.key_id) {
            key.names.clone_from(names);
        }
    }
    let untagged = keys.iter().filter(|key| key.tags_gap.is_some()).count();
    if untagged > 0 {
        details.push(format!("keys whose tags are not known: {untagged}"));
    }
    let coverage = coverage(cell, &keys, listing, details);
    CellReading { keys, coverage }
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
            (CoverageStatus::Partial, None)
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
) -> (Vec<KeyReading>, Result<(), ListingEnd>) {
    let (listed, to_read) = mpsc::channel(KEYS_AHEAD);
    let listing = Box::pin(list_keys(cell, found, listed));
    let (listing, keys) = tokio::join!(listing, read_listed(cell, to_read));
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

async fn read_listed(cell: &Cell<'_>, mut listed: mpsc::Receiver<Listed>) -> Vec<KeyReading> {
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
            Some(key) = reading.next() => keys.push(key),
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

/// A key as ListKeys returns it.
struct Listed {
    key_id: String,
    arn: String,
}

impl Listed {
    fn new(entry: KeyListEntry) -> Option<Self> {
        let arn = entry.key_arn.unwrap_or_default();
        let key_id = entry
            .key_id
            .or_else(|| arn.rsplit('/').next().map(str::to_owned))?;
        Some(Self { key_id, arn })
    }
}

async fn read_key(cell: &Cell<'_>, listed: Listed) -> KeyReading {
    let mut key = KeyReading {
        account: Arc::clone(cell.account),
        region: Some(cell.region.clone()),
        kind: KeyKind::KmsKey,
        key_id: listed.key_id,
        arn: listed.arn,
        names: Vec::new(),
        owner: None,
        exemption: None,
        manager: None,
        state: None,
        created_at: None,
        usage: Usage::NotAsked,
        told_at: None,
        tags_gap: None,
    };
    let described = cell.stop.or(Box::pin(cell.kms.describe(&key.key_id))).await;
    match described {
        Err(NoTimeLeft) => key.usage = Usage::Unreadable(Gap::NoTimeLeft),
        Ok(Ok(metadata)) => describe(&mut key, *metadata),
        Ok(Err(error)) => {
            error.log_gap("a key could not be read");
            key.usage = Usage::Unreadable(error.gap());
        }
    }
    if key.manager == Some(Manager::Customer) {
        Box::pin(read_customer_key(cell, &mut key)).await;
    }
    cell.progress.key_read();
    cell.kms.requests.key_done();
    key
}

fn describe(key: &mut KeyReading, metadata: KeyMetadata) {
    key.manager = Some(match metadata.key_manager {
        Some(KeyManagerType::Aws) => Manager::Aws,
        _ => Manager::Customer,
    });
    key.state = metadata.key_state.map(|state| state.as_str().to_owned());
    key.created_at = metadata.creation_date.and_then(timestamp);
    if let Some(arn) = metadata.arn {
        key.arn = arn;
    }
}

/// Tags and last use of a customer's key, at the same time.
async fn read_customer_key(cell: &Cell<'_>, key: &mut KeyReading) {
    let is_pending_deletion = key.state.as_deref().is_some_and(is_pending_deletion);
    let usage = async {
        match is_pending_deletion {
            true => Usage::NotAsked,
            false => usage(cell, &key.key_id, key.created_at).await,
        }
    };
    let tags = cell.stop.or(Box::pin(cell.kms.tags(&key.key_id)));
    let (tags, usage) = tokio::join!(tags, usage);
    key.usage = usage;
    match tags {
        Err(NoTimeLeft) => key.tags_gap = Some(Gap::NoTimeLeft),
        Ok(Ok(tags)) => {
            key.owner = first_of(&tags, &cell.settings.owner_tags);
            key.exemption = first_of(&tags, std::slice::from_ref(&cell.settings.exempt_tag));
        }
        Ok(Err(error)) => {
            error.log_gap("a key's tags could not be read");
            key.tags_gap = Some(error.gap());
        }
    }
}

/// The value of the first of `keys` that is among `tags`.
fn first_of(tags: &[Tag], keys: &[String]) -> Option<String> {
    let value = |key: &String| tags.iter().find(|tag| tag.tag_key() == key);
    keys.iter()
        .find_map(value)
        .map(|tag| tag.tag_value().to_owned())
}

async fn usage(cell: &Cell<'_>, key_id: &str, created_at: Option<Timestamp>) -> Usage {
    match cell.stop.or(Box::pin(cell.kms.last_usage(key_id))).await {
        Err(NoTimeLeft) => Usage::Unreadable(Gap::NoTimeLeft),
        Ok(Ok(answer)) => told_usage(answer, created_at),
        Ok(Err(error)) => {
            error.log_gap("a key's last usage could not be read");
            Usage::Unreadable(error.gap())
        }
    }
}

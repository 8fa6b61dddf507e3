//! A cell of KMS keys: those of one account and Region.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use keycensus_core::{
    model::{
        account::Account,
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        dependents::Dependents,
        gap::Gap,
        partial_reading::{Extent, PartialReading},
        reading::{KeyKind, KeyReading},
        region::Region,
    },
    settings::Settings,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};

use crate::{
    deadline::{
        Deadline,
        unanswered::{Unanswered, answer_or_log},
    },
    parts::sink::Sink,
    progress::{KmsCellProgress, Unlisted},
    read::{
        cell_reading::CellReading,
        kms_keys::{
            dependents::{self, Asking},
            key::{KeyContext, ListedKeyId, ReadKey, read_key, unread_key},
            listing::Listing,
            tally::Tally,
        },
        rotation,
    },
    services::{aws::Aws, ec2::Ec2, kms::Kms},
    transport::session::Session,
};

/// How many keys of a cell are worked on at once. Reading a key's usage waits
/// for the cell's pace, so this many keys are listed and described ahead: enough
/// to keep the pace through slow answers and runs of keys that need no reading.
const KEYS_AHEAD: usize = 16;

/// How many keys of a cell are kept at a time, before the cell is read to its end.
const KEYS_KEPT_AT_ONCE: usize = 500;
/// How long keys that were read are not kept at most, while others of their cell are read.
const LONGEST_UNKEPT: Duration = Duration::from_secs(15);

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
    /// Where keys are kept before the cell is read to its end.
    pub(crate) sink: &'a Sink,
}

/// What earlier slices of the run have read of a cell.
#[derive(Debug, Default)]
pub(crate) struct KeptCell {
    /// The IDs of the keys that were read.
    read: HashSet<String>,
    tally: Tally,
}

impl KeptCell {
    /// Adds a key that was read.
    pub(crate) fn add(&mut self, key: &KeyReading, settings: &Settings, now: Timestamp) {
        if self.read.insert(key.key_id.clone()) {
            self.tally.add(key, settings, now);
        }
    }
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

/// The names of a cell's keys by key ID, or what to say where they are not known.
type Names = Result<HashMap<String, Vec<String>>, String>;

/// Reads a cell, or what is left of it. It is `unlisted` until its listing ends.
pub(crate) async fn read(cell: &Cell<'_>, kept: KeptCell, unlisted: Unlisted) -> CellReading {
    let (found, has_keys) = oneshot::channel();
    let (ask, asked) = mpsc::unbounded_channel();
    let (answer, answers) = mpsc::unbounded_channel();
    let names = OnceLock::new();
    let reader = Reader {
        cell,
        names: &names,
        kept: kept.read,
        tally: kept.tally,
        kept_at: Instant::now(),
        done: Vec::new(),
        unread: Vec::new(),
        asking: HashMap::new(),
    };
    let ((), (reader, listing, answers), ()) = tokio::join!(
        async {
            // Nobody else sets them.
            let _ = names.set(ask_names(cell, has_keys).await);
        },
        reader.read_keys(found, ask, answers, unlisted),
        dependents::look_for(
            cell.of_key(),
            || Ec2::new(cell.aws, cell.session, cell.region),
            asked,
            answer,
        )
    );
    reader.finish(listing, answers)
}

/// The names of the cell's keys, asked for when there is a key.
async fn ask_names(cell: &Cell<'_>, has_keys: oneshot::Receiver<()>) -> Names {
    if has_keys.await.is_err() {
        return Ok(HashMap::new());
    }
    let names = cell.deadline.or(Box::pin(cell.kms.aliases())).await;
    answer_or_log(names, "the names of keys are not known")
        .map_err(|unanswered| format!("{}: names not known", unanswered.gap()))
}

/// Reads the keys of a cell.
struct Reader<'a> {
    cell: &'a Cell<'a>,
    names: &'a OnceLock<Names>,
    /// The IDs of keys that earlier slices have read.
    kept: HashSet<String>,
    tally: Tally,
    /// When keys were kept last.
    kept_at: Instant,
    /// Keys that were read, all but their names.
    done: Vec<ReadKey>,
    /// Keys that there was no time left to read.
    unread: Vec<ReadKey>,
    /// Keys that were read, all but their names and what depends on them.
    asking: HashMap<String, ReadKey>,
}

impl Reader<'_> {
    /// Reads every key that the listing returns, and says how the listing ended.
    /// Listing and reading go on side by side: the first key is read while others
    /// are still being listed.
    async fn read_keys(
        mut self,
        found: oneshot::Sender<()>,
        ask: mpsc::UnboundedSender<Asking>,
        mut answers: mpsc::UnboundedReceiver<(String, Dependents)>,
        unlisted: Unlisted,
    ) -> (
        Self,
        Result<(), Unanswered>,
        mpsc::UnboundedReceiver<(String, Dependents)>,
    ) {
        let cell = self.cell;
        let mut found = Some(found);
        let mut unlisted = Some(unlisted);
        let mut listing = Listing::new(&cell.kms, cell.deadline);
        let mut listed = VecDeque::new();
        let mut reading = FuturesUnordered::new();
        // Where the last run had no time for all keys, those that it did not read come
        // first, and of these others every night.
        let lists_first = !cell.unread.is_empty();
        loop {
            let is_near_the_end = cell.deadline.is_near();
            let lists_only = lists_first && listing.goes_on();
            let may_read = !lists_only && !is_near_the_end;
            while may_read
                && reading.len() < KEYS_AHEAD
                && let Some(key) = listed.pop_front()
            {
                reading.push(read_listed(cell, key));
            }
            let may_list = listing.goes_on()
                && (lists_first || listed.len() < KEYS_AHEAD)
                && (!is_near_the_end || cell.deadline.is_reached());
            tokio::select! {
                // In this order, so that a seed of `make soak` replays its run.
                biased;
                page = listing.next(), if may_list => {
                    for key in page {
                        if self.kept.contains(&key.key_id) {
                            continue;
                        }
                        cell.progress.key_listed();
                        cell.kms.requests.key_listed();
                        listed.push_back(key);
                    }
                    if !listing.goes_on() {
                        drop(unlisted.take());
                    }
                    if !listed.is_empty() {
                        // The other end listens until this is dropped.
                        let _ = found.take().map(|found| found.send(()));
                    }
                    if lists_first && !listing.goes_on() {
                        unread_first(cell, &mut listed);
                    }
                }
                Some((key, is_cut)) = reading.next() => self.take(key, is_cut, &ask),
                Some((key_id, dependents)) = answers.recv(), if !self.asking.is_empty() => {
                    self.answered(&key_id, dependents);
                }
                else => {
                    for key in listed {
                        self.unread.push(unread_key(cell.of_key(), key));
                        cell.progress.key_read();
                        cell.kms.requests.key_done();
                    }
                    return (self, listing.end(), answers);
                }
            }
            self.keep_some();
        }
    }

    /// Takes a key that was read.
    fn take(&mut self, key: ReadKey, extent: Extent, ask: &mpsc::UnboundedSender<Asking>) {
        let wants_dependents = dependents::are_wanted(self.cell.of_key(), &key);
        if wants_dependents {
            // The other end listens until this one is dropped.
            let _ = ask.send(Asking {
                key_id: key.key_id.clone(),
                arn: key.arn.clone(),
            });
        }
        match (extent, wants_dependents) {
            (Extent::Cut, _) => self.unread.push(key),
            (_, true) => {
                self.asking.insert(key.key_id.clone(), key);
            }
            (_, false) => self.done.push(key),
        }
    }

    /// Takes what depends on a key.
    fn answered(&mut self, key_id: &str, dependents: Dependents) {
        let Some(mut key) = self
            .asking
            .remove(key_id)
            .or_else(|| self.take_unread(key_id))
        else {
            return;
        };
        key.before_deletion.get_or_insert_default().dependents = Some(dependents);
        match self.cell.deadline.is_reached() {
            true => self.unread.push(key),
            false => self.done.push(key),
        }
    }

    fn take_unread(&mut self, key_id: &str) -> Option<ReadKey> {
        let at = self.unread.iter().position(|key| key.key_id == key_id)?;
        Some(self.unread.swap_remove(at))
    }

    /// Keeps the keys that were read where they are many and nothing is lacking.
    fn keep_some(&mut self) {
        let is_time =
            self.done.len() >= KEYS_KEPT_AT_ONCE || self.kept_at.elapsed() > LONGEST_UNKEPT;
        if self.done.is_empty() || !is_time || self.cell.deadline.is_reached() {
            return;
        }
        let Some(names) = self.names.get() else {
            return;
        };
        self.kept_at = Instant::now();
        let names = names.as_ref().ok();
        let keys = std::mem::take(&mut self.done).into_iter();
        let keys: Vec<KeyReading> = keys.map(|key| named(*key, names)).collect();
        for key in &keys {
            self.tally.add(key, self.cell.settings, self.cell.now);
        }
        let some = PartialReading {
            keys,
            ..PartialReading::default()
        };
        self.cell.sink.keep(self.cell.account, some);
    }

    /// What was found in the cell.
    fn finish(
        mut self,
        listing: Result<(), Unanswered>,
        mut answers: mpsc::UnboundedReceiver<(String, Dependents)>,
    ) -> CellReading {
        while let Ok((key_id, dependents)) = answers.try_recv() {
            self.answered(&key_id, dependents);
        }
        let asking = std::mem::take(&mut self.asking);
        self.done.extend(asking.into_values());
        let (names, names_not_known) = match self.names.get() {
            Some(Ok(names)) => (Some(names), None),
            Some(Err(why)) => (None, Some(why.clone())),
            None => (None, None),
        };
        let name = |keys: Vec<ReadKey>| -> Vec<KeyReading> {
            let keys = keys.into_iter();
            keys.map(|key| named(*key, names)).collect()
        };
        let (mut keys, mut unread_keys) = (name(self.done), name(self.unread));
        for key in keys.iter().chain(&unread_keys) {
            self.tally.add(key, self.cell.settings, self.cell.now);
        }
        // What came in too late, of the cell or of a key, may be lacking something.
        let lacks_time = self.cell.deadline.is_reached()
            || !unread_keys.is_empty()
            || matches!(listing, Err(Unanswered::NoTimeLeft));
        let extent = match lacks_time {
            true => Extent::Cut,
            false => Extent::Whole,
        };
        if extent == Extent::Cut && names_not_known.is_some() {
            unread_keys.append(&mut keys);
        }
        CellReading {
            coverage: coverage(self.cell, &self.tally, &listing, names_not_known),
            keys,
            unread_keys,
            extent,
            listing_error: match listing {
                Err(Unanswered::Failed(error)) => Some(error),
                Err(Unanswered::NoTimeLeft) | Ok(()) => None,
            },
        }
    }
}

fn named(mut key: KeyReading, names: Option<&HashMap<String, Vec<String>>>) -> KeyReading {
    if let Some(names) = names.and_then(|names| names.get(&key.key_id)) {
        key.names.clone_from(names);
    }
    key
}

fn coverage(
    cell: &Cell<'_>,
    tally: &Tally,
    listing: &Result<(), Unanswered>,
    names_not_known: Option<String>,
) -> CoverageRow {
    let listed = CellKeys {
        is_whole: listing.is_ok(),
        listed: tally.listed,
        unreadable: tally.unreadable(),
    };
    let mut details = tally.describe(names_not_known);
    let mut gaps = tally.gaps();
    let is_empty = tally.listed == 0;
    let status = match listing {
        Ok(()) if gaps.is_empty() => CoverageStatus::Scanned,
        Ok(()) => CoverageStatus::Partial,
        Err(Unanswered::NoTimeLeft) if gaps.is_empty() => {
            if !is_empty {
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
            match is_empty {
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
    match is_empty && listing.is_err() {
        true => CoverageRow::unlisted(cell.account, scope, status, gaps.into_iter().next(), &more),
        false => CoverageRow::of_cell(cell.account, scope, status, listed, &gaps, &more),
    }
}

/// Reads a key, and says whether it was read to its end.
async fn read_listed(cell: &Cell<'_>, listed: ListedKeyId) -> (ReadKey, Extent) {
    let key = read_key(cell.of_key(), listed).await;
    cell.progress.key_read();
    cell.kms.requests.key_done();
    match cell.deadline.is_reached() {
        true => (key, Extent::Cut),
        false => (key, Extent::Whole),
    }
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

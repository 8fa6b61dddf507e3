//! Reads the keys of a cell, at the pace of GetKeyLastUsage.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use keycensus_core::{
    model::{
        before_deletion::BeforeDeletion,
        dependents::Dependents,
        partial_reading::{Extent, PartialReading},
        reading::{KeyReading, Manager},
        refused_uses::RefusedUses,
    },
    settings::Switch,
};
use tokio::time::Instant;

use crate::{
    deadline::unanswered::{Unanswered, answer_or_log},
    read::{
        cell_reading::CellReading,
        coverage_of_listing::failed,
        kms_keys::{
            cell::{Cell, KeptCell},
            dependents::{self, Asking},
            key::{ListedKeyId, ReadKey, managed_by_aws, read_key, unread_key},
            listing::Listing,
            refused_uses,
            tally::Tally,
        },
        rotation,
    },
    services::{cloudtrail::CloudTrail, ec2::Ec2},
};

/// How many keys of a cell are worked on at once. Reading a key's usage waits
/// for the cell's pace, so this many keys are listed and described ahead: enough
/// to keep the pace through slow answers and runs of keys that need no reading.
pub(crate) const KEYS_AHEAD: usize = 16;

/// How many keys of a cell are kept at a time, before the cell is read to its end.
const KEYS_KEPT_AT_ONCE: usize = 500;
/// How long keys that were read are not kept at most, while others of their cell are read.
const LONGEST_UNKEPT: Duration = Duration::from_secs(15);

/// The names of a cell's keys by key ID, or what to say where they are not known.
type Names = Result<HashMap<String, Vec<String>>, String>;

/// Reads the keys that were `listed`, and those that the `listing` has yet to return, but for those
/// that are kept. Listing and reading go on side by side: the first key is read while others are
/// still being listed. The keys that are returned beside are those that AWS manages whose last use is
/// yet to be read.
pub(crate) async fn read<'a>(
    cell: &'a Cell<'a>,
    kept: KeptCell,
    listing: Listing<'a>,
    listed: VecDeque<ListedKeyId>,
) -> (CellReading, Vec<KeyReading>) {
    let reader = Reader {
        cell,
        names: None,
        waiting: Vec::new(),
        kept: kept.read,
        tally: kept.tally,
        kept_at: Instant::now(),
        done: Vec::new(),
        managed: Vec::new(),
        unread: Vec::new(),
        asking: HashMap::new(),
        dependents: None,
        refused_uses: None,
    };
    reader.read_keys(listing, listed).await
}

/// Reads the keys of a cell.
struct Reader<'a> {
    cell: &'a Cell<'a>,
    /// The names of keys, when they were answered.
    names: Option<Names>,
    /// Keys that wait for their names.
    waiting: Vec<ListedKeyId>,
    /// The IDs of keys that earlier slices have read.
    kept: HashSet<String>,
    tally: Tally,
    /// When keys were kept last.
    kept_at: Instant,
    /// Keys that were read, all but their names.
    done: Vec<ReadKey>,
    /// Keys that AWS manages, whose last use is to be read after that of all others.
    managed: Vec<ReadKey>,
    /// Keys that there was no time left to read.
    unread: Vec<ReadKey>,
    /// Keys that were read, all but their names and what is searched for them.
    asking: HashMap<String, AskingKey>,
    /// Looks for what depends on them; begun with the first.
    dependents: Option<Box<dependents::Search<'a>>>,
    /// Looks for refused uses of them; begun with the first.
    refused_uses: Option<Box<refused_uses::Search<'a>>>,
}

/// A key that was read, and for which more is searched.
struct AskingKey {
    key: ReadKey,
    extent: Extent,
    /// How many searches have not ended.
    searches: u8,
}

impl<'a> Reader<'a> {
    async fn read_keys(
        mut self,
        mut listing: Listing<'a>,
        mut listed: VecDeque<ListedKeyId>,
    ) -> (CellReading, Vec<KeyReading>) {
        let cell = self.cell;
        let mut asked_names: BoxFuture<'a, Names> = Box::pin(ask_names(cell));
        let mut reading = FuturesUnordered::new();
        // Where the last run had no time for all keys, those that it did not read come
        // first, and of these others every night.
        let lists_first = !cell.unread.is_empty();
        if lists_first && !listing.goes_on() {
            unread_first(cell, &mut listed);
        }
        loop {
            let is_near_the_end = cell.deadline.is_near();
            let lists_only = lists_first && listing.goes_on();
            let may_read = !lists_only && !is_near_the_end;
            while may_read
                && reading.len() < KEYS_AHEAD
                && let Some(key) = listed.pop_front()
            {
                match self.without_reading(key) {
                    Ok(()) => {}
                    Err(key) => reading.push(read_listed(cell, key)),
                }
            }
            let may_list = listing.goes_on()
                && (lists_first || listed.len() < KEYS_AHEAD)
                && (!is_near_the_end || cell.deadline.is_reached());
            tokio::select! {
                // In this order, so that a seed of `make soak` replays its run.
                biased;
                page = listing.next(), if may_list => {
                    listed.extend(cell.take_listed(page, &self.kept));
                    if lists_first && !listing.goes_on() {
                        unread_first(cell, &mut listed);
                    }
                }
                Some((key, extent)) = reading.next() => self.take(key, extent),
                Some((key_id, found)) = next_dependents(&mut self.dependents), if !self.asking.is_empty() => {
                    self.answered(&key_id, |key| key.dependents = Some(found));
                }
                Some((key_id, found)) = next_refused_uses(&mut self.refused_uses), if !self.asking.is_empty() => {
                    self.answered(&key_id, |key| key.refused_uses = Some(found));
                }
                names = &mut asked_names, if self.names.is_none() => {
                    self.names = Some(names);
                    listed.extend(self.waiting.drain(..));
                }
                else => {
                    for key in listed {
                        self.unread.push(unread_key(cell.of_key(), key));
                        cell.progress.key_read();
                        cell.kms.requests.key_done();
                    }
                    return self.finish(listing.end());
                }
            }
            self.keep_some();
        }
    }

    /// Takes a key that need not be described if AWS manages it still, which its names say: it waits for
    /// them. Gives back any other.
    fn without_reading(&mut self, key: ListedKeyId) -> Result<(), ListedKeyId> {
        let cell = self.cell;
        let last = cell.last.as_ref();
        if !last.is_some_and(|last| last.was_managed_by_aws(&key.key_id)) {
            return Err(key);
        }
        let Some(names) = &self.names else {
            self.waiting.push(key);
            return Ok(());
        };
        let names = names.as_ref().ok();
        let names = names.and_then(|names| names.get(&key.key_id));
        let names = names.map_or(&[][..], Vec::as_slice);
        let managed = managed_by_aws(cell.of_key(), &key, names).ok_or(key)?;
        self.take(managed, Extent::Whole);
        cell.progress.key_read();
        cell.kms.requests.key_done();
        Ok(())
    }

    /// Takes a key that was read.
    fn take(&mut self, key: ReadKey, extent: Extent) {
        let context = self.cell.of_key();
        // What depends on a key that was cut off is searched for by the next slice.
        let wants_dependents = extent != Extent::Cut && dependents::are_wanted(context, &key);
        let wants_refused_uses = refused_uses::are_wanted(context, &key);
        if wants_dependents {
            self.search_dependents(&key);
        }
        if wants_refused_uses {
            self.search_refused_uses(&key);
        }
        let searches = u8::from(wants_dependents) + u8::from(wants_refused_uses);
        let asking = AskingKey {
            key,
            extent,
            searches,
        };
        match searches {
            0 => self.put(asking),
            _ => drop(self.asking.insert(asking.key.key_id.clone(), asking)),
        }
    }

    fn search_dependents(&mut self, key: &KeyReading) {
        let cell = self.cell;
        let begin = || {
            let ec2 = Ec2::new(cell.aws, cell.session, cell.region);
            Box::new(dependents::Search::new(cell.of_key(), ec2))
        };
        self.dependents.get_or_insert_with(begin).ask(Asking {
            key_id: key.key_id.clone(),
            arn: key.arn.clone(),
        });
    }

    fn search_refused_uses(&mut self, key: &KeyReading) {
        let cell = self.cell;
        let begin = || {
            let trail = CloudTrail::new(cell.aws, cell.session, cell.region);
            let search = refused_uses::Search::new(cell.of_key(), trail, cell.last_night);
            Box::new(search)
        };
        self.refused_uses.get_or_insert_with(begin).ask(key);
    }

    /// Takes what was found for a key.
    fn answered(&mut self, key_id: &str, set: impl FnOnce(&mut BeforeDeletion)) {
        let Some(asking) = self.asking.get_mut(key_id) else {
            return;
        };
        set(asking.key.before_deletion.get_or_insert_default());
        asking.searches -= 1;
        if asking.searches == 0
            && let Some(asking) = self.asking.remove(key_id)
        {
            self.put(asking);
        }
    }

    /// Puts a key aside of which everything is known that there was time for.
    fn put(&mut self, AskingKey { key, extent, .. }: AskingKey) {
        let was_searched = key.dependents().is_some() || key.refused_uses().is_some();
        let came_too_late = was_searched && self.cell.deadline.is_reached();
        let is_read_last =
            self.cell.settings.aws_managed == Switch::On && key.manager == Some(Manager::Aws);
        if extent == Extent::Cut || came_too_late {
            self.unread.push(key);
        } else if is_read_last {
            self.managed.push(key);
        } else {
            self.done.push(key);
        }
    }

    /// Keeps the keys that were read where they are many and nothing is lacking.
    fn keep_some(&mut self) {
        let is_time =
            self.done.len() >= KEYS_KEPT_AT_ONCE || self.kept_at.elapsed() > LONGEST_UNKEPT;
        if self.done.is_empty() || !is_time || self.cell.deadline.is_reached() {
            return;
        }
        let Some(names) = &self.names else {
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

    /// What was found in the cell, and the keys that AWS manages whose last use is yet to be read.
    fn finish(mut self, listing: Result<(), Unanswered>) -> (CellReading, Vec<KeyReading>) {
        let (names, names_not_known) = match &self.names {
            Some(Ok(names)) => (Some(names), None),
            Some(Err(why)) => (None, Some(why.clone())),
            None => (None, None),
        };
        let name = |keys: Vec<ReadKey>| -> Vec<KeyReading> {
            let keys = keys.into_iter();
            keys.map(|key| named(*key, names)).collect()
        };
        let (mut keys, mut unread_keys) = (name(self.done), name(self.unread));
        let managed_keys = name(self.managed);
        for key in keys.iter().chain(&unread_keys).chain(&managed_keys) {
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
        let reading = CellReading {
            coverage: self.cell.coverage(&self.tally, &listing, names_not_known),
            keys,
            unread_keys,
            extent,
            listing_error: failed(listing),
        };
        (reading, managed_keys)
    }
}

/// The names of the cell's keys.
async fn ask_names(cell: &Cell<'_>) -> Names {
    let names = cell.deadline.or(cell.kms.aliases()).await;
    answer_or_log(names, "the names of keys are not known")
        .map_err(|unanswered| format!("{}: names not known", unanswered.gap()))
}

/// The next key whose dependents are known.
async fn next_dependents(
    search: &mut Option<Box<dependents::Search<'_>>>,
) -> Option<(String, Dependents)> {
    search.as_mut()?.next().await
}

/// The next key whose refused uses are known.
async fn next_refused_uses(
    search: &mut Option<Box<refused_uses::Search<'_>>>,
) -> Option<(String, RefusedUses)> {
    search.as_mut()?.next().await
}

fn named(mut key: KeyReading, names: Option<&HashMap<String, Vec<String>>>) -> KeyReading {
    if let Some(names) = names.and_then(|names| names.get(&key.key_id)) {
        key.names.clone_from(names);
    }
    key
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

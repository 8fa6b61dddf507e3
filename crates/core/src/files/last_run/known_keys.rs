//! The keys that the last run knew: those that it listed, and those that it could
//! not see but remembered.

use std::{collections::HashMap, sync::Arc};

use csv::StringRecord;
use jiff::civil::Date;

use super::{
    NoLastRun,
    texts::{Place, Texts},
};
use crate::{
    files::csv_table::{self, NotCsv, Table},
    judge::verdict::Verdict,
    model::{
        account::{Account, AccountId},
        reading::{DISABLED, KeyKind},
    },
};

/// The columns that are needed of both files.
const COLUMNS: [&str; 11] = [
    "account_id",
    "account_name",
    "region",
    "kind",
    "key_id",
    "name",
    "owner",
    "state",
    "verdict",
    "flagged",
    "first_flagged_on",
];

/// A column that an earlier version did not write: a key that was disabled then is
/// known to have been so on the day of that report.
const DISABLED_SINCE: &str = "disabled_since";

/// A `keys.csv` that has not this column was written before runs were compared.
const NEWEST_COLUMN: &str = "change";

/// Keys of an earlier report, each known by account, Region, kind and key ID.
///
/// There can be hundreds of thousands, and they are held while the organization
/// is read: what is kept of each is small.
#[derive(Debug, Default)]
pub struct KnownKeys {
    texts: Texts,
    /// Sorted by what they are known by, each once.
    keys: Vec<Compact>,
    scan_date: Option<Date>,
}

/// One key of an earlier report. Texts are as its files have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// Its account.
    pub account: Arc<Account>,
    /// Its Region, or `global`.
    pub region: String,
    /// Its kind.
    pub kind: KeyKind,
    /// Its ID within account, Region and kind.
    pub key_id: String,
    /// Its names, joined by `;`.
    pub name: String,
    /// Its owner; empty where there was none.
    pub owner: String,
    /// AWS's word for its state; empty where it was not known.
    pub state: String,
    /// What was last said of it.
    pub verdict: Verdict,
    /// Whether it was flagged.
    pub is_flagged: bool,
    /// Since when it has been flagged, if it is.
    pub first_flagged_on: Option<Date>,
    /// Since when it has been disabled, if it is.
    pub disabled_since: Option<Date>,
    /// The date of the last report that it was listed in.
    pub last_seen_on: Option<Date>,
}

#[derive(Debug)]
struct Compact {
    account: AccountId,
    account_name: Place,
    region: Place,
    kind: KeyKind,
    key_id: Place,
    name: Place,
    owner: Place,
    state: Place,
    verdict: Verdict,
    is_flagged: bool,
    first_flagged_on: Option<Date>,
    disabled_since: Option<Date>,
    last_seen_on: Option<Date>,
}

/// What was last said of a known key, as far as a comparison needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastSaid<'a> {
    pub(crate) state: &'a str,
    pub(crate) verdict: Verdict,
    pub(crate) first_flagged_on: Option<Date>,
    pub(crate) disabled_since: Option<Date>,
}

impl KnownKeys {
    /// The keys of a `keys.csv`, and those of an `unseen.csv` that are not in it.
    pub(super) fn read(keys_csv: &[u8], unseen_csv: Option<&[u8]>) -> Result<Self, NoLastRun> {
        let mut known = Self::default();
        let mut words = HashMap::new();
        known.add(keys_csv, NEWEST_COLUMN, "scan_date", &mut words)?;
        known.scan_date = known.keys.first().and_then(|key| key.last_seen_on);
        let listed = known.keys.len();
        if let Some(unseen_csv) = unseen_csv
            && known
                .add(unseen_csv, "last_seen_on", "last_seen_on", &mut words)
                .is_err()
        {
            known.keys.truncate(listed);
        }
        let Self { texts, keys, .. } = &mut known;
        // A stable sort: what was listed stays before what was remembered.
        keys.sort_by(|a, b| a.identity(texts).cmp(&b.identity(texts)));
        keys.dedup_by(|later, first| later.identity(texts) == first.identity(texts));
        keys.shrink_to_fit();
        texts.shrink_to_fit();
        Ok(known)
    }

    fn add(
        &mut self,
        csv: &[u8],
        newest_column: &str,
        seen_column: &str,
        words: &mut HashMap<String, Place>,
    ) -> Result<(), NoLastRun> {
        let unreadable = |_: NotCsv| NoLastRun::Unreadable;
        let mut table = Table::new(csv).map_err(unreadable)?;
        let place = |column: &str| table.column(column);
        let (Some(_), Some(_)) = (place("account_id"), place("key_id")) else {
            return Err(NoLastRun::Unreadable);
        };
        place(newest_column).ok_or(NoLastRun::OlderColumns)?;
        let seen = place(seen_column).ok_or(NoLastRun::OlderColumns)?;
        let mut places = [0; COLUMNS.len()];
        for (at, column) in places.iter_mut().zip(COLUMNS) {
            *at = place(column).ok_or(NoLastRun::OlderColumns)?;
        }
        let disabled_since = place(DISABLED_SINCE);
        let mut row = StringRecord::new();
        while table.read(&mut row).map_err(unreadable)? {
            let cells = places.map(|at| row.get(at).unwrap_or_default());
            let dates = Dates {
                seen: row.get(seen).unwrap_or_default(),
                disabled: disabled_since.and_then(|at| row.get(at)),
            };
            let key = self.compact(cells, dates, words);
            self.keys.push(key.ok_or(NoLastRun::Unreadable)?);
        }
        Ok(())
    }

    /// One row, or nothing where it is not as we write it.
    fn compact(
        &mut self,
        cells: [&str; COLUMNS.len()],
        dates: Dates<'_>,
        words: &mut HashMap<String, Place>,
    ) -> Option<Compact> {
        let [
            account,
            account_name,
            region,
            kind,
            key_id,
            name,
            owner,
            state,
            verdict,
            flagged,
            first_flagged_on,
        ] = cells;
        let texts = &mut self.texts;
        let last_seen_on = date(dates.seen)?;
        let disabled_since = match dates.disabled {
            Some(cell) => date(cell)?,
            None => last_seen_on.filter(|_| state == DISABLED),
        };
        Some(Compact {
            account: AccountId::parse(account)?,
            account_name: texts.keep_word(account_name, words)?,
            region: texts.keep_word(region, words)?,
            kind: KeyKind::parse(kind)?,
            key_id: texts.keep(key_id)?,
            name: texts.keep(name)?,
            owner: texts.keep_word(owner, words)?,
            state: texts.keep_word(state, words)?,
            verdict: Verdict::parse(verdict)?,
            is_flagged: csv_table::truth(flagged)?,
            first_flagged_on: date(first_flagged_on)?,
            disabled_since,
            last_seen_on,
        })
    }

    /// The date of the last report; `None` where it had no key to say it.
    #[must_use]
    pub fn scan_date(&self) -> Option<Date> {
        self.scan_date
    }

    /// How many keys are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The place of a key among those that are known.
    pub(crate) fn place(
        &self,
        account: AccountId,
        region: &str,
        kind: KeyKind,
        key_id: &str,
    ) -> Option<usize> {
        let wanted = (account, region, kind.as_str(), key_id);
        self.keys
            .binary_search_by(|key| key.identity(&self.texts).cmp(&wanted))
            .ok()
    }

    /// What was last said of the key at a place.
    pub(crate) fn last_said(&self, place: usize) -> Option<LastSaid<'_>> {
        let key = self.keys.get(place)?;
        Some(LastSaid {
            state: self.texts.at(key.state),
            verdict: key.verdict,
            first_flagged_on: key.first_flagged_on,
            disabled_since: key.disabled_since,
        })
    }

    /// Every key with its account, Region and kind, in the order of places.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (AccountId, &str, KeyKind)> {
        self.keys
            .iter()
            .map(|key| (key.account, self.texts.at(key.region), key.kind))
    }

    /// All that is known of the key at a place.
    pub(crate) fn key(&self, place: usize) -> Option<KnownKey> {
        let key = self.keys.get(place)?;
        let text = |place| self.texts.at(place).to_owned();
        Some(KnownKey {
            account: Arc::new(Account {
                id: key.account,
                name: text(key.account_name),
            }),
            region: text(key.region),
            kind: key.kind,
            key_id: text(key.key_id),
            name: text(key.name),
            owner: text(key.owner),
            state: text(key.state),
            verdict: key.verdict,
            is_flagged: key.is_flagged,
            first_flagged_on: key.first_flagged_on,
            disabled_since: key.disabled_since,
            last_seen_on: key.last_seen_on,
        })
    }
}

impl Compact {
    fn identity<'a>(&self, texts: &'a Texts) -> (AccountId, &'a str, &'static str, &'a str) {
        let (region, key_id) = (texts.at(self.region), texts.at(self.key_id));
        (self.account, region, self.kind.as_str(), key_id)
    }
}

/// The cells of a row that say since when and until when.
struct Dates<'a> {
    seen: &'a str,
    /// `None` where an earlier version wrote the row.
    disabled: Option<&'a str>,
}

/// The date in a cell: nothing in an empty one, and nothing at all for what is no
/// date.
fn date(cell: &str) -> Option<Option<Date>> {
    match cell {
        "" => Some(None),
        _ => cell.parse().ok().map(Some),
    }
}

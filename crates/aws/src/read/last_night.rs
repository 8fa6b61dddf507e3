//! The last run's report, as far as what it has of a key stands in for an answer of this run.

use std::{ops::Range, sync::Arc, time::Duration};

use jiff::Timestamp;
use keycensus_core::{
    files::last_readings::{CellRows, LastReadings, read_row},
    judge::{due::DueRule, judged_key::JudgedKey},
    model::{
        account::AccountId,
        manifest::Manifest,
        plain_text::line_breaks_as_spaces,
        reading::{KeyReading, Manager},
    },
    settings::{ReadMode, Settings},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    deadline::Deadline,
    store::on_disk::{DiskReader, OnDisk},
};

/// The longest that reading waits for the last report.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Where there is a deadline, the part of the time until then that it waits at most.
const PART_OF_THE_TIME: u32 = 10;

/// What an alias begins with that AWS reserves for the keys that it manages
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html>).
const RESERVED_ALIAS: &str = "alias/aws/";

/// The last report, or what it will be.
#[derive(Debug, Clone)]
pub(crate) struct LastNight {
    report: watch::Receiver<Known>,
    /// Until when reading waits for it.
    wait_until: Instant,
}

/// Where the last report is to be handed over.
#[derive(Debug)]
pub(crate) struct Handover {
    report: watch::Sender<Known>,
    settings: Settings,
    now: Timestamp,
}

#[derive(Debug, Clone)]
enum Known {
    NotYet,
    /// Everything is to be read.
    Nothing,
    Report(Arc<Report>),
}

/// A report of which some keys need not be read.
#[derive(Debug)]
struct Report {
    rule: DueRule,
    keys_csv: Arc<OnDisk>,
    readings: LastReadings,
}

/// What the last report has of a cell.
#[derive(Debug)]
pub(crate) struct LastCell {
    report: Arc<Report>,
    rows: CellRows,
}

impl LastNight {
    /// No report stands in for anything.
    pub(crate) fn nothing() -> Self {
        Self {
            report: watch::channel(Known::Nothing).1,
            wait_until: Instant::now(),
        }
    }

    /// The last report of a run that begins at `now`, once it is handed over.
    pub(crate) fn awaited(
        settings: &Settings,
        now: Timestamp,
        deadline: Option<Instant>,
    ) -> (Handover, Self) {
        let known = match settings.read {
            ReadMode::All => Known::Nothing,
            ReadMode::Due => Known::NotYet,
        };
        let (report, receiver) = watch::channel(known);
        let began = Instant::now();
        let most = deadline.map_or(LONGEST_WAIT, |at| {
            (at.saturating_duration_since(began) / PART_OF_THE_TIME).min(LONGEST_WAIT)
        });
        let handover = Handover {
            report,
            settings: settings.clone(),
            now,
        };
        let last_night = Self {
            report: receiver,
            wait_until: began + most,
        };
        (handover, last_night)
    }

    /// What the last report has of a cell, as soon as that is known; `None` where all of the cell is to
    /// be read.
    pub(crate) async fn cell(
        &self,
        account: AccountId,
        region: &str,
        deadline: &Deadline,
    ) -> Option<LastCell> {
        let mut receiver = self.report.clone();
        let known = receiver.wait_for(|known| !matches!(known, Known::NotYet));
        let known = deadline.or(timeout_at(self.wait_until, known)).await;
        let report = match &*known.ok()?.ok()?.ok()? {
            Known::Report(report) => Arc::clone(report),
            Known::Nothing | Known::NotYet => return None,
        };
        report.cell(account, region)
    }
}

impl Handover {
    /// Whether anybody waits for a report.
    pub(crate) fn is_awaited(&self) -> bool {
        self.settings.read == ReadMode::Due
    }

    /// Hands over the report of a run: its manifest, and the `keys.csv` that this names. `None`: there
    /// is none that can be relied on.
    pub(crate) fn give(self, last: Option<(&Manifest, &Arc<OnDisk>)>) {
        if !self.is_awaited() {
            return;
        }
        let report = last.and_then(|(manifest, keys_csv)| {
            let rule = DueRule::new(&self.settings, self.now, manifest)?;
            Report::new(rule, Arc::clone(keys_csv))
        });
        let known = match report {
            Some(report) => Known::Report(Arc::new(report)),
            None => {
                tracing::info!(
                    "the last use of every key is read: no last report can stand in for any"
                );
                Known::Nothing
            }
        };
        // Nobody waits where nothing is left to read.
        let _ = self.report.send(known);
    }
}

impl Report {
    fn new(rule: DueRule, keys_csv: Arc<OnDisk>) -> Option<Self> {
        let readings = LastReadings::index(keys_csv.reader()).ok()?;
        Some(Self {
            rule,
            keys_csv,
            readings,
        })
    }

    fn cell(self: Arc<Self>, account: AccountId, region: &str) -> Option<LastCell> {
        let range = self.readings.cell(account, region)?;
        let begins = range.start;
        let rows = CellRows::index(self.bytes(range), begins).ok()?;
        Some(LastCell { report: self, rows })
    }

    fn bytes(&self, range: Range<u64>) -> std::io::Take<DiskReader> {
        self.keys_csv.reader_of(range)
    }
}

impl LastCell {
    /// What the last report has of `key`, as far as last use and tags need not be read.
    pub(crate) fn usage_of(&self, key: &KeyReading) -> Option<KeyReading> {
        self.in_use(key, |rule, last| !rule.is_usage_due(key, last))
    }

    /// What the last report has of the password `key`, as far as the user's tags need not be read.
    pub(crate) fn tags_of(&self, key: &KeyReading) -> Option<KeyReading> {
        self.in_use(key, |rule, last| !rule.are_tags_due(key, last))
    }

    /// Whether the last report has the key as one that AWS managed.
    pub(crate) fn was_managed_by_aws(&self, key_id: &str) -> bool {
        self.rows.managed_by_aws(key_id).next().is_some()
    }

    /// The listed `key` as the last report has it, if `names` show that AWS manages it still and it need
    /// not be described.
    pub(crate) fn managed_by_aws(&self, key: &KeyReading, names: &[String]) -> Option<KeyReading> {
        if !names.iter().any(|name| name.starts_with(RESERVED_ALIAS)) {
            return None;
        }
        let mut rows = self.rows.managed_by_aws(&key.key_id);
        let last = rows.find_map(|range| self.row(range, key))?;
        let last = Some(last).filter(|last| !self.report.rule.is_description_due(last))?;
        Some(KeyReading {
            manager: Some(Manager::Aws),
            state: last.key.state,
            created_at: last.key.created_at,
            ..key.clone()
        })
    }

    /// What the last report has of `key`, which AWS manages, as far as its last use need not be read.
    pub(crate) fn usage_of_aws_managed(&self, key: &KeyReading) -> Option<KeyReading> {
        let mut rows = self.rows.managed_by_aws(&key.key_id);
        let last = rows.find_map(|range| self.row(range, key))?;
        let is_due = self.report.rule.is_usage_due_of_aws_managed(key, &last);
        (!is_due).then_some(last.key)
    }

    fn in_use(
        &self,
        key: &KeyReading,
        stands: impl Fn(&DueRule, &JudgedKey) -> bool,
    ) -> Option<KeyReading> {
        let mut rows = self.rows.in_use(key.kind, &key.key_id);
        let last = rows.find_map(|range| self.row(range, key))?;
        stands(&self.report.rule, &last).then_some(last.key)
    }

    /// The row in these bytes, if it is that of `key`.
    fn row(&self, range: Range<u64>, key: &KeyReading) -> Option<JudgedKey> {
        let bytes = range.end - range.start;
        let row = self.report.keys_csv.piece(range.start, bytes).ok()?;
        let last = read_row(&row).ok()??;
        let (account, region, kind, key_id) = key.identity();
        let wanted = (account, region, kind, &*line_breaks_as_spaces(key_id));
        (last.key.identity() == wanted).then_some(last)
    }
}

//! The last run's report, as far as what it has of a key stands in for an answer of this run.

use std::{
    ops::Range,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::Timestamp;
use keycensus_core::{
    explain::refused_uses::LastFound,
    files::{
        last_readings::{CellRows, LastReadings, read_row},
        stopped_rows::StoppedRows,
    },
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
    sync::SetOnce,
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
    report: Arc<Known>,
    /// Until when reading waits for it.
    wait_until: Instant,
    /// Of which keys the last use is read.
    read: ReadMode,
}

/// Where the last report is to be handed over.
#[derive(Debug)]
pub(crate) struct Handover {
    report: Arc<Known>,
    settings: Settings,
    now: Timestamp,
}

/// The last report, once it is known; `None`: nothing stands in for an answer. Tasks that wait for it go on in
/// the order in which they came, so that a seed of `make soak` replays its run.
type Known = SetOnce<Option<Arc<Report>>>;

/// A report, as far as something of it stands in for an answer.
#[derive(Debug)]
struct Report {
    /// When its run began.
    run_at: Timestamp,
    keys_csv: Arc<OnDisk>,
    /// Of which keys last uses need not be read; `None`: of none.
    not_due: Option<NotDue>,
    /// The keys whose refused uses were looked for; not gone through before one is asked for.
    stopped: OnceLock<StoppedRows>,
}

/// Keys whose last uses need not be read.
#[derive(Debug)]
struct NotDue {
    rule: DueRule,
    readings: LastReadings,
}

/// What the last report has of a cell.
#[derive(Debug)]
pub(crate) struct LastCell {
    report: Arc<Report>,
    rule: DueRule,
    rows: CellRows,
}

impl LastNight {
    /// No report stands in for anything.
    pub(crate) fn nothing() -> Self {
        Self {
            report: Arc::new(Known::new_with(Some(None))),
            wait_until: Instant::now(),
            read: ReadMode::All,
        }
    }

    /// The last report of a run that begins at `now`, once it is handed over.
    pub(crate) fn awaited(
        settings: &Settings,
        now: Timestamp,
        deadline: Option<Instant>,
    ) -> (Handover, Self) {
        let known = match is_awaited(settings) {
            false => Some(None),
            true => None,
        };
        let report = Arc::new(Known::new_with(known));
        let began = Instant::now();
        let most = deadline.map_or(LONGEST_WAIT, |at| {
            (at.saturating_duration_since(began) / PART_OF_THE_TIME).min(LONGEST_WAIT)
        });
        let handover = Handover {
            report: Arc::clone(&report),
            settings: settings.clone(),
            now,
        };
        let last_night = Self {
            report,
            wait_until: began + most,
            read: settings.read,
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
        if self.read == ReadMode::All {
            return None;
        }
        self.report(deadline).await?.cell(account, region)
    }

    /// What the last report has of refused uses of `key`, and when its run began, as soon as that is known; `None`
    /// where it has nothing.
    pub(crate) async fn refused_uses(
        &self,
        key: &KeyReading,
        deadline: &Deadline,
    ) -> Option<LastFound> {
        self.report(deadline).await?.refused_uses(key)
    }

    /// The last report, as soon as it is known.
    async fn report(&self, deadline: &Deadline) -> Option<Arc<Report>> {
        if let Some(known) = self.report.get() {
            // Also where there is no time left to wait.
            return known.clone();
        }
        let known = timeout_at(self.wait_until, self.report.wait());
        deadline.or(known).await.ok()?.ok()?.clone()
    }
}

/// Whether reading waits for the last report.
fn is_awaited(settings: &Settings) -> bool {
    settings.read == ReadMode::Due || settings.reads_refused_uses()
}

impl Handover {
    /// Whether anybody waits for a report.
    pub(crate) fn is_awaited(&self) -> bool {
        is_awaited(&self.settings)
    }

    /// Hands over the report of a run: its manifest, and the `keys.csv` that this names. `None`: there
    /// is none that can be relied on.
    pub(crate) fn give(self, last: Option<(&Manifest, &Arc<OnDisk>)>) {
        if !self.is_awaited() {
            return;
        }
        let report = last.map(|(manifest, keys_csv)| {
            Report::new(&self.settings, self.now, manifest, Arc::clone(keys_csv))
        });
        let is_not_due = report
            .as_ref()
            .is_some_and(|report| report.not_due.is_some());
        if self.settings.read == ReadMode::Due && !is_not_due {
            tracing::info!(
                "the last use of every key is read: no last report can stand in for any"
            );
        }
        let _ = self.report.set(report.map(Arc::new));
    }
}

impl Drop for Handover {
    /// Where no report was handed over, there is none to wait for.
    fn drop(&mut self) {
        let _ = self.report.set(None);
    }
}

impl Report {
    fn new(
        settings: &Settings,
        now: Timestamp,
        manifest: &Manifest,
        keys_csv: Arc<OnDisk>,
    ) -> Self {
        let not_due = match settings.read {
            ReadMode::All => None,
            ReadMode::Due => NotDue::new(settings, now, manifest, &keys_csv),
        };
        Self {
            run_at: manifest.scanned_at,
            keys_csv,
            not_due,
            stopped: OnceLock::new(),
        }
    }

    fn cell(self: Arc<Self>, account: AccountId, region: &str) -> Option<LastCell> {
        let NotDue { rule, readings } = self.not_due.as_ref()?;
        let range = readings.cell(account, region)?;
        let begins = range.start;
        let rows = CellRows::index(self.bytes(range), begins).ok()?;
        Some(LastCell {
            rule: *rule,
            rows,
            report: self,
        })
    }

    fn refused_uses(&self, key: &KeyReading) -> Option<LastFound> {
        let index = || StoppedRows::index(self.keys_csv.reader()).unwrap_or_default();
        let mut rows = self.stopped.get_or_init(index).of(key);
        let last = rows.find_map(|range| self.row(range, key))?;
        Some(LastFound {
            run_at: self.run_at,
            found: last.key.refused_uses()?.clone(),
        })
    }

    /// The row in these bytes, if it is that of `key`.
    fn row(&self, range: Range<u64>, key: &KeyReading) -> Option<JudgedKey> {
        let bytes = range.end - range.start;
        let row = self.keys_csv.piece(range.start, bytes).ok()?;
        let last = read_row(&row).ok()??;
        let (account, region, kind, key_id) = key.identity();
        let wanted = (account, region, kind, &*line_breaks_as_spaces(key_id));
        (last.key.identity() == wanted).then_some(last)
    }

    fn bytes(&self, range: Range<u64>) -> std::io::Take<DiskReader> {
        self.keys_csv.reader_of(range)
    }
}

impl NotDue {
    fn new(
        settings: &Settings,
        now: Timestamp,
        manifest: &Manifest,
        keys_csv: &Arc<OnDisk>,
    ) -> Option<Self> {
        let rule = DueRule::new(settings, now, manifest)?;
        let readings = LastReadings::index(keys_csv.reader()).ok()?;
        Some(Self { rule, readings })
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
        let last = rows.find_map(|range| self.report.row(range, key))?;
        let last = Some(last).filter(|last| !self.rule.is_description_due(last))?;
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
        let last = rows.find_map(|range| self.report.row(range, key))?;
        let is_due = self.rule.is_usage_due_of_aws_managed(key, &last);
        (!is_due).then_some(last.key)
    }

    fn in_use(
        &self,
        key: &KeyReading,
        stands: impl Fn(&DueRule, &JudgedKey) -> bool,
    ) -> Option<KeyReading> {
        let mut rows = self.rows.in_use(key.kind, &key.key_id);
        let last = rows.find_map(|range| self.report.row(range, key))?;
        stands(&self.rule, &last).then_some(last.key)
    }
}

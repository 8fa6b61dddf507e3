//! The trend that the last run kept, and that this one goes on with.
//!
//! It is read under the lease of the report, so that no run writes another meanwhile and no night is lost.
//! Only the file that the last run names is used. Where there is none, the trend begins anew: the
//! report says so, and is no worse for it.

use std::time::Duration;

use keycensus_core::{
    files::trend_csv,
    judge::trend::Trend,
    model::{
        layout::ReportFile,
        manifest::{FileFacts, Manifest},
        previous_runs::NoTrend,
    },
};
use tokio::time::{Instant, timeout};

use crate::{run::RunContext, store::destination::Unread};

/// The longest that is waited for it: the lease outlasts that.
const LONGEST: Duration = Duration::from_secs(20);
/// The part of the time until the deadline that is waited for it at most: the report is still to be
/// written.
const PART_OF_THE_TIME: u32 = 5;

/// What was written last, as far as it could be read.
pub(crate) struct Latest {
    summary: Result<Option<Vec<u8>>, NoTrend>,
    csv: Result<Option<Vec<u8>>, NoTrend>,
}

impl Latest {
    /// Reads it, for so long at most that the report can still be written.
    pub(crate) async fn read(at: RunContext<'_>, deadline: Option<Instant>) -> Self {
        let left =
            deadline.map(|at| at.saturating_duration_since(Instant::now()) / PART_OF_THE_TIME);
        let most = left.map_or(LONGEST, |left| left.min(LONGEST));
        let read = |file: ReportFile| async move {
            let path = file.latest_path();
            let read = timeout(most, at.destination.read(at.aws, &path)).await;
            read.unwrap_or(Err(Unread))
                .map_err(|Unread| NoTrend::Unreadable)
        };
        let (summary, csv) =
            tokio::join!(read(ReportFile::SummaryJson), read(ReportFile::TrendCsv));
        Self { summary, csv }
    }

    /// Whether no run has written since it was read, where `last` is what the lease says of the run that wrote
    /// last: none, or one that wrote this.
    fn is_of(&self, last: Option<&Manifest>) -> bool {
        match (last, &self.csv) {
            (None, _) => true,
            (Some(last), Ok(Some(csv))) => names(last, csv),
            (Some(_), _) => false,
        }
    }
}

/// The nights that the last run knew, or why they are not known; neither in the first census. `latest` was
/// read before the lease was held, so that nothing waits for it now; where it is not what the lease
/// says, it is read again. The run that wrote `last` may have ended while it wrote, so that the file can
/// be its.
pub(crate) async fn last_trend(
    at: RunContext<'_>,
    last: Option<&Manifest>,
    mut latest: Latest,
    deadline: Option<Instant>,
) -> (Trend, Option<NoTrend>) {
    if !latest.is_of(last) {
        latest = Latest::read(at, deadline).await;
    }
    match trend_of(latest, last) {
        Ok(trend) => (trend.unwrap_or_default(), None),
        Err(why) => {
            tracing::warn!("the trend begins anew: {why}");
            (Trend::default(), Some(why))
        }
    }
}

/// `None`: there is no earlier report.
fn trend_of(latest: Latest, last: Option<&Manifest>) -> Result<Option<Trend>, NoTrend> {
    let (summary, csv) = (latest.summary?, latest.csv?);
    let latest = match &summary {
        Some(json) => Some(Manifest::read(json).ok_or(NoTrend::Unreadable)?),
        None => None,
    };
    let mut manifests = latest.iter().chain(last);
    let Some(csv) = csv else {
        return match &latest {
            None => Ok(None),
            Some(latest) if latest.files.contains_key(ReportFile::TrendCsv.name()) => {
                Err(NoTrend::Missing)
            }
            Some(_) => Err(NoTrend::NotKept),
        };
    };
    if !manifests.any(|manifest| names(manifest, &csv)) {
        return Err(NoTrend::Mixed);
    }
    trend_csv::read(&*csv).map(Some).map_err(|damage| {
        tracing::warn!("the last trend is not used: {damage}");
        NoTrend::Damaged
    })
}

/// Whether the file is the one that a run names.
fn names(manifest: &Manifest, csv: &[u8]) -> bool {
    manifest.files.get(ReportFile::TrendCsv.name()) == Some(&FileFacts::of(csv))
}

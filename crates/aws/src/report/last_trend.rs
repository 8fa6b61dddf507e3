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

/// The nights that the last run knew, or why they are not known; neither in the first census. The run
/// that wrote `last` may have ended while it wrote, so that the file can be its.
pub(crate) async fn last_trend(
    at: RunContext<'_>,
    last: Option<&Manifest>,
    deadline: Option<Instant>,
) -> (Trend, Option<NoTrend>) {
    let left = deadline.map(|at| at.saturating_duration_since(Instant::now()) / PART_OF_THE_TIME);
    let most = left.map_or(LONGEST, |left| left.min(LONGEST));
    let found = timeout(most, look(at, last)).await;
    match found.unwrap_or(Err(NoTrend::Unreadable)) {
        Ok(trend) => (trend.unwrap_or_default(), None),
        Err(why) => {
            tracing::warn!("the trend begins anew: {why}");
            (Trend::default(), Some(why))
        }
    }
}

/// `None`: there is no earlier report.
async fn look(at: RunContext<'_>, last: Option<&Manifest>) -> Result<Option<Trend>, NoTrend> {
    let read = |file: ReportFile| async move {
        let read = at.destination.read(at.aws, &file.latest_path()).await;
        read.map_err(|Unread| NoTrend::Unreadable)
    };
    let (summary, csv) = tokio::join!(read(ReportFile::SummaryJson), read(ReportFile::TrendCsv));
    let (summary, csv) = (summary?, csv?);
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
    let facts = FileFacts::of(&csv);
    let names_it =
        |manifest: &Manifest| manifest.files.get(ReportFile::TrendCsv.name()) == Some(&facts);
    if !manifests.any(names_it) {
        return Err(NoTrend::Mixed);
    }
    trend_csv::read(&*csv).map(Some).map_err(|damage| {
        tracing::warn!("the last trend is not used: {damage}");
        NoTrend::Damaged
    })
}

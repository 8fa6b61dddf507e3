//! From readings to a report that is written.

use std::sync::Arc;

use keycensus_core::{
    judge::{
        summary::{FileLocations, RunFacts},
        whole_report::WholeReport,
    },
    model::{
        manifest::Manifest, organization_reading::Reading, previous_runs::PreviousRuns,
        reading::PackedKeys,
    },
    render::{
        digest::{self, Decision},
        limits::LIMITS,
    },
};

use crate::{
    error::CensusError,
    lease::report_lease::{self, ReportLease},
    report::{events, previous_run::Compared},
    run::{Census, RunContext},
    store::report_targets::ReportTargets,
    transport::clock::Clock,
};

/// A report that is written and yet to be published.
pub(crate) struct Written {
    pub(crate) report: Arc<WholeReport>,
    /// Whether a digest is to be sent.
    pub(crate) decision: Decision,
    /// The lease under which it was written.
    pub(crate) lease: ReportLease,
}

/// Judges what was read, and writes the report under its lease.
///
/// # Errors
/// The report cannot be written.
pub(crate) async fn write(
    census: &Census,
    at: RunContext<'_>,
    reading: Reading<PackedKeys>,
    compared: Compared,
    clock: Clock,
) -> Result<Written, CensusError> {
    let settings = &census.settings;
    let mut report = judged(census, reading, compared);
    let manifest = Manifest::of(&report);
    let folder = at.destination.lock_folder(census.deadline).await?;
    let mut lease = report_lease::acquire(at, &manifest, clock, census.deadline).await?;
    let newest_in_folder = at.destination.newest_in_folder();
    let in_folder = ReportTargets::of(census.now, newest_in_folder.as_ref());
    let in_bucket = ReportTargets::of(census.now, lease.newest());
    let (targets, newest) = match at.destination.has_bucket() {
        true => (in_bucket, lease.newest()),
        false => (in_folder, newest_in_folder.as_ref()),
    };

    report.summary.previous.lost_digests = lease.lost_digests();
    let decision = match (targets, newest) {
        (ReportTargets::None, Some(newest)) => superseded(&mut report, newest),
        _ => {
            report.summary.report = at.destination.locations(report.scan_date);
            report.summary.events = events::due(settings.event_bus.as_ref(), &report);
            digest::decide(settings, &report.summary)
        }
    };
    report.summary.digest = decision.before_sending();
    report.summary.calls = at.aws.calls();
    report.summary.elapsed_ms = clock.elapsed_ms();
    report.name_files();
    let report = Arc::new(report);
    let writing = at.destination.write(at.aws, &report, in_folder, in_bucket);
    let files = &report.summary.files;
    lease.while_held(at, clock, files, writing).await?;
    drop(folder);

    Ok(Written {
        report,
        decision,
        lease,
    })
}

/// The report, before it is known what to say of the runs before it.
fn judged(census: &Census, reading: Reading<PackedKeys>, compared: Compared) -> WholeReport {
    let settings = &census.settings;
    let run = RunFacts {
        run_id: census.run_id.clone(),
        now: census.now,
        stale_after_days: settings.stale_after_days,
        rotate_after_days: settings.rotate_after_days,
        member_role: settings.member_role.clone(),
        watch_days: settings.watch_days,
        dependents: settings.dependents,
    };
    // What it was compared with is as large as a file, and goes with this function.
    let mut report = WholeReport::new(&run, reading, &compared.last, &LIMITS);
    report.summary.previous = PreviousRuns {
        compared_with: compared.run_id,
        latest_was: compared.latest_was,
        lost_digests: None,
    };
    report
}

/// What becomes of a report where that of a run which began later is already there.
fn superseded(report: &mut WholeReport, newest: &Manifest) -> Decision {
    let reason = format!(
        "run {}, which began later, at {}, has written the report of this day",
        newest.run_id, newest.scanned_at
    );
    tracing::warn!(
        run.id = report.summary.run_id,
        "the report is not written: {reason}"
    );
    report.summary.report = FileLocations::default();
    Decision::DoNotSend { reason }
}

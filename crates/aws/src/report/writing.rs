//! The third stage of a census: from readings to files, events and messages, in that
//! order.

use std::sync::Arc;

use keycensus_core::{
    digest::{self, Decision},
    manifest::Manifest,
    previous_runs::PreviousRuns,
    reading::{PackedKeys, Reading},
    report::Report,
    summary::{ReportLocations, RunFacts},
};

use crate::{
    error::CensusError,
    lease::{
        event_lease::EventLease,
        report_lease::{self, ReportLease},
        report_record::DigestState,
    },
    report::{events, previous_run::Compared, publishing::Publishing},
    run::{Census, Outcome, RunContext},
    store::places_of_report::PlacesOfReport,
    transport::clock::Clock,
};

/// Writes the report and publishes it.
///
/// # Errors
/// The report cannot be written, or the digest cannot be sent.
pub(crate) async fn report(
    census: &Census,
    at: RunContext<'_>,
    event_lease: &mut EventLease,
    reading: Reading<PackedKeys>,
    compared: Compared,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let settings = &census.settings;
    let mut report = judged(census, reading, compared);
    let manifest = Manifest::of(&report);
    let folder = at.destination.lock_folder(census.deadline).await?;
    let mut lease = report_lease::acquire(at, &manifest, clock, census.deadline).await?;
    let newest_in_folder = at.destination.newest_in_folder();
    let in_folder = PlacesOfReport::of(census.now, newest_in_folder.as_ref());
    let in_bucket = PlacesOfReport::of(census.now, lease.newest());
    let (places, newest) = match at.destination.has_bucket() {
        true => (in_bucket, lease.newest()),
        false => (in_folder, newest_in_folder.as_ref()),
    };

    report.summary.previous.lost_digests = lease.lost_digests();
    let decision = match (places, newest) {
        (PlacesOfReport::None, Some(newest)) => superseded(&mut report, newest),
        _ => {
            report.summary.report = at.destination.locations(report.scan_date);
            report.summary.events = events::due(settings.event_bus.as_ref(), &report);
            digest::decide(settings, &report.summary)
        }
    };
    report.summary.digest = decision.before_sending();
    report.summary.calls = at.aws.calls();
    report.summary.elapsed_ms = elapsed_ms(clock);
    report.name_files();
    let report = Arc::new(report);
    let writing = at.destination.write(at.aws, &report, in_folder, in_bucket);
    let files = &report.summary.files;
    lease.while_held(at, clock, files, writing).await?;
    drop(folder);

    publish(census, at, event_lease, lease, &report, decision, clock).await
}

/// The report, before it is known what to say of the runs before it.
fn judged(census: &Census, reading: Reading<PackedKeys>, compared: Compared) -> Report {
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
    let mut report = Report::new(&run, reading, &compared.last);
    report.summary.previous = PreviousRuns {
        compared_with: compared.run_id,
        latest_was: compared.latest_was,
        lost_digests: None,
    };
    report
}

/// What becomes of a report where that of a run which began later is already there.
fn superseded(report: &mut Report, newest: &Manifest) -> Decision {
    let reason = format!(
        "run {}, which began later, at {}, has written the report of this day",
        newest.run_id, newest.scanned_at
    );
    tracing::warn!(
        run.id = report.summary.run_id,
        "the report is not written: {reason}"
    );
    report.summary.report = ReportLocations::default();
    Decision::DoNotSend { reason }
}

/// Tells of a report that is complete.
async fn publish(
    census: &Census,
    at: RunContext<'_>,
    event_lease: &mut EventLease,
    mut lease: ReportLease,
    report: &Report,
    decision: Decision,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let settings = &census.settings;
    let digest = digest::compose(report);
    let mut summary = report.summary.clone();
    let message = match (decision, &settings.topic_arn) {
        (Decision::Send { reason }, Some(topic)) => {
            summary.digest.reason = reason;
            Some((topic, &digest))
        }
        _ => None,
    };
    let account_digests: Vec<_> = match message {
        Some(_) => digest::per_account(settings, report).collect(),
        None => Vec::new(),
    };
    let messages = account_digests.len() as u64;
    let state = match message {
        Some(_) => DigestState::Due,
        None => DigestState::NotDue,
    };
    lease.written(at, clock, state, messages).await;
    // From here on a retry sends the digest at most: what else this attempt published, it
    // would publish twice.
    let left = message.map(|(_, digest)| digest.clone());
    if event_lease
        .written(at, summary.to_value(), left, messages)
        .await?
    {
        let mut publishing = Publishing {
            census,
            at,
            event_lease,
            lease: &mut lease,
        };
        publishing
            .publish(report, message, account_digests, &mut summary)
            .await?;
    }
    summary.calls = at.aws.calls();
    summary.elapsed_ms = elapsed_ms(clock);
    Ok(Outcome {
        summary,
        digest_text: digest.text,
    })
}

fn elapsed_ms(clock: Clock) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}

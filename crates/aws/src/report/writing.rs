//! From readings to a report that is written.

use keycensus_core::{
    files::trend_csv,
    judge::{
        findings::Findings,
        report::Report,
        summary::{FileLocations, RunFacts},
    },
    model::{layout::ReportFile, manifest::Manifest, previous_runs::PreviousRuns},
    render::{
        digest::{self, Decision},
        html,
        limits::LIMITS,
        security_hub::DueFindings,
    },
};

use crate::{
    error::CensusError,
    lease::report_lease::{self, ReportLease},
    report::{
        events,
        kept_readings::KeptReadings,
        last_trend::{Latest, last_trend},
        previous_run::Compared,
        readings::Readings,
        security_hub,
    },
    run::{Census, RunContext},
    store::{
        report_targets::ReportTargets,
        spool::{CsvSpools, SpooledFile},
    },
    transport::clock::Clock,
};

/// A report that is written and yet to be published.
pub(crate) struct Written {
    pub(crate) report: Report,
    /// What it was made from.
    pub(crate) readings: Readings,
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
    readings: KeptReadings,
    compared: Compared,
    clock: Clock,
) -> Result<Written, CensusError> {
    let settings = &census.settings;
    let readings = Readings::new(run_facts(census), readings, compared.last);
    let (mut report, mut files, due_findings) = judged(&readings)?;
    report.summary.previous = PreviousRuns {
        compared_with: compared.manifest.map(|manifest| manifest.run_id),
        latest_was: compared.latest_was,
        lost_digests: None,
        trend_anew: None,
    };
    let manifest = Manifest::of(&report);
    let folder = at.destination.lock_folder(census.deadline).await?;
    let (lease, latest) = tokio::join!(
        report_lease::acquire(at, &manifest, clock, census.deadline),
        Latest::read(at, census.deadline),
    );
    let mut lease = lease?;
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
            let last = lease.last();
            let (earlier, why) = last_trend(at, last, latest, census.deadline).await;
            report = report.after(earlier);
            report.summary.previous.trend_anew = why;
            report.summary.report = at.destination.locations(report.scan_date);
            report.summary.events = events::due(settings.event_bus.as_ref(), &report);
            let product = security_hub::product(settings, at);
            report.summary.security_hub = security_hub::due(product.as_ref(), due_findings);
            digest::decide(settings, &report.summary)
        }
    };
    report.summary.digest = decision.before_sending();
    report.summary.calls = at.aws.calls();
    report.summary.elapsed_ms = clock.elapsed_ms();
    complete(&mut report, &mut files)?;
    let writing = at
        .destination
        .write(at.aws, report.scan_date, &files, in_folder, in_bucket);
    let named = &report.summary.files;
    lease.while_held(at, clock, named, writing).await?;
    drop(folder);

    Ok(Written {
        report,
        readings,
        decision,
        lease,
    })
}

fn run_facts(census: &Census) -> RunFacts {
    let settings = &census.settings;
    RunFacts {
        run_id: census.run_id.clone(),
        now: census.now,
        stale_after_days: settings.stale_after_days,
        rotate_after_days: settings.rotate_after_days,
        member_role: settings.member_role.clone(),
        watch_days: settings.watch_days,
        dependents: settings.dependents,
        aws_managed: settings.aws_managed,
        read: settings.read,
        read_again_days: settings.read_again_days,
        exempt_tag: settings.exempt_tag.clone(),
        owner_tags: settings.owner_tags.clone(),
        kinds: settings.kinds.clone(),
    }
}

/// The report, its CSV files and how many findings it has for Security Hub, before it is known what to say of the runs
/// before it.
fn judged(readings: &Readings) -> Result<(Report, Vec<SpooledFile>, DueFindings), CensusError> {
    let mut findings = Findings::new(readings.compared_with(), &LIMITS);
    let mut files = CsvSpools::begin(readings.run.now)?;
    let mut due_findings = DueFindings::default();
    let mut accounts = readings.judged()?;
    while let Some(account) = accounts.next()? {
        findings.add(&account);
        due_findings.add(&account);
        files.add(&account)?;
    }
    let report = Report::new(&readings.run, findings);
    Ok((report, files.finish()?, due_findings))
}

/// Adds trend and page to the `files`, names them all in the summary, and adds that. Nothing of the
/// report may change after that.
fn complete(report: &mut Report, files: &mut Vec<SpooledFile>) -> Result<(), CensusError> {
    let trend = trend_csv::write(&report.trend);
    files.push(SpooledFile::of(ReportFile::TrendCsv, &trend)?);
    let page = html::page(report);
    files.push(SpooledFile::of(ReportFile::ReportHtml, page.as_bytes())?);
    let named = files.iter();
    let named = named.map(|spooled| {
        (
            spooled.file.name().to_owned(),
            spooled.content.facts.clone(),
        )
    });
    report.summary.files = named.collect();
    let summary = report.summary.to_json();
    files.push(SpooledFile::of(ReportFile::SummaryJson, &summary)?);
    let place = |file| ReportFile::ALL.iter().position(|other| *other == file);
    files.sort_by_key(|spooled| place(spooled.file));
    Ok(())
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
    report.summary.report = FileLocations::default();
    Decision::DoNotSend { reason }
}

//! One run over the whole organization, from its settings to its digest.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use keycensus_core::{
    coverage::CoverageStatus,
    digest::{self as told, Decision},
    reading::Reading,
    report::Report,
    settings::{Kind, Settings, SettingsError, Source},
    summary::{RunFacts, Summary},
};

use crate::{
    clock::Clock,
    connection::Aws,
    destination::{self, Destination},
    digest,
    error::CensusError,
    organization, plan,
    progress::Progress,
    regions,
    scan::{self, Scan},
    session::{self, Entry, Scanner},
};

/// A run to be made.
#[derive(Debug)]
pub struct Census {
    /// The connection to AWS.
    pub aws: Arc<Aws>,
    /// What the run is told to do.
    pub settings: Settings,
    /// Where settings come from, and so how errors spell them.
    pub source: Source,
    /// Unique to the run; it is in the name of every session.
    pub run_id: String,
    /// The moment the run began.
    pub now: Timestamp,
    /// A folder to write the report to, besides or instead of the bucket.
    pub folder: Option<PathBuf>,
    /// Counters to watch while it runs.
    pub progress: Arc<Progress>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    /// The run in numbers.
    pub summary: Summary,
    /// The digest's text, whether or not it was sent.
    pub digest_text: String,
}

/// Makes the run.
///
/// # Errors
/// There is nothing to report; everything else is a gap in the report.
pub async fn run(census: Census) -> Result<Outcome, CensusError> {
    let clock = Clock::begin(census.now);
    check_kinds(&census.settings, census.source)?;
    let scanner = session::scanner(&census.aws).await?;
    let destination = check(&census, &scanner).await?;

    let accounts = organization::list_accounts(&census.aws, &scanner).await?;
    let plan = plan::plan(accounts, &census.settings);

    let mut reading = read(&census, &scanner, clock, plan.accounts).await;
    reading.coverage.extend(plan.left_out);
    if !anything_entered(&reading) {
        return Err(nothing_reachable(&reading));
    }

    let outcome = report(&census, &scanner, &destination, reading, clock).await?;
    log_end(&outcome.summary);
    Ok(outcome)
}

/// A run that would read nothing of what it was asked for must not look like one
/// that found nothing.
fn check_kinds(settings: &Settings, source: Source) -> Result<(), SettingsError> {
    if settings.kinds.contains(&Kind::Kms) {
        return Ok(());
    }
    Err(SettingsError::Refused {
        spelling: source.spelling("kinds"),
        text: "iam".to_owned(),
        problem: "this version reads KMS keys only: give kms, or kms,iam".to_owned(),
    })
}

/// Everything that a setting names and that can be seen before the scan.
async fn check(census: &Census, scanner: &Scanner) -> Result<Destination, CensusError> {
    let Census {
        aws,
        settings,
        source,
        folder,
        ..
    } = census;
    regions::check(aws, scanner, settings, *source).await?;
    let destination = destination::check(aws, scanner, settings, folder.clone(), *source).await?;
    if let Some(topic) = &settings.topic_arn {
        digest::check(aws, scanner, topic, *source).await?;
    }
    Ok(destination)
}

async fn read(
    census: &Census,
    scanner: &Scanner,
    clock: Clock,
    accounts: Vec<Arc<keycensus_core::account::Account>>,
) -> Reading {
    let entry = Entry::new(
        &census.aws,
        scanner.clone(),
        &census.settings,
        &census.run_id,
        clock,
    );
    let scan = Arc::new(Scan::new(
        Arc::clone(&census.aws),
        Arc::new(entry),
        Arc::new(census.settings.clone()),
        Arc::clone(&census.progress),
    ));
    scan::read_accounts(&scan, accounts).await
}

async fn report(
    census: &Census,
    scanner: &Scanner,
    destination: &Destination,
    reading: Reading,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let aws = &census.aws;
    let settings = &census.settings;
    let run = RunFacts {
        run_id: census.run_id.clone(),
        now: census.now,
        stale_after_days: settings.stale_after_days,
    };
    let mut report = Report::new(&run, reading);
    report.summary.report = destination.locations(&report.scan_date);
    let decision = told::decide(settings, &report.summary);
    report.summary.digest = decision.before_sending();
    report.summary.calls = aws.calls();
    report.summary.elapsed_ms = elapsed_ms(clock);
    destination.write(aws, scanner, &report).await?;

    let digest = told::compose(settings, &report);
    let mut summary = report.summary;
    if let (Decision::Send { reason }, Some(topic)) = (decision, &settings.topic_arn) {
        summary.digest.message_id = digest::publish(aws, scanner, topic, &digest).await?;
        summary.digest.reason = reason;
    }
    summary.calls = aws.calls();
    summary.elapsed_ms = elapsed_ms(clock);
    Ok(Outcome {
        summary,
        digest_text: digest.text,
    })
}

fn elapsed_ms(clock: Clock) -> u64 {
    u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn anything_entered(reading: &Reading) -> bool {
    reading.coverage.iter().any(|row| {
        !matches!(
            row.status,
            CoverageStatus::Unreachable | CoverageStatus::Skipped
        )
    })
}

fn nothing_reachable(reading: &Reading) -> CensusError {
    let rows = &reading.coverage;
    let unreachable = rows
        .iter()
        .filter(|row| row.status == CoverageStatus::Unreachable)
        .count();
    let skipped = rows.len() - unreachable;
    let first = rows
        .iter()
        .filter(|row| row.status == CoverageStatus::Unreachable)
        .chain(rows)
        .next();
    let reason = match first {
        Some(row) => format!(
            "{unreachable} could not be entered and {skipped} were skipped; account {}: {}; see that the member role's name, its trust and the external ID are as the settings say",
            row.account.id,
            keycensus_core::coverage::explanation(row),
        ),
        None => "the organization has no account".to_owned(),
    };
    CensusError::NothingReachable { reason }
}

fn log_end(summary: &Summary) {
    tracing::info!(
        run.id = summary.run_id,
        keys.total = summary.keys.total,
        keys.flagged = summary.keys.flagged,
        accounts.scanned = summary.coverage.accounts.scanned,
        accounts.unreachable = summary.coverage.accounts.unreachable,
        accounts.skipped = summary.coverage.accounts.skipped,
        cells.with_gaps = summary.coverage.cells.with_gaps(),
        coverage.complete = summary.coverage.complete,
        elapsed_ms = summary.elapsed_ms,
        "census finished"
    );
}

//! One run over the whole organization, from its settings to its digest.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::Timestamp;
use keycensus_core::{
    aws_arn::TopicArn,
    coverage::CoverageStatus,
    digest::{self as told, Decision, Digest},
    last_run::LastRun,
    reading::Reading,
    report::Report,
    settings::{Settings, Source},
    summary::{RunFacts, Summary},
};
use tokio::time::Instant;

use crate::{
    account_digests,
    clock::Clock,
    connection::Aws,
    destination::{self, Destination},
    digest::{self, NotPublished},
    error::CensusError,
    last_report::{LastKeys, Unfinished, last_run, unfinished},
    marker::Stage,
    occurrence::{self, Beginning, Occurrence, Place},
    organization::Listing,
    progress::Progress,
    regions,
    scan::{self, Scan},
    session::{self, Entry, Scanner},
    stop::Stop,
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
    /// The event that the run is for: however often it is delivered, there is
    /// one report and one digest. `None`: the run is for nobody but its caller.
    pub event_id: Option<String>,
    /// When the run must have ended; reading stops early enough to write the
    /// report before.
    pub deadline: Option<Instant>,
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

/// How long before its deadline a run that is not done gives up.
const TO_SAY_SO: Duration = Duration::from_millis(500);

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// It wrote a report.
    Reported(Box<Outcome>),
    /// Another run of the same event does the work or has done it; this is what
    /// there is to say of it.
    Elsewhere(serde_json::Value),
}

/// Makes the run.
///
/// # Errors
/// There is nothing to report; everything else is a gap in the report.
pub async fn run(census: Census) -> Result<Ended, CensusError> {
    let Some(deadline) = census.deadline else {
        return run_to_its_end(&census).await;
    };
    // Reading stops in time to write; this is for writing that takes longer than
    // anybody could expect. Whoever called is told, and a retry may do better.
    let last_moment = deadline.checked_sub(TO_SAY_SO).unwrap_or(deadline);
    match tokio::time::timeout_at(last_moment, run_to_its_end(&census)).await {
        Ok(ended) => ended,
        Err(_) => Err(CensusError::ReportNotWritten {
            location: census.settings.report_bucket.unwrap_or_default(),
            reason: "there was no time left before the run had to end".to_owned(),
        }),
    }
}

async fn run_to_its_end(census: &Census) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let scanner = session::scanner(&census.aws).await?;
    let (destination, listing) = tokio::join!(
        check(census, &scanner),
        Listing::begin(&census.aws, &scanner)
    );
    // What a setting names wrongly is told before what AWS refuses.
    let (destination, listing) = (destination?, listing?);
    let at = Place {
        aws: &census.aws,
        scanner: &scanner,
        destination: &destination,
    };
    let time_left = census.deadline.map(|deadline| deadline - Instant::now());
    let event_id = census.event_id.as_deref();
    let (beginning, (unfinished, last_keys)) = tokio::join!(
        occurrence::begin(at, event_id, &census.run_id, clock, time_left),
        unfinished(at)
    );
    let mut occurrence = match beginning? {
        Beginning::Ours(occurrence) => occurrence,
        Beginning::SendDigest(occurrence, digest) => {
            let summary = send_late(census, at, occurrence, &digest).await?;
            return Ok(Ended::Elsewhere(summary));
        }
        Beginning::Elsewhere(told) => return Ok(Ended::Elsewhere(told)),
    };

    let scan = scan(census, &scanner, unfinished, clock);
    let to_do = ToDo {
        scan,
        listing,
        last_keys,
    };
    match run_held(census, at, &mut occurrence, to_do, clock).await {
        Ok(ended) => Ok(ended),
        Err(error) => {
            // A retry may begin at once. Where even that cannot be written, it
            // begins when this run's time is up.
            if !matches!(error, CensusError::DigestNotSent { .. }) {
                let _ = occurrence.enter(at, Stage::Failed).await;
            }
            Err(error)
        }
    }
}

/// What a run begins with.
struct ToDo<'a> {
    scan: Scan,
    listing: Listing<'a>,
    last_keys: LastKeys,
}

/// The run of an event that nobody else works on.
async fn run_held(
    census: &Census,
    at: Place<'_>,
    occurrence: &mut Occurrence,
    to_do: ToDo<'_>,
    clock: Clock,
) -> Result<Ended, CensusError> {
    let scan = Arc::new(to_do.scan);
    let (reading, last) = tokio::join!(
        scan::read_organization(&scan, to_do.listing),
        last_run(at, to_do.last_keys)
    );
    let reading = reading?;
    if !anything_entered(&reading) {
        return Err(nothing_reachable(&reading));
    }
    if !occurrence.enter(at, Stage::Writing).await? {
        return Ok(Ended::Elsewhere(occurrence::taken(&census.run_id)));
    }
    let outcome = report(census, at, occurrence, reading, &last, clock).await?;
    log_end(&outcome.summary);
    Ok(Ended::Reported(Box::new(outcome)))
}

/// Sends the digest of a report that an earlier attempt completed.
async fn send_late(
    census: &Census,
    at: Place<'_>,
    mut occurrence: Occurrence,
    digest: &Digest,
) -> Result<serde_json::Value, CensusError> {
    let mut summary = occurrence.summary();
    if let Some(topic) = &census.settings.topic_arn
        && occurrence.enter(at, Stage::Sending).await?
    {
        let message_id = publish(at, &mut occurrence, topic, digest).await?;
        summary["digest"]["message_id"] = message_id.into();
    }
    Ok(summary)
}

/// Publishes a digest. Where it surely was not sent, a retry may send it.
async fn publish(
    at: Place<'_>,
    occurrence: &mut Occurrence,
    topic: &TopicArn,
    digest: &Digest,
) -> Result<Option<String>, CensusError> {
    let published = digest::publish(at.aws, at.scanner, topic, digest).await;
    match published {
        Ok(message_id) => Ok(message_id),
        Err(NotPublished { error, is_certain }) => {
            if is_certain {
                let _ = occurrence.enter(at, Stage::Written).await;
            }
            Err(error)
        }
    }
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

fn scan(census: &Census, scanner: &Scanner, unfinished: Unfinished, clock: Clock) -> Scan {
    let Census {
        aws,
        settings,
        run_id,
        progress,
        ..
    } = census;
    Scan::new(
        Arc::clone(aws),
        Entry::new(aws, scanner.clone(), settings, run_id, clock),
        settings.clone(),
        Arc::clone(progress),
        Stop::before(census.deadline, Arc::clone(progress)),
        census.now,
        unfinished,
    )
}

async fn report(
    census: &Census,
    at: Place<'_>,
    occurrence: &mut Occurrence,
    reading: Reading,
    last: &LastRun,
    clock: Clock,
) -> Result<Outcome, CensusError> {
    let settings = &census.settings;
    let run = RunFacts {
        run_id: census.run_id.clone(),
        now: census.now,
        stale_after_days: settings.stale_after_days,
        rotate_after_days: settings.rotate_after_days,
        member_role: settings.member_role.clone(),
    };
    let mut report = Report::new(&run, reading, last);
    report.summary.report = at.destination.locations(report.scan_date);
    let decision = told::decide(settings, &report.summary);
    report.summary.digest = decision.before_sending();
    report.summary.calls = at.aws.calls();
    report.summary.elapsed_ms = elapsed_ms(clock);
    at.destination.write(at.aws, &report).await?;

    let digest = told::compose(&report);
    let account_digests = told::per_account(settings, &report).collect();
    let mut summary = report.summary;
    match (decision, &settings.topic_arn) {
        (Decision::Send { reason }, Some(topic)) => {
            summary.digest.reason = reason;
            let is_ours = occurrence
                .written(at, summary.to_value(), Some(digest.clone()))
                .await?
                && occurrence.enter(at, Stage::Sending).await?;
            if is_ours {
                summary.digest.message_id = publish(at, occurrence, topic, &digest).await?;
                summary.digest.per_account =
                    account_digests::send(at, topic, account_digests).await;
            }
        }
        _ => {
            occurrence.written(at, summary.to_value(), None).await?;
        }
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

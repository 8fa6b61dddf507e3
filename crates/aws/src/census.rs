//! One run over the whole organization, from its settings to its digest.

use std::{sync::Arc, time::Duration};

use keycensus_core::{settings::DigestMode, summary::Summary};
use tokio::time::Instant;

use crate::{
    deadline::{Deadline, reserve::Reserve},
    error::CensusError,
    lease::{
        event_lease::{self, Acquired, EventLease},
        event_record::Stage,
    },
    plan::organization::Listing,
    read::{
        context::ScanContext, nothing_read::nothing_reachable, regions, scan,
        unfinished::Unfinished,
    },
    report::{
        events,
        previous_run::{LastKeys, last_run, unfinished},
        publishing, topic, writing,
    },
    run::{Census, Ended, RunContext},
    store::destination::{self, Destination},
    transport::{
        clock::Clock,
        session::{self, Entry, Scanner},
    },
};

/// How long before its deadline a run that is not done gives up.
const TO_SAY_SO: Duration = Duration::from_millis(500);

/// Makes the run.
///
/// # Errors
/// There is nothing to report; everything else is a gap in the report.
pub async fn run(census: Census) -> Result<Ended, CensusError> {
    let Some(deadline) = census.deadline else {
        return run_to_its_end(&census).await;
    };
    // Reading stops in time to write; this is for writing that takes longer than
    // anybody could expect. The caller gets an error, and a retry may do better.
    let last_moment = deadline.checked_sub(TO_SAY_SO).unwrap_or(deadline);
    match tokio::time::timeout_at(last_moment, run_to_its_end(&census)).await {
        Ok(ended) => ended,
        Err(_) => Err(CensusError::OutOfTime {
            to: "to write the report before the run had to end".to_owned(),
        }),
    }
}

async fn run_to_its_end(census: &Census) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let scanner = session::scanner(&census.aws).await?;
    let (destination, listing) = tokio::join!(
        check(census, &scanner),
        Listing::begin(&census.aws, &scanner, &census.settings)
    );
    // What a setting names wrongly is reported before what AWS refuses.
    let (destination, listing) = (destination?, listing?);
    let at = RunContext {
        aws: &census.aws,
        scanner: &scanner,
        destination: &destination,
    };
    let time_left = census.deadline.map(|deadline| deadline - Instant::now());
    // A run without an event has a lease of its own: whether the bucket takes what is
    // written is then known before anything is read.
    let event_id = census.event_id.as_deref().unwrap_or(&census.run_id);
    let (beginning, (unfinished, last_keys)) = tokio::join!(
        event_lease::acquire(at, event_id, &census.run_id, clock, time_left),
        unfinished(at, time_left)
    );
    let mut lease = match beginning? {
        Acquired::Lease(lease) => lease,
        Acquired::SendDigest(lease, digest) => {
            let summary = publishing::send_late(census, at, lease, &digest).await?;
            return Ok(Ended::Elsewhere(summary));
        }
        Acquired::Elsewhere(summary) => return Ok(Ended::Elsewhere(summary)),
    };

    let scan = scan(census, &scanner, unfinished, clock);
    let to_do = ToDo {
        scan,
        listing,
        last_keys,
    };
    match run_held(census, at, &mut lease, to_do, clock).await {
        Ok(ended) => Ok(ended),
        Err(error) => {
            // A retry may begin at once. Where even that cannot be written, it
            // begins when this run's time is up.
            if !matches!(error, CensusError::DigestNotSent { .. }) {
                let _ = lease.enter(at, Stage::Failed).await;
            }
            Err(error)
        }
    }
}

/// What a run begins with.
struct ToDo<'a> {
    scan: ScanContext,
    listing: Listing<'a>,
    last_keys: LastKeys,
}

/// The run of an event that nobody else works on.
async fn run_held(
    census: &Census,
    at: RunContext<'_>,
    lease: &mut EventLease,
    to_do: ToDo<'_>,
    clock: Clock,
) -> Result<Ended, CensusError> {
    let (reading, compared) = {
        // Given up when all is read: writing takes memory of its own.
        let scan = Arc::new(to_do.scan);
        let deadline = scan.deadline.clone();
        tokio::join!(
            scan::read_organization(&scan, to_do.listing),
            last_run(at, to_do.last_keys, &deadline)
        )
    };
    let reading = reading?;
    if let Some(error) = nothing_reachable(&reading) {
        return Err(error);
    }
    if !lease.enter(at, Stage::Writing).await? {
        return Ok(Ended::Elsewhere(event_lease::taken(&census.run_id)));
    }
    let outcome = writing::report(census, at, lease, reading, compared, clock).await?;
    log_end(&outcome.summary);
    Ok(Ended::Reported(Box::new(outcome)))
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
    if let Some(bus) = &settings.event_bus {
        events::check(aws, bus, *source)?;
    }
    regions::check(aws, scanner, settings, *source).await?;
    let destination = destination::check(aws, scanner, settings, folder.clone(), *source).await?;
    // A topic that gets no digest is not asked for: its permissions may not be given.
    if let Some(topic) = &settings.topic_arn
        && settings.digest != DigestMode::Never
    {
        topic::check(aws, scanner, topic, *source).await?;
    }
    Ok(destination)
}

fn scan(census: &Census, scanner: &Scanner, unfinished: Unfinished, clock: Clock) -> ScanContext {
    let Census {
        aws,
        settings,
        run_id,
        progress,
        ..
    } = census;
    ScanContext::new(
        Arc::clone(aws),
        Entry::new(scanner.clone(), settings, run_id, clock),
        settings.clone(),
        Arc::clone(progress),
        Deadline::before(census.deadline, Reserve::of(settings), Arc::clone(progress)),
        census.now,
        unfinished,
    )
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
        events.put = summary.events.put,
        events.failed = summary.events.failed,
        elapsed_ms = summary.elapsed_ms,
        "census finished"
    );
}

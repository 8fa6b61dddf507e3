//! One run over the whole organization, from its settings to its digest.

use std::{sync::Arc, time::Duration};

use keycensus_core::{
    judge::summary::Summary,
    model::{organization_reading::Reading, reading::PackedKeys},
};
use tokio::time::Instant;

use crate::{
    deadline::{Deadline, reserve::Reserve},
    error::CensusError,
    lease::{
        event_lease::{self, Acquired},
        event_record::Stage,
    },
    plan::organization::Listing,
    preflight::{self, Preflight},
    read::{context::ScanContext, nothing_read::nothing_reachable, scan, unfinished::Unfinished},
    report::{
        previous_run::{Compared, LastKeys, last_run, unfinished},
        publishing, writing,
    },
    run::{Census, Ended, RunContext},
    transport::{
        clock::Clock,
        session::{Entry, Scanner},
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

/// The stages of a run.
async fn run_to_its_end(census: &Census) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let Preflight {
        scanner,
        destination,
        listing,
    } = preflight::check(census).await?;
    let at = RunContext {
        aws: &census.aws,
        scanner: &scanner,
        destination: &destination,
    };
    let (acquired, unfinished, last_keys) = acquire_lease(census, at, clock).await?;
    let mut lease = match acquired {
        Acquired::Lease(lease) => lease,
        Acquired::SendDigest(lease, digest) => {
            let summary = publishing::send_late(census, at, lease, &digest).await?;
            return Ok(Ended::Elsewhere(summary));
        }
        Acquired::Elsewhere(summary) => return Ok(Ended::Elsewhere(summary)),
    };
    let scan = scan_context(census, &scanner, unfinished, clock);
    let ended = async {
        let (reading, compared) = plan_and_read(at, scan, listing, last_keys).await?;
        if !lease.enter(at, Stage::Writing).await? {
            return Ok(Ended::Elsewhere(event_lease::taken(&census.run_id)));
        }
        let written = writing::write(census, at, reading, compared, clock).await?;
        let outcome = publishing::publish(census, at, &mut lease, written, clock).await?;
        log_end(&outcome.summary);
        Ok(Ended::Reported(Box::new(outcome)))
    };
    match ended.await {
        Ok(ended) => Ok(ended),
        Err(error) => {
            // Released, so that a retry may begin at once. Where even that cannot be
            // written, it begins when the lease expires.
            if !matches!(error, CensusError::DigestNotSent { .. }) {
                let _ = lease.enter(at, Stage::Failed).await;
            }
            Err(error)
        }
    }
}

/// Acquires the lease over the event, and looks meanwhile what the last run left undone. A
/// run without an event has a lease of its own: whether the bucket takes what is written is
/// then known before anything is read.
async fn acquire_lease(
    census: &Census,
    at: RunContext<'_>,
    clock: Clock,
) -> Result<(Acquired, Unfinished, LastKeys), CensusError> {
    let time_left = census.deadline.map(|deadline| deadline - Instant::now());
    let event_id = census.event_id.as_deref().unwrap_or(&census.run_id);
    let (acquired, (unfinished, last_keys)) = tokio::join!(
        event_lease::acquire(at, event_id, &census.run_id, clock, time_left),
        unfinished(at, time_left)
    );
    Ok((acquired?, unfinished, last_keys))
}

/// Plans and reads the organization, and fetches meanwhile what the report is to be compared
/// with.
async fn plan_and_read(
    at: RunContext<'_>,
    scan: ScanContext,
    listing: Listing<'_>,
    last_keys: LastKeys,
) -> Result<(Reading<PackedKeys>, Compared), CensusError> {
    // Dropped when all is read: writing takes memory of its own.
    let scan = Arc::new(scan);
    let deadline = scan.deadline.clone();
    let (reading, compared) = tokio::join!(
        scan::read_organization(&scan, listing),
        last_run(at, last_keys, &deadline)
    );
    let reading = reading?;
    match nothing_reachable(&reading) {
        Some(error) => Err(error),
        None => Ok((reading, compared)),
    }
}

fn scan_context(
    census: &Census,
    scanner: &Scanner,
    unfinished: Unfinished,
    clock: Clock,
) -> ScanContext {
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

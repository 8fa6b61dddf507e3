//! One run over the whole organization, from its settings to its digest.

use std::{sync::Arc, time::Duration};

use keycensus_core::{
    files::census_plan::CensusPlan, judge::summary::Summary, model::layout::run_folder,
    settings::stage::Stage,
};
use tokio::time::Instant;

use crate::{
    deadline::{Deadline, reserve::Reserve},
    doctor,
    error::CensusError,
    lease::{
        event_lease::{self, Acquired},
        event_record,
    },
    parts::{cut_off, index::Index, resumed::Resumed},
    plan::organization::Listing,
    preflight,
    read::{
        context::ScanContext,
        last_night::LastNight,
        scan::{self, Accounts},
        unfinished::Unfinished,
    },
    report::{
        kept_readings::KeptReadings,
        previous_run::{Compared, LastKeys, last_run, unfinished},
        publishing, writing,
    },
    run::{Census, Ended, RunContext},
    slices,
    transport::clock::Clock,
};

/// How long before its deadline a run that is not done gives up.
const TO_SAY_SO: Duration = Duration::from_millis(500);

/// Makes the run, or a stage of it.
///
/// # Errors
/// There is nothing to report; everything else is a gap in the report.
pub async fn run(census: Census) -> Result<Ended, CensusError> {
    let Some(deadline) = census.deadline else {
        return stages(&census).await;
    };
    // Reading stops in time to write; this is for writing that takes longer than
    // anybody could expect. The caller gets an error, and a retry may do better.
    let last_moment = deadline.checked_sub(TO_SAY_SO).unwrap_or(deadline);
    match tokio::time::timeout_at(last_moment, stages(&census)).await {
        Ok(ended) => ended,
        Err(_) => Err(CensusError::OutOfTime {
            to: "to write the report before the run had to end".to_owned(),
        }),
    }
}

async fn stages(census: &Census) -> Result<Ended, CensusError> {
    match census.stage {
        Stage::All | Stage::Report => run_to_its_end(census).await,
        Stage::Plan => slices::plan(census).await,
        Stage::Read(shard) => slices::read(census, shard).await,
        Stage::Doctor => doctor::run(census).await,
    }
}

/// The stages of a run: all of them, or the last.
async fn run_to_its_end(census: &Census) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let preflight = census.interrupt.or(preflight::check(census)).await;
    let mut preflight = preflight.ok_or(CensusError::Interrupted { is_kept: false })??;
    let listing = preflight.listing.take();
    let at = preflight.context(census);
    let cut_off = cut_off::find(census, at).await?;
    let census = &cut_off.census;
    let (acquired, resumed, before) = acquire_lease(census, at, clock, cut_off.resumed).await?;
    let (mut lease, parts_of) = match acquired {
        Acquired::Lease(lease, parts_of) => (lease, parts_of),
        Acquired::SendDigest(lease, digest) => {
            let summary = publishing::send_late(census, at, lease, &digest).await?;
            return Ok(Ended::Elsewhere(summary));
        }
        Acquired::Elsewhere(summary) => return Ok(Ended::Elsewhere(summary)),
    };
    let ended = async {
        let resumed = match (census.stage, parts_of == census.run_id) {
            (Stage::Report, _) => Resumed::of_slice(census, at).await?,
            (_, true) => resumed,
            (_, false) => Resumed::of(census, at, &parts_of).await,
        };
        // The report has those of all slices.
        for calls in &resumed.kept.calls {
            census.aws.add_calls(calls);
        }
        let census = &resumed.census(census);
        let clock = clock.of_run(census.now);
        let (readings, compared) =
            plan_and_read(census, at, resumed, listing, before, clock).await?;
        if !lease.enter(at, event_record::Stage::Writing).await? {
            return Ok(Ended::Elsewhere(event_lease::taken(&census.run_id)));
        }
        let written = writing::write(census, at, readings, compared, clock).await?;
        let outcome = publishing::publish(census, at, &mut lease, written, clock).await?;
        log_end(&outcome.summary);
        at.destination.forget(&run_folder(&census.run_id));
        Ok(Ended::Reported(Box::new(outcome)))
    };
    match ended.await {
        Ok(ended) => Ok(ended),
        Err(error) => {
            // Released, so that a retry may begin at once. Where even that cannot be
            // written, it begins when the lease expires.
            if !matches!(error, CensusError::DigestNotSent { .. }) {
                let _ = lease.enter(at, event_record::Stage::Failed).await;
            }
            Err(error)
        }
    }
}

/// Acquires the lease over the event, and looks meanwhile what this run has read before, and what
/// the last run left undone. A run without an event has a lease of its own: whether the bucket takes
/// what is written is then known before anything is read.
async fn acquire_lease(
    census: &Census,
    at: RunContext<'_>,
    clock: Clock,
    cut_off: Option<Resumed>,
) -> Result<(Acquired, Resumed, (Unfinished, LastKeys)), CensusError> {
    let time_left = census.deadline.map(|deadline| deadline - Instant::now());
    let (acquired, resumed, before) = tokio::join!(
        event_lease::acquire(at, census.event_id(), &census.run_id, clock, time_left),
        async {
            match (cut_off, census.stage) {
                (Some(resumed), _) => resumed,
                // Its own is read when the lease is held.
                (None, Stage::Report) => Resumed::none(census),
                (None, _) => Resumed::of(census, at, &census.run_id).await,
            }
        },
        unfinished(at, time_left)
    );
    Ok((acquired?, resumed, before))
}

/// Plans and reads the organization, or what is left of it, and fetches meanwhile what the report
/// is to be compared with.
async fn plan_and_read(
    census: &Census,
    at: RunContext<'_>,
    mut resumed: Resumed,
    listing: Option<Listing<'_>>,
    (unfinished, last_keys): (Unfinished, LastKeys),
    clock: Clock,
) -> Result<(KeptReadings, Compared), CensusError> {
    let settings = &census.settings;
    let progress = Arc::clone(&census.progress);
    let deadline = Deadline::before(
        census.deadline,
        Reserve::of(settings),
        progress,
        &census.interrupt,
    );
    let (handover, last_night) = LastNight::awaited(settings, census.now, census.deadline);
    let read = async {
        let accounts = match (resumed.kept.plan.take(), listing) {
            (Some(plan), _) if census.stage == Stage::Report => {
                return Ok::<(CensusPlan, Index), CensusError>((plan, resumed.kept.index));
            }
            (Some(plan), _) => Accounts::Planned(plan),
            (None, Some(listing)) => Accounts::Listed(Box::new(listing)),
            (None, None) => Accounts::Planned(CensusPlan::default()),
        };
        let deadline = deadline.clone();
        let (scan, keeper) = ScanContext::new(census, at, resumed, deadline, clock);
        let scan = ScanContext {
            unfinished,
            last_night,
            ..scan
        };
        scan::read_and_keep(scan, accounts, keeper, at).await
    };
    let (read, compared) = tokio::join!(read, last_run(at, last_keys, &deadline, handover));
    if census.interrupt.is_interrupted() {
        let is_kept = read.is_ok_and(|(_, index)| index.not_stored().is_none());
        return Err(CensusError::Interrupted { is_kept });
    }
    let (plan, index) = read?;
    let readings = KeptReadings::new(settings, plan, index)?;
    Ok((readings, compared))
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
        findings.imported = summary.security_hub.imported,
        findings.failed = summary.security_hub.failed,
        elapsed_ms = summary.elapsed_ms,
        "census finished"
    );
}

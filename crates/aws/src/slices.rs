//! The stages of a run that is made of many invocations: one that plans, and as many that read as it
//! takes. The last one, which reports, is that of every run (`census.rs`).

use std::sync::Arc;

use keycensus_core::{
    files::census_plan::CensusPlan,
    model::{account::Account, layout::run_folder, partial_reading::Extent},
    settings::stage::Shard,
};
use serde_json::json;

use crate::{
    deadline::Deadline,
    error::CensusError,
    lease::event_lease::{self, Acquired, LONGEST_CENSUS},
    parts::{kept::SliceRecord, resumed::Resumed, sink::Keeper},
    preflight::{self},
    read::{
        context::ScanContext,
        last_night::LastNight,
        scan::{self, Accounts},
    },
    report::{
        previous_run::{LastKeys, last_run},
        publishing,
    },
    run::{Census, Ended, RunContext},
    transport::clock::Clock,
};

/// Lists the organization and keeps the plan.
pub(crate) async fn plan(census: &Census) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let mut preflight = preflight::check(census).await?;
    let listing = preflight.listing.take();
    let at = preflight.context(census);
    let (event_id, run_id) = (census.event_id(), &census.run_id);
    let longest = Some(LONGEST_CENSUS);
    match event_lease::acquire(at, event_id, run_id, clock, longest).await? {
        Acquired::Lease(..) => {}
        Acquired::SendDigest(lease, digest) => {
            let summary = publishing::send_late(census, at, lease, &digest).await?;
            return Ok(Ended::Elsewhere(summary));
        }
        Acquired::Elsewhere(summary) => return Ok(Ended::Elsewhere(summary)),
    }
    let mut resumed = Resumed::of(census, at, run_id).await;
    let slice = resumed.kept.slice;
    let plan = match (resumed.kept.plan.take(), listing) {
        (Some(plan), _) => plan,
        (None, Some(listing)) => {
            let (scan, keeper) = slice_context(census, at, resumed, clock);
            scan::plan_and_keep(scan, listing, keeper, at).await?
        }
        (None, None) => CensusPlan::default(),
    };
    // The next stages go by what is kept.
    Resumed::of_slice(census, at).await?;
    end(census, at, slice).await?;
    Ok(Ended::Stage(json!({
        "stage": "plan",
        "run": run_id,
        "accounts": plan.accounts.len(),
        "done": false,
    })))
}

/// Reads what is missing of a shard, until it is all or the time is over.
pub(crate) async fn read(census: &Census, shard: Shard) -> Result<Ended, CensusError> {
    let clock = Clock::begin(census.now);
    let preflight = preflight::check(census).await?;
    let at = preflight.context(census);
    let mut resumed = Resumed::of_slice(census, at).await?;
    let census = &resumed.census(census);
    let mut plan = resumed.kept.plan.take().unwrap_or_default();
    plan.accounts = of_shard(plan.accounts, shard);
    let accounts = plan.accounts.clone();
    let slice = resumed.kept.slice;
    let (scan, keeper) = slice_context(census, at, resumed, clock);
    let (handover, last_night) = LastNight::awaited(&census.settings, census.now, census.deadline);
    let deadline = scan.deadline.clone();
    let scan = ScanContext { last_night, ..scan };
    let hand_over = async {
        if handover.is_awaited() {
            last_run(at, LastKeys::NotYet, &deadline, handover).await;
        }
    };
    let read = scan::read_and_keep(scan, Accounts::Planned(plan), keeper, at);
    let (read, ()) = tokio::join!(read, hand_over);
    let (_, index) = read?;
    if let Some(path) = index.not_stored() {
        return Err(CensusError::ReportNotWritten {
            location: at.destination.kept_location(path),
            reason: "what this slice has read could not be kept".to_owned(),
        });
    }
    end(census, at, slice).await?;
    let left = |account: &&Arc<Account>| index.extent(account.id) != Some(Extent::Whole);
    let left = accounts.iter().filter(left).count();
    tracing::info!(
        run.id = census.run_id,
        accounts.left = left,
        keys.read = census.progress.counters().keys_read,
        "a slice of the census is read"
    );
    Ok(Ended::Stage(json!({
        "stage": "read",
        "run": census.run_id,
        "shard": shard.number,
        "shards": shard.of,
        "accounts": accounts.len(),
        "accounts_left": left,
        "done": left == 0,
    })))
}

/// The accounts of a shard, by their IDs.
fn of_shard(mut accounts: Vec<Arc<Account>>, shard: Shard) -> Vec<Arc<Account>> {
    accounts.sort_by_key(|account| account.id);
    let accounts = accounts.into_iter().enumerate();
    accounts
        .filter(|(n, _)| shard.has(*n))
        .map(|(_, account)| account)
        .collect()
}

/// What a slice is read with: it ends in time for the next.
fn slice_context(
    census: &Census,
    at: RunContext<'_>,
    resumed: Resumed,
    clock: Clock,
) -> (ScanContext, Keeper) {
    let deadline = Deadline::of_slice(census.deadline, Arc::clone(&census.progress));
    ScanContext::new(census, at, resumed, deadline, clock)
}

/// Keeps what the report has to know of a slice.
async fn end(census: &Census, at: RunContext<'_>, slice: u32) -> Result<(), CensusError> {
    let record = SliceRecord {
        run_id: census.run_id.clone(),
        calls: at.aws.calls(),
    };
    record.keep(at, &run_folder(&census.run_id), slice).await
}

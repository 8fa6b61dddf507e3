//! The lease over the report's files, those of the day and those in `latest/`: of two
//! runs at once, one writes whole, and then the other.
//!
//! A lease does not fence S3: a process that is stopped for longer than its lease may
//! write one more file when it goes on. So it is not relied on alone: a reader of a
//! report uses only the files that its `summary.json` names by their hash.

use std::time::Duration;

use jiff::Timestamp;
use keycensus_core::model::{
    layout::REPORT_LEASE,
    manifest::{Files, Manifest},
    previous_runs::LostDigests,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::{
    error::CensusError,
    lease::{
        report_record::{DigestState, LeaseRecord, WriteStage},
        shared_object::SharedObject,
    },
    run::RunContext,
    transport::clock::Clock,
};

/// How often a run looks again whether another has written its report.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a lease is renewed: two renewals may fail.
const RENEW: Duration = Duration::from_secs(20);
/// How long before its deadline a run no longer waits for another: what writing takes.
const TO_WRITE: Duration = Duration::from_secs(10);
/// How long may be waited for an entry in the record to be written. It comes before the
/// digest, which must not be late for it.
const ENTRY: Duration = Duration::from_secs(2);

/// The lease over the report's files. Without a bucket there is no run to agree with, and
/// where the record cannot be read or written, there is no way to.
#[derive(Debug)]
pub(crate) struct ReportLease {
    object: Option<SharedObject<LeaseRecord>>,
    /// The report of the run that wrote last.
    last: Option<LastWritten>,
}

/// The report of the run that wrote last.
#[derive(Debug)]
struct LastWritten {
    report: Manifest,
    is_complete: bool,
}

/// Waits for the lease.
///
/// # Errors
/// Another run writes its report for as long as there is time to wait.
pub(crate) async fn acquire(
    at: RunContext<'_>,
    report: &Manifest,
    clock: Clock,
    deadline: Option<Instant>,
) -> Result<ReportLease, CensusError> {
    if !at.destination.has_bucket() {
        return Ok(ReportLease::none());
    }
    let give_up = deadline.map(|deadline| deadline.checked_sub(TO_WRITE).unwrap_or(deadline));
    let mut has_said_so = false;
    loop {
        let attempt = attempt(at, report, clock.now());
        let attempted = match give_up {
            Some(give_up) => timeout_at(give_up, attempt)
                .await
                .map_err(|_| out_of_time("to read or write the lease over the report")),
            None => Ok(attempt.await),
        };
        let holder = match attempted.and_then(|attempted| attempted) {
            Ok(Attempt::Acquired(lease)) => return Ok(*lease),
            Ok(Attempt::HeldBy(holder)) => holder,
            Err(error) => {
                tracing::warn!(
                    run.id = report.run_id,
                    "the report is written without a lease, so that a run at the same time may write beside this one: {error}"
                );
                return Ok(ReportLease::none());
            }
        };
        if give_up.is_some_and(|give_up| give_up <= Instant::now() + LOOK_AGAIN) {
            let to = format!("to wait for {holder}, which is writing its report");
            return Err(out_of_time(&to));
        }
        if !has_said_so {
            has_said_so = true;
            tracing::info!(
                run.id = report.run_id,
                "{holder} is writing its report: waiting for it"
            );
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// What came of asking for the lease once.
enum Attempt {
    Acquired(Box<ReportLease>),
    /// Another run has it: this one.
    HeldBy(String),
}

async fn attempt(
    at: RunContext<'_>,
    report: &Manifest,
    now: Timestamp,
) -> Result<Attempt, CensusError> {
    let record = LeaseRecord::writing(report.clone(), None, now);
    let mut object = SharedObject::new(REPORT_LEASE.to_owned(), record);
    if object.create(at).await? {
        return Ok(Attempt::Acquired(Box::new(ReportLease {
            object: Some(object),
            last: None,
        })));
    }
    let Some((before, version)) = object.found(at).await? else {
        // It has expired since.
        return Ok(Attempt::HeldBy("another run".to_owned()));
    };
    if !before.is_free_for(&report.run_id, now) {
        return Ok(Attempt::HeldBy(format!("run {}", before.report.run_id)));
    }
    object.content = LeaseRecord::writing(report.clone(), Some(&before), now);
    if !object.replace(at, &version).await? {
        return Ok(Attempt::HeldBy("another run".to_owned()));
    }
    let last = LastWritten {
        is_complete: before.stage == WriteStage::Written,
        report: before.report,
    };
    Ok(Attempt::Acquired(Box::new(ReportLease {
        object: Some(object),
        last: Some(last),
    })))
}

fn out_of_time(to: &str) -> CensusError {
    CensusError::OutOfTime { to: to.to_owned() }
}

fn not_written(at: RunContext<'_>, reason: &str) -> CensusError {
    CensusError::ReportNotWritten {
        location: at.destination.uri(REPORT_LEASE),
        reason: reason.to_owned(),
    }
}

impl ReportLease {
    fn none() -> Self {
        Self {
            object: None,
            last: None,
        }
    }

    /// The report of the run that wrote last, if it is complete.
    pub(crate) fn newest(&self) -> Option<&Manifest> {
        let last = self.last.as_ref()?;
        last.is_complete.then_some(&last.report)
    }

    /// The report of the run that wrote last, complete or not: some of the latest files may be its.
    pub(crate) fn last(&self) -> Option<&Manifest> {
        self.last.as_ref().map(|last| &last.report)
    }

    /// The digests of earlier runs that this run must report.
    pub(crate) fn lost_digests(&self) -> Option<LostDigests> {
        self.object.as_ref()?.content.lost_digests().cloned()
    }

    /// Does `work`, which writes `files`, and keeps the lease until it is done.
    ///
    /// # Errors
    /// Those of `work`, and when another run has taken the lease, because this one was
    /// stopped for too long.
    pub(crate) async fn while_held<T>(
        &mut self,
        at: RunContext<'_>,
        clock: Clock,
        files: &Files,
        work: impl Future<Output = Result<T, CensusError>>,
    ) -> Result<T, CensusError> {
        let Some(object) = &mut self.object else {
            return work.await;
        };
        // The next run finds the day's files by it, should this one be cut off.
        object.content.report.files = files.clone();
        let done = tokio::select! {
            // In this order, so that a seed of `make soak` replays its run.
            biased;
            done = work => done,
            lost = keep_renewing(object, at, clock) => Err(lost),
        };
        if done.is_err() {
            self.enter(at, |record| record.end(WriteStage::Failed, clock.now()))
                .await;
        }
        done
    }

    /// The report is complete: other runs may write. Of the digest it is known whether it
    /// is to be sent, and of how many messages of one account each.
    pub(crate) async fn written(
        &mut self,
        at: RunContext<'_>,
        clock: Clock,
        digest: DigestState,
        account_digests: u64,
    ) {
        self.enter(at, |record| {
            record.end(WriteStage::Written, clock.now());
            record.tell_digest(digest, account_digests);
        })
        .await;
    }

    /// Says what became of the digest, and how many messages of one account each are not
    /// known to be out.
    pub(crate) async fn tell_digest(
        &mut self,
        at: RunContext<'_>,
        digest: DigestState,
        account_digests: u64,
    ) {
        self.enter(at, |record| record.tell_digest(digest, account_digests))
            .await;
    }

    /// Changes the record. A report is no worse for an entry that could not be made: a
    /// lease ends by itself, and a digest whose state was not recorded is reported as missing.
    async fn enter(&mut self, at: RunContext<'_>, change: impl FnOnce(&mut LeaseRecord)) {
        let Some(object) = &mut self.object else {
            return;
        };
        change(&mut object.content);
        let problem = match timeout(ENTRY, put(object, at)).await {
            Ok(Ok(true)) => return,
            // It has said in its own record what there was to say.
            Ok(Ok(false)) => "another run has taken the lease".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "S3 did not answer in time".to_owned(),
        };
        tracing::warn!("the record of the report's lease was not written: {problem}");
    }
}

/// Takes up the record of the report of `run_id` again, to say what became of its digest.
/// Where another run has written since, there is nothing to take up.
pub(crate) async fn of_report(at: RunContext<'_>, run_id: &str) -> ReportLease {
    let lease = async {
        let (content, version) = find(at).await?;
        (content.report.run_id == run_id).then(|| {
            let mut object = SharedObject::new(REPORT_LEASE.to_owned(), content);
            object.adopt(version);
            ReportLease {
                object: Some(object),
                last: None,
            }
        })
    };
    timeout(ENTRY, lease)
        .await
        .ok()
        .flatten()
        .unwrap_or_else(ReportLease::none)
}

/// The record that is there, with its version, if it can be read.
pub(crate) async fn find(at: RunContext<'_>) -> Option<(LeaseRecord, String)> {
    if !at.destination.has_bucket() {
        return None;
    }
    match SharedObject::<LeaseRecord>::read(at, REPORT_LEASE).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!("the record of the report's lease was not read: {error}");
            None
        }
    }
}

/// Renews the lease for ever; ends with an error when it is lost.
async fn keep_renewing(
    object: &mut SharedObject<LeaseRecord>,
    at: RunContext<'_>,
    clock: Clock,
) -> CensusError {
    loop {
        object.content.renew(clock.now());
        match put(object, at).await {
            Ok(true) => {}
            Ok(false) => {
                return not_written(
                    at,
                    "another run has taken over, because this one stood still for too long",
                );
            }
            Err(error) => tracing::warn!("the report's lease was not renewed: {error}"),
        }
        sleep(RENEW).await;
    }
}

/// Writes the record. A renewal may have been given up on its way, so that what is there
/// is this run's, and not what it knows of.
async fn put(
    object: &mut SharedObject<LeaseRecord>,
    at: RunContext<'_>,
) -> Result<bool, CensusError> {
    if object.update(at).await? {
        return Ok(true);
    }
    match object.found(at).await? {
        Some((record, version)) if record.report.run_id == object.content.report.run_id => {
            object.adopt(version);
            object.update(at).await
        }
        _ => Ok(false),
    }
}

//! Findings on their way to Security Hub.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use keycensus_core::{judge::summary::SecurityHubOutcome, render::security_hub::Finding};

use crate::{
    report::failures::Failures,
    run::RunContext,
    services::{
        aws::Aws,
        quotas::IMPORT_FINDINGS_RPS,
        security_hub::{BATCH_IMPORT_FINDINGS, FailedFinding, ImportAnswer, SecurityHub},
    },
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
        lock::lock,
        rate_limit::RateLimit,
        retry::Attempts,
    },
};

/// After so many batches in a row of which nothing could be imported, no other is tried.
const HOPELESS_BATCHES: u32 = 3;

/// Findings on their way to Security Hub.
pub(super) struct Importing<'a> {
    aws: &'a Aws,
    site: CallSite,
    client: SecurityHub,
    rate_limit: RateLimit,
    imported: AtomicU64,
    /// The IDs of those of them that were archived.
    archived: Mutex<HashSet<String>>,
    /// Batches in a row of which nothing could be imported.
    hopeless: AtomicU32,
    failures: Failures,
}

/// What Security Hub said of the findings of a call.
#[derive(Default)]
struct Said {
    imported: u64,
    /// Those that another call may import, and why this one did not.
    again: Option<(Vec<Finding>, CallError)>,
}

impl<'a> Importing<'a> {
    pub(super) fn new(at: RunContext<'a>) -> Self {
        Self {
            aws: at.aws,
            site: CallSite {
                account: Some(at.scanner.account),
                region: at.aws.region().clone(),
            },
            client: SecurityHub::new(at.aws.config(), at.aws.region()),
            rate_limit: RateLimit::new(IMPORT_FINDINGS_RPS),
            imported: AtomicU64::new(0),
            archived: Mutex::default(),
            hopeless: AtomicU32::new(0),
            failures: Failures::default(),
        }
    }

    /// Whether another batch may be imported.
    pub(super) fn has_hope(&self) -> bool {
        self.hopeless.load(Ordering::Relaxed) < HOPELESS_BATCHES
    }

    /// Imports a batch, with as many calls as that may help.
    pub(super) async fn import(&self, mut batch: Vec<Finding>) {
        let mut attempts = Attempts::default();
        let mut imported = 0;
        loop {
            let said = match self.call(&batch).await {
                Ok(answer) => self.said(batch, answer),
                Err(error) => Said {
                    again: Some((batch, error)),
                    ..Said::default()
                },
            };
            imported += said.imported;
            self.imported.fetch_add(said.imported, Ordering::Relaxed);
            let Some((again, error)) = said.again else {
                break;
            };
            if error.failure == Failure::Throttled {
                self.rate_limit.throttled();
            }
            match attempts.wait_after(&error) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => {
                    self.failures.add(again.len() as u64, error);
                    break;
                }
            }
            batch = again;
        }
        match imported {
            0 => self.hopeless.fetch_add(1, Ordering::Relaxed),
            _ => self.hopeless.swap(0, Ordering::Relaxed),
        };
    }

    /// Makes one call, in turn.
    async fn call(&self, batch: &[Finding]) -> Result<ImportAnswer, CallError> {
        let ((), _outstanding) = self.rate_limit.acquire(async {}).await;
        let answer = self
            .aws
            .send(BATCH_IMPORT_FINDINGS, &self.site, || {
                self.client.import(batch)
            })
            .await?;
        let named = answer.failed_findings.len() as u64;
        let counted = answer.success_count + answer.failed_count;
        let was_sent = |failed: &FailedFinding| batch.iter().any(|sent| sent.id == failed.id);
        let is_of_batch = named == answer.failed_count
            && counted == batch.len() as u64
            && answer.failed_findings.iter().all(was_sent);
        match is_of_batch {
            true => Ok(answer),
            false => {
                let why = Unreadable("the answer is not about the findings that were sent");
                Err(CallError::unreadable(
                    BATCH_IMPORT_FINDINGS,
                    &self.site,
                    why,
                ))
            }
        }
    }

    /// Takes note of what Security Hub says of each finding that it did not take.
    fn said(&self, batch: Vec<Finding>, answer: ImportAnswer) -> Said {
        let failed = answer.failed_findings.into_iter();
        let mut failed: HashMap<String, FailedFinding> =
            failed.map(|failed| (failed.id.clone(), failed)).collect();
        let mut said = Said::default();
        for finding in batch {
            let Some(failed) = failed.remove(&finding.id) else {
                said.imported += 1;
                if finding.is_archived {
                    lock(&self.archived).insert(finding.id);
                }
                continue;
            };
            let error = self.refused(&failed);
            match (error.failure, &mut said.again) {
                (Failure::Throttled | Failure::Transient, None) => {
                    said.again = Some((vec![finding], error));
                }
                (Failure::Throttled | Failure::Transient, Some((again, _))) => again.push(finding),
                _ => self.failures.add(1, error),
            }
        }
        said
    }

    /// Why a finding was not taken. AWS documents one code, `InvalidAccess`
    /// (<https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html>); those that may
    /// pass are the operation's own, with or without `Exception`
    /// (<https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html>).
    fn refused(&self, failed: &FailedFinding) -> CallError {
        let failure = match failed.error_code.trim_end_matches("Exception") {
            "LimitExceeded" | "Throttling" => Failure::Throttled,
            "Internal" | "InternalError" | "InternalFailure" => Failure::Transient,
            _ => Failure::Final,
        };
        let (code, message) = (&failed.error_code, &failed.error_message);
        CallError::of_entry(BATCH_IMPORT_FINDINGS, &self.site, code, message, failure)
    }

    /// What became of the findings that were due, and the IDs of those that are archived now. Every error code is logged
    /// once.
    pub(super) fn outcome(
        self,
        due: SecurityHubOutcome,
        is_time_left: bool,
    ) -> (SecurityHubOutcome, HashSet<String>) {
        let imported = self.imported.into_inner();
        let all = due.due();
        let missing = all.saturating_sub(imported);
        let (failed, errors) = self.failures.ended(
            missing,
            is_time_left,
            BATCH_IMPORT_FINDINGS,
            &self.site,
            |n| format!("{n} of {all} findings were not imported into Security Hub"),
        );
        let outcome = SecurityHubOutcome {
            imported,
            failed,
            errors,
            ..due
        };
        let archived = self.archived.into_inner();
        (outcome, archived.unwrap_or_else(PoisonError::into_inner))
    }
}

//! Findings on their way to Security Hub.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use keycensus_core::{judge::summary::SecurityHubOutcome, render::security_hub::Finding};

use crate::{
    report::delivery::{Answered, Delivery},
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
    },
};

/// Findings on their way to Security Hub.
pub(super) struct Importing<'a> {
    aws: &'a Aws,
    site: CallSite,
    client: SecurityHub,
    delivery: Delivery,
    /// The IDs of findings that were archived.
    archived: Mutex<HashSet<String>>,
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
            delivery: Delivery::new(IMPORT_FINDINGS_RPS),
            archived: Mutex::default(),
        }
    }

    /// Whether another batch may be imported.
    pub(super) fn has_hope(&self) -> bool {
        self.delivery.has_hope()
    }

    /// Imports a batch.
    pub(super) async fn import(&self, batch: Vec<Finding>) {
        let call = async |batch: &[Finding]| self.call(batch).await;
        let answered = |batch, answer| self.answered(batch, answer);
        self.delivery.deliver(batch, call, answered).await;
    }

    async fn call(&self, batch: &[Finding]) -> Result<ImportAnswer, CallError> {
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

    /// What Security Hub says of each finding: it names those that it did not take.
    fn answered(&self, batch: Vec<Finding>, answer: ImportAnswer) -> Answered<Finding> {
        let failed = answer.failed_findings.into_iter();
        let failed: HashMap<String, FailedFinding> =
            failed.map(|failed| (failed.id.clone(), failed)).collect();
        Answered::of(batch, &self.delivery, |finding| {
            let error = failed.get(&finding.id).map(|failed| self.refused(failed));
            if error.is_none() && finding.is_archived {
                lock(&self.archived).insert(finding.id.clone());
            }
            error
        })
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
        let all = due.due();
        let describe = |n| format!("{n} of {all} findings were not imported into Security Hub");
        let (imported, failed, errors) = self.delivery.ended(
            all,
            is_time_left,
            BATCH_IMPORT_FINDINGS,
            &self.site,
            describe,
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

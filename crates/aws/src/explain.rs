//! Everything that can be found out about one key, for `keycensus explain`.

use std::sync::Arc;

use jiff::Timestamp;
use keycensus_core::{
    explain::{
        Explanation, LastUsers,
        athena::TrailTable,
        is_before_history,
        requested_key::{AccessKeyId, RequestedKey},
        trail_event::TrailEvent,
    },
    judge::judged_key::{JudgedKey, Thresholds},
    model::{
        account::{Account, AccountId},
        reading::KeyReading,
    },
    settings::{Settings, Switch},
};

use crate::{
    deadline::{Deadline, unanswered::Unanswered},
    progress::Progress,
    read::access_keys::context::IamContext,
    services::{aws::Aws, iam::Iam},
    transport::{
        call_error::{CallError, CallSite},
        clock::Clock,
        session::{self, Entry, Session},
    },
};

mod access_key;
mod error;
mod kms_key;
mod password;
mod secret;
mod service_credential;

pub use error::ExplainError;

/// A question about a key.
#[derive(Debug)]
pub struct Question {
    /// The connection to AWS.
    pub aws: Arc<Aws>,
    /// How accounts are entered, and what is said of keys.
    pub settings: Settings,
    /// The key.
    pub asked: RequestedKey,
    /// The account, if it is given: what is known by its ID needs it, and for an access key AWS is asked
    /// otherwise.
    pub account: Option<AccountId>,
    /// The table of the organization's trail, if one is named.
    pub trail_table: Option<TrailTable>,
    /// Unique to the question; it is in the name of the session.
    pub run_id: String,
    /// The moment it is asked.
    pub now: Timestamp,
}

/// What a key is read with, in its account.
struct Inside<'a> {
    aws: &'a Aws,
    session: Session,
    settings: Settings,
    partition: &'a str,
    trail_table: Option<&'a TrailTable>,
    progress: Progress,
    deadline: Deadline,
    now: Timestamp,
}

/// Finds out everything about the key that is asked about. What cannot be read of it
/// is in the explanation.
///
/// # Errors
/// There are no usable credentials, the key's account cannot be entered, or there is
/// no such key.
pub async fn explain(question: &Question) -> Result<Explanation, ExplainError> {
    let scanner = session::scanner(&question.aws).await?;
    let account = match &question.asked {
        RequestedKey::AccessKey(id) => account_of_access_key(question, id).await?,
        RequestedKey::ServiceCredential(_) => {
            question.account.ok_or(ExplainError::AccountMissing)?
        }
        RequestedKey::KmsKey(_) | RequestedKey::Secret(_) | RequestedKey::Password(_) => {
            account_of_arn(question, &scanner.partition)?
        }
    };
    let inside = enter(question, &scanner, account).await?;
    match &question.asked {
        RequestedKey::KmsKey(arn) => kms_key::explain(&inside, arn).await,
        RequestedKey::Secret(arn) => secret::explain(&inside, arn).await,
        RequestedKey::Password(arn) => password::explain(&inside, arn).await,
        RequestedKey::AccessKey(id) => access_key::explain(&inside, id).await,
        RequestedKey::ServiceCredential(id) => service_credential::explain(&inside, id).await,
    }
}

/// The account of a key that is given by its ARN.
fn account_of_arn(question: &Question, partition: &str) -> Result<AccountId, ExplainError> {
    let of_arn = question.asked.partition_and_account();
    let (of_key, account) = of_arn.ok_or(ExplainError::AccountMissing)?;
    if of_key != partition {
        return Err(ExplainError::OtherPartition {
            key: of_key.to_owned(),
            credentials: partition.to_owned(),
        });
    }
    match question.account {
        Some(given) if given != account => Err(ExplainError::OtherAccount {
            key: account,
            given,
        }),
        _ => Ok(account),
    }
}

/// The account of an access key. AWS reports it to every caller
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>).
async fn account_of_access_key(
    question: &Question,
    id: &AccessKeyId,
) -> Result<AccountId, ExplainError> {
    const OPERATION: &str = "sts:GetAccessKeyInfo";
    if let Some(account) = question.account {
        return Ok(account);
    }
    let aws = &question.aws;
    let asked = aws.sts().ask(async |sts| {
        let site = CallSite {
            account: None,
            region: sts.region,
        };
        aws.send(OPERATION, &site, || {
            sts.client
                .get_access_key_info()
                .access_key_id(id.as_str())
                .send()
        })
        .await
    });
    let answer = asked.await.map_err(|error| ExplainError::AccountUnknown {
        source: error.into(),
    })?;
    let account = answer.account().and_then(AccountId::parse);
    account.ok_or_else(|| ExplainError::AccountUnknown {
        source: format!("{OPERATION} named none").into(),
    })
}

async fn enter<'a>(
    question: &'a Question,
    scanner: &'a session::Scanner,
    account: AccountId,
) -> Result<Inside<'a>, ExplainError> {
    let Question {
        aws,
        settings,
        trail_table,
        run_id,
        now,
        ..
    } = question;
    let mut settings = settings.clone();
    settings.dependents = Switch::On;
    settings.audit_guard = Switch::On;
    let clock = Clock::begin(*now);
    let entry = Arc::new(Entry::new(scanner.clone(), &settings, run_id, clock));
    // Only the organization knows its name, and is not asked.
    let entered = Arc::new(Account {
        id: account,
        name: String::new(),
    });
    let session = Session::enter(aws, &entry, &entered).await;
    let session = session.map_err(|error| ExplainError::NotEntered {
        account,
        role: entry.role_arn(account),
        source: error.into(),
    })?;
    let deadline = Deadline::never(&settings);
    Ok(Inside {
        aws,
        session,
        settings,
        partition: &scanner.partition,
        trail_table: trail_table.as_ref(),
        progress: Progress::default(),
        deadline,
        now: *now,
    })
}

/// What a search for who used a key last came to.
fn found(events: Result<Vec<TrailEvent>, CallError>) -> LastUsers {
    match events {
        Ok(events) if events.is_empty() => LastUsers::NotFound,
        Ok(events) => LastUsers::Found(events),
        Err(error) => {
            error.log_gap("who used a key last is not known");
            LastUsers::Unanswered(error.gap())
        }
    }
}

/// Who used a key last, where AWS reports when that was and not by which event.
fn without_event(used_at: Timestamp, now: Timestamp) -> LastUsers {
    match is_before_history(used_at, now) {
        true => LastUsers::TooOld,
        false => LastUsers::NotReported,
    }
}

/// Why a key was not found in a listing that ended so.
fn unless_listed(
    inside: &Inside<'_>,
    what: &'static str,
    listing: Result<(), Unanswered>,
) -> ExplainError {
    match listing {
        Ok(()) => inside.not_found(what, "the account's listing does not have it"),
        Err(unanswered) => ExplainError::Unreadable {
            gap: unanswered.gap(),
        },
    }
}

impl Inside<'_> {
    /// What IAM is read with.
    fn iam(&self) -> IamContext<'_> {
        IamContext {
            iam: Iam::new(self.aws, &self.session),
            account: &self.session.account,
            partition: self.partition,
            settings: &self.settings,
            progress: &self.progress,
            deadline: &self.deadline,
            now: self.now,
            last: None,
            was_unfinished: false,
        }
    }

    /// What is said of a key, before anything is known of who used it.
    fn judged(&self, key: KeyReading) -> Explanation {
        let thresholds = Thresholds {
            stale_after_days: self.settings.stale_after_days,
            rotate_after_days: self.settings.rotate_after_days,
            watch_days: self.settings.watch_days,
        };
        Explanation {
            now: self.now,
            stale_after_days: thresholds.stale_after_days,
            key: JudgedKey::by_itself(key, &thresholds, self.now),
            names_gap: None,
            last_users: LastUsers::NoUse,
            query: None,
            refused: None,
        }
    }

    /// Why there is nothing to explain.
    fn not_found(&self, what: &'static str, reason: impl std::fmt::Display) -> ExplainError {
        ExplainError::NotFound {
            what,
            account: self.session.account.id,
            reason: reason.to_string(),
        }
    }
}

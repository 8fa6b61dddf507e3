//! Who the census is, and how it enters an account.

use std::{sync::Arc, time::Duration};

use aws_credential_types::Credentials;
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleOutput, get_caller_identity::GetCallerIdentityOutput,
};
use jiff::Timestamp;
use keycensus_core::{
    model::account::{Account, AccountId},
    settings::{Settings, SettingsError},
};
use tokio::sync::Mutex;

use crate::transport::{
    answer::Unreadable,
    call_error::{CallError, CallSite, UNREADABLE_ANSWER},
    clock::Clock,
    connection::Connection,
    first_call,
    sts::RegionalSts,
    timestamps::timestamp,
};

const ASSUME_ROLE: &str = "sts:AssumeRole";
const GET_CALLER_IDENTITY: &str = "sts:GetCallerIdentity";

/// Sessions assumed from a role last at most an hour
/// (<https://docs.connection.amazon.com/IAM/latest/UserGuide/id_roles.html>).
const SESSION_SECONDS: i32 = 3600;
/// Credentials are renewed this long before they expire.
const RENEW_BEFORE: Duration = Duration::from_secs(400);
/// For how long they are used at least, whatever this machine's clock makes of when they
/// expire: by a clock that is ahead they have expired when they are given. Where they
/// truly have, AWS says so.
const USE_FOR: Duration = Duration::from_secs(60);
/// STS's limit for a session's name.
const SESSION_NAME_CHARACTERS: usize = 64;

/// Who the census is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scanner {
    /// The account it runs in.
    pub(crate) account: AccountId,
    /// The partition it runs in: `aws`, `aws-cn`, `aws-us-gov`.
    pub(crate) partition: String,
}

/// Asks STS who the census is.
pub(crate) async fn scanner(connection: &Connection) -> Result<Scanner, SettingsError> {
    let asked = connection.sts().ask(async |sts| {
        let site = CallSite {
            account: None,
            region: sts.region,
        };
        let answer = connection.send(GET_CALLER_IDENTITY, &site, || {
            sts.client.get_caller_identity().send()
        });
        identity(&answer.await?)
            .map_err(|why| CallError::unreadable(GET_CALLER_IDENTITY, &site, why))
    });
    asked.await.map_err(|error| {
        SettingsError::Credentials(match &*error.code {
            UNREADABLE_ANSWER => format!(
                "which account the AWS credentials belong to is not known: {error}; try again, and see whether AWS can be reached from here"
            ),
            _ => first_call::message(&error),
        })
    })
}

/// Who the caller is: account and ARN must name the same account.
fn identity(answer: &GetCallerIdentityOutput) -> Result<Scanner, Unreadable> {
    let arn: Vec<&str> = answer.arn().unwrap_or_default().split(':').collect();
    let account = answer.account().and_then(AccountId::parse);
    match (account, &arn[..]) {
        (Some(account), ["arn", partition, _, _, id, ..]) if account.to_string() == *id => {
            Ok(Scanner {
                account,
                partition: (*partition).to_owned(),
            })
        }
        _ => Err(Unreadable("account and ARN are not of one account")),
    }
}

/// How every account is entered.
#[derive(Debug)]
pub(crate) struct Entry {
    scanner: Scanner,
    member_role: String,
    external_id: Option<String>,
    session_name: String,
    clock: Clock,
}

impl Entry {
    pub(crate) fn new(scanner: Scanner, settings: &Settings, run_id: &str, clock: Clock) -> Self {
        Self {
            scanner,
            member_role: settings.member_role.clone(),
            external_id: settings.external_id.clone(),
            session_name: session_name(run_id),
            clock,
        }
    }

    /// Who the census is.
    pub(crate) fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// The ARN of the role to assume in `account`.
    pub(crate) fn role_arn(&self, account: AccountId) -> String {
        let Self {
            scanner,
            member_role,
            ..
        } = self;
        format!(
            "arn:{}:iam::{account}:role/{member_role}",
            scanner.partition
        )
    }

    async fn assume(
        &self,
        connection: &Connection,
        account: AccountId,
    ) -> Result<CachedCredentials, CallError> {
        connection
            .sts()
            .ask(|sts| self.assume_by(sts, connection, account))
            .await
    }

    async fn assume_by(
        &self,
        sts: RegionalSts,
        connection: &Connection,
        account: AccountId,
    ) -> Result<CachedCredentials, CallError> {
        let site = CallSite {
            account: Some(account),
            region: sts.region,
        };
        let answer = connection
            .send(ASSUME_ROLE, &site, || {
                sts.client
                    .assume_role()
                    .role_arn(self.role_arn(account))
                    .role_session_name(&self.session_name)
                    .duration_seconds(SESSION_SECONDS)
                    .set_external_id(self.external_id.clone())
                    .send()
            })
            .await?;
        let (credentials, expires) = credentials_for(answer, account)
            .map_err(|why| CallError::unreadable(ASSUME_ROLE, &site, why))?;
        Ok(CachedCredentials {
            credentials,
            renew_at: (expires - RENEW_BEFORE).max(self.clock.now() + USE_FOR),
        })
    }
}

/// The credentials of a session in `account`, and when they expire. Credentials of
/// another account would have its keys reported as this one's.
fn credentials_for(
    answer: AssumeRoleOutput,
    account: AccountId,
) -> Result<(Credentials, Timestamp), Unreadable> {
    let session = answer
        .assumed_role_user
        .ok_or(Unreadable("no AssumedRoleUser"))?;
    if session.arn.split(':').nth(4) != Some(&*account.to_string()) {
        return Err(Unreadable("the session is of another account"));
    }
    let given = answer.credentials.ok_or(Unreadable("no Credentials"))?;
    // The SDK takes what is not there for an empty text, or for 1970.
    let texts = [
        &given.access_key_id,
        &given.secret_access_key,
        &given.session_token,
    ];
    let expires = timestamp(given.expiration).filter(|at| *at > Timestamp::UNIX_EPOCH);
    match expires {
        Some(expires) if !texts.iter().any(|text| text.is_empty()) => {
            let credentials = Credentials::new(
                given.access_key_id,
                given.secret_access_key,
                Some(given.session_token),
                Some(expires.into()),
                "keycensus member role",
            );
            Ok((credentials, expires))
        }
        _ => Err(Unreadable("the credentials are not whole")),
    }
}

/// A session's name identifies the run that made a call: it is in the CloudTrail events
/// of the accounts that are read.
fn session_name(run_id: &str) -> String {
    format!("keycensus-{run_id}")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(SESSION_NAME_CHARACTERS)
        .collect()
}

/// What makes a call of an SDK crate in the account that credentials are for; the
/// census's own where there are none. A macro, because every SDK crate has a type
/// of its own for it.
macro_rules! as_account {
    ($sdk:ident, $credentials:expr) => {{
        let config = $sdk::Config::builder();
        match $credentials {
            Some(credentials) => config
                .credentials_provider(credentials)
                .identity_cache($sdk::config::IdentityCache::no_cache()),
            None => config,
        }
    }};
}
pub(crate) use as_account;

/// A call of an SDK crate as a function of the credentials that it is made with: the client,
/// the operation's method and what its builder is given.
macro_rules! request {
    ($sdk:ident, $client:expr, $request:ident($($argument:ident = $value:expr),* $(,)?)) => {
        move |credentials| {
            $client
                .$request()
                $(.$argument($value))*
                .customize()
                .config_override(as_account!($sdk, credentials))
                .send()
        }
    };
}
pub(crate) use request;

/// The census inside one account.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) account: Arc<Account>,
    /// `None` in the account that the census runs in, which is read with its
    /// own credentials.
    assumed: Option<Assumed>,
}

#[derive(Debug)]
struct Assumed {
    entry: Arc<Entry>,
    cached: Mutex<Option<CachedCredentials>>,
}

/// Credentials of a session, and until when they are used.
#[derive(Debug, Clone)]
struct CachedCredentials {
    credentials: Credentials,
    renew_at: Timestamp,
}

impl Session {
    /// The census in the account that it runs in.
    pub(crate) fn own(scanner: &Scanner) -> Self {
        let account = Account {
            id: scanner.account,
            name: String::new(),
        };
        Self {
            account: Arc::new(account),
            assumed: None,
        }
    }

    /// Enters `account`: assumes the role there, unless the census runs in it.
    pub(crate) async fn enter(
        connection: &Connection,
        entry: &Arc<Entry>,
        account: &Arc<Account>,
    ) -> Result<Self, CallError> {
        let is_own = account.id == entry.scanner.account;
        let session = Self {
            account: Arc::clone(account),
            assumed: (!is_own).then(|| Assumed {
                entry: Arc::clone(entry),
                cached: Mutex::default(),
            }),
        };
        session.credentials(connection).await?;
        Ok(session)
    }

    /// Credentials for the account, renewed in time; `None` where the census's
    /// own credentials are to be used.
    pub(crate) async fn credentials(
        &self,
        connection: &Connection,
    ) -> Result<Option<Credentials>, CallError> {
        let Some(Assumed { entry, cached }) = &self.assumed else {
            return Ok(None);
        };
        let mut cached = cached.lock().await;
        let now = entry.clock.now();
        let usable = cached.as_ref().filter(|cached| now < cached.renew_at);
        if let Some(CachedCredentials { credentials, .. }) = usable {
            return Ok(Some(credentials.clone()));
        }
        // Boxed, because every call waits here and few have to assume the role.
        let assume = Box::pin(entry.assume(connection, self.account.id));
        let CachedCredentials { credentials, .. } = cached.insert(assume.await?);
        Ok(Some(credentials.clone()))
    }

    /// Drops the credentials that AWS calls expired, so that the next call
    /// assumes the role again. Tells whether there were any to drop.
    pub(crate) async fn renew(&self) -> bool {
        match &self.assumed {
            Some(assumed) => assumed.cached.lock().await.take().is_some(),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::{
        operation::assume_role::AssumeRoleOutput,
        types::{AssumedRoleUser, Credentials},
    };
    use aws_smithy_types::DateTime;
    use keycensus_core::model::account::AccountId;

    use super::{credentials_for, session_name};

    /// Whether credentials are taken for account 222222222222.
    fn are_taken(arn: &str, key: &str, secret: &str, token: &str, expires: i64) -> bool {
        let given = Credentials::builder()
            .access_key_id(key)
            .secret_access_key(secret)
            .session_token(token)
            .expiration(DateTime::from_secs(expires));
        let session = AssumedRoleUser::builder()
            .assumed_role_id("AROA:s")
            .arn(arn);
        let answer = AssumeRoleOutput::builder()
            .credentials(given.build().unwrap())
            .assumed_role_user(session.build().unwrap());
        let account = AccountId::parse("222222222222").unwrap();
        credentials_for(answer.build(), account).is_ok()
    }

    #[test]
    fn credentials_are_taken_whole_and_for_the_account_that_was_asked_for() {
        let arn = "arn:aws:sts::222222222222:assumed-role/KeycensusReader/s";
        assert!(are_taken(arn, "ASIA", "secret", "token", 1_000));
        assert!(!are_taken(arn, "", "secret", "token", 1_000));
        assert!(!are_taken(arn, "ASIA", "", "token", 1_000));
        assert!(!are_taken(arn, "ASIA", "secret", "", 1_000));
        assert!(!are_taken(arn, "ASIA", "secret", "token", 0));
        let other = "arn:aws:sts::333333333333:assumed-role/KeycensusReader/s";
        assert!(!are_taken(other, "ASIA", "secret", "token", 1_000));
        assert!(!are_taken("", "ASIA", "secret", "token", 1_000));
    }

    #[test]
    fn a_session_name_tells_the_run_and_is_one_that_sts_takes() {
        assert_eq!(
            session_name("20261121T020007Z"),
            "keycensus-20261121T020007Z"
        );
        assert_eq!(session_name("a b/ü"), "keycensus-a-b--");
        assert_eq!(session_name(&"x".repeat(99)).len(), 64);
    }
}

//! Callers: the scanner, and the sessions that `AssumeRole` issued.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    aws::operation::Service,
    lock::lock,
    wire::{AwsError, signature::Scope},
    world::{World, partition_of},
};

/// The role whose permissions a call has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The scanner's role.
    Scanner,
    /// The role that it assumes in an account.
    Member,
}

/// The identity behind an access key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
    /// Whether it is a session of a role: sessions of roles that it assumes last an hour at most.
    pub(crate) is_session: bool,
    pub(crate) holder: Holder,
}

/// Credentials that `AssumeRole` issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
}

#[derive(Debug)]
struct Session {
    caller: Arc<Caller>,
    credentials: Credentials,
}

/// Every valid access key.
#[derive(Debug)]
pub(crate) struct Sessions {
    scanner: Arc<Caller>,
    scanner_access_key: String,
    issued: Mutex<HashMap<String, Session>>,
    count: AtomicU64,
}

impl Sessions {
    pub(crate) fn new(world: &World) -> Self {
        let account = world.scanner.account.clone();
        let partition = partition_of(world.account(&account));
        let role = &world.scanner.role;
        let is_session = !role.is_empty();
        let (arn, user_id) = if is_session {
            (
                format!("arn:{partition}:sts::{account}:assumed-role/{role}/sim"),
                "AROASIMSCANNER0000001:sim".to_owned(),
            )
        } else {
            (
                format!("arn:{partition}:iam::{account}:user/sim"),
                "AIDASIMSCANNER0000001".to_owned(),
            )
        };
        Self {
            scanner: Arc::new(Caller {
                account,
                arn,
                user_id,
                is_session,
                holder: Holder::Scanner,
            }),
            scanner_access_key: world.scanner.access_key_id.clone(),
            issued: Mutex::default(),
            count: AtomicU64::new(1),
        }
    }

    /// Issues credentials for `caller` that expire at `expires`.
    pub(crate) fn issue(&self, caller: Caller, expires: Timestamp) -> Credentials {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let credentials = Credentials {
            access_key: format!("ASIASIM{number:013}"),
            secret: format!("sim-secret-{number}"),
            token: format!("sim-token-{number}-{}", caller.account),
            expires,
        };
        let session = Session {
            caller: Arc::new(caller),
            credentials: credentials.clone(),
        };
        lock(&self.issued).insert(credentials.access_key.clone(), session);
        credentials
    }

    /// The caller that signed a request, if its credentials are valid at `now`.
    pub(crate) fn authenticate(
        &self,
        service: Service,
        scope: Scope<'_>,
        now: Timestamp,
    ) -> Result<Arc<Caller>, AwsError> {
        if scope.access_key == self.scanner_access_key {
            return Ok(Arc::clone(&self.scanner));
        }
        let issued = lock(&self.issued);
        match issued.get(scope.access_key) {
            None => Err(unknown_key(service)),
            Some(session) if scope.token != Some(&session.credentials.token) => {
                Err(AwsError::unknown_token(service))
            }
            Some(session) if session.credentials.expires <= now => Err(AwsError::expired(service)),
            Some(session) => Ok(Arc::clone(&session.caller)),
        }
    }

    /// The secrets and tokens that were issued.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let issued = lock(&self.issued);
        let secrets = issued
            .values()
            .map(|session| [&session.credentials.secret, &session.credentials.token]);
        secrets.flatten().cloned().collect()
    }
}

/// When a session that begins at `now` ends. Expirations are whole seconds on the wire.
pub(crate) fn expiration(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(i64::from(seconds)))
        .and_then(|end| Timestamp::from_second(end.as_second()))
        .unwrap_or(Timestamp::MAX)
}

fn unknown_key(service: Service) -> AwsError {
    match service {
        Service::S3 => AwsError::new(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        _ => AwsError::unknown_token(service),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_works_until_it_expires_and_only_with_its_token() {
        let world = World::parse("[[account]]\nid = \"111111111111\"").unwrap();
        let sessions = Sessions::new(&world);
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let caller = Caller {
            account: "222222222222".to_owned(),
            arn: String::new(),
            user_id: String::new(),
            is_session: true,
            holder: Holder::Member,
        };
        let end = expiration(now, 3600);
        let credentials = sessions.issue(caller, end);
        assert_eq!(credentials.access_key.len(), 20);
        let code = |token: Option<&str>, service, now| {
            let scope = Scope {
                access_key: &credentials.access_key,
                region: "eu-west-1",
                service: "kms",
                token,
            };
            match sessions.authenticate(service, scope, now) {
                Ok(caller) => caller.account.clone(),
                Err(error) => error.code.into_owned(),
            }
        };
        let token = Some(credentials.token.as_str());
        assert_eq!(code(token, Service::Kms, now), "222222222222");
        assert_eq!(code(None, Service::Kms, now), "UnrecognizedClientException");
        assert_eq!(
            code(Some("other"), Service::Sts, now),
            "InvalidClientTokenId"
        );
        assert_eq!(code(token, Service::Kms, end), "ExpiredTokenException");
        assert_eq!(code(token, Service::Sts, end), "ExpiredToken");
        assert_eq!(code(token, Service::S3, end), "ExpiredToken");
    }
}

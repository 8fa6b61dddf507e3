//! Changes of keys since the simulation began: the [`World`](crate::world::World) itself does not change.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::{
    lock::lock,
    world::{
        AccessKey, AccessKeyStatus, Key, KeyState, Secret, ServiceCredential,
        ServiceCredentialStatus,
    },
};

/// Waiting period of a deletion unless the call gives another.
const WINDOW_DAYS: i64 = 30;

/// Whether callers may change keys. A census never does; scripts that were made from its plan do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyWrites {
    Refused,
    Allowed,
}

/// The changes so far.
#[derive(Debug, Default)]
pub(crate) struct KeyChanges {
    keys: Mutex<HashMap<KeyLocation, KeyLifecycle>>,
    access_keys: Mutex<HashMap<String, AccessKeyChange>>,
    /// The service-specific credentials that were switched on or off, or deleted, by ID: their status.
    service_credentials: Mutex<HashMap<String, Option<ServiceCredentialStatus>>>,
    /// The secrets that were deleted or restored, by ARN: when they are deleted.
    secrets: Mutex<HashMap<String, Option<Timestamp>>>,
}

/// Account, Region and ID of a KMS key.
type KeyLocation = (String, String, String);

/// What callers can change of a KMS key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyLifecycle {
    pub(crate) state: KeyState,
    /// When it will be deleted; set in `PendingDeletion` only.
    pub(crate) deletion_date: Timestamp,
    /// Waiting period before its deletion; used in `PendingReplicaDeletion`.
    pub(crate) window_days: i64,
}

/// The change of an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AccessKeyChange {
    Status(AccessKeyStatus),
    Deleted,
}

impl KeyChanges {
    /// A KMS key of `account` as it is now, in a world that began at `epoch`.
    pub(crate) fn lifecycle(&self, account: &str, key: &Key, epoch: Timestamp) -> KeyLifecycle {
        let changed = lock(&self.keys).get(&location(account, key)).copied();
        changed.unwrap_or_else(|| {
            let wait = SignedDuration::from_hours(24 * WINDOW_DAYS);
            let in_a_month = epoch.saturating_add(wait).unwrap_or(Timestamp::MAX);
            KeyLifecycle {
                state: key.state,
                deletion_date: key
                    .deletion_date
                    .map_or(in_a_month, |moment| moment.resolve(epoch)),
                window_days: WINDOW_DAYS,
            }
        })
    }

    pub(crate) fn set_lifecycle(&self, account: &str, key: &Key, lifecycle: KeyLifecycle) {
        lock(&self.keys).insert(location(account, key), lifecycle);
    }

    /// The status of an access key as it is now; `None` when it was deleted.
    pub(crate) fn status(&self, key: &AccessKey) -> Option<AccessKeyStatus> {
        match lock(&self.access_keys).get(&key.id) {
            None => Some(key.status),
            Some(AccessKeyChange::Status(status)) => Some(*status),
            Some(AccessKeyChange::Deleted) => None,
        }
    }

    pub(crate) fn set_status(&self, key: &AccessKey, status: AccessKeyStatus) {
        let mut keys = lock(&self.access_keys);
        keys.insert(key.id.clone(), AccessKeyChange::Status(status));
    }

    /// The status of a service-specific credential as it is now; `None` when it was deleted.
    pub(crate) fn status_of_credential(
        &self,
        credential: &ServiceCredential,
    ) -> Option<ServiceCredentialStatus> {
        let changed = lock(&self.service_credentials).get(&credential.id).copied();
        changed.unwrap_or(Some(credential.status))
    }

    pub(crate) fn set_status_of_credential(
        &self,
        credential: &ServiceCredential,
        status: Option<ServiceCredentialStatus>,
    ) {
        lock(&self.service_credentials).insert(credential.id.clone(), status);
    }

    /// When a secret of `account` is deleted as it is now, in a world that began at `epoch`; `None`: it is not marked for
    /// deletion.
    pub(crate) fn deletion_of_secret(
        &self,
        account: &str,
        secret: &Secret,
        (epoch, now): (Timestamp, Timestamp),
    ) -> Option<Timestamp> {
        let changed = lock(&self.secrets).get(&secret.arn(account)).copied();
        let of_world = secret.deleted.map(|at| at.resolve(epoch));
        changed.unwrap_or(of_world.filter(|at| *at <= now))
    }

    pub(crate) fn set_deletion_of_secret(
        &self,
        account: &str,
        secret: &Secret,
        date: Option<Timestamp>,
    ) {
        lock(&self.secrets).insert(secret.arn(account), date);
    }

    pub(crate) fn delete(&self, key: &AccessKey) {
        lock(&self.access_keys).insert(key.id.clone(), AccessKeyChange::Deleted);
    }
}

fn location(account: &str, key: &Key) -> KeyLocation {
    (account.to_owned(), key.region.clone(), key.id.clone())
}

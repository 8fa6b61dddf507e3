//! What callers have changed since the world began: the simulator's world itself stays as it is.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::{
    lock::lock,
    world::{AccessKey, AccessKeyStatus, Key, KeyState},
};

/// Waiting period of a deletion where nobody says another.
const WINDOW_DAYS: i64 = 30;

/// Whether callers may change keys. A census never does; scripts that a plan was made into do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changing {
    Refused,
    Allowed,
}

/// The changes up to now.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    keys: Mutex<HashMap<KeyPlace, Life>>,
    access_keys: Mutex<HashMap<String, Fate>>,
}

/// Account, Region and ID of a KMS key.
type KeyPlace = (String, String, String);

/// What a KMS key can change in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) state: KeyState,
    /// When it will be deleted; means something in `PendingDeletion` only.
    pub(crate) deletion_date: Timestamp,
    /// Waiting period before its deletion; means something while its replicas are waited for.
    pub(crate) window_days: i64,
}

/// What became of an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Has(AccessKeyStatus),
    IsDeleted,
}

impl Changes {
    /// A KMS key of `account` as it is now, in a world that began at `epoch`.
    pub(crate) fn life(&self, account: &str, key: &Key, epoch: Timestamp) -> Life {
        let changed = lock(&self.keys).get(&place(account, key)).copied();
        changed.unwrap_or_else(|| {
            let wait = SignedDuration::from_hours(24 * WINDOW_DAYS);
            let in_a_month = epoch.saturating_add(wait).unwrap_or(Timestamp::MAX);
            Life {
                state: key.state,
                deletion_date: key
                    .deletion_date
                    .map_or(in_a_month, |moment| moment.resolve(epoch)),
                window_days: WINDOW_DAYS,
            }
        })
    }

    pub(crate) fn set_life(&self, account: &str, key: &Key, life: Life) {
        lock(&self.keys).insert(place(account, key), life);
    }

    /// The status of an access key as it is now; `None` when it was deleted.
    pub(crate) fn status(&self, key: &AccessKey) -> Option<AccessKeyStatus> {
        match lock(&self.access_keys).get(&key.id) {
            None => Some(key.status),
            Some(Fate::Has(status)) => Some(*status),
            Some(Fate::IsDeleted) => None,
        }
    }

    pub(crate) fn set_status(&self, key: &AccessKey, status: AccessKeyStatus) {
        let mut keys = lock(&self.access_keys);
        keys.insert(key.id.clone(), Fate::Has(status));
    }

    pub(crate) fn delete(&self, key: &AccessKey) {
        lock(&self.access_keys).insert(key.id.clone(), Fate::IsDeleted);
    }
}

fn place(account: &str, key: &Key) -> KeyPlace {
    (account.to_owned(), key.region.clone(), key.id.clone())
}

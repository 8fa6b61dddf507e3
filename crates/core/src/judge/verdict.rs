//! Verdicts of keys.

use jiff::Timestamp;

use crate::model::{
    kind::LastUseSource,
    reading::{KeyKind, KeyReading, Manager, Usage},
    secret,
    time::idle_days,
    words::words,
};

/// The verdict of a key; every key has exactly one. The sentence of each is that of
/// `docs/SEMANTICS.md` and the name of its test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// AWS manages the KMS key or secret: it is listed, and never flagged.
    AwsManaged,
    /// KMS will delete the key: its state is `PendingDeletion` or `PendingReplicaDeletion`.
    PendingDeletion,
    /// Its usage could not be read, and nothing is said of its use.
    Unreadable,
    /// A use is recorded, less than T days ago.
    InUse,
    /// A use is recorded, T days ago or more.
    Stale,
    /// No use is recorded, and AWS has tracked the key since it was created, T days ago or more.
    NeverUsed,
    /// No use is recorded since tracking began, T days ago or more, and the key may
    /// be older: an earlier use cannot be excluded.
    UnusedSinceTracking,
    /// No use is recorded, and the key was created, or its tracking began, less than
    /// T days ago: it is too early to say.
    Undecided,
    /// AWS keeps no record of its use: it is listed for its age and expiry.
    NotRecorded,
}

// In the order in which they are evaluated.
words!(Verdict {
    AwsManaged = "aws_managed",
    PendingDeletion = "pending_deletion",
    Unreadable = "unreadable",
    InUse = "in_use",
    Stale = "stale",
    NeverUsed = "never_used",
    UnusedSinceTracking = "unused_since_tracking",
    Undecided = "undecided",
    NotRecorded = "not_recorded",
});

impl Verdict {
    /// Whether it means that the key is unused, so that a key with it is flagged unless it is
    /// exempt.
    #[must_use]
    pub fn means_unused(self) -> bool {
        match self {
            Self::Stale | Self::NeverUsed | Self::UnusedSinceTracking => true,
            Self::AwsManaged
            | Self::PendingDeletion
            | Self::Unreadable
            | Self::InUse
            | Self::Undecided
            | Self::NotRecorded => false,
        }
    }
}

/// A verdict with the idle time it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Whole days since the last use, or since tracking began for the key where
    /// no use is recorded, or since a password was changed if that was later. `None` where its usage
    /// was not read.
    pub idle_days: Option<i64>,
}

/// Judges one key at `now` with the threshold T, `stale_after_days`.
#[must_use]
pub fn judge(key: &KeyReading, stale_after_days: u32, now: Timestamp) -> Judgement {
    let threshold = i64::from(stale_after_days);
    let without_idle_time = |verdict| Judgement {
        verdict,
        idle_days: None,
    };
    let source = key.kind.last_use_source();
    // What is IAM's is judged by its usage alone.
    if key.manager == Some(Manager::Aws) && !key.kind.is_of_iam() {
        return without_idle_time(Verdict::AwsManaged);
    }
    let is_kms_key = key.kind == KeyKind::KmsKey;
    if is_kms_key && key.state.as_deref().is_some_and(is_pending_deletion) {
        return without_idle_time(Verdict::PendingDeletion);
    }
    if source == LastUseSource::Nowhere {
        return without_idle_time(Verdict::NotRecorded);
    }
    match &key.usage {
        // For a report, the usage of a customer's key that was not requested was not read.
        Usage::NotRead | Usage::Unreadable(_) => without_idle_time(Verdict::Unreadable),
        Usage::Recorded(last_use) => {
            let changed_since = changed_since(key, last_use.at);
            let used_until = match source {
                LastUseSource::List => secret::end_of_day(last_use.at),
                LastUseSource::Answer
                | LastUseSource::CredentialReport
                | LastUseSource::Nowhere => last_use.at,
            };
            let idle = idle_days(changed_since.unwrap_or(used_until), now);
            Judgement {
                verdict: if idle >= threshold {
                    Verdict::Stale
                } else if changed_since.is_some() {
                    Verdict::Undecided
                } else {
                    Verdict::InUse
                },
                idle_days: Some(idle),
            }
        }
        Usage::NoneRecorded {
            tracked_since,
            created_at,
        } => {
            let since = created_at.map_or(*tracked_since, |created| created.max(*tracked_since));
            let idle = idle_days(since, now);
            let tracked_from_creation = created_at.is_some_and(|at| at >= *tracked_since);
            Judgement {
                verdict: if idle < threshold {
                    Verdict::Undecided
                } else if tracked_from_creation {
                    Verdict::NeverUsed
                } else {
                    Verdict::UnusedSinceTracking
                },
                idle_days: Some(idle),
            }
        }
    }
}

/// When a user's password was changed, if that was after its last use at `used_at`. IAM keeps the
/// last use of the user's earlier password: of the one that there is now no use is recorded, and it
/// is undecided for T days.
fn changed_since(key: &KeyReading, used_at: Timestamp) -> Option<Timestamp> {
    let is_password = key.kind == KeyKind::IamPassword;
    key.created_at
        .filter(|changed_at| is_password && *changed_at > used_at)
}

/// Whether a KMS key in this state will be deleted.
#[must_use]
pub fn is_pending_deletion(state: &str) -> bool {
    matches!(state, "PendingDeletion" | "PendingReplicaDeletion")
}

#[cfg(test)]
mod tests;

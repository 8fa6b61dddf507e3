//! How much of what a report lists is kept.

use crate::judge::judged_key::JudgedKey;

/// How many of each list are kept. All are counted.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Flagged keys.
    pub flagged: usize,
    /// Flagged keys that the last run had not flagged.
    pub newly_flagged: usize,
    /// Flagged keys by account.
    pub by_account: ByAccountLimits,
    /// Root access keys.
    pub root_keys: usize,
    /// Keys that somebody was refused, and that are to be brought back.
    pub needed: usize,
    /// Keys that are pending deletion.
    pub pending_deletion: usize,
    /// Access keys to rotate.
    pub to_rotate: usize,
    /// Service-specific credentials to replace.
    pub service_credentials: usize,
    /// All service-specific credentials.
    pub all_service_credentials: usize,
    /// Keys with a change, for each change.
    pub changed: usize,
    /// Keys that are gone.
    pub gone: usize,
    /// Unseen keys.
    pub unseen: usize,
    /// Gaps in coverage.
    pub gaps: usize,
    /// Names in settings that select nothing.
    pub idle_settings: usize,
    /// Accounts with what is flagged and missing in each of their Regions.
    pub cells: usize,
}

/// Which flagged keys of one kind are kept, account by account.
#[derive(Debug, Clone, Copy)]
pub struct ByAccountLimits {
    /// How many keys are listed at most.
    pub keys: usize,
    /// How many of one account, where there are several accounts.
    pub of_account: usize,
    /// What the entry of an account's first key takes, in bytes, with the account's heading.
    pub first_entry: fn(&JudgedKey) -> usize,
}

impl Limits {
    /// Everything is kept.
    pub const NONE: Self = Self {
        flagged: usize::MAX,
        newly_flagged: usize::MAX,
        by_account: ByAccountLimits {
            keys: usize::MAX,
            of_account: usize::MAX,
            first_entry: |_| 0,
        },
        root_keys: usize::MAX,
        needed: usize::MAX,
        pending_deletion: usize::MAX,
        to_rotate: usize::MAX,
        service_credentials: usize::MAX,
        all_service_credentials: usize::MAX,
        changed: usize::MAX,
        gone: usize::MAX,
        unseen: usize::MAX,
        gaps: usize::MAX,
        idle_settings: usize::MAX,
        cells: usize::MAX,
    };
}

//! The keys that the last run knew: those that it listed, and those that it could
//! not see but remembered.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{
    judge::verdict::Verdict,
    model::{
        account::{Account, AccountId},
        reading::KeyKind,
    },
};

/// Keys of an earlier report, each known by account, Region, kind and key ID.
#[derive(Debug)]
pub struct KnownKeys {
    /// The date of the report; `None` where it has no key, and so no date.
    pub scan_date: Option<Date>,
    /// The keys of each account, sorted by what they are known by, in the order of the accounts'
    /// IDs.
    pub accounts: Vec<Vec<KnownKey>>,
}

/// One key of an earlier report. Texts are on one line, as its files have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// Its account.
    pub account: Arc<Account>,
    /// Its Region, or `global`.
    pub region: String,
    /// Its kind.
    pub kind: KeyKind,
    /// Its ID within account, Region and kind.
    pub key_id: String,
    /// Its ARN as `keys.csv` has it; empty where the file has none.
    pub arn: String,
    /// Its names, joined by `;`.
    pub name: String,
    /// Its owner; empty where there was none.
    pub owner: String,
    /// AWS's word for its state; empty where it was not known.
    pub state: String,
    /// Its last verdict.
    pub verdict: Verdict,
    /// Whether it was flagged.
    pub is_flagged: bool,
    /// Since when it has been flagged, if it is.
    pub first_flagged_on: Option<Date>,
    /// Since when it has been disabled, if it is.
    pub disabled_since: Option<Date>,
    /// Whether somebody was refused its use, so that it was to be brought back.
    pub was_needed: bool,
    /// The date of the last report that it was listed in.
    pub last_seen_on: Option<Date>,
}

impl KnownKey {
    /// What sorts keys, as [`KeyReading::identity`](crate::model::reading::KeyReading::identity).
    pub(crate) fn identity(&self) -> (AccountId, &str, &'static str, &str) {
        let kind = self.kind.as_str();
        (self.account.id, &self.region, kind, &self.key_id)
    }

    /// What a comparison needs of it.
    pub(crate) fn record(&self) -> LastRecord<'_> {
        LastRecord {
            state: &self.state,
            verdict: self.verdict,
            first_flagged_on: self.first_flagged_on,
            disabled_since: self.disabled_since,
            was_needed: self.was_needed,
        }
    }
}

/// What the last run recorded of a key, as far as a comparison needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastRecord<'a> {
    pub(crate) state: &'a str,
    pub(crate) verdict: Verdict,
    pub(crate) first_flagged_on: Option<Date>,
    pub(crate) disabled_since: Option<Date>,
    pub(crate) was_needed: bool,
}

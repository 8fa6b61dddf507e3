//! What a census reads of one account.

use std::collections::BTreeMap;

use crate::model::{
    account::AccountId, coverage::CoverageRow, organization_reading::Reading, reading::KeyReading,
};

/// What was read of one account, or of the organization itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountReading {
    /// The account; `None` for the organization itself, which has coverage rows only.
    pub account: Option<AccountId>,
    /// One for each key, in any order.
    pub keys: Vec<KeyReading>,
    /// One for each cell, or one for an account that was not entered, in any order. None where only
    /// an earlier run knew the account.
    pub coverage: Vec<CoverageRow>,
    /// Where the account is in the organization, by name; `None` where that is not known.
    pub ou_path: Option<String>,
}

impl AccountReading {
    /// An account that only an earlier run knew.
    #[must_use]
    pub fn left(account: AccountId) -> Self {
        Self {
            account: Some(account),
            ..Self::default()
        }
    }
}

impl<Keys: IntoIterator<Item = KeyReading>> Reading<Keys> {
    /// What was read of each account, in the order of their IDs; the organization itself comes
    /// first, if there is a row about it.
    pub fn into_accounts(self) -> impl Iterator<Item = AccountReading> {
        let mut accounts: BTreeMap<Option<AccountId>, AccountReading> = BTreeMap::new();
        for key in self.keys {
            let of_account = accounts.entry(Some(key.account.id)).or_default();
            of_account.keys.push(key);
        }
        for row in self.coverage {
            let of_account = accounts.entry(row.account_id()).or_default();
            of_account.coverage.push(row);
        }
        let mut ou_paths = self.ou_paths;
        accounts
            .into_iter()
            .map(move |(account, reading)| AccountReading {
                account,
                ou_path: account.and_then(|id| ou_paths.remove(&id)),
                ..reading
            })
    }
}

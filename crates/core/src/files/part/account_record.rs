//! What was read of an account, as a line of a part.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{CoverageRecord, key_record::KeyRecord};
use crate::model::{
    account::{Account, AccountId},
    partial_reading::{Extent, PartialReading},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountRecord<'a> {
    account: Cow<'a, str>,
    name: Cow<'a, str>,
    extent: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<KeyRecord<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unread_keys: Vec<KeyRecord<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    coverage: Vec<CoverageRecord<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cut_coverage: Vec<CoverageRecord<'a>>,
}

impl<'a> AccountRecord<'a> {
    pub(super) fn new(account: &'a Account, reading: &'a PartialReading) -> Self {
        Self {
            account: account.id.as_str().into(),
            name: (&account.name).into(),
            extent: reading.extent.as_str().into(),
            keys: reading.keys.iter().map(KeyRecord::new).collect(),
            unread_keys: reading.unread_keys.iter().map(KeyRecord::new).collect(),
            coverage: reading.coverage.iter().map(CoverageRecord::new).collect(),
            cut_coverage: reading
                .cut_coverage
                .iter()
                .map(CoverageRecord::new)
                .collect(),
        }
    }

    /// The account and what was read of it; `None` where that is not as this version writes it.
    pub(super) fn read(self) -> Option<(Arc<Account>, PartialReading)> {
        let account = Arc::new(Account {
            id: AccountId::parse(&self.account)?,
            name: self.name.into_owned(),
        });
        let keys = |records: Vec<KeyRecord<'_>>| {
            let keys = records.into_iter().map(|key| key.read(&account));
            keys.collect::<Option<Vec<_>>>()
        };
        let coverage = |records: Vec<CoverageRecord<'_>>| {
            let rows = records.into_iter().map(|row| row.read(Some(&account)));
            rows.collect::<Option<Vec<_>>>()
        };
        let reading = PartialReading {
            keys: keys(self.keys)?,
            unread_keys: keys(self.unread_keys)?,
            coverage: coverage(self.coverage)?,
            cut_coverage: coverage(self.cut_coverage)?,
            extent: Extent::parse(&self.extent)?,
        };
        Some((account, reading))
    }
}

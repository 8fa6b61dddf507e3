//! A coverage row, as a part has it.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    files::gap_cell::GapJson,
    model::{
        account::{Account, AccountId},
        coverage::{CellKeys, CoverageRow, CoverageStatus, Scope},
        reading::KeyKind,
        region::{GLOBAL, Region},
    },
};

/// A coverage row. The account stands beside it only where it is not known from elsewhere.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CoverageRecord<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<(Cow<'a, str>, Cow<'a, str>)>,
    region: Cow<'a, str>,
    kind: Cow<'a, str>,
    status: Cow<'a, str>,
    /// Listed, unreadable, and whether the listing came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<(u64, u64, bool)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<GapJson>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lacked_time: bool,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    detail: Cow<'a, str>,
}

impl<'a> CoverageRecord<'a> {
    /// The record of a row of an account that is known from elsewhere.
    pub(crate) fn new(row: &'a CoverageRow) -> Self {
        Self {
            account: None,
            region: row.scope.region().into(),
            kind: row.scope.kind().into(),
            status: row.status.as_str().into(),
            keys: row
                .keys
                .map(|keys| (keys.listed, keys.unreadable, keys.is_whole)),
            gap: row.gap.as_ref().map(GapJson::new),
            lacked_time: row.lacked_time,
            detail: (&row.detail).into(),
        }
    }

    /// The record of any row.
    pub(crate) fn with_account(row: &'a CoverageRow) -> Self {
        let account = row.account.as_ref();
        Self {
            account: account.map(|account| (account.id.as_str().into(), (&account.name).into())),
            ..Self::new(row)
        }
    }

    /// The row; `None` where it is not as this version writes it. `account` is that of the row
    /// where the record has none.
    pub(crate) fn read(self, account: Option<&Arc<Account>>) -> Option<CoverageRow> {
        let account = match self.account {
            Some((id, name)) => Some(Arc::new(Account {
                id: AccountId::parse(&id)?,
                name: name.into_owned(),
            })),
            None => account.cloned(),
        };
        Some(CoverageRow {
            account,
            scope: scope(&self.region, &self.kind)?,
            status: CoverageStatus::parse(&self.status)?,
            keys: self.keys.map(|(listed, unreadable, is_whole)| CellKeys {
                listed,
                unreadable,
                is_whole,
            }),
            gap: match self.gap {
                Some(gap) => Some(gap.gap()?),
                None => None,
            },
            lacked_time: self.lacked_time,
            detail: self.detail.into_owned(),
        })
    }
}

fn scope(region: &str, kind: &str) -> Option<Scope> {
    if (region, kind) == ("*", "*") {
        return Some(Scope::WholeAccount);
    }
    let kind = KeyKind::parse(kind)?;
    Some(match region {
        "*" => Scope::EveryRegion { kind },
        GLOBAL => Scope::Cell { region: None, kind },
        region => Scope::Cell {
            region: Some(Region::parse(region)?),
            kind,
        },
    })
}

//! From the accounts of the organization to those that are to be read.

use std::sync::Arc;

use keycensus_core::{
    model::{account::Account, coverage::CoverageRow, gap::Gap},
    settings::Settings,
};
use tokio::sync::mpsc;

use crate::{
    deadline::Deadline,
    plan::{
        left_out::left_out,
        organization::{ListedAccount, OrganizationAccount},
        ou_paths::OuPaths,
        selection::Selection,
    },
};

/// What settings leave out.
pub(crate) struct Unselected {
    /// A row for each account that is not read.
    pub(crate) left_out: Vec<CoverageRow>,
    /// A row for each name in a setting that is not there or selects nothing, and one where not all accounts
    /// were listed.
    pub(crate) not_found: Vec<CoverageRow>,
}

/// Decides for each account that is listed whether it is to be read, and gives those to `each`, with the units above
/// them where these are known; `each` is dropped with the last of them.
pub(crate) async fn select(
    settings: &Settings,
    mut ou_paths: OuPaths<'_>,
    deadline: &Deadline,
    mut listed: mpsc::Receiver<ListedAccount>,
    mut each: impl FnMut(Arc<Account>, OrganizationAccount),
) -> Unselected {
    let mut selection = Selection::new(settings);
    let mut rows = Vec::new();
    while let Some(listed) = listed.recv().await {
        let account = match listed {
            ListedAccount::Account(account) => account,
            ListedAccount::NotAll(gap) => {
                selection.lacks_accounts(gap);
                continue;
            }
        };
        if !selection.is_new(account.id) {
            continue;
        }
        let unit_ids = match settings.organizational_units {
            Some(_) => {
                let unit_ids = deadline.or(ou_paths.unit_ids(&account)).await;
                unit_ids.unwrap_or(Err(Gap::NoTimeLeft))
            }
            None => Ok(Vec::new()),
        };
        selection.has_units(&unit_ids);
        let read = Arc::new(Account {
            id: account.id,
            name: account.name.clone(),
        });
        match left_out(&account, &unit_ids, settings) {
            Some(left_out) => rows.push(left_out.row(&read)),
            None => each(
                read,
                OrganizationAccount {
                    unit_ids: unit_ids
                        .ok()
                        .filter(|ids| !ids.is_empty())
                        .or(account.unit_ids),
                    ..account
                },
            ),
        }
    }
    // Reading goes on meanwhile.
    drop(each);
    Unselected {
        left_out: rows,
        not_found: selection.rows(&mut ou_paths, deadline).await,
    }
}

//! The plan of a census: which accounts it reads, and which it leaves out, as it is kept until the
//! report is written. A file of JSON lines, as a [`part`](super::part) is one.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    files::part::{CoverageRecord, Header, Unusable, append_line, checked_lines, end},
    model::{
        account::{Account, AccountId},
        coverage::CoverageRow,
    },
};

/// Which accounts a census reads, and why it does not read others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CensusPlan {
    /// The accounts to read, in the order in which they were listed.
    pub accounts: Vec<Arc<Account>>,
    /// Where accounts are in the organization, by name: `Root/Prod/Payments`. An account is missing
    /// where its path could not be read.
    pub ou_paths: BTreeMap<AccountId, String>,
    /// The rows of accounts that are not read, and of the organization.
    pub left_out: Vec<CoverageRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line<'a> {
    Account {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ou_path: Option<Cow<'a, str>>,
    },
    LeftOut(Box<CoverageRecord<'a>>),
}

impl CensusPlan {
    /// The file.
    #[must_use]
    pub fn to_file(&self, header: &Header) -> Vec<u8> {
        let mut bytes = Vec::new();
        append_line(&mut bytes, header);
        for account in &self.accounts {
            let path = self.ou_paths.get(&account.id);
            let line = Line::Account {
                id: account.id.as_str().into(),
                name: (&account.name).into(),
                ou_path: path.map(Cow::from),
            };
            append_line(&mut bytes, &line);
        }
        for row in &self.left_out {
            let row = Box::new(CoverageRecord::with_account(row));
            append_line(&mut bytes, &Line::LeftOut(row));
        }
        end(&mut bytes);
        bytes
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It is not a whole plan.
    pub fn read(file: &[u8]) -> Result<(Header, Self), Unusable> {
        let (header, lines) = checked_lines(file)?;
        let mut plan = Self::default();
        for (_, line) in lines {
            let line = serde_json::from_slice(line).map_err(|_| Unusable::Damaged)?;
            plan.add(line).ok_or(Unusable::Damaged)?;
        }
        Ok((header, plan))
    }

    fn add(&mut self, line: Line<'_>) -> Option<()> {
        match line {
            Line::Account { id, name, ou_path } => {
                let id = AccountId::parse(&id)?;
                let name = name.into_owned();
                self.accounts.push(Arc::new(Account { id, name }));
                self.ou_paths
                    .extend(ou_path.map(|path| (id, path.into_owned())));
            }
            Line::LeftOut(row) => self.left_out.push(row.read(None)?),
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::CensusPlan;
    use crate::{
        arbitrary::run,
        examples::account,
        files::part::{Header, Unusable},
        model::{
            cause::Cause,
            coverage::{CoverageRow, CoverageStatus, Scope, UNIT_NOT_FOUND},
            gap::Gap,
        },
    };

    fn plan() -> CensusPlan {
        let status = CoverageStatus::Skipped;
        let skipped = |n| {
            let account = account(n, "left \"out\"");
            CoverageRow::unlisted(&account, Scope::WholeAccount, status, None, "SUSPENDED")
        };
        let no_unit = Gap::unanswered("organizations:X", UNIT_NOT_FOUND, Cause::Gone);
        let unit = CoverageRow::of_organization(CoverageStatus::Unreachable, no_unit, "ou-1");
        let accounts = vec![account(2, "two\n"), account(1, "=one")];
        CensusPlan {
            ou_paths: [(accounts[0].id, "Root/Prod".to_owned())].into(),
            accounts,
            left_out: vec![skipped(3), unit, skipped(4)],
        }
    }

    #[test]
    fn a_plan_comes_out_of_its_file_as_it_went_in() {
        let header = Header::new("run-1", run().now, "5e77".to_owned());
        let file = plan().to_file(&header);
        assert_eq!(CensusPlan::read(&file), Ok((header, plan())));
        for cut in 0..file.len() {
            assert_eq!(CensusPlan::read(&file[..cut]), Err(Unusable::Damaged));
        }
    }
}

//! The first stage of a census: from the organization to the accounts to read.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::{
    account::{Account, AccountId},
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::{Cause, Gap},
    settings::{Settings, Source},
};

use crate::organization::OrganizationAccount;

/// Why an account of the organization is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// It is not active, or a setting excludes it.
    Skipped(String),
    /// Whether it is asked for cannot be told.
    PlaceUnknown(Gap),
}

/// Why `account` is not read, or nothing when it is. `unit_ids` are the root and
/// the organizational units above it; they matter only where a setting names some.
pub(crate) fn left_out(
    account: &OrganizationAccount,
    unit_ids: &Result<Vec<String>, Gap>,
    settings: &Settings,
) -> Option<LeftOut> {
    if account.state != "ACTIVE" {
        return Some(LeftOut::Skipped(format!("account state {}", account.state)));
    }
    if settings
        .accounts
        .as_ref()
        .is_some_and(|named| !named.contains(&account.id))
    {
        let why = format!("not named in {}", spelled("accounts"));
        return Some(LeftOut::Skipped(why));
    }
    if settings.exclude_accounts.contains(&account.id) {
        let why = format!("named in {}", spelled("exclude_accounts"));
        return Some(LeftOut::Skipped(why));
    }
    match (&settings.organizational_units, unit_ids) {
        (None, _) => None,
        (Some(asked), Ok(ids)) if ids.iter().any(|id| asked.contains(id)) => None,
        (Some(_), Ok(_)) => {
            let why = format!("not below {}", spelled("organizational_units"));
            Some(LeftOut::Skipped(why))
        }
        (Some(_), Err(gap)) => Some(LeftOut::PlaceUnknown(gap.clone())),
    }
}

impl LeftOut {
    /// The coverage row that tells it.
    pub(crate) fn row(self, account: Arc<Account>) -> CoverageRow {
        let (status, gap, detail) = match self {
            Self::Skipped(why) => (CoverageStatus::Skipped, None, why),
            Self::PlaceUnknown(gap) => {
                let unit = spelled("organizational_units");
                let why = format!("whether it is below {unit} is not known");
                (CoverageStatus::Unreachable, Some(gap), why)
            }
        };
        CoverageRow {
            account,
            scope: Scope::WholeAccount,
            status,
            keys: None,
            gap,
            detail,
        }
    }
}

/// One row for each account that a setting names but the organization does not:
/// a typing error, or an account that has left. Either way nobody will have
/// looked into it.
pub(crate) fn named_but_missing(
    present: &BTreeSet<AccountId>,
    settings: &Settings,
) -> Vec<CoverageRow> {
    let named = settings.accounts.iter().flatten();
    named
        .filter(|id| !present.contains(id))
        .map(|id| CoverageRow {
            account: Arc::new(Account {
                id: *id,
                name: String::new(),
            }),
            scope: Scope::WholeAccount,
            status: CoverageStatus::Unreachable,
            keys: None,
            gap: Some(Gap::unanswered(
                "organizations:ListAccounts",
                "AccountNotFound",
                Cause::Gone,
            )),
            detail: format!(
                "named in {}, but no account of the organization",
                spelled("accounts")
            ),
        })
        .collect()
}

fn spelled(setting: &str) -> String {
    Source::Environment.spelling(setting)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use keycensus_core::{
        account::{Account, AccountId},
        coverage::explanation,
        reading::{Cause, Gap},
        settings::{Settings, Source, Written},
    };

    use super::{LeftOut, left_out, named_but_missing};
    use crate::organization::OrganizationAccount;

    fn account(id: &str, state: &str) -> OrganizationAccount {
        OrganizationAccount {
            id: AccountId::parse(id).unwrap(),
            name: String::new(),
            state: state.to_owned(),
            unit_ids: None,
        }
    }

    fn settings(name: &str, text: &str) -> Settings {
        Settings::read([Written {
            source: Source::Event,
            name: name.to_owned(),
            text: text.to_owned(),
        }])
        .unwrap()
    }

    #[test]
    fn an_account_is_read_when_it_is_active_and_asked_for() {
        let ids = ["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"];
        let place = Ok(ids.map(str::to_owned).to_vec());
        let cases = [
            ("ACTIVE", "digest", "always", None),
            (
                "SUSPENDED",
                "digest",
                "always",
                Some("account state SUSPENDED"),
            ),
            (
                "PENDING_CLOSURE",
                "digest",
                "always",
                Some("account state PENDING_CLOSURE"),
            ),
            ("", "digest", "always", Some("account state ")),
            ("ACTIVE", "accounts", "222222222222", None),
            (
                "ACTIVE",
                "accounts",
                "333333333333",
                Some("not named in KEYCENSUS_ACCOUNTS"),
            ),
            (
                "ACTIVE",
                "exclude_accounts",
                "222222222222",
                Some("named in KEYCENSUS_EXCLUDE_ACCOUNTS"),
            ),
            ("ACTIVE", "organizational_units", "ou-ab12-11111111", None),
            ("ACTIVE", "organizational_units", "r-ab12", None),
            (
                "ACTIVE",
                "organizational_units",
                "ou-ab12-33333333",
                Some("not below KEYCENSUS_ORGANIZATIONAL_UNITS"),
            ),
        ];
        for (state, name, text, why) in cases {
            let account = account("222222222222", state);
            let left_out = left_out(&account, &place, &settings(name, text));
            let expected = why.map(|why| LeftOut::Skipped(why.to_owned()));
            assert_eq!(left_out, expected, "{state} {name}={text}");
        }
    }

    #[test]
    fn an_account_of_unknown_place_is_never_silently_outside_the_units_asked_for() {
        let refused = Err(Gap::unanswered(
            "organizations:ListParents",
            "AccessDeniedException",
            Cause::REFUSED,
        ));
        let account = account("222222222222", "ACTIVE");
        let settings = settings("organizational_units", "r-ab12");
        let row = left_out(&account, &refused, &settings)
            .unwrap()
            .row(Arc::new(Account {
                id: account.id,
                name: String::new(),
            }));
        assert!(row.status.is_gap());
    }

    #[test]
    fn an_account_that_is_named_but_missing_has_a_row() {
        let present = BTreeSet::from([AccountId::parse("111111111111").unwrap()]);
        let rows = named_but_missing(&present, &settings("accounts", "111111111111,999999999999"));
        assert_eq!(rows.len(), 1);
        assert_eq!(
            explanation(&rows[0]),
            "organizations:ListAccounts AccountNotFound; \
             named in KEYCENSUS_ACCOUNTS, but no account of the organization"
        );
    }
}

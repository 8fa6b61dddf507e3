//! The first stage of a census: from the organization to the accounts to read.

use std::sync::Arc;

use keycensus_core::{
    model::{
        account::Account,
        coverage::{CoverageRow, CoverageStatus, Scope},
        gap::Gap,
    },
    settings::Settings,
};

use crate::plan::{
    organization::OrganizationAccount,
    selection::{named_in_vain, spelled},
};

/// Why an account of the organization is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// It is not active, or a setting excludes it.
    Skipped(String),
    /// The same, and a setting names it.
    NamedInVain(Gap, String),
    /// Whether it is asked for is not known.
    PlaceUnknown(Gap),
}

/// Why `account` is not read, or nothing when it is. `unit_ids` are the root and
/// the organizational units above it; they matter only where a setting names some.
pub(crate) fn left_out(
    account: &OrganizationAccount,
    unit_ids: &Result<Vec<String>, Gap>,
    settings: &Settings,
) -> Option<LeftOut> {
    let skipped = |why: String| match named_in_vain(account, settings) {
        Some(gap) => {
            let why = format!("{why}; named in {}", spelled("accounts"));
            LeftOut::NamedInVain(gap, why)
        }
        None => LeftOut::Skipped(why),
    };
    if account.state != "ACTIVE" {
        return Some(skipped(format!("account state {}", account.state)));
    }
    if settings
        .accounts
        .as_ref()
        .is_some_and(|named| !named.contains(&account.id))
    {
        let why = format!("not named in {}", spelled("accounts"));
        return Some(skipped(why));
    }
    if settings.exclude_accounts.contains(&account.id) {
        let why = format!("named in {}", spelled("exclude_accounts"));
        return Some(skipped(why));
    }
    match (&settings.organizational_units, unit_ids) {
        (None, _) => None,
        (Some(asked), Ok(ids)) if ids.iter().any(|id| asked.contains(id)) => None,
        (Some(_), Ok(_)) => {
            let why = format!("not below {}", spelled("organizational_units"));
            Some(skipped(why))
        }
        (Some(_), Err(gap)) => Some(LeftOut::PlaceUnknown(gap.clone())),
    }
}

impl LeftOut {
    /// Its coverage row.
    pub(crate) fn row(self, account: &Arc<Account>) -> CoverageRow {
        let (status, gap, detail) = match self {
            Self::Skipped(why) => (CoverageStatus::Skipped, None, why),
            Self::NamedInVain(gap, why) => (CoverageStatus::Skipped, Some(gap), why),
            Self::PlaceUnknown(gap) => {
                let unit = spelled("organizational_units");
                let why = format!("whether it is below {unit} is not known");
                (CoverageStatus::Unreachable, Some(gap), why)
            }
        };
        CoverageRow::unlisted(account, Scope::WholeAccount, status, gap, &detail)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use keycensus_core::model::{
        account::{Account, AccountId},
        cause::Cause,
        gap::Gap,
    };

    use super::{LeftOut, left_out};
    use crate::plan::organization::OrganizationAccount;
    use crate::plan::tests::settings;

    fn account(id: &str, state: &str) -> OrganizationAccount {
        OrganizationAccount {
            id: AccountId::parse(id).unwrap(),
            name: String::new(),
            state: state.to_owned(),
            unit_ids: None,
        }
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
            .row(&Arc::new(Account {
                id: account.id,
                name: String::new(),
            }));
        assert!(row.status.is_gap());
    }
}

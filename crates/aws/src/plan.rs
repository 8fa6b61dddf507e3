//! The first stage of a census: from the organization to the accounts to read.

use std::{collections::BTreeSet, sync::Arc};

use keycensus_core::{
    account::{Account, AccountId},
    coverage::{CoverageRow, CoverageStatus, Scope},
    reading::Gap,
    settings::{Settings, Source},
};

use crate::organization::{OrganizationAccount, OrganizationPlace};

/// What to read, and why not the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The accounts to enter.
    pub(crate) accounts: Vec<Arc<Account>>,
    /// One row for every account that will not be entered.
    pub(crate) left_out: Vec<CoverageRow>,
}

/// Decides for each account of the organization whether it is to be read.
pub(crate) fn plan(organization: Vec<OrganizationAccount>, settings: &Settings) -> Plan {
    let mut plan = Plan::default();
    for id in named_but_missing(&organization, settings) {
        plan.left_out.push(missing(id));
    }
    for listed in organization {
        let fate = fate(&listed, settings);
        let account = Arc::new(Account {
            id: listed.id,
            name: listed.name,
            ou_path: listed.place.map(|place| place.path).unwrap_or_default(),
        });
        match fate {
            Fate::Read => plan.accounts.push(account),
            Fate::Skip(why) => plan.left_out.push(CoverageRow {
                account,
                scope: Scope::WholeAccount,
                status: CoverageStatus::Skipped,
                keys: None,
                gap: None,
                detail: why,
            }),
            Fate::PlaceUnknown(gap) => plan.left_out.push(CoverageRow {
                account,
                scope: Scope::WholeAccount,
                status: CoverageStatus::Unreachable,
                keys: None,
                gap: Some(gap),
                detail: format!(
                    "whether it is below {} is not known",
                    spelled("organizational_units")
                ),
            }),
        }
    }
    plan
}

enum Fate {
    Read,
    Skip(String),
    PlaceUnknown(Gap),
}

fn fate(account: &OrganizationAccount, settings: &Settings) -> Fate {
    if account.state != "ACTIVE" {
        return Fate::Skip(format!("account state {}", account.state));
    }
    if settings
        .accounts
        .as_ref()
        .is_some_and(|named| !named.contains(&account.id))
    {
        return Fate::Skip(format!("not named in {}", spelled("accounts")));
    }
    if settings.exclude_accounts.contains(&account.id) {
        return Fate::Skip(format!("named in {}", spelled("exclude_accounts")));
    }
    match (&settings.organizational_units, &account.place) {
        (None, _) => Fate::Read,
        (Some(units), Ok(place)) if is_below(place, units) => Fate::Read,
        (Some(_), Ok(_)) => Fate::Skip(format!("not below {}", spelled("organizational_units"))),
        (Some(_), Err(gap)) => Fate::PlaceUnknown(gap.clone()),
    }
}

fn is_below(place: &OrganizationPlace, units: &BTreeSet<String>) -> bool {
    place.ids.iter().any(|id| units.contains(id))
}

fn spelled(setting: &str) -> String {
    Source::Environment.spelling(setting)
}

/// Accounts that a setting names but the organization does not: a typing error,
/// or an account that has left. Either way nobody will have looked into it.
fn named_but_missing(
    organization: &[OrganizationAccount],
    settings: &Settings,
) -> BTreeSet<AccountId> {
    let present: BTreeSet<AccountId> = organization.iter().map(|account| account.id).collect();
    let named = settings.accounts.iter().flatten().copied();
    named.filter(|id| !present.contains(id)).collect()
}

fn missing(id: AccountId) -> CoverageRow {
    CoverageRow {
        account: Arc::new(Account {
            id,
            name: String::new(),
            ou_path: String::new(),
        }),
        scope: Scope::WholeAccount,
        status: CoverageStatus::Unreachable,
        keys: None,
        gap: Some(Gap {
            operation: "organizations:ListAccounts",
            code: "AccountNotFound".into(),
            refused: false,
        }),
        detail: format!(
            "named in {}, but no account of the organization",
            spelled("accounts")
        ),
    }
}

#[cfg(test)]
mod tests {
    use keycensus_core::{
        account::AccountId,
        coverage::{CoverageStatus, explanation},
        reading::Gap,
        settings::{Settings, Source, Written},
    };

    use super::plan;
    use crate::organization::{OrganizationAccount, OrganizationPlace};

    fn account(id: &str, state: &str, ids: &[&str]) -> OrganizationAccount {
        OrganizationAccount {
            id: AccountId::parse(id).unwrap(),
            name: format!("account {id}"),
            state: state.to_owned(),
            place: Ok(OrganizationPlace {
                ids: ids.iter().map(ToString::to_string).collect(),
                path: ids.join("/"),
            }),
        }
    }

    fn organization() -> Vec<OrganizationAccount> {
        vec![
            account("111111111111", "ACTIVE", &["r-ab12"]),
            account(
                "222222222222",
                "ACTIVE",
                &["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"],
            ),
            account("333333333333", "SUSPENDED", &["r-ab12"]),
            account("444444444444", "PENDING_CLOSURE", &["r-ab12"]),
        ]
    }

    fn settings(name: &str, text: &str) -> Settings {
        Settings::read([Written {
            source: Source::Event,
            name: name.to_owned(),
            text: text.to_owned(),
        }])
        .unwrap()
    }

    /// The accounts to read, and what is said of the others.
    fn planned(settings: &Settings) -> (Vec<String>, Vec<String>) {
        let plan = plan(organization(), settings);
        let read = plan.accounts.iter().map(|a| a.id.to_string()).collect();
        let told = plan.left_out.iter().map(|row| {
            format!(
                "{} {} {}",
                row.account.id,
                row.status.as_str(),
                explanation(row)
            )
        });
        (read, told.collect())
    }

    #[test]
    fn accounts_that_are_not_active_are_skipped_and_say_so() {
        let (read, told) = planned(&Settings::default());
        assert_eq!(read, ["111111111111", "222222222222"]);
        assert_eq!(
            told,
            [
                "333333333333 skipped account state SUSPENDED",
                "444444444444 skipped account state PENDING_CLOSURE"
            ]
        );
    }

    #[test]
    fn settings_narrow_the_accounts() {
        let cases = [
            ("accounts", "222222222222", vec!["222222222222"]),
            ("exclude_accounts", "222222222222", vec!["111111111111"]),
            (
                "organizational_units",
                "ou-ab12-11111111",
                vec!["222222222222"],
            ),
            (
                "organizational_units",
                "r-ab12",
                vec!["111111111111", "222222222222"],
            ),
        ];
        for (name, text, expected) in cases {
            let (read, told) = planned(&settings(name, text));
            assert_eq!(read, expected, "{name} {text}");
            assert_eq!(read.len() + told.len(), 4, "nobody is left out silently");
        }
    }

    #[test]
    fn an_account_that_is_named_but_missing_has_a_row() {
        let (read, told) = planned(&settings("accounts", "111111111111,999999999999"));
        assert_eq!(read, ["111111111111"]);
        assert_eq!(
            told[0],
            "999999999999 unreachable organizations:ListAccounts AccountNotFound; \
             named in KEYCENSUS_ACCOUNTS, but no account of the organization"
        );
    }

    #[test]
    fn an_account_of_unknown_place_is_never_silently_outside_the_units_asked_for() {
        let mut lost = account("555555555555", "ACTIVE", &[]);
        lost.place = Err(Gap {
            operation: "organizations:ListParents",
            code: "AccessDeniedException".into(),
            refused: true,
        });
        let plan = plan(vec![lost], &settings("organizational_units", "r-ab12"));
        assert_eq!(plan.left_out[0].status, CoverageStatus::Unreachable);
    }
}

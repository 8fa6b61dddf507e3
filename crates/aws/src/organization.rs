//! The accounts of the organization, and where in it they are.

use std::collections::HashMap;

use aws_sdk_organizations::types::Account as ListedAccount;
use keycensus_core::{account::AccountId, reading::Gap};

use crate::{
    call_error::{CallError, Failure, Place},
    connection::Aws,
    error::CensusError,
    retry::retrying,
    session::Scanner,
};

/// An account as the organization lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganizationAccount {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    /// AWS's word for its state: `ACTIVE`, `SUSPENDED`, …
    pub(crate) state: String,
    /// Where it is; a gap when the organization would not say.
    pub(crate) place: Result<OrganizationPlace, Gap>,
}

/// Where an account is in the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganizationPlace {
    /// The IDs of its root and organizational units, from the root down.
    pub(crate) ids: Vec<String>,
    /// The same by name: `Root/Prod/Payments`; an ID where its name was refused.
    pub(crate) path: String,
}

/// Lists every account of the organization.
///
/// # Errors
/// The organization cannot be listed; the error says what would be right.
pub(crate) async fn list_accounts(
    aws: &Aws,
    scanner: &Scanner,
) -> Result<Vec<OrganizationAccount>, CensusError> {
    let organization = Organization::new(aws, scanner);
    let listed =
        organization
            .list()
            .await
            .map_err(|error| CensusError::OrganizationUnreadable {
                scanner: scanner.account.to_string(),
                reason: unreadable(&error),
            })?;
    let mut units = Units::default();
    let mut accounts = Vec::with_capacity(listed.len());
    for account in listed {
        let Some(id) = account.id().and_then(AccountId::parse) else {
            return Err(CensusError::OrganizationUnreadable {
                scanner: scanner.account.to_string(),
                reason: format!(
                    "organizations:ListAccounts named an account {:?}",
                    account.id()
                ),
            });
        };
        accounts.push(OrganizationAccount {
            id,
            name: account.name().unwrap_or_default().to_owned(),
            state: state(&account).to_owned(),
            place: organization.place(&account, id, &mut units).await,
        });
    }
    Ok(accounts)
}

fn unreadable(error: &CallError) -> String {
    let remedy = match &*error.code {
        "AWSOrganizationsNotInUseException" => {
            "this account is no member of an organization: run the census in the management account or a delegated administrator"
        }
        _ if error.failure == Failure::Refused => {
            "run the census in the management account or a delegated administrator, and allow organizations:ListAccounts"
        }
        _ => "try again, and see whether AWS Organizations can be reached from here",
    };
    format!("{error}; {remedy}")
}

/// `State`, or `Status` where there is no `State`: `Status` was to be retired
/// on 2026-09-09
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>).
fn state(account: &ListedAccount) -> &str {
    match (&account.state, &account.status) {
        (Some(state), _) => state.as_str(),
        (None, Some(status)) => status.as_str(),
        (None, None) => "",
    }
}

/// What is known of roots and organizational units, so that each is asked once.
#[derive(Debug, Default)]
struct Units {
    names: HashMap<String, String>,
    parents: HashMap<String, String>,
}

struct Organization<'a> {
    aws: &'a Aws,
    client: aws_sdk_organizations::Client,
    at: Place,
}

impl<'a> Organization<'a> {
    fn new(aws: &'a Aws, scanner: &Scanner) -> Self {
        Self {
            aws,
            client: aws_sdk_organizations::Client::new(aws.config()),
            at: Place {
                account: Some(scanner.account),
                region: aws.region().clone(),
            },
        }
    }

    async fn list(&self) -> Result<Vec<ListedAccount>, CallError> {
        const OPERATION: &str = "organizations:ListAccounts";
        let mut accounts = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = retrying(|| {
                self.aws.send(OPERATION, &self.at, || {
                    self.client
                        .list_accounts()
                        .set_next_token(token.clone())
                        .send()
                })
            })
            .await?;
            accounts.extend(page.accounts.unwrap_or_default());
            match page.next_token {
                Some(next) if Some(&next) == token.as_ref() => {
                    return Err(CallError::unreadable(OPERATION, &self.at));
                }
                Some(next) => token = Some(next),
                None => return Ok(accounts),
            }
        }
    }

    async fn place(
        &self,
        account: &ListedAccount,
        id: AccountId,
        units: &mut Units,
    ) -> Result<OrganizationPlace, Gap> {
        let ids = match account.paths().first() {
            Some(path) => ids_of_path(path),
            None => self.ancestors(id, units).await.map_err(|error| {
                error.log_gap("where an account is in the organization is not known");
                error.gap()
            })?,
        };
        let mut names = Vec::with_capacity(ids.len());
        for id in &ids {
            names.push(self.name(id, units).await);
        }
        Ok(OrganizationPlace {
            ids,
            path: names.join("/"),
        })
    }

    /// The root and the organizational units above an account, asked step by
    /// step: for answers that carry no `Paths`.
    async fn ancestors(&self, id: AccountId, units: &mut Units) -> Result<Vec<String>, CallError> {
        let mut ids = Vec::new();
        let mut child = id.to_string();
        // Organizational units nest at most five deep; more is no answer.
        for _ in 0..10 {
            let parent = match units.parents.get(&child) {
                Some(parent) => parent.clone(),
                None => {
                    let parent = self.parent(&child).await?;
                    units.parents.insert(child, parent.clone());
                    parent
                }
            };
            ids.push(parent.clone());
            if parent.starts_with("r-") {
                ids.reverse();
                return Ok(ids);
            }
            child = parent;
        }
        Err(CallError::unreadable("organizations:ListParents", &self.at))
    }

    async fn parent(&self, child: &str) -> Result<String, CallError> {
        const OPERATION: &str = "organizations:ListParents";
        let answer = retrying(|| {
            self.aws.send(OPERATION, &self.at, || {
                self.client.list_parents().child_id(child).send()
            })
        })
        .await?;
        answer
            .parents()
            .first()
            .and_then(|parent| parent.id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::unreadable(OPERATION, &self.at))
    }

    /// The name of a root or organizational unit; its ID where that is refused.
    async fn name(&self, id: &str, units: &mut Units) -> String {
        if id.starts_with("r-") {
            // A root's name cannot be changed.
            return "Root".to_owned();
        }
        if let Some(name) = units.names.get(id) {
            return name.clone();
        }
        let answer = retrying(|| {
            self.aws
                .send("organizations:DescribeOrganizationalUnit", &self.at, || {
                    self.client
                        .describe_organizational_unit()
                        .organizational_unit_id(id)
                        .send()
                })
        })
        .await;
        let name = match answer {
            Ok(answer) => answer
                .organizational_unit()
                .and_then(|unit| unit.name())
                .unwrap_or(id)
                .to_owned(),
            Err(error) => {
                error.log_gap("an organizational unit is shown by its ID");
                id.to_owned()
            }
        };
        units.names.insert(id.to_owned(), name.clone());
        name
    }
}

/// The root and organizational units of a path such as
/// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/222222222222/`.
fn ids_of_path(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| part.starts_with("r-") || part.starts_with("ou-"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ids_of_path;

    #[test]
    fn a_path_names_the_root_and_the_units_from_the_root_down() {
        for (path, ids) in [
            (
                "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/",
                vec!["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"],
            ),
            ("o-a1b2c3d4e5/r-ab12/222222222222", vec!["r-ab12"]),
            ("", vec![]),
        ] {
            assert_eq!(ids_of_path(path), ids);
        }
    }
}

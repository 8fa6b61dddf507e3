//! The accounts of the organization, page by page.

use aws_sdk_organizations::{operation::list_accounts::ListAccountsOutput, types::Account};
use keycensus_core::{account::AccountId, settings::Settings};
use tokio::sync::mpsc;

use crate::{
    call_error::{CallError, Failure, Place},
    connection::Aws,
    error::CensusError,
    in_flight::Urgency,
    operations::client,
    pace::Pace,
    retry::retrying,
    session::Scanner,
};

const LIST_ACCOUNTS: &str = "organizations:ListAccounts";

/// Requests a second for ListAccounts in an account, shared by every caller
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).
const LIST_ACCOUNTS_RPS: f64 = 8.0;
/// How many of them may come at once; the same page.
const LIST_ACCOUNTS_BURST: u32 = 12;

/// An account as the organization lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrganizationAccount {
    pub(crate) id: AccountId,
    pub(crate) name: String,
    /// AWS's word for its state: `ACTIVE`, `SUSPENDED`, …
    pub(crate) state: String,
    /// The IDs of its root and organizational units, from the root down; `None`
    /// where the listing does not say.
    pub(crate) unit_ids: Option<Vec<String>>,
}

/// A listing of the organization under way.
pub(crate) struct Listing<'a> {
    aws: &'a Aws,
    client: aws_sdk_organizations::Client,
    at: Place,
    pace: Pace,
    page: Page,
}

/// One page of accounts, and where the next begins.
#[derive(Default)]
struct Page {
    accounts: Vec<OrganizationAccount>,
    next: Option<String>,
}

impl<'a> Listing<'a> {
    /// Asks for the first page: whoever may see it may see them all. Whoever may
    /// not can still read their own account, where no other is asked for.
    ///
    /// # Errors
    /// The organization cannot be listed; the error says what would be right.
    pub(crate) async fn begin(
        aws: &'a Aws,
        scanner: &Scanner,
        settings: &Settings,
    ) -> Result<Self, CensusError> {
        let mut listing = Self {
            aws,
            client: client!(aws_sdk_organizations, aws.config()),
            at: Place {
                account: Some(scanner.account),
                region: aws.region().clone(),
            },
            pace: Pace::with_burst(LIST_ACCOUNTS_RPS, LIST_ACCOUNTS_BURST),
            page: Page::default(),
        };
        listing.page = match listing.request(None).await {
            Err(error) if sees_only_itself(&error) && asks_only_for(scanner, settings) => {
                tracing::info!(
                    account.id = %scanner.account,
                    "only the scanner's own account is read: the organization cannot be listed from it"
                );
                Page::of_one(scanner.account)
            }
            answer => listing.page_of(answer)?,
        };
        Ok(listing)
    }

    /// Lists every account into `listed`, so that reading can begin with the
    /// first page.
    ///
    /// # Errors
    /// The organization cannot be listed whole.
    pub(crate) async fn finish(
        mut self,
        listed: mpsc::Sender<OrganizationAccount>,
    ) -> Result<(), CensusError> {
        loop {
            for account in std::mem::take(&mut self.page.accounts) {
                // The other end takes accounts until this one is dropped.
                let _ = listed.send(account).await;
            }
            let Some(token) = self.page.next.take() else {
                return Ok(());
            };
            let answer = self.request(Some(token.clone())).await;
            self.page = self.page_of(answer)?;
            if self.page.next.as_ref() == Some(&token) {
                return Err(
                    self.unreadable(format!("{LIST_ACCOUNTS} repeats a page and does not end"))
                );
            }
        }
    }

    async fn request(&self, token: Option<String>) -> Result<ListAccountsOutput, CallError> {
        retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.pace.turn(permit).await;
            self.aws
                .send_with(permit, LIST_ACCOUNTS, &self.at, || {
                    let request = self.client.list_accounts();
                    request.set_next_token(token.clone()).send()
                })
                .await
        })
        .await
    }

    fn page_of(&self, answer: Result<ListAccountsOutput, CallError>) -> Result<Page, CensusError> {
        let answer = answer.map_err(|error| self.unreadable(told(&error)))?;
        let accounts: Result<_, _> = answer
            .accounts()
            .iter()
            .map(|account| {
                read(account).ok_or_else(|| {
                    self.unreadable(format!(
                        "{LIST_ACCOUNTS} named an account {:?}",
                        account.id()
                    ))
                })
            })
            .collect();
        Ok(Page {
            accounts: accounts?,
            next: answer.next_token,
        })
    }

    fn unreadable(&self, reason: String) -> CensusError {
        CensusError::OrganizationUnreadable {
            scanner: self
                .at
                .account
                .map(|account| account.to_string())
                .unwrap_or_default(),
            reason,
        }
    }
}

impl Page {
    /// An account of which no organization tells.
    fn of_one(id: AccountId) -> Self {
        let account = OrganizationAccount {
            id,
            name: String::new(),
            state: "ACTIVE".to_owned(),
            unit_ids: Some(Vec::new()),
        };
        Self {
            accounts: vec![account],
            next: None,
        }
    }
}

const NO_ORGANIZATION: &str = "AWSOrganizationsNotInUseException";

fn sees_only_itself(error: &CallError) -> bool {
    error.failure == Failure::Refused || &*error.code == NO_ORGANIZATION
}

/// Whether settings ask for the scanner's own account and no other.
fn asks_only_for(scanner: &Scanner, settings: &Settings) -> bool {
    let accounts = settings.accounts.as_ref();
    accounts.is_some_and(|asked| asked.iter().eq([&scanner.account]))
        && settings.organizational_units.is_none()
}

fn read(account: &Account) -> Option<OrganizationAccount> {
    Some(OrganizationAccount {
        id: AccountId::parse(account.id()?)?,
        name: account.name().unwrap_or_default().to_owned(),
        state: state(account).to_owned(),
        unit_ids: account.paths().first().map(|path| unit_ids(path)),
    })
}

/// `State`, or `Status` where there is no `State`: `Status` was to be retired
/// on 2026-09-09
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>).
fn state(account: &Account) -> &str {
    match (&account.state, &account.status) {
        (Some(state), _) => state.as_str(),
        (None, Some(status)) => status.as_str(),
        (None, None) => "",
    }
}

/// The root and organizational units of a path such as
/// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/222222222222/`.
fn unit_ids(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| part.starts_with("r-") || part.starts_with("ou-"))
        .map(str::to_owned)
        .collect()
}

fn told(error: &CallError) -> String {
    let remedy = match &*error.code {
        NO_ORGANIZATION => {
            "this account is no member of an organization: run the census in the management account or a delegated administrator, or name this account as the only one in the setting accounts"
        }
        _ if error.failure == Failure::Refused => {
            "run the census in the management account or a delegated administrator, and allow organizations:ListAccounts"
        }
        _ => "try again, and see whether AWS Organizations can be reached from here",
    };
    format!("{error}; {remedy}")
}

#[cfg(test)]
mod tests {
    use super::unit_ids;

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
            assert_eq!(unit_ids(path), ids);
        }
    }
}

//! The accounts of the organization, page by page.

use aws_sdk_organizations::types::Account;
use keycensus_core::{
    model::{account::AccountId, gap::Gap},
    settings::Settings,
};
use tokio::sync::mpsc;

use crate::{
    NOTICE,
    deadline::{Deadline, NoTimeLeft},
    error::CensusError,
    services::aws::Aws,
    transport::{
        answer::Unreadable,
        call_error::{CallError, CallSite, Failure},
        pages::{Page, Pages},
        priority_semaphore::Urgency,
        rate_limit::RateLimit,
        retry::retrying,
        sdk_client::client,
        session::Scanner,
    },
};

pub(crate) const LIST_ACCOUNTS: &str = "organizations:ListAccounts";

/// Requests a second for ListAccounts in an account, shared by every caller
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>).
const LIST_ACCOUNTS_RPS: f64 = 8.0;
/// How many of them may come at once; the same page.
const LIST_ACCOUNTS_BURST: u32 = 12;

/// How many listed accounts may wait to be planned.
pub(crate) const ACCOUNTS_AHEAD: usize = 64;

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

/// An item of a listing of the organization.
#[derive(Debug)]
pub(crate) enum ListedAccount {
    /// An account; pages can repeat one.
    Account(OrganizationAccount),
    /// Why the listing ended before its time, after all accounts that it returned.
    NotAll(Gap),
}

/// A listing of the organization under way.
pub(crate) struct Listing<'a> {
    aws: &'a Aws,
    client: aws_sdk_organizations::Client,
    at: CallSite,
    rate_limit: RateLimit,
    pages: Pages,
    page: Page<OrganizationAccount>,
}

impl<'a> Listing<'a> {
    /// Requests the first page: a caller that may read it may read them all. One that may not
    /// can still read its own account, if no other is selected. An account that is in no
    /// organization is all there is.
    ///
    /// # Errors
    /// The organization cannot be listed; the error says what would be right.
    pub(crate) async fn begin(
        aws: &'a Aws,
        scanner: &Scanner,
        settings: &Settings,
    ) -> Result<Self, CensusError> {
        let at = CallSite {
            account: Some(scanner.account),
            region: aws.region().clone(),
        };
        let mut listing = Self {
            aws,
            client: client!(aws_sdk_organizations, aws.config()),
            rate_limit: RateLimit::with_burst(LIST_ACCOUNTS_RPS, LIST_ACCOUNTS_BURST),
            pages: Pages::new(LIST_ACCOUNTS, &at),
            at,
            page: Page {
                items: Vec::new(),
                next: None,
            },
        };
        listing.page = match listing.request().await {
            Err(error) if is_alone(&error, settings) => {
                tracing::warn!(
                    target: NOTICE,
                    { account.id = %scanner.account },
                    "only the scanner's own account is read: it is in no organization"
                );
                one(scanner.account)
            }
            Err(error) if error.failure == Failure::Refused && asks_only_for(scanner, settings) => {
                tracing::info!(
                    account.id = %scanner.account,
                    "only the scanner's own account is read: the organization cannot be listed from it"
                );
                one(scanner.account)
            }
            page => page.map_err(|error| listing.unreadable(&error))?,
        };
        Ok(listing)
    }

    /// Lists every account into `listed`, so that reading can begin with the first
    /// page. Where the listing fails on the way, or there is no time left, what was
    /// listed until then is read all the same, and the last item says why it is not all.
    ///
    /// # Errors
    /// Not one account was listed.
    pub(crate) async fn finish(
        mut self,
        listed: mpsc::Sender<ListedAccount>,
        deadline: &Deadline,
    ) -> Result<(), CensusError> {
        let mut is_any_listed = false;
        loop {
            for account in std::mem::take(&mut self.page.items) {
                is_any_listed = true;
                // The other end takes accounts until this one is dropped.
                let _ = listed.send(ListedAccount::Account(account)).await;
            }
            let page = match self.pages.go_on(self.page.next.take()) {
                Ok(false) => return Ok(()),
                Ok(true) => deadline.or(self.request()).await,
                Err(error) => Ok(Err(error)),
            };
            let gap = match page {
                Ok(Ok(page)) => {
                    self.page = page;
                    continue;
                }
                Ok(Err(error)) if !is_any_listed => return Err(self.unreadable(&error)),
                Ok(Err(error)) => {
                    error.log_gap("not all accounts of the organization are known");
                    error.gap()
                }
                Err(NoTimeLeft) => Gap::NoTimeLeft,
            };
            let _ = listed.send(ListedAccount::NotAll(gap)).await;
            return Ok(());
        }
    }

    /// The page that is next.
    async fn request(&self) -> Result<Page<OrganizationAccount>, CallError> {
        retrying(|| async {
            let permit = self.aws.permit(Urgency::FIRST);
            let (permit, _outstanding) = self.rate_limit.acquire(permit).await;
            let answer = self.aws.send_with(permit, LIST_ACCOUNTS, &self.at, || {
                let request = self.client.list_accounts();
                request.set_next_token(self.pages.token()).send()
            });
            let answer = answer.await?;
            Page::with_token(answer.accounts, answer.next_token)
                .and_then(|page| page.read(read))
                .map_err(|why| CallError::unreadable(LIST_ACCOUNTS, &self.at, why))
        })
        .await
    }

    fn unreadable(&self, error: &CallError) -> CensusError {
        let scanner = self.at.account.map(|account| account.to_string());
        CensusError::OrganizationUnreadable {
            scanner: scanner.unwrap_or_default(),
            reason: reason(error),
        }
    }
}

/// An account that is read without an organization.
fn one(id: AccountId) -> Page<OrganizationAccount> {
    let account = OrganizationAccount {
        id,
        name: String::new(),
        state: "ACTIVE".to_owned(),
        unit_ids: Some(Vec::new()),
    };
    Page {
        items: vec![account],
        next: None,
    }
}

const NO_ORGANIZATION: &str = "AWSOrganizationsNotInUseException";

/// Whether there is no organization, and settings select no part of one.
fn is_alone(error: &CallError, settings: &Settings) -> bool {
    &*error.code == NO_ORGANIZATION && settings.organizational_units.is_none()
}

/// Whether settings ask for the scanner's own account and no other.
fn asks_only_for(scanner: &Scanner, settings: &Settings) -> bool {
    let accounts = settings.accounts.as_ref();
    accounts.is_some_and(|asked| asked.iter().eq([&scanner.account]))
        && settings.organizational_units.is_none()
}

/// An account as a page lists it. One without a state would be left out as if a setting
/// said so.
fn read(account: Account) -> Result<OrganizationAccount, Unreadable> {
    let id = account.id().and_then(AccountId::parse);
    let id = id.ok_or(Unreadable("an account without an ID is listed"))?;
    let is_its = |arn: &str| arn.rsplit('/').next() == Some(&*id.to_string());
    if !account.arn().is_none_or(is_its) {
        return Err(Unreadable("an account with the ARN of another is listed"));
    }
    Ok(OrganizationAccount {
        id,
        state: state(&account)
            .ok_or(Unreadable("an account without a state is listed"))?
            .to_owned(),
        unit_ids: account.paths().first().map(|path| unit_ids(path)),
        name: account.name.unwrap_or_default(),
    })
}

/// `State`, or `Status` where there is no `State`: `Status` was to be retired
/// on 2026-09-09
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html>).
fn state(account: &Account) -> Option<&str> {
    let state = account.state.as_ref().map(|state| state.as_str());
    let status = account.status.as_ref().map(|status| status.as_str());
    state.or(status).filter(|state| !state.is_empty())
}

/// The root and organizational units of a path such as
/// `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/222222222222/`.
fn unit_ids(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| part.starts_with("r-") || part.starts_with("ou-"))
        .map(str::to_owned)
        .collect()
}

fn reason(error: &CallError) -> String {
    let remedy = match &*error.code {
        NO_ORGANIZATION => {
            "this account is no member of an organization, and organizational_units selects parts of one: run the census in the management account or a delegated administrator, or leave organizational_units out"
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

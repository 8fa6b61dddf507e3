//! IAM in one account: the reads that a census makes.

use std::collections::BTreeMap;

use aws_sdk_iam::{
    operation::{
        generate_credential_report::GenerateCredentialReportOutput,
        get_access_key_last_used::GetAccessKeyLastUsedOutput,
        list_access_keys::ListAccessKeysOutput,
        list_service_specific_credentials::ListServiceSpecificCredentialsOutput,
        list_user_tags::ListUserTagsOutput, list_users::ListUsersOutput,
    },
    types::{ReportStateType, Tag},
};
use jiff::Timestamp;
use keycensus_core::model::{credential_report::CredentialReport, reading::Usage};

use crate::{
    services::{
        aws::Aws,
        iam_answers::{self, ListedCredential, ListedKey, ListedUser},
    },
    transport::{
        answer::Unreadable,
        call_error::CallError,
        pages::{self, Page},
        rate_limit::RateLimit,
        requests::Requests,
        session::{Session, as_account, request},
    },
};

pub(crate) const GENERATE_CREDENTIAL_REPORT: &str = "iam:GenerateCredentialReport";
pub(crate) const GET_CREDENTIAL_REPORT: &str = "iam:GetCredentialReport";
pub(crate) const LIST_USERS: &str = "iam:ListUsers";
pub(crate) const LIST_ACCESS_KEYS: &str = "iam:ListAccessKeys";
pub(crate) const GET_ACCESS_KEY_LAST_USED: &str = "iam:GetAccessKeyLastUsed";
pub(crate) const LIST_SERVICE_SPECIFIC_CREDENTIALS: &str = "iam:ListServiceSpecificCredentials";
pub(crate) const LIST_USER_TAGS: &str = "iam:ListUserTags";

/// Requests a second for all calls in an account together. AWS documents no
/// rates for IAM; what is known of it is that it throttles scripts. Where it
/// does, the pace falls.
const IAM_RPS: f64 = 25.0;

/// The largest pages that IAM gives; it may give smaller ones
/// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html> and
/// its siblings).
const PAGE: i32 = 1000;

/// IAM in one account.
#[derive(Debug)]
pub(crate) struct Iam<'a> {
    pub(crate) requests: Requests<'a>,
    client: aws_sdk_iam::Client,
    rate_limit: RateLimit,
}

/// Makes one of [`Iam`]'s calls: how urgently, the builder of its request, what it is given, and what
/// reads the answer.
macro_rules! call {
    ($iam:expr, $operation:expr, $request:ident($($argument:ident = $value:expr),*), $read:expr) => {
        call!($iam, call_at_rate, $operation, $request($($argument = $value),*), $read)
    };
    ($iam:expr, $call:ident, $operation:expr, $request:ident($($argument:ident = $value:expr),*), $read:expr) => {{
        let request = request!(aws_sdk_iam, $iam.client, $request($($argument = $value),*));
        $iam.requests
            .$call(&$iam.rate_limit, $operation, request, $read)
    }};
}

impl<'a> Iam<'a> {
    /// IAM in the account of `session`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session) -> Self {
        let (client, endpoint, region) = aws.iam();
        Self {
            requests: Requests::new(aws, session, endpoint, &region),
            client,
            rate_limit: RateLimit::new(IAM_RPS),
        }
    }

    /// Asks for a credential report, unless there is one of the last 4 hours.
    pub(crate) async fn generate_credential_report(
        &self,
    ) -> Result<Option<ReportStateType>, CallError> {
        let read = |answer: GenerateCredentialReportOutput| Ok(answer.state);
        call!(
            self,
            call_first_at_rate,
            GENERATE_CREDENTIAL_REPORT,
            generate_credential_report(),
            read
        )
        .await
    }

    /// The credential report, where there is one of the last 4 hours, and when it was
    /// generated.
    pub(crate) async fn credential_report(
        &self,
    ) -> Result<(CredentialReport, Timestamp), CallError> {
        let account = self.requests.site().account;
        call!(
            self,
            call_first_at_rate,
            GET_CREDENTIAL_REPORT,
            get_credential_report(),
            |answer| iam_answers::credential_report(answer, account)
        )
        .await
    }

    /// Adds every user of the account to `users`, by name, or as many as can be listed.
    pub(crate) async fn list_users(
        &self,
        users: &mut BTreeMap<String, ListedUser>,
    ) -> Result<(), CallError> {
        let site = self.requests.site();
        let page = |marker: Option<String>| {
            call!(
                self,
                LIST_USERS,
                list_users(max_items = PAGE, set_marker = marker.clone()),
                |page: ListUsersOutput| {
                    Page::with_marker(Some(page.users), page.is_truncated, page.marker)?
                        .read(|user| iam_answers::user(user, site.account))
                }
            )
        };
        pages::each(LIST_USERS, site, page, |page| users.extend(page)).await
    }

    /// Adds every service-specific credential of all users to `credentials`, by ID, or as many as can be
    /// listed; those for one `service`, or for every one.
    pub(crate) async fn service_credentials(
        &self,
        service: Option<&str>,
        credentials: &mut BTreeMap<String, ListedCredential>,
        now: Timestamp,
    ) -> Result<(), CallError> {
        let page = |marker: Option<String>| {
            call!(
                self,
                LIST_SERVICE_SPECIFIC_CREDENTIALS,
                list_service_specific_credentials(
                    all_users = true,
                    max_items = PAGE,
                    set_service_name = service.map(str::to_owned),
                    set_marker = marker.clone()
                ),
                move |page: ListServiceSpecificCredentialsOutput| {
                    let listed = page.service_specific_credentials;
                    Page::with_marker(listed, page.is_truncated, page.marker)?
                        .read(|listed| iam_answers::credential(listed, service, now))
                }
            )
        };
        let site = self.requests.site();
        pages::each(LIST_SERVICE_SPECIFIC_CREDENTIALS, site, page, |page| {
            credentials.extend(page);
        })
        .await
    }

    /// Every access key of a user, in a run that began at `now`.
    pub(crate) async fn access_keys(
        &self,
        user: &str,
        now: Timestamp,
    ) -> Result<Vec<ListedKey>, CallError> {
        let mut keys = Vec::new();
        let page = |marker: Option<String>| {
            call!(
                self,
                LIST_ACCESS_KEYS,
                list_access_keys(
                    user_name = user,
                    max_items = PAGE,
                    set_marker = marker.clone()
                ),
                |page: ListAccessKeysOutput| {
                    let keys = Some(page.access_key_metadata);
                    Page::with_marker(keys, page.is_truncated, page.marker)?
                        .read(|key| iam_answers::listed_key(key, user, now))
                }
            )
        };
        let site = self.requests.site();
        pages::each(LIST_ACCESS_KEYS, site, page, |page| keys.extend(page)).await?;
        Ok(keys)
    }

    /// What IAM says of the last use of an access key of `user`, which was created at
    /// `created_at`, in a run that began at `now`.
    pub(crate) async fn last_used(
        &self,
        key_id: &str,
        user: &str,
        created_at: Timestamp,
        now: Timestamp,
    ) -> Result<Usage, CallError> {
        call!(
            self,
            GET_ACCESS_KEY_LAST_USED,
            get_access_key_last_used(access_key_id = key_id),
            |answer| iam_answers::parse_usage(answer, user, created_at, now)
        )
        .await
    }

    /// The name of the user whom an access key belongs to.
    pub(crate) async fn holder(&self, key_id: &str) -> Result<String, CallError> {
        call!(
            self,
            GET_ACCESS_KEY_LAST_USED,
            get_access_key_last_used(access_key_id = key_id),
            |answer: GetAccessKeyLastUsedOutput| {
                let name = answer.user_name.filter(|name| !name.is_empty());
                name.ok_or(Unreadable("no UserName"))
            }
        )
        .await
    }

    /// The tags of a user.
    pub(crate) async fn tags(&self, user: &str) -> Result<Vec<Tag>, CallError> {
        let mut tags = Vec::new();
        let page = |marker: Option<String>| {
            call!(
                self,
                LIST_USER_TAGS,
                list_user_tags(user_name = user, set_marker = marker.clone()),
                |page: ListUserTagsOutput| {
                    Page::with_marker(Some(page.tags), page.is_truncated, page.marker)?
                        .read(iam_answers::tag)
                }
            )
        };
        let site = self.requests.site();
        pages::each(LIST_USER_TAGS, site, page, |page| tags.extend(page)).await?;
        Ok(tags)
    }
}

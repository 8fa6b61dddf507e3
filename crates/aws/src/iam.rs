//! IAM in one account: the six reads that a census makes.

use aws_sdk_iam::{
    operation::{
        get_access_key_last_used::GetAccessKeyLastUsedOutput,
        get_credential_report::GetCredentialReportOutput,
    },
    types::{AccessKeyLastUsed, AccessKeyMetadata, ReportStateType, Tag, User},
};
use keycensus_core::region::Region;

use crate::{
    call_error::CallError,
    connection::Aws,
    pace::Pace,
    requests::Requests,
    session::{Session, as_account},
};

pub(crate) const GENERATE_CREDENTIAL_REPORT: &str = "iam:GenerateCredentialReport";
pub(crate) const GET_CREDENTIAL_REPORT: &str = "iam:GetCredentialReport";
pub(crate) const LIST_USERS: &str = "iam:ListUsers";
pub(crate) const LIST_ACCESS_KEYS: &str = "iam:ListAccessKeys";
pub(crate) const GET_ACCESS_KEY_LAST_USED: &str = "iam:GetAccessKeyLastUsed";
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
    pace: Pace,
}

/// The Region that IAM's requests are signed for in the partition of `region`
/// (<https://docs.aws.amazon.com/general/latest/gr/iam-service.html>).
pub(crate) fn home(region: &Region) -> Region {
    let home = match region.partition() {
        "aws" => Region::parse("us-east-1"),
        "aws-cn" => Region::parse("cn-north-1"),
        "aws-us-gov" => Region::parse("us-gov-west-1"),
        _ => None,
    };
    home.unwrap_or_else(|| region.clone())
}

/// Makes one of [`Iam`]'s calls: the builder of its request, and what it is
/// given.
macro_rules! call {
    ($iam:expr, $operation:expr, $request:ident $(, $argument:ident = $value:expr)*) => {
        $iam.requests
            .call_at_pace(&$iam.pace, $operation, |credentials| {
                $iam.client
                    .$request()
                    $(.$argument($value))*
                    .customize()
                    .config_override(as_account!(aws_sdk_iam, credentials))
                    .send()
            })
            .await
    };
}

impl<'a> Iam<'a> {
    /// IAM in the account of `session`.
    pub(crate) fn new(aws: &'a Aws, session: &'a Session) -> Self {
        let (client, endpoint, region) = aws.iam();
        Self {
            requests: Requests::new(aws, session, endpoint, &region),
            client,
            pace: Pace::new(IAM_RPS),
        }
    }

    /// Asks for a credential report, unless there is one of the last 4 hours.
    pub(crate) async fn generate_credential_report(
        &self,
    ) -> Result<Option<ReportStateType>, CallError> {
        let answer = call!(self, GENERATE_CREDENTIAL_REPORT, generate_credential_report)?;
        Ok(answer.state)
    }

    /// The credential report, where there is one of the last 4 hours.
    pub(crate) async fn credential_report(&self) -> Result<GetCredentialReportOutput, CallError> {
        call!(self, GET_CREDENTIAL_REPORT, get_credential_report)
    }

    /// Adds every user of the account to `users`, or as many as can be listed.
    pub(crate) async fn list_users(&self, users: &mut Vec<User>) -> Result<(), CallError> {
        let mut marker: Option<String> = None;
        loop {
            let page = call!(
                self,
                LIST_USERS,
                list_users,
                max_items = PAGE,
                set_marker = marker.clone()
            )?;
            users.extend(page.users);
            let next = page.marker;
            marker = self
                .requests
                .next(LIST_USERS, page.is_truncated, next, marker.as_deref())?;
            if marker.is_none() {
                return Ok(());
            }
        }
    }

    /// Every access key of a user.
    pub(crate) async fn access_keys(
        &self,
        user: &str,
    ) -> Result<Vec<AccessKeyMetadata>, CallError> {
        let mut keys = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = call!(
                self,
                LIST_ACCESS_KEYS,
                list_access_keys,
                user_name = user,
                max_items = PAGE,
                set_marker = marker.clone()
            )?;
            keys.extend(page.access_key_metadata);
            let next = page.marker;
            marker =
                self.requests
                    .next(LIST_ACCESS_KEYS, page.is_truncated, next, marker.as_deref())?;
            if marker.is_none() {
                return Ok(keys);
            }
        }
    }

    /// What IAM says of an access key's last use.
    pub(crate) async fn last_used(&self, key_id: &str) -> Result<AccessKeyLastUsed, CallError> {
        self.ask_last_used(key_id)
            .await?
            .access_key_last_used
            .ok_or_else(|| self.requests.unreadable(GET_ACCESS_KEY_LAST_USED))
    }

    /// The name of the user whom an access key belongs to.
    pub(crate) async fn holder(&self, key_id: &str) -> Result<String, CallError> {
        self.ask_last_used(key_id)
            .await?
            .user_name
            .filter(|name| !name.is_empty())
            .ok_or_else(|| self.requests.unreadable(GET_ACCESS_KEY_LAST_USED))
    }

    async fn ask_last_used(&self, key_id: &str) -> Result<GetAccessKeyLastUsedOutput, CallError> {
        call!(
            self,
            GET_ACCESS_KEY_LAST_USED,
            get_access_key_last_used,
            access_key_id = key_id
        )
    }

    /// The tags of a user.
    pub(crate) async fn tags(&self, user: &str) -> Result<Vec<Tag>, CallError> {
        let mut tags = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = call!(
                self,
                LIST_USER_TAGS,
                list_user_tags,
                user_name = user,
                set_marker = marker.clone()
            )?;
            tags.extend(page.tags);
            let next = page.marker;
            marker =
                self.requests
                    .next(LIST_USER_TAGS, page.is_truncated, next, marker.as_deref())?;
            if marker.is_none() {
                return Ok(tags);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use keycensus_core::region::Region;

    use super::home;

    #[test]
    fn iam_is_at_home_in_one_region_of_each_partition() {
        for (region, expected) in [
            ("eu-west-1", "us-east-1"),
            ("cn-northwest-1", "cn-north-1"),
            ("us-gov-east-1", "us-gov-west-1"),
            ("eusc-de-east-1", "eusc-de-east-1"),
        ] {
            let home = home(&Region::parse(region).unwrap());
            assert_eq!(home.as_str(), expected);
        }
    }
}

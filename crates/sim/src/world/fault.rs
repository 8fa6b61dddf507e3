//! Faults: calls that fail in the network or the service, or whose answers are wrong.

use serde::{Deserialize, Serialize};

use crate::aws::operation::Operation;

/// Which calls fail, when, and how. A call must match every field that is given.
///
/// A rule counts the calls that match it, whatever other rules do to them; of several rules that strike the same call,
/// the first in file order does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The effect.
    pub effect: Effect,
    /// `service:Operation`, `service:*` or `*`; defaults to `*`.
    #[serde(default = "super::entries::every_operation")]
    pub operation: String,
    /// The account called into: a member's for KMS, IAM and Account, the role's for `sts:AssumeRole`, else the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The Region of the call's signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// A KMS key's ID or one of its aliases, an access key's ID, or an IAM user's name: calls about that key, or about that
    /// user and its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What a call is about, as the log names it: an S3 object's key, a topic's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Only the call of this number among the matching ones, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only so many matching calls from the first one on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Only this share of the matching calls, 0 to 1, drawn from the world's `seed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// For [`Effect::SlowBody`]: how long after the headers the body comes, in milliseconds.
    #[serde(default = "a_minute", skip_serializing_if = "is_a_minute")]
    pub delay_ms: u64,
}

impl FaultRule {
    /// A rule that strikes every call that `operation` (`service:Operation`, `service:*` or `*`) covers.
    pub fn new(operation: impl Into<String>, effect: Effect) -> Self {
        Self {
            effect,
            operation: operation.into(),
            account: None,
            region: None,
            key: None,
            resource: None,
            nth: None,
            first: None,
            probability: None,
            delay_ms: a_minute(),
        }
    }
}

const fn a_minute() -> u64 {
    60_000
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_a_minute(delay_ms: &u64) -> bool {
    *delay_ms == a_minute()
}

macro_rules! effects {
    ($($(#[doc = $doc:literal])+ $effect:ident = $name:literal,)*) => {
        /// The effect of a fault on a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Effect {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $effect,)*
        }

        impl Effect {
            /// All of them.
            pub const ALL: [Self; [$($name,)*].len()] = [$(Self::$effect,)*];

            /// Its name in world files and in the log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$effect => $name,)* }
            }
        }
    };
}

effects! {
    /// The service's throttling error.
    Throttle = "throttle",
    /// HTTP 500 with the service's own code (`KMSInternalException`, `InternalFailure`, …).
    InternalError = "internal_error",
    /// HTTP 503.
    Unavailable = "unavailable",
    /// The connection is reset before the request is read: nothing happens.
    ResetBefore = "reset_before",
    /// The operation takes effect, then the connection is reset without an answer.
    ResetAfter = "reset_after",
    /// No answer ever comes, and nothing happens.
    Hang = "hang",
    /// The correct answer, but only its headers come at once; the body comes after `delay_ms`.
    SlowBody = "slow_body",
    /// HTTP 200 with bytes that are neither JSON nor XML.
    GarbledBody = "garbled_body",
    /// The correct answer, cut off after half of its body; the length in the headers is that of the half.
    TruncatedBody = "truncated_body",
    /// The correct status, with the HTML page of a proxy.
    WrongContentType = "wrong_content_type",
    /// HTTP 200 without a body.
    EmptyBody = "empty_body",
    /// HTTP 204.
    NoContent = "no_content",
    /// HTTP 200 with an answer that has no members: `{}`, or an empty result element.
    EmptyAnswer = "empty_answer",
    /// JSON services: HTTP 200 with an answer whose members are all null.
    NullAnswer = "null_answer",
    /// An answer that lacks a member that AWS always sends, or has two that contradict each other; of several such errors,
    /// another one each time. Operations about keys, users, accounts, Regions and sessions.
    Contradiction = "contradiction",
    /// The correct answer about another key of the cell, another user, account or organizational unit, where there is one.
    /// Operations whose answer names its subject.
    AboutAnother = "about_another",
    /// The correct answer, followed by 64 MiB of white space.
    OversizedBody = "oversized_body",
    /// The credentials have expired.
    ExpiredCredentials = "expired_credentials",
    /// The signature lies in the future: the clocks differ.
    NotYetValidCredentials = "not_yet_valid_credentials",
    /// No policy allows the call.
    AccessDenied = "access_denied",
    /// The Region does not know the credentials, as one that the account has not enabled.
    RegionNotEnabled = "region_not_enabled",
    /// Listings: a page whose token is the one that was sent; on the first page, a token that leads back to it forever.
    RepeatToken = "repeat_token",
    /// Listings: a page whose token leads back to it by way of another token, and so on forever.
    CyclicTokens = "cyclic_tokens",
    /// Listings: an empty page whose token continues with the page that should have come. That one is never empty.
    EmptyPage = "empty_page",
    /// Listings: a page that ends with the listing's first item, again.
    DuplicateItem = "duplicate_item",
    /// `kms:DescribeKey`, `GetKeyLastUsage`, `ListResourceTags`, `ListKeyRotations`, `ListGrants`, `GetKeyPolicy`,
    /// `iam:ListAccessKeys`, `GetAccessKeyLastUsed`, `ListUserTags`: the key or user is not there any more.
    Vanish = "vanish",
    /// `s3:PutObject`: HTTP 409 `ConditionalRequestConflict`, as where another write of the object is under way
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>). Nothing happens.
    WriteConflict = "write_conflict",
    /// `s3:PutObject`: the object is deleted just before. A write on a condition is answered HTTP 404 (same page), any
    /// other succeeds.
    DeletedFirst = "deleted_first",
    /// `s3:CompleteMultipartUpload`, `CopyObject`: HTTP 200, and then an error of the service
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>). Nothing happens.
    LateError = "late_error",
    /// `sns:Publish`: the message is published, and the answer lacks its ID.
    NoMessageId = "no_message_id",
    /// `events:PutEvents`, `securityhub:BatchImportFindings`: the last entry or finding fails within the service, the others
    /// are taken.
    FailEntry = "fail_entry",
}

impl Effect {
    /// Whether it can strike an operation at all.
    pub(crate) fn applies_to(self, operation: Operation) -> bool {
        match self {
            Self::RepeatToken | Self::CyclicTokens | Self::EmptyPage | Self::DuplicateItem => {
                matches!(
                    operation,
                    Operation::ListAccounts
                        | Operation::ListAccountsForParent
                        | Operation::ListOrganizationalUnitsForParent
                        | Operation::ListRegions
                        | Operation::ListKeys
                        | Operation::ListAliases
                        | Operation::ListResourceTags
                        | Operation::ListKeyRotations
                        | Operation::ListGrants
                        | Operation::ListUsers
                        | Operation::ListUserTags
                        | Operation::ListAccessKeys
                        | Operation::DescribeVolumes
                        | Operation::DescribeSnapshots
                        | Operation::LookupEvents
                        | Operation::ListSecrets
                        | Operation::ListServiceSpecificCredentials
                )
            }
            Self::Vanish => matches!(
                operation,
                Operation::DescribeKey
                    | Operation::GetKeyLastUsage
                    | Operation::ListResourceTags
                    | Operation::ListKeyRotations
                    | Operation::ListGrants
                    | Operation::GetKeyPolicy
                    | Operation::ListAccessKeys
                    | Operation::GetAccessKeyLastUsed
                    | Operation::ListUserTags
            ),
            Self::WriteConflict | Self::DeletedFirst => operation == Operation::PutObject,
            Self::LateError => matches!(
                operation,
                Operation::CompleteMultipartUpload | Operation::CopyObject
            ),
            Self::NoMessageId => operation == Operation::Publish,
            Self::FailEntry => matches!(
                operation,
                Operation::PutEvents | Operation::BatchImportFindings
            ),
            // XML has no null.
            Self::NullAnswer => operation.service().uses_json(),
            Self::Contradiction => matches!(
                operation,
                Operation::DescribeKey
                    | Operation::GetKeyLastUsage
                    | Operation::ListKeys
                    | Operation::ListAliases
                    | Operation::ListResourceTags
                    | Operation::ListKeyRotations
                    | Operation::ListGrants
                    | Operation::ListAccounts
                    | Operation::ListRegions
                    | Operation::ListUsers
                    | Operation::ListUserTags
                    | Operation::ListAccessKeys
                    | Operation::GetAccessKeyLastUsed
                    | Operation::GetCredentialReport
                    | Operation::AssumeRole
                    | Operation::GetCallerIdentity
                    | Operation::ListSecrets
                    | Operation::ListServiceSpecificCredentials
            ),
            Self::AboutAnother => matches!(
                operation,
                Operation::DescribeKey
                    | Operation::GetKeyLastUsage
                    | Operation::ListGrants
                    | Operation::ListSecrets
                    | Operation::ListKeys
                    | Operation::ListUsers
                    | Operation::ListAccessKeys
                    | Operation::GetAccessKeyLastUsed
                    | Operation::GetCredentialReport
                    | Operation::DescribeOrganizationalUnit
                    | Operation::AssumeRole
            ),
            // An object may have any size, and the answer to HEAD has no body.
            Self::OversizedBody => !matches!(
                operation,
                Operation::GetObject | Operation::HeadBucket | Operation::HeadObject
            ),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_called_the_same_in_files_and_in_the_log() {
        for effect in Effect::ALL {
            let written = serde_json::to_value(effect).unwrap();
            assert_eq!(written, effect.name());
        }
    }
}

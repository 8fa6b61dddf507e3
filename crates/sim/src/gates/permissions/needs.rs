//! Which permissions an operation needs, and on which resource each.
//!
//! The service authorization reference has them
//! (<https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>);
//! the operation's API page lists further ones, or another than its own.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    aws::{operation::Operation, regions::partition},
    call::{Call, Target},
    services::{events, iam, kms, organizations, secrets_manager, security_hub, sns},
    state::{State, objects::ENCRYPTION_KEY},
    wire::input::Input,
};

/// A permission that a call needs.
#[derive(Debug)]
pub(crate) struct Need<'a> {
    /// `service:Action`.
    pub(crate) action: &'static str,
    /// Its ARN; `*` where AWS defines no resource.
    pub(crate) resource: Cow<'a, str>,
    /// How an error names the resource, where not by its ARN.
    pub(crate) shown: Option<String>,
    /// The account that owns the resource.
    pub(crate) account: &'a str,
    /// Whether the resource is a KMS key, whose policy decides first.
    pub(crate) is_about_key: bool,
    /// The event that is put.
    pub(crate) event: Option<&'a Value>,
}

impl<'a> Need<'a> {
    /// The action that the call's operation needs, on a resource of the caller's.
    fn new(call: &'a Call<'_>, resource: impl Into<Cow<'a, str>>) -> Self {
        Self {
            action: action(call.operation),
            resource: resource.into(),
            shown: None,
            account: &call.caller.account,
            is_about_key: false,
            event: None,
        }
    }
}

/// The action that an operation needs: its own name, but for these.
pub(super) fn action(operation: Operation) -> &'static str {
    match operation {
        Operation::HeadBucket | Operation::ListObjectsV2 => "s3:ListBucket",
        Operation::HeadObject => "s3:GetObject",
        // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>,
        // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
        Operation::CreateMultipartUpload
        | Operation::UploadPart
        | Operation::CompleteMultipartUpload
        | Operation::CopyObject => "s3:PutObject",
        other => other.name(),
    }
}

/// Actions that a service needs for the caller, and that are no operation here.
pub(super) const BY_SERVICES: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

/// The permissions that a call needs. A call about a key or user that does not exist needs none: its service answers that it
/// does not exist.
pub(super) fn of<'a>(state: &State, call: &'a Call<'_>) -> Vec<Need<'a>> {
    let account = call.caller.account.as_str();
    let on = |resource: String| Need::new(call, resource);
    match call.operation {
        // Needs no permission, and cannot be denied
        // (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>).
        Operation::GetCallerIdentity => Vec::new(),
        Operation::ListAccounts
        | Operation::DescribeOrganization
        | Operation::ListRoots
        | Operation::ListKeys
        | Operation::ListAliases
        | Operation::GenerateCredentialReport
        | Operation::GetCredentialReport
        | Operation::ListUsers
        | Operation::GetAccessKeyInfo
        | Operation::DescribeVolumes
        | Operation::DescribeSnapshots
        | Operation::LookupEvents
        | Operation::ListSecrets => vec![Need::new(call, "*")],
        Operation::DescribeOrganizationalUnit
        | Operation::ListParents
        | Operation::ListOrganizationalUnitsForParent
        | Operation::ListAccountsForParent => vec![on(organizations::arn_of_named(state, call))],
        Operation::AssumeRole => {
            let role = call.input.text("RoleArn").unwrap_or_default();
            vec![Need {
                account: owner(role),
                ..Need::new(call, role)
            }]
        }
        Operation::ListRegions => vec![on(match call.input.text("AccountId") {
            Some(named) => {
                organizations::arn_of_account(state, named).replace(":organizations:", ":account:")
            }
            None => format!("arn:{}:account::{account}:account", partition(call.region)),
        })],
        Operation::DescribeKey
        | Operation::ListResourceTags
        | Operation::ListKeyRotations
        | Operation::ListGrants
        | Operation::GetKeyPolicy
        | Operation::GetKeyLastUsage
        | Operation::DisableKey
        | Operation::EnableKey
        | Operation::ScheduleKeyDeletion
        | Operation::CancelKeyDeletion => match kms::subject(state, call).target {
            Some(Target::Key(key)) => vec![Need {
                is_about_key: true,
                ..on(key.arn(account))
            }],
            _ => Vec::new(),
        },
        // AWS documents the resource `user`, and not which it is of a request for all users: then nothing less than all
        // resources is sure to be enough.
        Operation::ListServiceSpecificCredentials if call.input.text("UserName").is_none() => {
            vec![Need::new(call, "*")]
        }
        Operation::ListServiceSpecificCredentials
        | Operation::UpdateServiceSpecificCredential
        | Operation::DeleteServiceSpecificCredential
        | Operation::ListUserTags
        | Operation::ListAccessKeys
        | Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => match iam::subject(state, call).target {
            Some(Target::User(user) | Target::AccessKey(user, _)) => vec![Need {
                shown: Some(format!("user {}", user.name)),
                ..on(iam::user_arn(state.account(account), account, user))
            }],
            _ => Vec::new(),
        },
        Operation::DescribeSecret | Operation::DeleteSecret | Operation::RestoreSecret => {
            match secrets_manager::find(state, call) {
                Ok(secret) => vec![on(secret.arn(account))],
                Err(_) => Vec::new(),
            }
        }
        Operation::HeadBucket
        | Operation::ListObjectsV2
        | Operation::PutObject
        | Operation::CreateMultipartUpload
        | Operation::UploadPart
        | Operation::CompleteMultipartUpload
        | Operation::CopyObject
        | Operation::GetObject
        | Operation::HeadObject => of_objects(state, call),
        Operation::GetTopicAttributes | Operation::Publish => {
            let topic = sns::topic_arn(call);
            vec![Need {
                account: owner(topic),
                ..Need::new(call, topic)
            }]
        }
        Operation::PutEvents => {
            let of_entry = |entry| Need {
                event: Some(entry),
                ..on(events::bus_arn(call, entry))
            };
            call.input.list("Entries").iter().map(of_entry).collect()
        }
        Operation::BatchImportFindings => vec![on(security_hub::default_product(call))],
    }
}

/// The account in an ARN.
fn owner(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

fn of_objects<'a>(state: &State, call: &'a Call<'_>) -> Vec<Need<'a>> {
    let Input::Object(request) = &call.input else {
        return Vec::new();
    };
    let of_bucket = to_list_bucket(call, &request.bucket);
    if request.key.is_empty() {
        return vec![of_bucket];
    }
    let arn = format!("{}/{}", of_bucket.resource, request.key);
    let mut needs = vec![Need::new(call, arn.clone())];
    // A comparison with the present object takes `s3:GetObject`
    // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>).
    if request.header("if-match").is_some() && call.operation == Operation::PutObject {
        needs.push(Need {
            action: "s3:GetObject",
            ..Need::new(call, arn)
        });
    }
    if let Some(source) = request.copy_source() {
        needs.extend(to_read_source(state, call, source));
    }
    // S3 uses the KMS key of an object for the caller
    // (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>), and that of an upload to read its parts
    // (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>).
    let named = request.header(ENCRYPTION_KEY).map(str::to_owned);
    let (action, key) = match call.operation {
        Operation::PutObject | Operation::CreateMultipartUpload | Operation::CopyObject => {
            ("kms:GenerateDataKey", named)
        }
        Operation::UploadPart | Operation::CompleteMultipartUpload => {
            let upload = request.query.get("uploadId");
            (
                "kms:Decrypt",
                upload.and_then(|id| state.uploads.kms_key(id)),
            )
        }
        _ => (
            "kms:Decrypt",
            state.objects.kms_key(&request.bucket, &request.key),
        ),
    };
    needs.extend(key.map(|arn| Need {
        action,
        is_about_key: true,
        ..Need::new(call, arn)
    }));
    needs
}

/// The permissions to read the object that a copy is made from, and to have it decrypted.
fn to_read_source<'a>(
    state: &State,
    call: &'a Call<'_>,
    (bucket, key): (String, String),
) -> impl Iterator<Item = Need<'a>> {
    let arn = format!("{}/{key}", to_list_bucket(call, &bucket).resource);
    let decrypt = state.objects.kms_key(&bucket, &key).map(|arn| Need {
        action: "kms:Decrypt",
        is_about_key: true,
        ..Need::new(call, arn)
    });
    let read = Need {
        action: "s3:GetObject",
        ..Need::new(call, arn)
    };
    [read].into_iter().chain(decrypt)
}

/// The permission to list a bucket.
pub(super) fn to_list_bucket<'a>(call: &'a Call<'_>, bucket: &str) -> Need<'a> {
    // The operation checks the bucket's owner by itself.
    let arn = format!("arn:{}:s3:::{bucket}", partition(call.region));
    Need {
        action: "s3:ListBucket",
        ..Need::new(call, arn)
    }
}

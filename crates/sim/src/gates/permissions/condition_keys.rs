//! The condition keys of a call.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use serde_json::Value;

use super::needs::Need;
use crate::{
    aws::{operation::Service, regions::partition},
    call::Call,
    policy::Context,
    state::{
        State,
        objects::{ENCRYPTION, ENCRYPTION_KEY},
    },
    wire::input::Input,
};

/// The TLS version that every SDK uses today.
const TLS_VERSION: &str = "1.3";

/// The condition keys of a call that is made with a role.
pub(super) fn of<'a>(
    state: &'a State,
    call: &'a Call<'_>,
    need: &Need<'a>,
    role_arn: &'a str,
) -> Context<'a> {
    let organization = |account: &str| {
        let is_member = state.account(account).is_some();
        is_member.then_some(state.world.organization.id.as_str())
    };
    let account = call.caller.account.as_str();
    let context = Context::default()
        .with("aws:PrincipalAccount", account)
        .with("aws:PrincipalArn", role_arn)
        .with_some("aws:PrincipalOrgID", organization(account))
        .with("aws:RequestedRegion", call.region)
        .with("aws:ResourceAccount", need.account)
        .with_some("aws:ResourceOrgID", organization(need.account))
        .with(
            "aws:SecureTransport",
            if call.is_secure { "true" } else { "false" },
        );
    match call.operation.service() {
        Service::Sts => context.with_some("sts:ExternalId", call.input.text("ExternalId")),
        Service::Kms => context.with("kms:CallerAccount", account),
        Service::S3 => {
            let request = match &call.input {
                Input::Object(request) => Some(request),
                Input::Json(_) | Input::Form(_) => None,
            };
            if need.is_about_key {
                // What S3 does with a KMS key for the caller
                // (<https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>).
                let suffix = match partition(call.region) {
                    "aws-cn" => "amazonaws.com.cn",
                    _ => "amazonaws.com",
                };
                return context
                    .with("kms:CallerAccount", account)
                    .with("kms:ViaService", format!("s3.{}.{suffix}", call.region));
            }
            let header = |name| request.and_then(|request| request.header(name));
            let prefix = request.and_then(|request| request.query.get("prefix"));
            context
                .with_some("s3:TlsVersion", call.is_secure.then_some(TLS_VERSION))
                .with_some("s3:prefix", prefix.map(String::as_str))
                .with_some("s3:x-amz-server-side-encryption", header(ENCRYPTION))
                .with_some(
                    "s3:x-amz-server-side-encryption-aws-kms-key-id",
                    header(ENCRYPTION_KEY),
                )
        }
        Service::Events => {
            let field = |name| {
                need.event
                    .and_then(|event| event.get(name))
                    .and_then(Value::as_str)
            };
            context
                .with_some("events:source", field("Source"))
                .with_some("events:detail-type", field("DetailType"))
        }
        Service::Organizations
        | Service::Account
        | Service::Iam
        | Service::Sns
        | Service::Ec2
        | Service::CloudTrail
        | Service::SecretsManager
        | Service::SecurityHub => context,
    }
}

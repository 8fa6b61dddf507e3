//! The operations that a census calls. A request for any other one never leaves the
//! process: nothing can be added that changes a key, unless it is added here as well.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextRef},
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Operations that read, as IAM names them.
pub const READS: [&str; 28] = [
    "account:ListRegions",
    "cloudtrail:LookupEvents",
    "ec2:DescribeSnapshots",
    "ec2:DescribeVolumes",
    "iam:GetAccessKeyLastUsed",
    "iam:GetCredentialReport",
    "iam:ListAccessKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListUserTags",
    "iam:ListUsers",
    "kms:DescribeKey",
    "kms:GetKeyLastUsage",
    "kms:GetKeyPolicy",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyRotations",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "organizations:DescribeOrganizationalUnit",
    "organizations:ListAccounts",
    "organizations:ListParents",
    "s3:GetObject",
    "s3:HeadBucket",
    "s3:ListObjectsV2",
    "secretsmanager:ListSecrets",
    "sns:GetTopicAttributes",
    "sts:GetAccessKeyInfo",
    "sts:GetCallerIdentity",
];

/// Operations that do more than read: they enter an account, have IAM make its
/// credential report, write our report and publish it. None is about a key.
pub const OTHERS: [&str; 10] = [
    "events:PutEvents",
    "iam:GenerateCredentialReport",
    "s3:CompleteMultipartUpload",
    "s3:CopyObject",
    "s3:CreateMultipartUpload",
    "s3:PutObject",
    "s3:UploadPart",
    "securityhub:BatchImportFindings",
    "sns:Publish",
    "sts:AssumeRole",
];

/// Refuses every operation that is not listed.
#[derive(Debug)]
pub(crate) struct OnlyListed;

impl Intercept for OnlyListed {
    fn name(&self) -> &'static str {
        "OnlyListed"
    }

    // Not before execution: an operation's name is not known then.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match config.load::<Metadata>() {
            Some(called) if listed(called.service(), called.name()).is_some() => Ok(()),
            Some(called) => Err(format!(
                "{} {} is no operation that a census calls",
                called.service(),
                called.name()
            )
            .into()),
            None => Err("an operation without a name is none that a census calls".into()),
        }
    }
}

/// An operation of a service, by the SDK's names for both, as it is listed; `None` where
/// it is not.
pub(crate) fn listed(service: &str, name: &str) -> Option<&'static str> {
    let prefix = match service {
        "EventBridge" => "events",
        "Secrets Manager" => "secretsmanager",
        other => other,
    };
    let mut all = READS.iter().chain(&OTHERS).copied();
    all.find(|listed| {
        listed
            .split_once(':')
            .is_some_and(|(service, listed)| service.eq_ignore_ascii_case(prefix) && listed == name)
    })
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, READS};

    #[test]
    fn what_reads_is_called_so_and_nothing_else_is_about_a_key() {
        for read in READS {
            let (_, name) = read.split_once(':').unwrap();
            let verbs = ["Describe", "Get", "Head", "List", "Lookup"];
            assert!(verbs.iter().any(|verb| name.starts_with(verb)), "{read}");
        }
        for other in OTHERS {
            assert!(!other.starts_with("kms:"), "{other}");
            assert!(!other.contains("AccessKey"), "{other}");
        }
    }
}

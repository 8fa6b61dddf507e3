//! The services and operations that the simulator knows.

macro_rules! services {
    ($($service:ident = $prefix:literal,)*) => {
        /// An AWS service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Service { $($service,)* }

        impl Service {
            pub(crate) const ALL: [Self; [$($prefix,)*].len()] = [$(Self::$service,)*];

            /// The service's prefix in IAM, which is also its name in a signature.
            pub(crate) const fn prefix(self) -> &'static str {
                match self { $(Self::$service => $prefix,)* }
            }
        }
    };
}

services! {
    Organizations = "organizations",
    Sts = "sts",
    Account = "account",
    Kms = "kms",
    Iam = "iam",
    S3 = "s3",
    Sns = "sns",
    Events = "events",
    Ec2 = "ec2",
    CloudTrail = "cloudtrail",
    SecretsManager = "secretsmanager",
    SecurityHub = "securityhub",
}

impl Service {
    /// Whether its protocol is JSON: AWS JSON 1.1 or REST-JSON.
    pub(crate) const fn uses_json(self) -> bool {
        matches!(
            self,
            Self::Organizations
                | Self::Account
                | Self::Kms
                | Self::Events
                | Self::CloudTrail
                | Self::SecretsManager
                | Self::SecurityHub
        )
    }

    /// The service that a signature names.
    pub(crate) fn from_prefix(prefix: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.prefix() == prefix)
    }
}

macro_rules! operations {
    ($($operation:ident: $service:ident = $name:literal,)*) => {
        /// An operation that the simulator answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Operation { $($operation,)* }

        impl Operation {
            /// All of them.
            pub(crate) const ALL: [Self; [$($name,)*].len()] = [$(Self::$operation,)*];

            /// `service:Operation`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$operation => $name,)* }
            }

            /// Its service.
            pub(crate) const fn service(self) -> Service {
                match self { $(Self::$operation => Service::$service,)* }
            }
        }
    };
}

operations! {
    ListAccounts: Organizations = "organizations:ListAccounts",
    DescribeOrganization: Organizations = "organizations:DescribeOrganization",
    DescribeOrganizationalUnit: Organizations = "organizations:DescribeOrganizationalUnit",
    ListRoots: Organizations = "organizations:ListRoots",
    ListParents: Organizations = "organizations:ListParents",
    ListOrganizationalUnitsForParent: Organizations = "organizations:ListOrganizationalUnitsForParent",
    ListAccountsForParent: Organizations = "organizations:ListAccountsForParent",
    GetCallerIdentity: Sts = "sts:GetCallerIdentity",
    AssumeRole: Sts = "sts:AssumeRole",
    GetAccessKeyInfo: Sts = "sts:GetAccessKeyInfo",
    ListRegions: Account = "account:ListRegions",
    ListKeys: Kms = "kms:ListKeys",
    ListAliases: Kms = "kms:ListAliases",
    DescribeKey: Kms = "kms:DescribeKey",
    ListResourceTags: Kms = "kms:ListResourceTags",
    ListKeyRotations: Kms = "kms:ListKeyRotations",
    ListGrants: Kms = "kms:ListGrants",
    GetKeyPolicy: Kms = "kms:GetKeyPolicy",
    GetKeyLastUsage: Kms = "kms:GetKeyLastUsage",
    DisableKey: Kms = "kms:DisableKey",
    EnableKey: Kms = "kms:EnableKey",
    ScheduleKeyDeletion: Kms = "kms:ScheduleKeyDeletion",
    CancelKeyDeletion: Kms = "kms:CancelKeyDeletion",
    GenerateCredentialReport: Iam = "iam:GenerateCredentialReport",
    GetCredentialReport: Iam = "iam:GetCredentialReport",
    ListUsers: Iam = "iam:ListUsers",
    ListUserTags: Iam = "iam:ListUserTags",
    ListAccessKeys: Iam = "iam:ListAccessKeys",
    ListServiceSpecificCredentials: Iam = "iam:ListServiceSpecificCredentials",
    GetAccessKeyLastUsed: Iam = "iam:GetAccessKeyLastUsed",
    UpdateServiceSpecificCredential: Iam = "iam:UpdateServiceSpecificCredential",
    DeleteServiceSpecificCredential: Iam = "iam:DeleteServiceSpecificCredential",
    UpdateAccessKey: Iam = "iam:UpdateAccessKey",
    DeleteAccessKey: Iam = "iam:DeleteAccessKey",
    HeadBucket: S3 = "s3:HeadBucket",
    PutObject: S3 = "s3:PutObject",
    CreateMultipartUpload: S3 = "s3:CreateMultipartUpload",
    UploadPart: S3 = "s3:UploadPart",
    CompleteMultipartUpload: S3 = "s3:CompleteMultipartUpload",
    CopyObject: S3 = "s3:CopyObject",
    GetObject: S3 = "s3:GetObject",
    HeadObject: S3 = "s3:HeadObject",
    ListObjectsV2: S3 = "s3:ListObjectsV2",
    GetTopicAttributes: Sns = "sns:GetTopicAttributes",
    Publish: Sns = "sns:Publish",
    PutEvents: Events = "events:PutEvents",
    DescribeVolumes: Ec2 = "ec2:DescribeVolumes",
    DescribeSnapshots: Ec2 = "ec2:DescribeSnapshots",
    LookupEvents: CloudTrail = "cloudtrail:LookupEvents",
    ListSecrets: SecretsManager = "secretsmanager:ListSecrets",
    DescribeSecret: SecretsManager = "secretsmanager:DescribeSecret",
    DeleteSecret: SecretsManager = "secretsmanager:DeleteSecret",
    RestoreSecret: SecretsManager = "secretsmanager:RestoreSecret",
    BatchImportFindings: SecurityHub = "securityhub:BatchImportFindings",
}

impl Operation {
    /// The operation's own name, without its service.
    pub(crate) fn word(self) -> &'static str {
        let prefix = self.service().prefix().len() + 1;
        &self.name()[prefix..]
    }

    /// The service's operation of this name.
    pub(crate) fn find(service: Service, word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.service() == service && operation.word() == word)
    }

    /// Whether it changes keys, which a census never does.
    pub(crate) fn changes_keys(self) -> bool {
        matches!(
            self,
            Self::DisableKey
                | Self::EnableKey
                | Self::ScheduleKeyDeletion
                | Self::CancelKeyDeletion
                | Self::UpdateAccessKey
                | Self::DeleteAccessKey
                | Self::UpdateServiceSpecificCredential
                | Self::DeleteServiceSpecificCredential
                | Self::DeleteSecret
                | Self::RestoreSecret
        )
    }

    /// Whether `pattern` (`*`, `service:*` or `service:Operation`) covers this operation.
    pub(crate) fn is_covered_by(self, pattern: &str) -> bool {
        pattern == "*"
            || pattern == self.name()
            || pattern.strip_suffix(":*") == Some(self.service().prefix())
    }

    /// Whether `pattern` covers any operation at all.
    pub(crate) fn pattern_is_known(pattern: &str) -> bool {
        Self::ALL
            .into_iter()
            .any(|operation| operation.is_covered_by(pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_begins_with_its_services_prefix() {
        for operation in Operation::ALL {
            let prefix = format!("{}:", operation.service().prefix());
            assert!(operation.name().starts_with(&prefix), "{operation:?}");
            assert_eq!(
                Operation::find(operation.service(), operation.word()),
                Some(operation)
            );
        }
    }

    #[test]
    fn a_pattern_covers_everything_a_service_or_one_operation() {
        for (pattern, covered) in [
            ("*", true),
            ("kms:*", true),
            ("kms:ListKeys", true),
            ("kms:ListAliases", false),
            ("sts:*", false),
        ] {
            assert_eq!(
                Operation::ListKeys.is_covered_by(pattern),
                covered,
                "{pattern}"
            );
        }
        assert!(!Operation::pattern_is_known("kms:Encrypt"));
        assert!(!Operation::pattern_is_known("rds:*"));
    }
}

//! How many calls AWS allows, and which of them share an allowance.

use crate::aws::operation::Operation;

/// Requests a second, and the largest burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) burst: u32,
}

/// A rate whose burst is one second's worth.
const fn steady(per_second: u32) -> Rate {
    bursting(per_second, per_second)
}

const fn bursting(per_second: u32, burst: u32) -> Rate {
    Rate { per_second, burst }
}

/// Calls that share one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Group {
    /// An operation with a quota of its own.
    One(Operation),
    /// Every STS operation.
    Sts,
    /// Every IAM operation.
    Iam,
}

/// The quota an operation counts against, or `None` when the simulator sets no limit.
pub(crate) fn quota(operation: Operation) -> Option<(Group, Rate)> {
    let rate = match operation {
        // All STS calls together: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
        Operation::GetCallerIdentity | Operation::AssumeRole | Operation::GetAccessKeyInfo => {
            return Some((Group::Sts, steady(600)));
        }
        // All IAM calls together. AWS documents no rate for IAM, only that there is one: this is a guess.
        Operation::GenerateCredentialReport
        | Operation::GetCredentialReport
        | Operation::ListUsers
        | Operation::ListUserTags
        | Operation::ListAccessKeys
        | Operation::ListServiceSpecificCredentials
        | Operation::UpdateServiceSpecificCredential
        | Operation::DeleteServiceSpecificCredential
        | Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => return Some((Group::Iam, bursting(25, 50))),
        // <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
        Operation::GetKeyLastUsage => steady(5),
        Operation::DescribeKey | Operation::ListResourceTags => steady(2000),
        Operation::ListKeys | Operation::ListAliases => steady(500),
        Operation::ListKeyRotations | Operation::ListGrants => steady(100),
        Operation::GetKeyPolicy => steady(1000),
        // <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
        Operation::LookupEvents => steady(2),
        // <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
        Operation::ListSecrets => steady(100),
        // Calls that read, in pages or filtered; each has a bucket of its own
        // (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
        Operation::DescribeVolumes | Operation::DescribeSnapshots => bursting(20, 100),
        // <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
        Operation::ListAccounts => bursting(8, 12),
        Operation::ListAccountsForParent => bursting(5, 8),
        Operation::ListOrganizationalUnitsForParent => bursting(6, 10),
        Operation::DescribeOrganizationalUnit | Operation::ListParents => bursting(10, 15),
        // The lowest rate of any Region (<https://docs.aws.amazon.com/general/latest/gr/sns.html>).
        Operation::Publish => steady(300),
        // The lowest rate of any Region (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>).
        Operation::PutEvents => steady(400),
        // <https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html>
        Operation::BatchImportFindings => bursting(10, 30),
        _ => return None,
    };
    Some((Group::One(operation), rate))
}

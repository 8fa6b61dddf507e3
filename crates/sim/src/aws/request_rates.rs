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
    Rate {
        per_second,
        burst: per_second,
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const GET_KEY_LAST_USAGE: Rate = steady(5);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const DESCRIBE_KEY: Rate = steady(2000);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const LIST_RESOURCE_TAGS: Rate = steady(2000);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const LIST_KEYS: Rate = steady(500);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const LIST_ALIASES: Rate = steady(500);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const LIST_KEY_ROTATIONS: Rate = steady(100);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const LIST_GRANTS: Rate = steady(100);
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
const GET_KEY_POLICY: Rate = steady(1000);
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
const LOOKUP_EVENTS: Rate = steady(2);
/// Calls that read, in pages or filtered; each has a bucket of its own
/// (<https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>).
const EC2_DESCRIBE: Rate = Rate {
    per_second: 20,
    burst: 100,
};
/// All STS calls together: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const STS: Rate = steady(600);
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const LIST_ACCOUNTS: Rate = Rate {
    per_second: 8,
    burst: 12,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const LIST_ACCOUNTS_FOR_PARENT: Rate = Rate {
    per_second: 5,
    burst: 8,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const LIST_UNITS_FOR_PARENT: Rate = Rate {
    per_second: 6,
    burst: 10,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const DESCRIBE_UNIT: Rate = Rate {
    per_second: 10,
    burst: 15,
};
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const LIST_PARENTS: Rate = Rate {
    per_second: 10,
    burst: 15,
};

/// It depends on the Region: this is the lowest (<https://docs.aws.amazon.com/general/latest/gr/sns.html>).
const PUBLISH: Rate = steady(300);
/// It depends on the Region: this is the lowest (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>).
const PUT_EVENTS: Rate = steady(400);

/// All IAM operations together. AWS documents no rate for IAM, only that there is one: this is a guess.
const IAM: Rate = Rate {
    per_second: 25,
    burst: 50,
};

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
        Operation::GetCallerIdentity | Operation::AssumeRole | Operation::GetAccessKeyInfo => {
            return Some((Group::Sts, STS));
        }
        Operation::GenerateCredentialReport
        | Operation::GetCredentialReport
        | Operation::ListUsers
        | Operation::ListUserTags
        | Operation::ListAccessKeys
        | Operation::GetAccessKeyLastUsed
        | Operation::UpdateAccessKey
        | Operation::DeleteAccessKey => return Some((Group::Iam, IAM)),
        Operation::GetKeyLastUsage => GET_KEY_LAST_USAGE,
        Operation::DescribeKey => DESCRIBE_KEY,
        Operation::ListResourceTags => LIST_RESOURCE_TAGS,
        Operation::ListKeys => LIST_KEYS,
        Operation::ListAliases => LIST_ALIASES,
        Operation::ListKeyRotations => LIST_KEY_ROTATIONS,
        Operation::ListGrants => LIST_GRANTS,
        Operation::GetKeyPolicy => GET_KEY_POLICY,
        Operation::LookupEvents => LOOKUP_EVENTS,
        Operation::DescribeVolumes | Operation::DescribeSnapshots => EC2_DESCRIBE,
        Operation::ListAccounts => LIST_ACCOUNTS,
        Operation::ListAccountsForParent => LIST_ACCOUNTS_FOR_PARENT,
        Operation::ListOrganizationalUnitsForParent => LIST_UNITS_FOR_PARENT,
        Operation::DescribeOrganizationalUnit => DESCRIBE_UNIT,
        Operation::ListParents => LIST_PARENTS,
        Operation::Publish => PUBLISH,
        Operation::PutEvents => PUT_EVENTS,
        _ => return None,
    };
    Some((Group::One(operation), rate))
}

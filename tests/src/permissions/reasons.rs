//! Why each permission is needed.

/// Actions for one reason, and the reason.
const REASONS: [(&str, &str); 28] = [
    ("account:ListRegions", "which Regions to read"),
    (
        "kms:ListKeys kms:ListAliases",
        "which KMS keys there are, and what they are called",
    ),
    (
        "kms:DescribeKey kms:ListResourceTags kms:ListKeyRotations kms:GetKeyLastUsage",
        "each key's state, owner, cost and last use",
    ),
    (
        "ec2:DescribeVolumes ec2:DescribeSnapshots kms:ListGrants",
        "what depends on flagged keys and on those pending deletion",
    ),
    (
        "kms:GetKeyPolicy",
        "how keys are guarded against being disabled and deleted",
    ),
    (
        "cloudtrail:LookupEvents",
        "refused uses of keys that are disabled or pending deletion; `keycensus explain`: who used a key last",
    ),
    (
        "secretsmanager:ListSecrets",
        "which secrets there are, their owners, and when each was last retrieved; no values",
    ),
    (
        "iam:ListServiceSpecificCredentials",
        "service-specific credentials, their age and expiry; no secrets",
    ),
    ("iam:ListUsers", "which users there are"),
    (
        "iam:GenerateCredentialReport iam:GetCredentialReport",
        "passwords; root access keys; which users have no access keys",
    ),
    (
        "iam:ListUserTags",
        "the owner of each user's access keys, password and service-specific credentials, and whether they are exempt",
    ),
    (
        "iam:ListAccessKeys iam:GetAccessKeyLastUsed",
        "each user's access keys and their last use",
    ),
    ("organizations:ListAccounts", "which accounts there are"),
    (
        "organizations:DescribeOrganizationalUnit",
        "names of organizational units, and whether one that a setting names exists",
    ),
    (
        "organizations:ListParents",
        "where accounts are, when AWS lists them without their paths",
    ),
    ("sts:AssumeRole", "entering the other accounts"),
    (
        "s3:ListBucket",
        "whether the bucket is there, whether an object is not, and what a run that was cut off has kept",
    ),
    (
        "s3:PutObject",
        "the report, and what was read until it is written",
    ),
    (
        "s3:GetObject",
        "what the last run said, which runs there were, and large files that S3 copies to `latest/`",
    ),
    (
        "kms:GenerateDataKey kms:Decrypt",
        "objects of the report that S3 encrypts with this key",
    ),
    (
        "sns:GetTopicAttributes sns:Publish",
        "the digest, and its short form for a chat channel",
    ),
    (
        "securityhub:BatchImportFindings",
        "findings in Security Hub of the scanner's account",
    ),
    ("events:PutEvents", "events"),
    (
        "sqs:SendMessage",
        "what could not be started or failed for good",
    ),
    ("logs:CreateLogStream logs:PutLogEvents", "the log"),
    (
        "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery",
        "the log of the state machine's executions",
    ),
    ("lambda:InvokeFunction", "starting the scanner"),
    (
        "states:StartExecution",
        "starting the state machine of a long census",
    ),
];

/// Why an action is needed.
///
/// # Panics
/// It has no reason here.
pub(super) fn of(action: &str) -> &'static str {
    let found = REASONS
        .iter()
        .find(|(actions, _)| actions.split(' ').any(|one| one == action));
    match found {
        Some((_, why)) => why,
        None => panic!("give the reason for {action} in {}", file!()),
    }
}

/// Whether AWS makes this call with the function's role, and not the function.
pub(super) fn is_by_service(action: &str) -> bool {
    let by_services = ["sqs:", "logs:", "lambda:"];
    by_services
        .iter()
        .any(|service| action.starts_with(service))
}

//! Words that generated worlds are named with.

/// Units below the root and their own units.
pub(super) const UNITS: [(&str, &[&str]); 5] = [
    ("Security", &["Audit", "Tooling"]),
    ("Infrastructure", &["Network", "Shared Services"]),
    ("Workloads", &["Prod", "Staging", "Dev"]),
    ("Data", &["Lake", "Analytics"]),
    ("Sandbox", &[]),
];

/// What accounts are for.
pub(super) const PRODUCTS: [&str; 20] = [
    "payments",
    "checkout",
    "catalog",
    "search",
    "identity",
    "billing",
    "orders",
    "shipping",
    "inventory",
    "pricing",
    "loyalty",
    "messaging",
    "reports",
    "archive",
    "network",
    "logging",
    "backup",
    "ledger",
    "fraud",
    "partners",
];

/// Stages of a product.
pub(super) const STAGES: [&str; 4] = ["prod", "staging", "dev", "test"];

/// What keys protect.
pub(super) const PURPOSES: [&str; 16] = [
    "database",
    "queue",
    "uploads",
    "backups",
    "logs",
    "tokens",
    "sessions",
    "exports",
    "secrets",
    "snapshots",
    "audit",
    "documents",
    "stream",
    "cache",
    "signing",
    "images",
];

/// Who owns keys.
pub(super) const TEAMS: [&str; 10] = [
    "payments",
    "platform",
    "data",
    "security",
    "storefront",
    "logistics",
    "finance",
    "mobile",
    "growth",
    "sre",
];

/// Services that hold grants.
pub(super) const GRANTEES: [&str; 5] = [
    "rds.amazonaws.com",
    "dynamodb.amazonaws.com",
    "redshift.amazonaws.com",
    "workspaces.amazonaws.com",
    "autoscaling.amazonaws.com",
];

/// AWS managed keys, by how often accounts have them.
pub(super) const AWS_MANAGED: [&str; 8] = [
    "ebs",
    "s3",
    "rds",
    "lambda",
    "secretsmanager",
    "sqs",
    "dynamodb",
    "backup",
];

/// Operations of a last use, the usual ones more than once.
pub(super) const OPERATIONS: [&str; 8] = [
    "Decrypt",
    "Decrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "Encrypt",
    "ReEncrypt",
];

/// Why keys are exempt.
pub(super) const REASONS: [&str; 3] = [
    "legal hold until 2031",
    "break-glass recovery",
    "archive of the old data center",
];

/// What users are for.
pub(super) const USERS: [&str; 12] = [
    "deploy",
    "ci",
    "backup",
    "terraform",
    "metrics",
    "mailer",
    "reporting",
    "sftp",
    "legacy",
    "monitoring",
    "export",
    "scanner",
];

/// Services of an access key's last use, the usual ones more than once.
pub(super) const SERVICES: [&str; 10] = [
    "s3",
    "s3",
    "s3",
    "ec2",
    "sts",
    "ses",
    "sqs",
    "dynamodb",
    "monitoring",
    "ecr",
];

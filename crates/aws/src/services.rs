//! AWS's services as a census calls them: one file for each family of operations, without a
//! policy of its own.

pub mod aws;

pub(crate) mod account_management;
pub(crate) mod cloudtrail;
pub(crate) mod ec2;
pub(crate) mod iam;
pub(crate) mod iam_answers;
pub(crate) mod kms;
pub(crate) mod kms_answers;
pub(crate) mod kms_last_usage;
pub(crate) mod quotas;
pub(crate) mod secrets_manager;
pub(crate) mod security_hub;

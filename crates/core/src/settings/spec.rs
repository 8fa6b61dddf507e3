//! The table of settings: each one's name, what it accepts and what it means.

use super::{Settings, parse};

/// One setting.
pub struct SettingSpec {
    /// Its name, lower case: `stale_after_days`.
    pub name: &'static str,
    /// Its default, in words that fit after "default:".
    pub default: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What it accepts, in words that fit after "give".
    pub accepts: &'static str,
    pub(super) set: fn(&mut Settings, &str) -> Option<()>,
    pub(super) reset: fn(&mut Settings, &Settings),
}

pub(super) fn find(name: &str) -> Option<&'static SettingSpec> {
    SETTINGS.iter().find(|spec| spec.name == name)
}

macro_rules! setting {
    ($field:ident, $parse:expr, default: $default:literal, meaning: $meaning:literal, accepts: $accepts:literal) => {
        SettingSpec {
            name: stringify!($field),
            default: $default,
            meaning: $meaning,
            accepts: $accepts,
            set: |settings, text| {
                settings.$field = $parse(text)?;
                Some(())
            },
            reset: |settings, default| settings.$field = default.$field.clone(),
        }
    };
}

/// Every setting there is.
pub static SETTINGS: &[SettingSpec] = &[
    setting!(report_bucket, parse::bucket_name,
        default: "none",
        meaning: "S3 bucket for reports",
        accepts: "the name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and dashes"),
    setting!(report_prefix, parse::prefix,
        default: "keycensus",
        meaning: "Key prefix of reports in the bucket",
        accepts: "a key prefix with no slash at either end, of letters, digits and /!-_.*'()"),
    setting!(report_encryption, parse::report_encryption,
        default: "bucket",
        meaning: "Encryption that each PutObject of a report asks for",
        accepts: "bucket (none is asked for), AES256, aws:kms, or the ARN of a KMS key, such as arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    setting!(topic_arn, parse::topic_arn,
        default: "none: no digest",
        meaning: "SNS topic for the digest",
        accepts: "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111111111111:keycensus"),
    setting!(member_role, parse::role_name,
        default: "KeycensusReader",
        meaning: "Name, with path if any, of the read-only role in every member account",
        accepts: "the name of an IAM role, not its ARN: up to 64 letters, digits and +=,.@_-, after its path if it has one"),
    setting!(external_id, parse::external_id,
        default: "none",
        meaning: "External ID sent when the role is assumed",
        accepts: "2 to 1,224 letters, digits and +=,.@:/_-"),
    setting!(stale_after_days, parse::days,
        default: "90",
        meaning: "Idle days from which a key counts as unused",
        accepts: "a whole number of days from 1 to 3650"),
    setting!(rotate_after_days, parse::days,
        default: "90",
        meaning: "Age in days from which an access key in use should be rotated",
        accepts: "a whole number of days from 1 to 3650"),
    setting!(dependents, parse::switch,
        default: "on",
        meaning: "Whether to look for what depends on KMS keys that are flagged or pending deletion",
        accepts: "one of on, off"),
    setting!(watch_days, parse::days,
        default: "30",
        meaning: "Days for which a disabled KMS key is watched before its deletion is recommended",
        accepts: "a whole number of days from 1 to 3650"),
    setting!(audit_guard, parse::switch,
        default: "off",
        meaning: "Whether to read the policy of every KMS key, for how it is guarded against deletion",
        accepts: "one of on, off"),
    setting!(refused_uses, parse::switch,
        default: "on",
        meaning: "Whether to look in CloudTrail's event history for refused uses of KMS keys that are disabled or pending deletion",
        accepts: "one of on, off"),
    setting!(aws_managed, parse::switch,
        default: "off",
        meaning: "Whether to read the last use of KMS keys that AWS manages, after the others",
        accepts: "one of on, off"),
    setting!(read, parse::read_mode,
        default: "all",
        meaning: "Of which keys the last use is read; due leaves out those whose verdict cannot differ from the last report's",
        accepts: "one of all, due"),
    setting!(read_again_days, parse::days,
        default: "7",
        meaning: "Days in which every last use is read at least once, where only those are read that are due",
        accepts: "a whole number of days from 1 to 3650"),
    setting!(kinds, parse::kinds,
        default: "kms,iam,passwords",
        meaning: "What to read",
        accepts: "one or more of kms, iam, passwords, secrets, service_credentials, separated by commas"),
    setting!(regions, parse::regions,
        default: "all: those enabled in each account",
        meaning: "Regions to read",
        accepts: "all, or names of Regions separated by commas, such as eu-west-1,us-east-1"),
    setting!(accounts, parse::some_accounts,
        default: "all",
        meaning: "Accounts to read",
        accepts: "account IDs of 12 digits, separated by commas"),
    setting!(exclude_accounts, parse::accounts,
        default: "none",
        meaning: "Accounts not to read",
        accepts: "account IDs of 12 digits, separated by commas"),
    setting!(organizational_units, parse::organizational_units,
        default: "all",
        meaning: "Organizational units or roots to read, accounts below them at any depth",
        accepts: "IDs of organizational units or roots, separated by commas, such as ou-a1b2-c3d4e5f6,r-a1b2"),
    setting!(last_usage_rps, parse::requests_a_second,
        default: "5",
        meaning: "GetKeyLastUsage requests a second to spend per account and Region",
        accepts: "a number of requests a second above 0 and up to 1000"),
    setting!(digest, parse::digest_mode,
        default: "findings",
        meaning: "When to send a digest",
        accepts: "one of always, findings, changes, never"),
    setting!(digest_per, parse::digest_per,
        default: "organization",
        meaning: "Whether each account with flagged keys gets a message of its own beside the digest",
        accepts: "one of organization, account"),
    setting!(event_bus, parse::event_bus,
        default: "none: no events",
        meaning: "EventBridge event bus for events on keys that are newly flagged, needed again or used again",
        accepts: "the name of an event bus, such as default, or its ARN, such as arn:aws:events:eu-west-1:111111111111:event-bus/keycensus"),
    setting!(exempt_tag, parse::tag_key,
        default: "keycensus:exempt",
        meaning: "Tag that exempts a key; its value is the reason",
        accepts: "a tag key of 1 to 128 characters"),
    setting!(owner_tags, parse::tag_keys,
        default: "owner,Owner,team,Team",
        meaning: "Tags that may name a key's owner, the first present counts",
        accepts: "tag keys of 1 to 128 characters, separated by commas"),
];

//! Parsers of setting texts; each returns `None` when the text is not valid.

use std::collections::BTreeSet;

use super::{DigestMode, DigestPer, ReadMode, Switch};
use crate::{
    model::{account::AccountId, kind::Family, region::Region},
    settings::{event_bus::EventBus, report_encryption::ReportEncryption, topic_arn::TopicArn},
};

/// The items of a comma-separated list, or nothing when an item is empty.
fn items(text: &str) -> Option<Vec<&str>> {
    let items: Vec<&str> = text.split(',').map(str::trim).collect();
    items.iter().all(|item| !item.is_empty()).then_some(items)
}

fn all_of(text: &str, is_fine: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(is_fine)
}

/// S3's rules for the names of general purpose buckets, as far as characters and length go
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
pub(super) fn bucket_name(text: &str) -> Option<Option<String>> {
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    let is_fine = (3..=63).contains(&bytes.len())
        && edge(bytes.first())
        && edge(bytes.last())
        && !text.contains("..")
        && all_of(text, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-')
        });
    is_fine.then(|| Some(text.to_owned()))
}

/// The characters that S3 calls safe in object keys
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
pub(super) fn prefix(text: &str) -> Option<String> {
    let is_fine = text.len() <= 512
        && !text.starts_with('/')
        && !text.ends_with('/')
        && text.split('/').all(|part| !matches!(part, "" | "." | ".."))
        && all_of(text, |b| {
            b.is_ascii_alphanumeric() || b"/!-_.*'()".contains(&b)
        });
    is_fine.then(|| text.to_owned())
}

pub(super) fn report_encryption(text: &str) -> Option<ReportEncryption> {
    ReportEncryption::parse(text)
}

pub(super) fn topic_arn(text: &str) -> Option<Option<TopicArn>> {
    TopicArn::parse(text).map(Some)
}

pub(super) fn event_bus(text: &str) -> Option<Option<EventBus>> {
    EventBus::parse(text).map(Some)
}

/// IAM's rules for role names and paths
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub(super) fn role_name(text: &str) -> Option<String> {
    let text = text.strip_prefix('/').unwrap_or(text);
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    let path_is_fine = path.len() <= 510
        && !path.split('/').skip(1).any(str::is_empty)
        && all_of(path, |b| b.is_ascii_graphic() && b != b':' && b != b'*');
    let name_is_fine = (1..=64).contains(&name.len())
        && all_of(name, |b| {
            b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b)
        });
    (path_is_fine && name_is_fine).then(|| text.to_owned())
}

/// STS's rules for external IDs
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>).
pub(super) fn external_id(text: &str) -> Option<Option<String>> {
    let is_fine = (2..=1224).contains(&text.len())
        && all_of(text, |b| {
            b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b)
        });
    is_fine.then(|| Some(text.to_owned()))
}

pub(super) fn days(text: &str) -> Option<u32> {
    all_of(text, |b| b.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
        .filter(|days| (1..=3650).contains(days))
}

pub(super) fn requests_a_second(text: &str) -> Option<f64> {
    all_of(text, |b| b.is_ascii_digit() || b == b'.')
        .then(|| text.parse().ok())
        .flatten()
        .filter(|rps| *rps > 0.0 && *rps <= 1000.0)
}

pub(super) fn read_mode(text: &str) -> Option<ReadMode> {
    ReadMode::parse(text)
}

pub(super) fn kinds(text: &str) -> Option<BTreeSet<Family>> {
    items(text)?.into_iter().map(Family::parse).collect()
}

pub(super) fn regions(text: &str) -> Option<Option<BTreeSet<Region>>> {
    if text == "all" {
        return Some(None);
    }
    items(text)?
        .into_iter()
        .map(Region::parse)
        .collect::<Option<_>>()
        .map(Some)
}

pub(super) fn accounts(text: &str) -> Option<BTreeSet<AccountId>> {
    items(text)?.into_iter().map(AccountId::parse).collect()
}

pub(super) fn some_accounts(text: &str) -> Option<Option<BTreeSet<AccountId>>> {
    match text {
        "all" => Some(None),
        _ => accounts(text).map(Some),
    }
}

/// The forms of the IDs of roots and organizational units
/// (<https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html>).
pub(super) fn organizational_units(text: &str) -> Option<Option<BTreeSet<String>>> {
    if text == "all" {
        return Some(None);
    }
    let part = |text: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&text.len())
            && all_of(text, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let id = |item: &str| {
        let is_fine = match item.split('-').collect::<Vec<_>>().as_slice() {
            ["r", root] => part(root, 4..=32),
            ["ou", root, unit] => part(root, 4..=32) && part(unit, 8..=32),
            _ => false,
        };
        is_fine.then(|| item.to_owned())
    };
    items(text)?
        .into_iter()
        .map(id)
        .collect::<Option<_>>()
        .map(Some)
}

pub(super) fn digest_mode(text: &str) -> Option<DigestMode> {
    [
        DigestMode::Always,
        DigestMode::Findings,
        DigestMode::Changes,
        DigestMode::Never,
    ]
    .into_iter()
    .find(|mode| mode.as_str() == text)
}

pub(super) fn digest_per(text: &str) -> Option<DigestPer> {
    [DigestPer::Organization, DigestPer::Account]
        .into_iter()
        .find(|per| per.as_str() == text)
}

pub(super) fn switch(text: &str) -> Option<Switch> {
    match text {
        "on" => Some(Switch::On),
        "off" => Some(Switch::Off),
        _ => None,
    }
}

pub(super) fn tag_key(text: &str) -> Option<String> {
    (1..=128)
        .contains(&text.chars().count())
        .then(|| text.to_owned())
}

pub(super) fn tag_keys(text: &str) -> Option<Vec<String>> {
    items(text)?.into_iter().map(tag_key).collect()
}

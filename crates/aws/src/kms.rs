//! KMS in one account and Region: the reads that a census makes.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_kms::{
    operation::{describe_key::DescribeKeyError, get_key_last_usage::GetKeyLastUsageOutput},
    types::{KeyListEntry, KeyMetadata, Tag},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use keycensus_core::{dependents::grantee, region::Region};

use crate::{
    call_error::CallError,
    connection::Aws,
    in_flight::Urgency,
    pace::Pace,
    requests::Requests,
    session::{Session, as_account},
};

pub(crate) const LIST_KEYS: &str = "kms:ListKeys";
pub(crate) const LIST_ALIASES: &str = "kms:ListAliases";
pub(crate) const DESCRIBE_KEY: &str = "kms:DescribeKey";
pub(crate) const LIST_RESOURCE_TAGS: &str = "kms:ListResourceTags";
pub(crate) const LIST_KEY_ROTATIONS: &str = "kms:ListKeyRotations";
pub(crate) const LIST_GRANTS: &str = "kms:ListGrants";
pub(crate) const GET_KEY_POLICY: &str = "kms:GetKeyPolicy";
pub(crate) const GET_KEY_LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// The largest pages that KMS gives
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html> and
/// its siblings).
const KEYS_PAGE: i32 = 1000;
const ALIASES_PAGE: i32 = 100;
const TAGS_PAGE: i32 = 50;
const ROTATIONS_PAGE: i32 = 1000;
const GRANTS_PAGE: i32 = 100;

/// ListGrants requests a second that AWS allows per account and Region, shared by
/// every caller
/// (<https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>).
pub(crate) const GRANTS_RPS: f64 = 100.0;

/// KMS in one account and Region.
#[derive(Debug)]
pub(crate) struct Kms<'a> {
    pub(crate) requests: Requests<'a>,
    client: aws_sdk_kms::Client,
    pace: Pace,
}

/// One page of keys, and where the next begins.
pub(crate) struct KeysPage {
    pub(crate) keys: Vec<KeyListEntry>,
    pub(crate) next: Option<String>,
}

impl<'a> Kms<'a> {
    /// KMS in the account of `session`, where GetKeyLastUsage may be called
    /// `last_usage_rps` times a second.
    pub(crate) fn new(
        aws: &'a Aws,
        session: &'a Session,
        region: &Region,
        last_usage_rps: f64,
    ) -> Self {
        let (client, endpoint) = aws.kms(region);
        Self {
            requests: Requests::new(aws, session, endpoint, region),
            client,
            pace: Pace::new(last_usage_rps),
        }
    }

    /// One page of the keys of this account and Region.
    pub(crate) async fn keys_page(&self, marker: Option<String>) -> Result<KeysPage, CallError> {
        let page = self
            .requests
            .call(LIST_KEYS, Urgency::FIRST, |credentials| {
                let request = self.client.list_keys().limit(KEYS_PAGE);
                let request = request.set_marker(marker.clone());
                request
                    .customize()
                    .config_override(as_account!(aws_sdk_kms, credentials))
                    .send()
            })
            .await?;
        let next = self.requests.next(
            LIST_KEYS,
            page.truncated,
            page.next_marker,
            marker.as_deref(),
        )?;
        Ok(KeysPage {
            keys: page.keys.unwrap_or_default(),
            next,
        })
    }

    /// The names of every key that has some, by key ID.
    pub(crate) async fn aliases(&self) -> Result<HashMap<String, Vec<String>>, CallError> {
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self
                .requests
                .call_in_turn(LIST_ALIASES, |credentials| {
                    let request = self.client.list_aliases().limit(ALIASES_PAGE);
                    let request = request.set_marker(marker.clone());
                    request
                        .customize()
                        .config_override(as_account!(aws_sdk_kms, credentials))
                        .send()
                })
                .await?;
            for alias in page.aliases.unwrap_or_default() {
                // An alias that AWS reserves has no key until its service is used.
                if let (Some(name), Some(key_id)) = (alias.alias_name, alias.target_key_id) {
                    let names = names.entry(key_id).or_default();
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
            marker = self.requests.next(
                LIST_ALIASES,
                page.truncated,
                page.next_marker,
                marker.as_deref(),
            )?;
            if marker.is_none() {
                return Ok(names);
            }
        }
    }

    /// What KMS says of a key.
    pub(crate) async fn describe(&self, key_id: &str) -> Result<Box<KeyMetadata>, CallError> {
        let metadata = self
            .requests
            .call_in_turn(DESCRIBE_KEY, |credentials| async {
                let request = self.client.describe_key().key_id(key_id);
                let answer = request
                    .customize()
                    .config_override(as_account!(aws_sdk_kms, credentials))
                    .send()
                    .await?;
                // Boxed, because it is large and thousands of keys wait for theirs.
                Ok::<_, SdkError<DescribeKeyError, HttpResponse>>(answer.key_metadata.map(Box::new))
            })
            .await?;
        metadata.ok_or_else(|| self.requests.unreadable(DESCRIBE_KEY))
    }

    /// The tags of a key.
    pub(crate) async fn tags(&self, key_id: &str) -> Result<Vec<Tag>, CallError> {
        let mut tags = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self
                .requests
                .call_in_turn(LIST_RESOURCE_TAGS, |credentials| {
                    let request = self.client.list_resource_tags().key_id(key_id);
                    let request = request.limit(TAGS_PAGE).set_marker(marker.clone());
                    request
                        .customize()
                        .config_override(as_account!(aws_sdk_kms, credentials))
                        .send()
                })
                .await?;
            tags.extend(page.tags.unwrap_or_default());
            marker = self.requests.next(
                LIST_RESOURCE_TAGS,
                page.truncated,
                page.next_marker,
                marker.as_deref(),
            )?;
            if marker.is_none() {
                return Ok(tags);
            }
        }
    }

    /// How often a key was rotated; a thousand times where it was more often.
    pub(crate) async fn rotations(&self, key_id: &str) -> Result<u32, CallError> {
        let answer = self
            .requests
            .call_in_turn(LIST_KEY_ROTATIONS, |credentials| {
                let request = self.client.list_key_rotations().key_id(key_id);
                request
                    .limit(ROTATIONS_PAGE)
                    .customize()
                    .config_override(as_account!(aws_sdk_kms, credentials))
                    .send()
            })
            .await?;
        Ok(u32::try_from(answer.rotations().len()).unwrap_or(u32::MAX))
    }

    /// The key policy of a key, as text.
    pub(crate) async fn policy(&self, key_id: &str) -> Result<String, CallError> {
        let answer = self
            .requests
            .call_in_turn(GET_KEY_POLICY, |credentials| {
                let request = self.client.get_key_policy().key_id(key_id);
                request
                    .customize()
                    .config_override(as_account!(aws_sdk_kms, credentials))
                    .send()
            })
            .await?;
        answer
            .policy
            .ok_or_else(|| self.requests.unreadable(GET_KEY_POLICY))
    }

    /// Counts the grants of a key by who has them, or as many as can be listed.
    pub(crate) async fn grants(
        &self,
        pace: &Pace,
        key_id: &str,
        by_grantee: &mut BTreeMap<String, u64>,
    ) -> Result<(), CallError> {
        // Pages can repeat a grant.
        let mut seen = HashSet::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self
                .requests
                .call_at_pace(pace, LIST_GRANTS, |credentials| {
                    let request = self.client.list_grants().key_id(key_id);
                    let request = request.limit(GRANTS_PAGE).set_marker(marker.clone());
                    request
                        .customize()
                        .config_override(as_account!(aws_sdk_kms, credentials))
                        .send()
                })
                .await?;
            for grant in page.grants.unwrap_or_default() {
                let has = grantee(
                    grant.grantee_service_principal.as_deref(),
                    grant.grantee_principal.as_deref(),
                );
                if seen.insert(grant.grant_id) {
                    *by_grantee.entry(has).or_default() += 1;
                }
            }
            marker = self.requests.next(
                LIST_GRANTS,
                page.truncated,
                page.next_marker,
                marker.as_deref(),
            )?;
            if marker.is_none() {
                return Ok(());
            }
        }
    }

    /// What KMS says of a key's last use, at this account and Region's pace. A
    /// throttled request takes another turn; it never makes the key unused.
    pub(crate) async fn last_usage(
        &self,
        key_id: &str,
    ) -> Result<GetKeyLastUsageOutput, CallError> {
        self.requests
            .call_at_pace(&self.pace, GET_KEY_LAST_USAGE, |credentials| {
                let request = self.client.get_key_last_usage().key_id(key_id);
                request
                    .customize()
                    .config_override(as_account!(aws_sdk_kms, credentials))
                    .send()
            })
            .await
    }
}

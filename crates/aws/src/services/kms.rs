//! KMS in one account and Region: the reads that a census makes.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_kms::types::{KeyMetadata, Tag};
use jiff::Timestamp;
use keycensus_core::model::{dependents::grantee, reading::Usage, region::Region};
use tokio_util::sync::CancellationToken;

use crate::{
    services::{
        aws::Aws,
        kms_answers::{self, described_key, listed_key},
        kms_last_usage::parse_usage,
    },
    transport::{
        answer::Unreadable,
        call_error::CallError,
        pages::{self, Page},
        priority_semaphore::Urgency,
        rate_limit::RateLimit,
        requests::Requests,
        session::{Session, as_account, request},
    },
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
    rate_limit: RateLimit,
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
            rate_limit: RateLimit::new(last_usage_rps),
        }
    }

    /// The same, where no GetKeyLastUsage is to be sent once `last_call` is cancelled.
    pub(crate) fn until(self, last_call: CancellationToken) -> Self {
        Self {
            rate_limit: self.rate_limit.until(last_call),
            ..self
        }
    }

    /// One page of the keys of this account and Region: their IDs and ARNs.
    pub(crate) async fn keys_page(
        &self,
        marker: Option<String>,
    ) -> Result<Page<(String, String)>, CallError> {
        let request = request!(
            aws_sdk_kms,
            self.client,
            list_keys(limit = KEYS_PAGE, set_marker = marker.clone())
        );
        self.requests
            .call(LIST_KEYS, Urgency::FIRST, request, |page| {
                Page::with_marker(page.keys, page.truncated, page.next_marker)?
                    .read(|key| listed_key(key, self.requests.site()))
            })
            .await
    }

    /// The names of every key that has some, by key ID.
    pub(crate) async fn aliases(&self) -> Result<HashMap<String, Vec<String>>, CallError> {
        let mut names: HashMap<String, Vec<String>> = HashMap::new();
        let page = |marker: Option<String>| {
            let request = request!(
                aws_sdk_kms,
                self.client,
                list_aliases(limit = ALIASES_PAGE, set_marker = marker.clone())
            );
            self.requests
                .call_by_urgency(LIST_ALIASES, request, |page| {
                    Page::with_marker(page.aliases, page.truncated, page.next_marker)
                })
        };
        pages::each(LIST_ALIASES, self.requests.site(), page, |aliases| {
            for alias in aliases {
                // An alias that AWS reserves has no key until its service is used.
                if let (Some(name), Some(key_id)) = (alias.alias_name, alias.target_key_id) {
                    let names = names.entry(key_id).or_default();
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
            }
        })
        .await?;
        Ok(names)
    }

    /// What KMS says of a key, in a run that began at `now`.
    pub(crate) async fn describe(
        &self,
        key_id: &str,
        now: Timestamp,
    ) -> Result<Box<KeyMetadata>, CallError> {
        let request = request!(aws_sdk_kms, self.client, describe_key(key_id = key_id));
        self.requests
            .call_by_urgency(DESCRIBE_KEY, request, |answer| {
                described_key(answer, self.requests.site(), key_id, now)
            })
            .await
    }

    /// The tags of a key.
    pub(crate) async fn tags(&self, key_id: &str) -> Result<Vec<Tag>, CallError> {
        let mut tags = Vec::new();
        let page = |marker: Option<String>| {
            let request = request!(
                aws_sdk_kms,
                self.client,
                list_resource_tags(
                    key_id = key_id,
                    limit = TAGS_PAGE,
                    set_marker = marker.clone()
                )
            );
            self.requests
                .call_by_urgency(LIST_RESOURCE_TAGS, request, |page| {
                    Page::with_marker(page.tags, page.truncated, page.next_marker)?
                        .read(kms_answers::tag)
                })
        };
        let site = self.requests.site();
        pages::each(LIST_RESOURCE_TAGS, site, page, |page| tags.extend(page)).await?;
        Ok(tags)
    }

    /// How often a key was rotated; a thousand times where it was more often.
    pub(crate) async fn rotations(&self, key_id: &str) -> Result<u32, CallError> {
        let request = request!(
            aws_sdk_kms,
            self.client,
            list_key_rotations(key_id = key_id, limit = ROTATIONS_PAGE)
        );
        self.requests
            .call_by_urgency(LIST_KEY_ROTATIONS, request, |page| {
                let page = Page::with_marker(page.rotations, page.truncated, page.next_marker)?;
                Ok(u32::try_from(page.items.len()).unwrap_or(u32::MAX))
            })
            .await
    }

    /// The key policy of a key, as text.
    pub(crate) async fn policy(&self, key_id: &str) -> Result<String, CallError> {
        let request = request!(aws_sdk_kms, self.client, get_key_policy(key_id = key_id));
        self.requests
            .call_by_urgency(GET_KEY_POLICY, request, |answer| {
                answer.policy.ok_or(Unreadable("no Policy"))
            })
            .await
    }

    /// Counts the grants of a key by who has them, or as many as can be listed.
    pub(crate) async fn grants(
        &self,
        rate_limit: &RateLimit,
        key_id: &str,
        by_grantee: &mut BTreeMap<String, u64>,
    ) -> Result<(), CallError> {
        // Pages can repeat a grant.
        let mut seen = HashSet::new();
        let site = self.requests.site();
        let page = |marker: Option<String>| {
            let request = request!(
                aws_sdk_kms,
                self.client,
                list_grants(
                    key_id = key_id,
                    limit = GRANTS_PAGE,
                    set_marker = marker.clone()
                )
            );
            self.requests
                .call_at_rate(rate_limit, LIST_GRANTS, request, |page| {
                    Page::with_marker(page.grants, page.truncated, page.next_marker)?
                        .read(|grant| kms_answers::grant(grant, site, key_id))
                })
        };
        pages::each(LIST_GRANTS, site, page, |grants| {
            for grant in grants {
                let has = grantee(
                    grant.grantee_service_principal.as_deref(),
                    grant.grantee_principal.as_deref(),
                );
                if seen.insert(grant.grant_id) {
                    *by_grantee.entry(has.to_owned()).or_default() += 1;
                }
            }
        })
        .await
    }

    /// What KMS says of a key's last use, at this account and Region's pace, in a run
    /// that began at `now`. A throttled request is made again; it never makes the
    /// key unused. `created_at` is when the key was created, where that is known.
    pub(crate) async fn last_usage(
        &self,
        key_id: &str,
        created_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Usage, CallError> {
        let request = request!(
            aws_sdk_kms,
            self.client,
            get_key_last_usage(key_id = key_id)
        );
        self.requests
            .call_at_rate(&self.rate_limit, GET_KEY_LAST_USAGE, request, |answer| {
                let asked = (self.requests.site(), key_id);
                parse_usage(answer, asked, created_at, now)
            })
            .await
    }
}

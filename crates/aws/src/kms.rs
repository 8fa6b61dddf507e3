//! KMS in one account and Region: the five reads that a census makes.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_kms::{
    operation::get_key_last_usage::GetKeyLastUsageOutput,
    types::{KeyListEntry, KeyMetadata, Tag},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use keycensus_core::region::Region;
use tokio::sync::SemaphorePermit;

use crate::{
    call_error::{CallError, Failure, Place},
    connection::Aws,
    endpoint::Endpoint,
    pace::Pace,
    retry::{Attempts, retrying},
    session::Session,
};

pub(crate) const LIST_KEYS: &str = "kms:ListKeys";
pub(crate) const LIST_ALIASES: &str = "kms:ListAliases";
pub(crate) const DESCRIBE_KEY: &str = "kms:DescribeKey";
pub(crate) const LIST_RESOURCE_TAGS: &str = "kms:ListResourceTags";
pub(crate) const GET_KEY_LAST_USAGE: &str = "kms:GetKeyLastUsage";

/// The largest pages that KMS gives
/// (<https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html> and
/// its siblings).
const KEYS_PAGE: i32 = 1000;
const ALIASES_PAGE: i32 = 100;
const TAGS_PAGE: i32 = 50;

/// How often a key is asked about again when AWS throttles.
const THROTTLES_A_KEY: u32 = 60;

/// KMS in one account and Region.
#[derive(Debug)]
pub(crate) struct Kms<'a> {
    aws: &'a Aws,
    session: &'a Session,
    endpoint: Arc<Endpoint>,
    place: Place,
    pace: Pace,
    is_renewed: AtomicBool,
}

/// A place among the requests in flight to the Region, and among all.
struct Permit<'a> {
    in_region: Option<SemaphorePermit<'a>>,
    at_all: Option<SemaphorePermit<'a>>,
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
        Self {
            aws,
            session,
            endpoint: aws.kms(region),
            place: Place {
                account: Some(session.account.id),
                region: region.clone(),
            },
            pace: Pace::new(last_usage_rps),
            is_renewed: AtomicBool::new(false),
        }
    }

    /// One page of the keys of this account and Region.
    pub(crate) async fn keys_page(&self, marker: Option<String>) -> Result<KeysPage, CallError> {
        let page = self
            .call(LIST_KEYS, |kms, config| {
                let request = kms.list_keys().limit(KEYS_PAGE);
                let request = request.set_marker(marker.clone());
                request.customize().config_override(config).send()
            })
            .await?;
        let next = self.next(
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
                .call(LIST_ALIASES, |kms, config| {
                    let request = kms.list_aliases().limit(ALIASES_PAGE);
                    let request = request.set_marker(marker.clone());
                    request.customize().config_override(config).send()
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
            marker = self.next(
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
    pub(crate) async fn describe(&self, key_id: &str) -> Result<KeyMetadata, CallError> {
        let answer = self
            .call(DESCRIBE_KEY, |kms, config| {
                let request = kms.describe_key().key_id(key_id);
                request.customize().config_override(config).send()
            })
            .await?;
        answer
            .key_metadata
            .ok_or_else(|| CallError::unreadable(DESCRIBE_KEY, &self.place))
    }

    /// The tags of a key.
    pub(crate) async fn tags(&self, key_id: &str) -> Result<Vec<Tag>, CallError> {
        let mut tags = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let page = self
                .call(LIST_RESOURCE_TAGS, |kms, config| {
                    let request = kms.list_resource_tags().key_id(key_id);
                    let request = request.limit(TAGS_PAGE).set_marker(marker.clone());
                    request.customize().config_override(config).send()
                })
                .await?;
            tags.extend(page.tags.unwrap_or_default());
            marker = self.next(
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

    /// What KMS says of a key's last use, at this account and Region's pace. A
    /// throttled request takes another turn; it never makes the key unused.
    pub(crate) async fn last_usage(
        &self,
        key_id: &str,
    ) -> Result<GetKeyLastUsageOutput, CallError> {
        let mut throttles = 0;
        let mut attempts = Attempts::default();
        loop {
            let turn = || self.pace.turn(self.permit());
            let answer = self
                .attempt(GET_KEY_LAST_USAGE, turn, |kms, config| {
                    let request = kms.get_key_last_usage().key_id(key_id);
                    request.customize().config_override(config).send()
                })
                .await;
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.failure == Failure::Throttled {
                self.pace.throttled();
                throttles += 1;
                if throttles < THROTTLES_A_KEY {
                    continue;
                }
            }
            match attempts.wait_after(&error) {
                Some(wait) if error.failure != Failure::Throttled => {
                    tokio::time::sleep(wait).await;
                }
                _ => return Err(error),
            }
        }
    }

    /// Makes a call until it is answered, refused, or has failed too often.
    async fn call<T, E, F>(
        &self,
        operation: &'static str,
        request: impl Fn(&aws_sdk_kms::Client, aws_sdk_kms::config::Builder) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        retrying(|| self.attempt(operation, || self.permit(), &request)).await
    }

    /// Makes one request with this account's credentials. Where AWS calls these
    /// expired, they are renewed once a cell, and the request made again.
    async fn attempt<'p, T, E, F, P>(
        &self,
        operation: &'static str,
        permit: impl Fn() -> P,
        request: impl Fn(&aws_sdk_kms::Client, aws_sdk_kms::config::Builder) -> F,
    ) -> Result<T, CallError>
    where
        P: Future<Output = Permit<'p>>,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        loop {
            // Credentials first: to renew them takes a place in flight, too.
            let config = self.session.kms_override(self.aws).await?;
            let Permit { in_region, at_all } = permit().await;
            if self.endpoint.is_silent() {
                return Err(CallError::unasked(
                    operation,
                    &self.place,
                    "EndpointNotAnswering",
                ));
            }
            let answer = self
                .aws
                .send_with(at_all, operation, &self.place, || {
                    request(&self.endpoint.client, config)
                })
                .await;
            drop(in_region);
            match &answer {
                Err(error) if error.status.is_none() => self.endpoint.unanswered(),
                _ => self.endpoint.answered(),
            }
            match answer {
                Err(error)
                    if error.failure == Failure::Expired
                        && !self.is_renewed.swap(true, Ordering::Relaxed)
                        && self.session.renew().await => {}
                answer => return answer,
            }
        }
    }

    /// Waits until one more request may be in flight, to this Region and at all.
    async fn permit(&self) -> Permit<'_> {
        Permit {
            in_region: self.endpoint.permit().await,
            at_all: self.aws.permit().await,
        }
    }

    /// Where the next page begins; an error where a listing would never end.
    fn next(
        &self,
        operation: &'static str,
        truncated: bool,
        next: Option<String>,
        marker: Option<&str>,
    ) -> Result<Option<String>, CallError> {
        match next {
            Some(next) if truncated && Some(next.as_str()) != marker => Ok(Some(next)),
            None | Some(_) if truncated => Err(CallError::unreadable(operation, &self.place)),
            _ => Ok(None),
        }
    }
}
